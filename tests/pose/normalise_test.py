import itertools

import numpy as np
import pytest

from sportjax.errors import InputError
from sportjax.pose import normalise

_SWAP = [0, 2, 1, 4, 3, 6, 5, 8, 7, 10, 9, 12, 11, 14, 13, 16, 15]


def _poses(n=5, seed=0):
  rng = np.random.default_rng(seed)
  return np.concatenate([rng.uniform(0, 500, (n, 17, 2)), rng.uniform(0.1, 1, (n, 17, 1))], axis=2)


def _formula(pose):
  """The paper's steps, written out for one frame."""
  xy = pose[:, :2] - (pose[11, :2] + pose[12, :2]) / 2
  xy = xy * 0.5 / max(np.hypot(*(xy[a] - xy[b])) for a, b in itertools.combinations((5, 6, 11, 12), 2))
  mirrored = np.array([[-xy[_SWAP[j], 0], xy[_SWAP[j], 1]] for j in range(17)])
  kept = [0, *range(5, 17)]
  return np.stack([xy[kept].reshape(-1), mirrored[kept].reshape(-1)]), pose[kept, 2].mean()


def test_teacher_pose_follows_the_formula():
  poses = _poses()
  features, scores = normalise.teacher_pose(poses)
  wanted, wanted_scores = zip(*map(_formula, poses), strict=True)
  np.testing.assert_allclose(features, wanted, rtol=1e-5, atol=1e-6)
  np.testing.assert_allclose(scores, wanted_scores, rtol=1e-6)
  assert (features.dtype, scores.dtype, features.shape[2]) == (np.float32, np.float32, normalise.TEACHER_DIM)


def test_teacher_pose_score_over_all_joints():
  poses = _poses()
  _, scores = normalise.teacher_pose(poses, scored_joints=normalise.ALL_JOINTS)
  np.testing.assert_allclose(scores, poses[:, :, 2].mean(axis=1), rtol=1e-6)


def test_teacher_pose_ignores_place_and_size():
  poses = _poses()
  moved = poses * [3, 3, 1] + [70, -20, 0]
  np.testing.assert_allclose(normalise.teacher_pose(moved)[0], normalise.teacher_pose(poses)[0], atol=1e-6)


def test_teacher_pose_second_view_is_the_mirrored_film():
  poses = _poses()
  width = 640
  mirrored_film = poses[:, _SWAP] * [-1, 1, 1] + [width - 1, 0, 0]
  features, _ = normalise.teacher_pose(poses)
  np.testing.assert_allclose(normalise.teacher_pose(mirrored_film)[0], features[:, ::-1], atol=1e-6)


@pytest.mark.parametrize('lost', [[11], [12], [11, 12], [5, 6], range(17)])
def test_teacher_pose_without_a_torso(lost):
  poses = _poses(3)
  poses[1, list(lost)] = 0
  features, scores = normalise.teacher_pose(poses)
  assert not features[1].any()
  np.testing.assert_array_equal(scores > 0, [True, False, True])


def test_teacher_pose_torso_in_one_point():
  poses = _poses(1)
  poses[0, [5, 6, 11, 12], :2] = 7
  features, scores = normalise.teacher_pose(poses)
  assert not features.any()
  assert not scores.any()


def test_teacher_pose_one_shoulder_and_a_wrist_lost():
  poses = _poses(1)
  poses[0, [5, 9]] = 0
  features, scores = normalise.teacher_pose(poses)
  xy = poses[0, :, :2] - poses[0, [11, 12], :2].mean(axis=0)
  torso = max(np.hypot(*(xy[a] - xy[b])) for a, b in ((6, 11), (6, 12), (11, 12)))
  joints = features[0, 0].reshape(13, 2)
  np.testing.assert_allclose(joints[2], xy[6] * 0.5 / torso, rtol=1e-5)  # right shoulder
  np.testing.assert_array_equal(joints[[1, 5]], 0)  # left shoulder, left wrist
  assert 0 < scores[0] < poses[0, :, 2].max()


def test_teacher_pose_nan_names_track_and_frames():
  poses = _poses(9)
  poses[1, 3, 0] = np.nan
  poses[4, 16, 2] = np.inf
  with pytest.raises(InputError, match=r'clip#1: keypoints of frame 101, 104 are not finite'):
    normalise.teacher_pose(poses, track='clip#1', frame=np.arange(100, 109))
  poses[:] = np.nan
  with pytest.raises(InputError, match=r'keypoints of frame 0, 1, 2, 3, 4 and 4 more are not finite'):
    normalise.teacher_pose(poses)


def test_teacher_pose_no_frames():
  features, scores = normalise.teacher_pose(np.zeros((0, 17, 3), np.float32))
  assert (features.shape, scores.shape) == ((0, 2, 26), (0,))
