import json

import numpy as np
import pytest

from sportjax.errors import InputError
from sportjax.formats import vpd


def test_read_boxes_golden(golden):
  found = vpd.read_boxes(golden / 'vpd' / vpd.BOXES, n_frames=3)
  np.testing.assert_array_equal(found.frame, [0, 2])
  np.testing.assert_array_equal(found.boxes, [[10, 20, 40, 60], [11, 21, 42, 62]])
  np.testing.assert_array_equal(found.ids, [0, 0])
  assert found.keypoints.shape == (2, 0, 3)


def test_read_coco_keypoints_golden(golden, joints):
  found = vpd.read_coco_keypoints(golden / 'vpd' / vpd.KEYPOINTS, n_frames=3)
  np.testing.assert_array_equal(found.frame, [0, 0, 2])
  np.testing.assert_array_equal(found.scores, np.float32([0.875, 0.5, 0.75]))
  np.testing.assert_array_equal(found.keypoints, [joints(17), joints(17, x=300), joints(17)])
  np.testing.assert_array_equal(found.boxes[1], [300, 20, 330, 60])
  assert found.skeleton == 'coco17'


def test_read_masks_golden(golden):
  masks = vpd.read_masks(golden / 'vpd' / vpd.MASKS, n_frames=2)
  np.testing.assert_array_equal(masks.detections.boxes, [[2, 1, 5, 3]])
  wanted = np.zeros((6, 8), bool)
  wanted[1:3, 2:5] = True
  np.testing.assert_array_equal(masks.decode(0), wanted, strict=True)


def test_write_vpd_files_read_back(tmp_path, some_people, assert_same):
  people = some_people()
  vpd.write_coco_keypoints(tmp_path / vpd.KEYPOINTS, people)
  found = vpd.read_coco_keypoints(tmp_path / vpd.KEYPOINTS, n_frames=6)
  assert_same(found, people, fields=('frame', 'boxes', 'scores', 'keypoints'))

  athlete = people.take(people.ids == 1)
  vpd.write_boxes(tmp_path / vpd.BOXES, athlete)
  found_boxes = vpd.read_boxes(tmp_path / vpd.BOXES, n_frames=6)
  np.testing.assert_array_equal(found_boxes.boxes, athlete.boxes)

  shape = np.random.default_rng(0).random((5, 48, 64)) < 0.5
  vpd.write_masks(tmp_path / vpd.MASKS, vpd.Masks(people, tuple(vpd.encode_mask(mask) for mask in shape)))
  masks = vpd.read_masks(tmp_path / vpd.MASKS, n_frames=6)
  np.testing.assert_array_equal([masks.decode(row) for row in range(5)], shape)
  np.testing.assert_array_equal(masks.detections.boxes, people.boxes)


def test_write_boxes_of_two_people(tmp_path, some_people):
  with pytest.raises(ValueError, match='holds one person'):
    vpd.write_boxes(tmp_path / vpd.BOXES, some_people())


def test_write_coco_keypoints_of_another_skeleton(tmp_path, some_people):
  with pytest.raises(ValueError, match='holds coco17, not body25'):
    vpd.write_coco_keypoints(tmp_path / vpd.KEYPOINTS, some_people(25, 'body25'))


def test_masks_decode_damaged_png(tmp_path):
  (tmp_path / vpd.MASKS).write_text(json.dumps([[0, [[0.5, [1, 2, 3, 4], 'AAAA'], [0.5, [1, 2, 3, 4], '']]]]))
  masks = vpd.read_masks(tmp_path / vpd.MASKS, n_frames=1)
  for row in range(2):
    with pytest.raises(InputError, match='the mask of frame 0 is not a PNG'):
      masks.decode(row)


_JOINTS = [[1, 2, 0.5]] * 17


@pytest.mark.parametrize(
  ('content', 'message'),
  [
    ([[5, []], [3, [[0.5, [1, 2, 3, 4], _JOINTS]]]], 'item 1 person 0: frame 3 lies outside the video'),
    ([[-1, [[0.5, [1, 2, 3, 4], _JOINTS]]]], 'item 0 person 0: frame -1 lies outside the video'),
    ([[0, [[0.5, [1, 2, 3, 4], _JOINTS[:16]]]]], '16 keypoints a person, but coco17 has 17'),
    ([[0, [[0.5, [1, 2, 3], _JOINTS]]]], r'item 0 person 0: box \[1, 2, 3\] is not four numbers'),
    (
      [[0, [[0.5, [1, 2, 3, 4], [[1, 2, float('nan')]] * 17]]]],
      r'item 0 person 0 \(frame 0\): keypoints are not finite',
    ),
    ([[0, [[0.5, _JOINTS]]]], r'item 0 person 0 is not \[score, box, content\]'),
    ([[0]], 'item 0 is not a pair'),
    ([[0, 1]], 'item 0 has no list of people'),
    ({}, 'not a list of frames'),
  ],
)
def test_read_coco_keypoints_bad_content(tmp_path, content, message):
  (tmp_path / vpd.KEYPOINTS).write_text(json.dumps(content))
  with pytest.raises(InputError, match=message):
    vpd.read_coco_keypoints(tmp_path / vpd.KEYPOINTS, n_frames=3)
