import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy

from sportjax.errors import InputError
from sportjax.formats import coco
from sportjax.pose.skeletons import get_skeleton
from sportjax.pose.track import Detections


def test_read_coco_results_golden(golden, joints):
  found = coco.read_coco_results(golden / 'coco' / 'results.json', n_frames=3)
  assert found.skeleton == 'coco17'
  np.testing.assert_array_equal(found.frame, [0, 2])  # the record of category 3 is no person
  np.testing.assert_array_equal(found.keypoints, [joints(17), joints(17, x=110)])
  np.testing.assert_array_equal(found.boxes[0], [90.5, 190, 130.5, 250.25])
  np.testing.assert_allclose(found.boxes[1], [110 - 1.6, 200 - 3.2, 126 + 1.6, 232 + 3.2], rtol=1e-6)  # of the joints
  np.testing.assert_array_equal(found.scores, np.float32([0.875, 0.25]))
  np.testing.assert_array_equal(found.ids, [-1, -1])


def test_read_coco_whole_body_golden(golden, joints):
  found = coco.read_coco_results(golden / 'coco' / 'wholebody.json', n_frames=3)
  assert found.skeleton == 'wholebody133'
  parts = [joints(17), joints(6, 300), joints(68, 400), joints(21, 500), joints(21, 600)]
  np.testing.assert_array_equal(found.keypoints[0], np.concatenate(parts))
  body = get_skeleton('wholebody133')
  np.testing.assert_array_equal(found.keypoints[0, body.index('right_big_toe')], [303, 206, 0.5])
  np.testing.assert_array_equal(found.keypoints[0, body.index('right_hand_root')], [600, 200, 0.5])


@pytest.mark.parametrize(
  ('n_joints', 'skeleton'), [(17, 'coco17'), (25, 'body25'), (25, 'body25b'), (133, 'wholebody133')]
)
@pytest.mark.parametrize('name', ['people.json', 'people.json.gz'])
def test_write_coco_results_reads_back(tmp_path, some_people, assert_same, n_joints, skeleton, name):
  people = some_people(n_joints, skeleton)
  coco.write_coco_results(tmp_path / name, people)
  found = coco.read_coco_results(tmp_path / name, n_frames=6)
  assert_same(found, people)
  assert found.source == str(tmp_path / name)


def test_write_coco_results_boxes_alone_read_back(tmp_path, some_people, assert_same):
  people = some_people(0, '')
  coco.write_coco_results(tmp_path / 'boxes.json', people)
  assert_same(coco.read_coco_results(tmp_path / 'boxes.json', n_frames=6), people)


def test_write_coco_results_nobody(tmp_path, some_people):
  coco.write_coco_results(tmp_path / 'none.json', some_people().take(np.zeros(0, int)))
  assert len(coco.read_coco_results(tmp_path / 'none.json', n_frames=6)) == 0


# Corners a billion times smaller than their opposite lose digits in a width; in pixels there are none.
_PIXELS = st.just(0.0) | st.floats(2**-10, 2**20, width=32) | st.floats(-(2**20), -(2**-10), width=32)


@settings(deadline=None, max_examples=30)
@given(
  boxes=st_numpy.arrays(np.float32, (3, 4), elements=_PIXELS),
  keypoints=st_numpy.arrays(np.float32, (3, 17, 3), elements=_PIXELS),
)
def test_write_coco_results_keeps_any_value(tmp_path_factory, boxes, keypoints):
  path = tmp_path_factory.mktemp('coco') / 'people.json'
  boxes = np.concatenate([np.minimum(boxes[:, :2], boxes[:, 2:]), np.maximum(boxes[:, :2], boxes[:, 2:])], axis=1)
  people = Detections(np.arange(3), boxes, boxes[:, 0], keypoints, np.full(3, -1), 'coco17', 'memory')
  coco.write_coco_results(path, people)
  found = coco.read_coco_results(path, n_frames=3)
  np.testing.assert_array_equal(found.keypoints, keypoints)
  np.testing.assert_array_equal(found.scores, boxes[:, 0])
  np.testing.assert_array_equal(found.boxes, boxes)


def test_write_coco_results_nan_is_refused(tmp_path, some_people):
  people = some_people()
  people.keypoints[1, 2, 0] = np.nan
  with pytest.raises(ValueError, match='not JSON compliant'):
    coco.write_coco_results(tmp_path / 'people.json', people)
  assert not (tmp_path / 'people.json').exists()


_GOOD = {'image_id': 1, 'category_id': 1, 'keypoints': [1, 2, 0.5] * 17, 'score': 0.5, 'bbox': [1, 2, 3, 4]}


@pytest.mark.parametrize(
  ('change', 'message'),
  [
    ({'image_id': 9}, r'record 1: frame 9 lies outside the video, whose frames are 0 to 4'),
    ({'image_id': -1}, r'record 1: frame -1 lies outside the video'),
    ({'image_id': 1.5}, r'record 1: frame 1.5 is not a whole number'),
    ({'image_id': 10**400}, r'record 1: frame'),
    ({'image_id': '-1'}, r'record 1: frame -1 lies outside the video'),
    ({'image_id': 'clip'}, r"record 1: 'clip' ends in no frame number"),
    ({'keypoints': [1, 2, 0.5] * 18}, r'different numbers of joints \(17 in record 0 of frame 1, 18 in record 1'),
    ({'keypoints': [1, 2, float('nan')] * 17}, r'record 1 \(frame 1\): keypoints are not finite'),
    ({'keypoints': 'none'}, r'record 1: keypoints are not numbers'),
    ({'foot_kpts': [0] * 18}, r'record 1 has foot_kpts but no face_kpts'),
    ({'bbox': [1, 2, 3]}, r'record 1: box \[1, 2, 3\] is not four numbers'),
    ({'bbox': [1, 2, 3, float('inf')]}, r'record 1: box .* is not four numbers'),
    ({'bbox': [1, 2, -3, 4]}, r'record 1: box .* has a negative size'),
    ({'score': 'high'}, r"record 1: score 'high' is not a number"),
  ],
)
def test_read_coco_results_bad_record(tmp_path, change, message):
  path = tmp_path / 'people.json'
  path.write_text(json.dumps([_GOOD, _GOOD | change]))
  with pytest.raises(InputError, match=message) as error:
    coco.read_coco_results(path, n_frames=5)
  assert str(path) in str(error.value)
  assert '\n' not in str(error.value)


@pytest.mark.parametrize(
  'name', ['3', '000003', 'frames/clip_000003.jpg', 'cam02.0003.png', 'clip2-3.jpg', 'cam02.0003']
)
def test_read_coco_results_image_names(tmp_path, name):
  path = tmp_path / 'people.json'
  path.write_text(json.dumps([_GOOD | {'image_id': name}]))
  np.testing.assert_array_equal(coco.read_coco_results(path, n_frames=5).frame, [3])
