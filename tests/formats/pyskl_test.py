import pickle

import numpy as np
import pytest

from sportjax.errors import InputError
from sportjax.formats import pyskl


def _read(path, name=None, image_size=(640, 480), n_frames=3):
  dataset = pyskl.read_pyskl(path)
  return pyskl.to_detections(dataset, path, name=name, image_size=image_size, n_frames=n_frames)


def test_read_pyskl_golden(golden, joints):
  dataset = pyskl.read_pyskl(golden / 'pyskl' / 'skeletons.pkl')
  assert dataset.split == {'train': ['clip'], 'test': []}
  (annotation,) = dataset.annotations
  assert (annotation.frame_dir, annotation.label, annotation.img_shape, annotation.total_frames) == (
    'clip',
    3,
    (480, 640),
    3,
  )
  found = _read(golden / 'pyskl' / 'skeletons.pkl', name='clip')
  assert found.skeleton == 'coco17'
  np.testing.assert_array_equal(found.frame, [0, 2, 2])
  np.testing.assert_array_equal(found.ids, [0, 0, 1])
  moved = joints(17) + np.float32([100, 100, 0])
  np.testing.assert_array_equal(found.keypoints, [joints(17), joints(17), moved])


def test_to_detections_poses_of_a_smaller_copy(golden, joints):
  found = _read(golden / 'pyskl' / 'skeletons.pkl', image_size=(1280, 960))
  np.testing.assert_array_equal(found.keypoints[0], joints(17) * np.float32([2, 2, 1]))


def test_to_detections_of_another_shape(golden):
  with pytest.raises(InputError, match=r'clip was 640x480, but the video is 480x640'):
    _read(golden / 'pyskl' / 'skeletons.pkl', image_size=(480, 640))


def test_to_detections_of_another_video(golden):
  with pytest.raises(InputError, match=r"0 annotations where one annotation with frame_dir 'other' is needed"):
    _read(golden / 'pyskl' / 'skeletons.pkl', name='other')


def test_to_detections_longer_than_the_video(golden):
  with pytest.raises(InputError, match=r'clip person 0: frame 2 lies outside the video, whose frames are 0 to 1'):
    _read(golden / 'pyskl' / 'skeletons.pkl', n_frames=2)


def test_write_pyskl_reads_back(tmp_path, some_people, assert_same):
  people = some_people()
  annotation = pyskl.from_detections(people, name='clip', label=2, image_size=(640, 480), n_frames=6)
  assert annotation.keypoint.shape == (2, 6, 17, 2)
  pyskl.write_pyskl(tmp_path / 'all.pkl', pyskl.SkeletonDataset((annotation,), {'train': ['clip']}))
  assert_same(_read(tmp_path / 'all.pkl', 'clip', n_frames=6), people, fields=('frame', 'keypoints'))
  plain = pickle.loads((tmp_path / 'all.pkl').read_bytes())  # as the peers read it
  assert plain['split'] == {'train': ['clip']}
  assert plain['annotations'][0]['total_frames'] == 6
  assert plain['annotations'][0]['img_shape'] == plain['annotations'][0]['original_shape'] == (480, 640)


def test_from_detections_before_tracking(golden, some_people):
  people = some_people()
  people.ids[:] = -1
  with pytest.raises(ValueError, match='run a tracker first'):
    pyskl.from_detections(people, name='clip', label=0, image_size=(640, 480), n_frames=6)


@pytest.mark.parametrize(
  ('change', 'message'),
  [
    ({'keypoint': np.zeros((1, 3, 25, 3))}, r'keypoint of shape \(1, 3, 25, 3\), not \(person, frame, joint, 2\)'),
    ({'keypoint': np.array('x')}, r'keypoint of shape \(\)'),
    ({'keypoint_score': np.zeros((1, 2, 17))}, r'keypoint_score of shape \(1, 2, 17\), not \(1, 3, 17\)'),
    ({'keypoint_score': None}, r'keypoint_score of shape'),
    ({'img_shape': ('a', 'b')}, r"annotation 0: img_shape 'a' is not a number"),
    ({'keypoint': np.full((1, 3, 17, 2), np.nan)}, r'clip person 0 \(frame 0\): keypoints are not finite'),
  ],
)
def test_read_pyskl_bad_annotation(tmp_path, change, message):
  good = {
    'frame_dir': 'clip',
    'img_shape': (480, 640),
    'keypoint': np.ones((1, 3, 17, 2)),
    'keypoint_score': np.ones((1, 3, 17)),
  }
  path = tmp_path / 'all.pkl'
  path.write_bytes(pickle.dumps([good | change]))
  with pytest.raises(InputError, match=message):
    _read(path)


def test_read_pyskl_missing_field(tmp_path):
  path = tmp_path / 'all.pkl'
  path.write_bytes(pickle.dumps({'annotations': [{'frame_dir': 'clip', 'keypoint': np.ones((1, 3, 17, 2))}]}))
  with pytest.raises(InputError, match='annotation 0 has no keypoint_score'):
    pyskl.read_pyskl(path)
