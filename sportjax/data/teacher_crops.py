"""Crop files whose teacher is another than the 2D joints that they were cropped with."""

from __future__ import annotations

import dataclasses
import pathlib

import numpy as np

from sportjax.data.features import FeatureStore
from sportjax.errors import InputError
from sportjax.pose.change import pose_change
from sportjax.pose.normalise import ALL_JOINTS, teacher_pose
from sportjax.video.crop_file import TrackCrops, load_crops


def load_with_teacher(path: pathlib.Path, *, store: pathlib.Path) -> TrackCrops:
  """A crop file with the features of a store in place of its pose, and the mean score of all joints as theirs.

  Raises:
    InputError: the store lacks the track, or frames of it.
  Source: VPD's reference implementation: VIPE*'s score is that of all 17 joints, not of the 13 kept.
  """
  crops = load_crops(path)
  found = FeatureStore(store).track(crops.track)
  rows = np.minimum(np.searchsorted(found.frame, crops.frame), max(len(found.frame) - 1, 0))
  lacking = crops.frame[found.frame[rows] != crops.frame] if len(found.frame) else crops.frame
  if len(lacking):
    raise InputError(f'{store}: track {crops.track!r} has no features of frame {lacking[0]}; extract them again')
  pose = np.asarray(found.features[rows], np.float32)
  _, score = teacher_pose(crops.keypoints, scored_joints=ALL_JOINTS, track=crops.track, frame=crops.frame)
  delta, has_delta = pose_change(crops.frame, pose, score)
  return dataclasses.replace(crops, pose=pose, delta=delta, score=score, has_delta=has_delta)
