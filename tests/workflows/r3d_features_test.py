"""Features of a pretrained R3D: windows about each frame, both views, and no store without trained weights."""

import dataclasses
import pathlib

import jax.numpy as jnp
import numpy as np
import pytest

from sportjax.data.features import FeatureStore
from sportjax.data.tracks import TrackRecords, decode_frames
from sportjax.errors import InputError
from sportjax.models import r3d
from sportjax.pipeline import Work
from sportjax.video.crop_file import save_crops
from sportjax.workflows.stages import r3d_features
from sportjax.workflows.stages.dataset import build_dataset, dataset_directory
from tests.data.conftest import FRAMES, WIDTH, make_crops

# torchvision's network cut to a 32nd, with random weights: tests/fixtures/make_towers.py
WEIGHTS = pathlib.Path(__file__).parents[1] / 'fixtures' / 'towers' / 'r3d.weights.safetensors'
MEAN, STD = np.array([0.43216, 0.394666, 0.37645]), np.array([0.22803, 0.22145, 0.216989])


@pytest.fixture
def tiny(monkeypatch):
  config = dataclasses.replace(r3d.PRESETS['r3d_18'], widths=(2, 4, 8, 16), stem=1)
  monkeypatch.setitem(r3d.PRESETS, 'tiny', config)


@pytest.fixture
def dataset(tmp_path):
  files = {}
  for index in (0, 1):
    files[f'v{index}'] = tmp_path / f'v{index}.npz'
    save_crops(files[f'v{index}'], make_crops(index))
  build_dataset(Work(tmp_path), crops=files, splits={'v0': 'train', 'v1': 'test'}, width=WIDTH)
  return dataset_directory(tmp_path)


def work(tmp_path):
  (tmp_path / 'features').mkdir()
  return Work(tmp_path / 'features')


def test_each_frame_has_the_network_s_mean_over_the_window_about_it(tiny, dataset, tmp_path):
  done = work(tmp_path)
  r3d_features.r3d_features(done, dataset=dataset, weights=WEIGHTS, preset='tiny', window=8)
  store = FeatureStore(done.folder)
  assert sorted(store.tracks) == ['v0', 'v1']
  assert store.track('v1').features.shape == (FRAMES, 2, 16)
  (run,) = TrackRecords(dataset, 'test').whole_tracks()
  frames = np.concatenate([decode_frames(record, range(len(record['frame']))) for record in run])
  model = r3d_features.load_trained(WEIGHTS, 'tiny')
  for at, rows in ((10, range(6, 14)), (0, [0, 0, 0, 0, 0, 1, 2, 3]), (19, [15, 16, 17, 18, 19, 19, 19, 19])):
    video = jnp.asarray((frames[list(rows)][None, ..., :3] / 255 - MEAN) / STD, jnp.float32)
    for view, side in enumerate((video, video[:, :, :, ::-1])):
      np.testing.assert_allclose(store.track('v1').features[at, view], model(side).pooled[0], atol=1e-4)


def test_untrained_weights_and_those_of_another_network_are_refused(tiny, dataset, tmp_path):
  done = work(tmp_path)
  with pytest.raises(InputError, match='R3D features need trained weights'):
    r3d_features.r3d_features(done, dataset=dataset, weights=None, preset='tiny', window=8)
  with pytest.raises(InputError, match='the config does not belong to these weights|has no place for|lacks'):
    r3d_features.r3d_features(done, dataset=dataset, weights=WEIGHTS, preset='r3d_18', window=8)
  with pytest.raises(InputError, match="preset='huge': known are"):
    r3d_features.r3d_features(done, dataset=dataset, weights=WEIGHTS, preset='huge', window=8)
  assert not list(done.folder.iterdir())


@pytest.mark.parametrize(('count', 'window', 'first'), [(1, 3, [0, 0, 0]), (4, 2, [0, 0]), (4, 3, [0, 0, 1])])
def test_windows_repeat_the_ends(count, window, first):
  found = r3d_features.windows_of(count, window)
  assert found.shape == (count, window)
  np.testing.assert_array_equal(found[0], first)
