import json

import numpy as np
import pytest

from sportjax.errors import InputError
from sportjax.formats import alphapose


def test_read_alphapose_golden(golden, joints):
  found = alphapose.read_alphapose(golden / 'alphapose' / 'alphapose-results.json', n_frames=2)
  assert found.skeleton == 'halpe26'
  np.testing.assert_array_equal(found.frame, [0, 1])
  np.testing.assert_array_equal(found.keypoints, [joints(26), joints(26, x=101)])
  np.testing.assert_array_equal(found.boxes, np.float32([[90.5, 190, 130.5, 250.25], [91.5, 190, 131.5, 250.25]]))
  np.testing.assert_array_equal(found.scores, np.float32([2.75, 2.5]))
  np.testing.assert_array_equal(found.ids, [0, 1])


@pytest.mark.parametrize(('n_joints', 'skeleton'), [(17, 'coco17'), (26, 'halpe26'), (136, 'halpe136')])
def test_write_alphapose_reads_back(tmp_path, some_people, assert_same, n_joints, skeleton):
  people = some_people(n_joints, skeleton)
  alphapose.write_alphapose(tmp_path / 'results.json', people)
  assert_same(alphapose.read_alphapose(tmp_path / 'results.json', n_frames=6), people)


@pytest.mark.parametrize(
  ('record', 'message'),
  [
    ({'image_id': '7.jpg', 'keypoints': [1, 2, 0.5] * 17}, 'frame 7 lies outside the video'),
    ({'keypoints': [1, 2, 0.5] * 17}, 'record 0 has no image_id'),
    ({'image_id': 'a.jpg', 'keypoints': [1, 2, 0.5] * 17}, "'a.jpg' ends in no frame number"),
    ({'image_id': '1.jpg', 'keypoints': [1, 2, 0.5] * 17, 'idx': 'x'}, "idx 'x' is not a number"),
  ],
)
def test_read_alphapose_bad_record(tmp_path, record, message):
  (tmp_path / 'results.json').write_text(json.dumps([record]))
  with pytest.raises(InputError, match=message):
    alphapose.read_alphapose(tmp_path / 'results.json', n_frames=2)
