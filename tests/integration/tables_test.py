"""VPD's tables in their debug form, run to their end as a user runs them, with what one table leaves for the next."""

import json

import pytest
from flax import nnx

from sportjax.models import vipe
from tests.integration.conftest import run

# One worker does all of these: they share what was filmed and distilled.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600), pytest.mark.xdist_group('tables')]


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
  return tmp_path_factory.mktemp('tables')


def table(folder, name, *more, workdir='diving'):
  """A table's JSON and the run that made it."""
  done = run((f'--config=configs/vpd/{name}.py:debug', *more, f'--workdir={folder / workdir}'), folder / workdir)
  return json.loads((folder / workdir / f'{name}.json').read_text()), done


def check(record, done, name, rows, columns):
  """All cells are numbers between 0 and 1 with their intervals, and the paper's stand beside them by name."""
  ours = record['ours']['all clips']
  assert list(ours) == rows
  for cells in ours.values():
    assert set(cells) <= set(columns)
    assert all(0 <= cell['low'] <= cell['mean'] <= cell['high'] <= 1 for cell in cells.values())
  text = (done.workdir / f'{name}.md').read_text()
  page = (done.workdir / 'report' / 'report.html').read_text()
  assert all(f'| {column} |' in text and column in page for column in columns)
  if any(column in record['paper']['per cent'].get(row, {}) for row in rows for column in columns):
    assert f'paper, {record["paper"]["dataset"]}' in text
    assert f'paper, {record["paper"]["dataset"]}' in page


def test_recognition_and_what_the_next_table_finds_done(folder):
  record, done = table(folder, 'table2')
  check(record, done, 'table2', ['2d', '2d-rgb'], ['full, nns', '1-shot, nns'])
  record, done = table(folder, 'table3')
  check(record, done, 'table3', ['2d', '2d-vpd-corpus'], ['P@1', 'P@2'])
  assert 'film: done before' in done.done.err
  assert 'pose: done before' in done.done.err
  record, done = table(folder, 'table5')
  columns = ['kept, all frames', 'kept, action frames', 'full, nns', '1-shot, nns']
  check(record, done, 'table5', ['2d', '2d-vpd at 0.2'], columns)
  assert 0 < record['ours']['all clips']['2d-vpd at 0.2']['kept, all frames']['mean'] <= 1


def test_both_teachers_and_their_students_side_by_side(folder):
  vipe.save(folder / 'vipe.safetensors', vipe.Vipe(vipe.VipeConfig(d=5, hidden=8, blocks=1), rngs=nnx.Rngs(0)))
  both = ("--config.ask.teachers=('2d','vipe')", f'--config.chain.vipe={folder}', "--config.chain.teacher='vipe'")
  rows = ['2d', '2d-vpd', 'vipe', 'vi-vpd']
  record, done = table(folder, 'figure3', *both)
  check(record, done, 'figure3', rows, ['bigru 1', 'nns 1'])
  assert (done.workdir / 'figure3_0.svg').read_text().startswith('<svg')
  record, done = table(folder, 'table2', *both, "--config.ask.rows=('concat-vpd',)")
  check(record, done, 'table2', ['concat-vpd'], ['full, nns', '1-shot, nns'])
  assert 'distil: started' not in done.done.err


def test_detection_in_routines(folder):
  rows = ['2d', '2d-vpd']
  record, done = table(folder, 'table4', workdir='routines')
  check(record, done, 'table4', rows, ['AP@0.3'])
  record, done = table(folder, 'table7', workdir='routines')
  check(record, done, 'table7', rows, ['above 0.2', 'above 0.5'])


def test_architectures(folder):
  record, done = table(folder, 'table8', "--config.ask.rows=('2d',)")
  check(record, done, 'table8', ['nns', 'cnn'], ['2d'])
