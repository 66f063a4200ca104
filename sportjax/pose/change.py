"""How a pose changes from one frame of a video to the next."""

from __future__ import annotations

import numpy as np

from sportjax.typing import Bool, Float32, FrameIndex


def pose_change(
  frame: FrameIndex, pose: Float32[np.ndarray, 't v d'], score: Float32[np.ndarray, 't']
) -> tuple[Float32[np.ndarray, 't v d'], Bool[np.ndarray, 't']]:
  """p_t - p_(t-1) between neighbouring frames of the video, and where both exist.

  Source: VPD reference, single_frame.py: the previous frame must be frame t-1 exactly; its score is not thresholded.
  Departure: a previous frame in which no pose was found at all (score 0) gives no change, where the reference would
  subtract a pose of zeros.
  """
  has_delta = np.zeros(len(pose), bool)
  has_delta[1:] = (np.diff(frame) == 1) & (score[1:] > 0) & (score[:-1] > 0)
  delta = np.zeros_like(pose)
  delta[1:] = pose[1:] - pose[:-1]
  delta[~has_delta] = 0
  return delta, has_delta
