import unicodedata

import pytest

from sportjax.report.content import Column
from sportjax.report.terminal import terminal_table


def cells(line):
  return sum(0 if unicodedata.combining(c) else 1 + (unicodedata.east_asian_width(c) in 'WF') for c in line)


def test_table_is_aligned_with_best_ceiling_and_chance(result_rows):
  table = terminal_table(result_rows, (Column('precision@5', chance=1 / 12), Column('accuracy')))
  assert table.splitlines() == [
    '           precision@5 (%)  accuracy (%)',
    '----------------------------------------',
    'teacher   23.2 (18.2–26.2)             –',
    'student   49.6 (44.6–52.6)*            –',
    '----------------------------------------',
    'true pose 89.3 (84.3–92.3)             –',
    'chance                 8.3',
  ]


@pytest.mark.parametrize('name', ['学生', 'e\u0301tudiant', 'Schüler', 'ｓtudent', '👩\u200d🏫'])
def test_numbers_stand_under_each_other_whatever_the_name(result_row, name):
  lines = terminal_table([result_row('a rather long name', 0.5), result_row(name, 0.25)]).splitlines()
  places = [cells(line[: line.index('(4' if '50.0' in line else '(2')]) for line in lines[2:4]]
  if '\u200d' in name:  # joined emoji: terminals disagree on their width, so only that it does not break the table
    assert '25.0' in lines[3]
  else:
    assert places[0] == places[1]


def test_table_fits_the_terminal_by_blocks_and_long_names_are_cut(result_row):
  row = result_row('n' * 80, 0.5)
  keys = [f'metric number {n}' for n in range(9)]
  row = row.__class__(row.name, '', dict.fromkeys(keys, row.metrics['precision@5']))
  table = terminal_table([row], width=100)
  assert max(map(cells, table.splitlines())) <= 100
  assert all(key in table for key in keys)
  assert 'n' * 23 + '…' in table


def test_four_metrics_with_spread_fit_a_hundred_columns(result_row):
  keys = ('precision@1', 'precision@5', 'precision@10', '8-shot accuracy')
  rows = [result_row('teacher, smoothed, delta', 0.5)]
  rows = [row.__class__(row.name, '', dict.fromkeys(keys, row.metrics['precision@5'])) for row in rows]
  assert '\n\n' not in terminal_table(rows)


def test_smaller_is_better_and_units_other_than_per_cent_are_kept(result_row):
  rows = [result_row('a', 14.0), result_row('b', 220.0), result_row('c', float('nan'))]
  table = terminal_table(rows, (Column('precision@5', 'error', 'ms', higher_is_better=False),))
  lines = table.splitlines()
  assert 'error (ms)' in lines[0]
  assert lines[2].endswith('14 (13.9–14)*')
  assert not lines[3].endswith('*')
  assert lines[4].split() == ['c', '–']


def test_ties_as_shown_are_all_best(result_row):
  lines = terminal_table([result_row('a', 0.50001), result_row('b', 0.50002), result_row('c', 0.4)]).splitlines()
  assert [line.endswith('*') for line in lines[2:]] == [True, True, False]
