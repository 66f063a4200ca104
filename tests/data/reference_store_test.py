import numpy as np
import pytest

from sportjax.data import windows
from sportjax.data.features import FeatureStore
from sportjax.data.reference_store import write_reference_store
from sportjax.data.sequences import Reading
from sportjax.errors import InputError
from sportjax.formats.actions import Action, VideoMeta
from sportjax.formats.vpd_features import FrameFeatures, write_features
from sportjax.formats.vpd_labels import tennis_video

META = {'m_100_200': VideoMeta(29.97, 100, 1920, 1080)}


def write(folder, track, frames, value=None):
  values = np.tile(np.asarray(frames, np.float32)[:, None, None], (1, 2, 3))
  if value is not None:
    values[0] = value
  write_features(folder / f'{track}.emb.pkl', FrameFeatures(np.array(frames), values, np.ones(len(frames), np.float32)))


def test_a_swing_is_found_in_the_store_of_its_point(tmp_path):
  """Windows and features are timed by one rule, so that the clip has the window's very frames."""
  write(tmp_path / 'in', 'front__m_100_200', range(0, 100, 3))
  write(tmp_path / 'in', 'back__m_100_200', range(5))
  counts = write_reference_store(
    tmp_path / 'store', tmp_path / 'in', META, reading=Reading(gaps='interpolate'), video_of=tennis_video
  )
  assert counts == {'tracks': 2, 'frames': 105, 'not_finite': 0, 'beyond_the_video': 0}
  store = FeatureStore(tmp_path / 'store')
  assert store.tracks == ('back__m_100_200', 'front__m_100_200')
  swing = Action('m:front:150', 'front__m_100_200', 50, 51, 'overhead', 'train', 'm')
  found = store.clip(windows.clip_of(swing, windows.swing, 29.97))
  assert (found.frame[0], found.frame[-1]) == (35, 63)  # [35, 64): half a second of 29.97 on either side
  np.testing.assert_allclose(found.features[:, 0, 0], found.frame, rtol=1e-6)


def test_what_is_left_out_is_counted(tmp_path):
  write(tmp_path / 'in', 'm_100_200', [0, 1, 99, 100], value=np.nan)
  counts = write_reference_store(tmp_path / 'store', tmp_path / 'in', META, reading=Reading())
  assert counts == {'tracks': 1, 'frames': 2, 'not_finite': 1, 'beyond_the_video': 1}
  assert FeatureStore(tmp_path / 'store').track('m_100_200').frame.tolist() == [1, 99]


def test_folders_and_videos_that_do_not_fit(tmp_path):
  with pytest.raises(InputError, match=r'no \*\.emb\.pkl in it'):
    write_reference_store(tmp_path / 'store', tmp_path, META, reading=Reading())
  write(tmp_path / 'in', 'routine', [0, 1])
  with pytest.raises(InputError, match='no frame rate of routine is known'):
    write_reference_store(tmp_path / 'store', tmp_path / 'in', META, reading=Reading())
