"""2D joints as VIPE* takes them: normalised, with their confidence, as filmed and mirrored, on request upside down."""

from __future__ import annotations

import numpy as np

from sportjax.pose.normalise import ALL_JOINTS, KEPT_JOINTS, normalise, teacher_pose
from sportjax.pose.skeletons import SKELETONS
from sportjax.typing import Float32, FrameIndex, Keypoints

_MIRROR = SKELETONS['coco17'].mirror


def vipe_input(
  keypoints: Keypoints, *, inverted: bool = False, track: str = 'keypoints', frame: FrameIndex | None = None
) -> tuple[Float32[np.ndarray, 't 2 39'], Float32[np.ndarray, 't']]:
  """Poses per frame, as filmed and mirrored, and their score: the mean confidence of all joints.

  Args:
    keypoints: COCO-17 joints in pixels and their scores.
    inverted: with the picture upside down, left and right as they are: VPD's second set of features for diving.
    track: name of the track, for the message.
    frame: the video's frame of each row, for the message.

  Raises:
    InputError: keypoints that are not finite.
  Source: VPD (arXiv 2109.01305), supplement G and its reference implementation.
  """
  if inverted:
    keypoints = keypoints * np.array([1, -1, 1], keypoints.dtype)
  _, scores = teacher_pose(keypoints, scored_joints=ALL_JOINTS, track=track, frame=frame)
  xy, _ = normalise(keypoints)
  pose = np.concatenate([xy, keypoints[..., 2:] - 0.5], axis=-1).astype(np.float32)
  mirrored = pose[:, _MIRROR] * np.array([-1, 1, 1], np.float32)
  views = np.stack([pose, mirrored], axis=1)[:, :, KEPT_JOINTS]
  return views.reshape(len(keypoints), 2, 3 * len(KEPT_JOINTS)), scores
