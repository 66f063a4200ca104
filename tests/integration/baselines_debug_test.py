"""Baselines' configs in their debug forms, run to their end as a user runs them, on one corpus."""

import csv

import pytest

from tests.integration.conftest import run

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600), pytest.mark.xdist_group('commands')]

ROWS = {
  'stgcn': ['stgcn_tiny, joint'],
  'msg3d': ['msg3d_tiny, joint', 'msg3d_tiny, bone', 'msg3d_tiny, joint and bone'],
  'tsn': ['tsn_tiny, rgb', 'tsn_tiny, flow', 'tsn_tiny, rgb and flow'],
  'trn': ['trn_tiny, rgb', 'trn_tiny, flow', 'trn_tiny, rgb and flow'],
  'gsm': ['gsm_tiny, rgb'],
}


@pytest.fixture(scope='module')
def workdir(tmp_path_factory):
  """Shared: the films are the same for all."""
  return tmp_path_factory.mktemp('baselines')


@pytest.mark.parametrize('name', ROWS)
def test_baseline_answers_every_test_clip(name, workdir):
  config = f'--config=configs/vpd/baselines/{name}.py:debug'
  finished = run((config, '--config.chain.processes=0', f'--workdir={workdir}'), workdir)
  assert list(finished.results) == ROWS[name]
  for row in finished.results.values():
    assert 0 <= row['accuracy'] <= 1
    assert row['test_clips'] == 4
  assert all(row in finished.done.out for row in ROWS[name])


def test_few_labels_and_the_whole_picture(workdir):
  config = ('--config=configs/vpd/baselines/gsm.py:debug', '--config.cropped=False', '--config.shots=1')
  finished = run((*config, '--config.subsets=2', '--config.chain.processes=0', f'--workdir={workdir}'), workdir)
  (row,) = finished.results.values()
  assert row['train_clips'] == [2, 2]
  assert len(row['subsets']) == 2
  newest = max((workdir / 'stages').glob('baseline-*'), key=lambda path: path.stat().st_mtime)
  with (newest / 'predictions.csv').open(newline='') as file:
    assert [line['subset'] for line in csv.DictReader(file)] == ['0'] * 4 + ['1'] * 4
