"""The weak teacher of 2D pose: 13 joints about the hips in units of the torso, as filmed and mirrored."""

from __future__ import annotations

import numpy as np

from sportjax.errors import InputError
from sportjax.pose.skeletons import SKELETONS
from sportjax.typing import Float, Float32, FrameIndex, Keypoints

_COCO17 = SKELETONS['coco17']
_HIPS = [_COCO17.index('left_hip'), _COCO17.index('right_hip')]
_SHOULDERS = [_COCO17.index('left_shoulder'), _COCO17.index('right_shoulder')]
_TORSO = _SHOULDERS + _HIPS
_TORSO_LENGTH = 0.5  # of the greatest distance within the torso, after scaling

ALL_JOINTS: tuple[int, ...] = tuple(range(len(_COCO17.joints)))
KEPT_JOINTS: tuple[int, ...] = (_COCO17.index('nose'), *range(_COCO17.index('left_shoulder'), len(_COCO17.joints)))
TEACHER_DIM = 2 * len(KEPT_JOINTS)


def teacher_pose(
  keypoints: Float[np.ndarray, 't 17 3'],
  *,
  scored_joints: tuple[int, ...] = KEPT_JOINTS,
  track: str = 'keypoints',
  frame: FrameIndex | None = None,
) -> tuple[Float32[np.ndarray, 't 2 26'], Float32[np.ndarray, 't']]:
  """Normalised pose per frame, as filmed and mirrored, and its score: the mean confidence of `scored_joints`.

  Joints the estimator did not find lie at the origin. Where the torso is not found (both hips and one shoulder), the
  frame's features and score are 0.

  Args:
    keypoints: COCO-17 joints in pixels and their scores.
    scored_joints: the 13 kept joints as in the paper's 2D teacher, or `ALL_JOINTS` as in its VIPE teacher.
    track: name of the track, for the message.
    frame: the video's frame of each row, for the message; 0, 1, 2... where None.

  Raises:
    InputError: keypoints that are not finite; it names the track and the frames.

  Source: Hong et al. 2021 (VPD), section 4 and supplement; Sun et al. 2020 (Pr-VIPE), profile 2DSTD13. Departure:
  joints of score 0 are set to the origin rather than scaled as if they lay at pixel (0, 0).
  """
  _check_finite(keypoints, track, frame)
  normalised, found = normalise(keypoints)
  mirrored = normalised[:, _COCO17.mirror] * np.array([-1, 1], np.float32)
  views = np.stack([normalised, mirrored], axis=1)[:, :, KEPT_JOINTS]
  scores = keypoints[:, scored_joints, 2].mean(axis=1, dtype=np.float64) * found
  return views.reshape(len(keypoints), 2, TEACHER_DIM), scores.astype(np.float32)


def normalise(keypoints: Keypoints) -> tuple[Float32[np.ndarray, 't 17 2'], np.ndarray]:
  """Coordinates about the middle of the hips, greatest torso distance 0.5, and whether a torso was found."""
  seen = keypoints[:, :, 2] > 0
  xy = keypoints[:, :, :2].astype(np.float64)
  centred = xy - xy[:, _HIPS].mean(axis=1, keepdims=True)
  length = _torso_length(centred[:, _TORSO], seen[:, _TORSO])
  found = seen[:, _HIPS].all(axis=1) & seen[:, _SHOULDERS].any(axis=1) & (length > 0)
  scale = np.where(found, _TORSO_LENGTH / np.where(length > 0, length, 1), 0)
  return (centred * scale[:, None, None] * seen[:, :, None]).astype(np.float32), found


def _torso_length(torso: Float[np.ndarray, 't 4 2'], seen: np.ndarray) -> Float[np.ndarray, 't']:
  """The greatest distance between two torso joints that were both seen."""
  distance = np.linalg.norm(torso[:, :, None] - torso[:, None], axis=-1)
  return (distance * (seen[:, :, None] & seen[:, None])).max(axis=(1, 2))


def _check_finite(keypoints: Float[np.ndarray, 't j 3'], track: str, frame: FrameIndex | None) -> None:
  bad = np.flatnonzero(~np.isfinite(keypoints).all(axis=(1, 2)))
  if len(bad):
    frames = (bad if frame is None else frame[bad]).tolist()
    shown = ', '.join(map(str, frames[:5])) + (f' and {len(frames) - 5} more' if len(frames) > 5 else '')
    raise InputError(
      f'{track}: keypoints of frame {shown} are not finite; export missing joints with score 0 or drop these frames'
    )
