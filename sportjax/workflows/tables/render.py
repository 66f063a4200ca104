"""A table as people read it: ours beside the paper's, whose numbers always say so."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np

from sportjax.metrics.bootstrap import Interval
from sportjax.report.content import Column, CurvePanel, ResultRow, ResultTable, Series
from sportjax.typing import JSON
from sportjax.workflows.tables.grid import Table
from sportjax.workflows.tables.layouts import Cell, Layout
from sportjax.workflows.tables.outcome import Entry

Paper = Mapping[str, Mapping[str, float]]  # per cent by row and column


def as_json(tables: Mapping[str, Table], paper: Paper, beside: str, source: str) -> JSON:
  """All numbers: ours as fractions by query set, row and column; the paper's in per cent, with their source."""
  ours = {
    name: {row: {column: _entry(entry) for column, entry in cells.items()} for row, cells in table.items()}
    for name, table in tables.items()
  }
  return {'ours': ours, 'paper': {'dataset': beside, 'source': source, 'per cent': paper}}


def _entry(entry: Entry) -> JSON:
  found = dataclasses.asdict(entry)
  return {**found.pop('interval'), **found}


def markdown(layout: Layout, cells: Sequence[Cell], tables: Mapping[str, Table], paper: Paper, beside: str) -> str:
  """A table for each query set: mean (interval over people), above the teacher, and what the paper has there."""
  parts = [f'{layout.title}{f"; {layout.note}" if layout.note else ""}']
  names, columns = _rows(cells), list(dict.fromkeys(cell.column for cell in cells))
  for number, (query_set, table) in enumerate(tables.items()):
    shown = [column for column in columns if any(column in found for found in table.values())]
    theirs = paper if number == 0 else {}
    lines = [_line(['row', *(head for column in shown for head in _heads(column, table, theirs, beside))])]
    lines.append(_line(['---'] * (lines[0].count('|') - 1)))
    for row, found in table.items():
      told = [text for column in shown for text in _cells(row, column, found, table, theirs)]
      lines.append(_line([names[row], *told]))
    parts += [_about(query_set, table), '\n'.join(lines)]
  return '\n\n'.join(parts) + '\n'


def _rows(cells: Sequence[Cell]) -> dict[str, str]:
  return {cell.row: cell.name for cell in cells}


def _about(query_set: str, table: Table) -> str:
  entries = [entry for found in table.values() for entry in found.values()]
  counts = {(entry.count, entry.groups) for entry in entries if entry.count}
  told = '; '.join(f'{count} answers of {groups} people or videos' for count, groups in sorted(counts))
  return f'{query_set}{f": {told}" if told else ""}'


def _heads(column: str, table: Table, paper: Paper, beside: str) -> list[str]:
  heads = [column]
  heads += ['minus teacher'] * _has_difference(column, table)
  return heads + [f'paper, {beside}: {column}'] * _in_paper(column, paper)


def _has_difference(column: str, table: Table) -> bool:
  return any(column in found and found[column].above_teacher is not None for found in table.values())


def _in_paper(column: str, paper: Paper) -> bool:
  return any(column in found for found in paper.values())


def _cells(row: str, column: str, found: Mapping[str, Entry], table: Table, paper: Paper) -> list[str]:
  entry = found.get(column)
  texts = [_text(entry)]
  if _has_difference(column, table):
    texts.append('' if entry is None or entry.above_teacher is None else _percent(entry.above_teacher, '+'))
  if _in_paper(column, paper):
    theirs = paper.get(row, {}).get(column)
    texts.append('–' if theirs is None else f'{theirs:g}')
  return texts


def _text(entry: Entry | None) -> str:
  if entry is None:
    return '–'
  return _percent(entry.interval) + (f' ± {100 * entry.subset_sd:.1f}' if entry.subset_sd else '')


def _percent(interval: Interval, sign: str = '') -> str:
  mean, low, high = (100 * x for x in (interval.mean, interval.low, interval.high))
  return f'{mean:{sign}.1f} ({low:{sign}.1f} to {high:{sign}.1f})'


def _line(cells: Sequence[str]) -> str:
  return f'| {" | ".join(cells)} |'


def result_tables(
  layout: Layout, cells: Sequence[Cell], tables: Mapping[str, Table], paper: Paper, beside: str, spread: str
) -> tuple[ResultTable, ...]:
  """The same for the page and the terminal."""
  names, out = _rows(cells), []
  for number, (query_set, table) in enumerate(tables.items()):
    theirs = paper if number == 0 else {}
    rows = []
    for row, found in table.items():
      metrics = {column: entry.interval for column, entry in found.items()}
      metrics |= {
        f'paper, {beside}: {column}': Interval(*[value / 100] * 3)
        for column, value in theirs.get(row, {}).items()
        if any(column in each for each in table.values())
      }
      rows.append(ResultRow(names[row], row, metrics, role='ours' if 'vpd' in row else 'baseline'))
    columns = tuple(
      Column(key) for key in dict.fromkeys(key for row in rows for key in sorted(row.metrics, key=_order))
    )
    out.append(ResultTable(f'{layout.title}: {query_set}', tuple(rows), columns, spread=spread, note=layout.note))
  return tuple(out)


def _order(column: str) -> bool:
  return column.startswith('paper')


def curves(layout: Layout, cells: Sequence[Cell], table: Table, paper: Paper, beside: str) -> tuple[CurvePanel, ...]:
  """Accuracy by the number of clips a class, one panel a classifier, the paper's lines dotted in between by name."""
  names, panels = _rows(cells), []
  classifiers = dict.fromkeys(cell.column.rpartition(' ')[0] for cell in cells)
  for by in classifiers:
    lines = [
      _series(names[row], by, {c: 100 * e.interval.mean for c, e in found.items()}) for row, found in table.items()
    ]
    lines += [_series(f'paper, {beside}: {names[row]}', by, paper[row]) for row in table if row in paper]
    panels.append(
      CurvePanel(f'{layout.title.partition(":")[0]}, {by}', 'clips a class', tuple(s for s in lines if len(s.x)))
    )
  return tuple(panels)


def _series(name: str, by: str, values: Mapping[str, float]) -> Series:
  points = sorted((int(column.rpartition(' ')[2]), y) for column, y in values.items() if column.startswith(f'{by} '))
  x, y = np.array(points, float).reshape(-1, 2).T
  return Series(name, x, y)
