import numpy as np
import pytest

from sportjax.errors import InputError
from sportjax.formats import motchallenge


def test_read_motchallenge_golden(golden):
  found = motchallenge.read_motchallenge(golden / 'motchallenge' / 'gt.txt', n_frames=2)
  np.testing.assert_array_equal(found.frame, [0, 0, 1])  # the file counts from 1
  np.testing.assert_array_equal(found.ids, [3, 5, 3])
  np.testing.assert_array_equal(found.boxes[0], [794.5, 247, 865.75, 421])
  np.testing.assert_array_equal(found.scores, np.float32([1, 0.5, 0.875]))
  assert found.keypoints.shape == (3, 0, 3)
  assert found.skeleton == ''


def test_write_motchallenge_reads_back(tmp_path, some_people, assert_same):
  people = some_people(0, '')
  motchallenge.write_motchallenge(tmp_path / 'gt.txt', people)
  assert_same(motchallenge.read_motchallenge(tmp_path / 'gt.txt', n_frames=6), people)


@pytest.mark.parametrize(
  ('text', 'message'),
  [
    ('', 'the file is empty'),
    ('0,1,1,1,1,1\n', 'line 1: frame 0 lies outside the video, whose frames are 1 to 5'),
    ('6,1,1,1,1,1\n', 'line 1: frame 6 lies outside the video'),
    ('1,1,1,1,1\n', 'line 1 has 5 values'),
    ('1,1,1,1,1,1\n2,1,a,1,1,1\n', 'line 2 is not comma-separated numbers'),
    ('1,1,1,1,1,nan\n', 'line 1 is not comma-separated numbers'),
    ('1.5,1,1,1,1,1\n', 'line 1: frame 1.5 is not a whole number'),
  ],
)
def test_read_motchallenge_bad_line(tmp_path, text, message):
  (tmp_path / 'gt.txt').write_text(text)
  with pytest.raises(InputError, match=message):
    motchallenge.read_motchallenge(tmp_path / 'gt.txt', n_frames=5)
