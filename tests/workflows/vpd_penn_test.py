"""Penn Action's protocol on a small set of made labels: what is near is found, what is missing counts as wrong."""

import csv
import json

import numpy as np
import pytest
import scipy.io

from configs.vpd import penn_action as config_file
from data_builders.__main__ import main as build
from data_builders.penn_action.build import KIND
from sportjax.errors import InputError
from sportjax.formats import vpd_features
from sportjax.formats.actions import Counts
from sportjax.workflows import dispatch

ACTIONS = ('bowl', 'squat')
SEQUENCES = [(f'{n:04d}', ACTIONS[n % 2], n < 6) for n in range(10)]  # name, action, for training


@pytest.fixture
def dataset(tmp_path, monkeypatch, capsys):
  """Walks about one place an action; 0008 is filmed mirrored, 0009 has no features."""
  labels, rng = tmp_path / 'labels', np.random.default_rng(0)
  labels.mkdir()
  centres = rng.normal(size=(2, 2, 5))  # action, view
  for name, action, train in SEQUENCES:
    frames = int(rng.integers(8, 12))
    zeros = np.zeros((frames, 13))
    scipy.io.savemat(
      labels / f'{name}.mat',
      {'action': action, 'train': 1 if train else -1, 'nframes': frames, 'dimensions': np.array([[48, 64, frames]]),
       'x': zeros, 'y': zeros, 'visibility': zeros, 'bbox': np.zeros((frames, 4))},
    )  # fmt: skip
    values = centres[ACTIONS.index(action)] + 0.05 * rng.normal(size=(frames, 2, 5))
    if name == '0008':
      values = values[:, ::-1]
    if name != '0009':
      features = vpd_features.FrameFeatures(np.arange(frames), values.astype(np.float32), np.ones(frames, np.float32))
      vpd_features.write_features(tmp_path / 'features' / f'{name}{vpd_features.SUFFIX}', features)
  monkeypatch.setitem(KIND.counts, 'default', Counts({'train': 6, 'test': 4}, n_classes=2))
  given = [f'--labels={labels}', f'--features={tmp_path}/features', f'--out={tmp_path}/tfds', '--allow_missing']
  assert build(['penn_action', *given]) == 0, capsys.readouterr().err
  return next((tmp_path / 'tfds').rglob('dataset_info.json')).parent


def run(dataset, workdir, **changes):
  config = config_file.get_config('debug')
  config.dataset = str(dataset)
  config.update(changes)
  command = dispatch.Command('run', config, workdir)
  dispatch.run(command)
  return json.loads((workdir / 'results.json').read_text())


def test_sequences_take_the_action_of_their_nearest(dataset, tmp_path, capsys):
  results = run(dataset, tmp_path / 'work')
  assert list(results) == ['all actions', *ACTIONS]
  assert (results['all actions']['mean'], results['bowl']['mean'], results['squat']['mean']) == (0.75, 1.0, 0.5)
  told = capsys.readouterr().out
  assert 'of 4 sequences by their nearest of 6 (symmetricP2)' in told
  assert '1 without features count as wrong' in told
  assert '| paper: VIPE*, all 3D sets | 98.6 |' in told
  (stage,) = (tmp_path / 'work' / 'stages').glob('penn_action-*')
  with (stage / 'predictions.csv').open(newline='') as file:
    assert {row['clip']: row['predicted'] for row in csv.DictReader(file)} == {
      '0006': 'bowl', '0007': 'squat', '0008': 'bowl',
    }  # fmt: skip


def test_actions_are_left_out_by_name(dataset, tmp_path):
  assert list(run(dataset, tmp_path / 'work', left_out=('squat',), unit_norm=True)) == ['all actions', 'bowl']
  with pytest.raises(InputError, match="no action 'squad' in .*; did you mean squat"):
    run(dataset, tmp_path / 'other', left_out=('squad',))


def test_a_dataset_is_needed(tmp_path):
  with pytest.raises(InputError, match='dataset is missing: set --config.dataset'):
    dispatch.resolve(config_file.get_config(), 'run')
  with pytest.raises(InputError, match='no dataset there'):
    run(tmp_path, tmp_path / 'work')
