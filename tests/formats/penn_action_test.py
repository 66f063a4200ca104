import numpy as np
import pytest
import scipy.io

from sportjax.errors import InputError
from sportjax.formats import penn_action


def write(path, **changes):
  """A file with the fields of the dataset's own."""
  rng = np.random.default_rng(0)
  content = {
    'action': 'baseball_pitch', 'train': 1, 'nframes': 6, 'dimensions': np.array([[270, 480, 6]]),
    'x': rng.uniform(0, 480, (6, 13)), 'y': rng.uniform(0, 270, (6, 13)), 'visibility': np.ones((6, 13), np.uint8),
    'bbox': np.tile([10.0, 20, 30, 40], (5, 1)), 'pose': 'front',
  }  # fmt: skip
  scipy.io.savemat(path, content | changes)
  return content | changes


def test_a_sequence_reads_back(tmp_path):
  told = write(tmp_path / '0001.mat')
  write(tmp_path / '0002.mat', train=-1)
  first, second = penn_action.read_penn_action(tmp_path)
  assert (first.action.id, first.action.label, first.action.end_frame) == ('0001', 'baseball_pitch', 6)
  assert (first.action.split, second.action.split) == ('train', 'test')
  assert first.image_size == (480, 270)
  np.testing.assert_allclose(first.joints[..., 0], told['x'], rtol=1e-6)
  np.testing.assert_array_equal(first.joints[..., 2], 1)
  assert first.boxes.shape == (5, 4)


@pytest.mark.parametrize('changes', [{'nframes': 7}, {'train': 0}, {'x': np.zeros((6, 12))}])
def test_fields_that_do_not_fit(tmp_path, changes):
  write(tmp_path / '0001.mat', **changes)
  with pytest.raises(InputError, match=r'0001\.mat: not annotations of Penn Action'):
    penn_action.read_penn_action(tmp_path)


def test_files_that_are_none(tmp_path):
  with pytest.raises(InputError, match=r'no \.mat in it'):
    penn_action.read_penn_action(tmp_path)
  (tmp_path / '0001.mat').write_bytes(b'not a mat file' * 40)
  with pytest.raises(InputError, match='not annotations of Penn Action'):
    penn_action.read_penn_action(tmp_path)
