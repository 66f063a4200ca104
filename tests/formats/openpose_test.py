import json

import numpy as np
import pytest

from sportjax.errors import InputError
from sportjax.formats import openpose
from sportjax.pose.skeletons import get_skeleton


@pytest.mark.parametrize(('skeleton', 'named'), [('coco18', None), ('body25', 'body25'), ('body25b', 'body25b')])
def test_read_openpose_golden(golden, joints, skeleton, named):
  found = openpose.read_openpose(golden / f'openpose_{skeleton}', n_frames=3, skeleton=named)
  n_joints = {'coco18': 18, 'body25': 25, 'body25b': 25}[skeleton]
  last = joints(n_joints)
  last[2] = 0  # not found
  assert found.skeleton == skeleton
  np.testing.assert_array_equal(found.frame, [0, 0, 2])
  np.testing.assert_array_equal(found.keypoints, [joints(n_joints), joints(n_joints, x=500), last])
  np.testing.assert_array_equal(found.ids, [-1, -1, -1])
  width, height = n_joints - 1, 2 * (n_joints - 1)
  np.testing.assert_allclose(
    found.boxes[0], [100 - 0.1 * width, 200 - 0.1 * height, 100 + 1.1 * width, 200 + 1.1 * height], rtol=1e-6
  )


@pytest.mark.parametrize(
  ('skeleton', 'joint', 'at'),
  [('coco18', 'left_ankle', 13), ('body25', 'left_ankle', 14), ('body25b', 'left_ankle', 15), ('body25', 'mid_hip', 8)],
)
def test_read_openpose_joint_of_that_name(golden, skeleton, joint, at):
  found = openpose.read_openpose(golden / f'openpose_{skeleton}', n_frames=3, skeleton=skeleton)
  np.testing.assert_array_equal(found.keypoints[0, get_skeleton(skeleton).index(joint)], [100 + at, 200 + 2 * at, 0.5])


def test_read_pose2sim_golden(golden, joints):
  found = openpose.read_openpose(golden / 'pose2sim_halpe26', n_frames=2)
  assert found.skeleton == 'halpe26'
  np.testing.assert_array_equal(found.frame, [0])
  np.testing.assert_array_equal(found.keypoints, [joints(26)])


def test_read_openpose_25_joints_without_a_name(golden):
  with pytest.raises(InputError, match=r'25 keypoints a person fit body25 and body25b; say which with skeleton='):
    openpose.read_openpose(golden / 'openpose_body25', n_frames=3)


def test_read_openpose_real_estimator(shared_data):
  folder = shared_data / 'video_clips' / 'beam_four_views' / 'openpose_body25b'
  for view, most in (('cam01', 3), ('cam02', 3), ('cam03', 1), ('cam04', 1)):
    found = openpose.read_openpose(folder / view, n_frames=100, skeleton='body25b')
    per_frame = np.bincount(found.frame, minlength=100)
    assert per_frame.min() >= 1
    assert per_frame.max() <= most
    first = json.loads((folder / view / f'{view}.0000.json').read_text())['people'][0]['pose_keypoints_2d']
    np.testing.assert_array_equal(found.keypoints[0].reshape(-1), np.float32(first))
    # Everyone stands: where the estimator is sure of both, an ankle lies lower in the image than the crown.
    body = get_skeleton('body25b')
    ankle, crown = found.keypoints[:, body.index('left_ankle')], found.keypoints[:, body.index('head')]
    sure = (ankle[:, 2] > 0.3) & (crown[:, 2] > 0.3)
    assert sure.sum() > 80
    assert (ankle[sure, 1] > crown[sure, 1]).all()


def test_write_openpose_reads_back(tmp_path, some_people, assert_same):
  people = some_people()
  openpose.write_openpose(tmp_path / 'clip', people, name='clip', n_frames=6)
  assert len(list((tmp_path / 'clip').iterdir())) == 6
  found = openpose.read_openpose(tmp_path / 'clip', n_frames=6)
  assert_same(found, people, fields=('frame', 'keypoints', 'ids'))


def _write(folder, name, people):
  folder.mkdir(exist_ok=True)
  (folder / name).write_text(json.dumps({'people': people}))


@pytest.mark.parametrize(
  ('people', 'message'),
  [
    ([{'pose_keypoints_2d': [1, 2]}], r'people\[0\]: 2 keypoint values are not x, y, score triples'),
    ([{'pose_keypoints_2d': [1, 2, 'a']}], r'people\[0\]: keypoints are not numbers'),
    ([{'pose_keypoints_2d': [1, 2, float('nan')] * 17}], r'f_000001.json people\[0\] \(frame 1\): .* not finite'),
    ([{'pose_keypoints_2d': [1, 2, 1e300] * 17}], r'not finite'),
    ([{'pose_keypoints_2d': [1, 2, 0.5] * 16}], r'16 keypoints a person fit no skeleton; known are 17 \(coco17\)'),
    (
      [{'pose_keypoints_2d': [1, 2, 0.5] * 17}, {'pose_keypoints_2d': [1, 2, 0.5] * 18}],
      r'different numbers of joints',
    ),
    ([{'face': []}], r'people\[0\] has no pose_keypoints_2d'),
    ('nobody', r'no list of people'),
  ],
)
def test_read_openpose_bad_people(tmp_path, people, message):
  _write(tmp_path / 'f', 'f_000001.json', people)
  with pytest.raises(InputError, match=message):
    openpose.read_openpose(tmp_path / 'f', n_frames=2)


def test_read_openpose_frame_beyond_the_video(tmp_path):
  _write(tmp_path / 'f', 'f_000100.json', [{'pose_keypoints_2d': [1, 2, 0.5] * 17}])
  with pytest.raises(InputError, match=r'frame 100 lies outside the video, whose frames are 0 to 99'):
    openpose.read_openpose(tmp_path / 'f', n_frames=100)
  assert openpose.read_openpose(tmp_path / 'f', n_frames=100, first_frame=1).frame == [99]


def test_read_openpose_two_videos_in_one_folder(tmp_path):
  for name in ('a_000001.json', 'b_000001.json'):
    _write(tmp_path / 'f', name, [])
  with pytest.raises(InputError, match=r'b_000001.json: a second file of frame 1 beside a_000001.json'):
    openpose.read_openpose(tmp_path / 'f', n_frames=100)


def test_read_openpose_name_without_a_number(tmp_path):
  _write(tmp_path / 'f', 'clip.json', [])
  with pytest.raises(InputError, match=r"'clip' ends in no frame number"):
    openpose.read_openpose(tmp_path / 'f', n_frames=100)


def test_read_openpose_nobody_found(tmp_path):
  _write(tmp_path / 'f', 'f_0.json', [{'pose_keypoints_2d': [0, 0, 0] * 25}])
  found = openpose.read_openpose(tmp_path / 'f', n_frames=1)
  assert len(found) == 0
  assert found.boxes.shape == (0, 4)
