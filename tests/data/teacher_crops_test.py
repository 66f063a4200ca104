"""Crop files with another teacher's features: matched by frame, scored by all joints, their change taken anew."""

import numpy as np
import pytest

from sportjax.data.features import TrackFeatures, write_features
from sportjax.data.teacher_crops import load_with_teacher
from sportjax.errors import InputError
from sportjax.video.codec import encode_planes
from sportjax.video.crop_file import TrackCrops, save_crops

FRAME = np.array([3, 4, 6])


def save(path):
  rgb, motion = zip(*(encode_planes(np.full((8, 8, 6), 128, np.uint8)) for _ in FRAME), strict=True)
  keypoints = np.random.default_rng(0).uniform([1, 1, 0.2], [8, 8, 1], (3, 17, 3)).astype(np.float32)
  pose = np.zeros((3, 2, 26), np.float32)
  crops = TrackCrops('v', 'v.mp4', FRAME, FRAME * 40.0, np.zeros((3, 4), np.float32), keypoints, pose, pose,
    np.ones(3, np.float32), np.zeros(3, bool), False, 8, rgb, motion)  # fmt: skip
  save_crops(path, crops)
  return keypoints


def store(folder, frame):
  features = np.arange(len(frame) * 2 * 5, dtype=np.float32).reshape(-1, 2, 5) ** 2
  write_features(folder, [TrackFeatures('v', frame, frame * 40.0, features)], source='VIPE*')
  return features


def test_features_take_the_place_of_the_joints_by_frame(tmp_path):
  keypoints = save(tmp_path / 'v.npz')
  features = store(tmp_path / 's', np.arange(8))
  crops = load_with_teacher(tmp_path / 'v.npz', store=tmp_path / 's')
  np.testing.assert_array_equal(crops.pose, features[FRAME])
  np.testing.assert_allclose(crops.score, keypoints[..., 2].mean(1), rtol=1e-6)  # of all 17 joints
  np.testing.assert_array_equal(crops.has_delta, [False, True, False])  # frame 5 was not cropped
  np.testing.assert_array_equal(crops.delta[1], features[4] - features[3])
  assert not crops.delta[[0, 2]].any()


@pytest.mark.parametrize('frame', [np.arange(6), np.array([3, 4, 5, 7]), np.array([0])])
def test_frames_without_features_are_named(tmp_path, frame):
  save(tmp_path / 'v.npz')
  store(tmp_path / 's', frame)
  missing = 3 if len(frame) == 1 else 6
  with pytest.raises(InputError, match=f"track 'v' has no features of frame {missing}"):
    load_with_teacher(tmp_path / 'v.npz', store=tmp_path / 's')
