"""VIPE* as a teacher: features per frame from an estimator's joints, as the student and the evaluators take them."""

from __future__ import annotations

import numpy as np

from sportjax.models.vipe import Vipe, embed_views
from sportjax.pose.vipe_input import vipe_input
from sportjax.typing import Float32, FrameIndex, Keypoints


def vipe_features(
  model: Vipe,
  keypoints: Keypoints,
  *,
  inverted: bool = False,
  track: str = 'keypoints',
  frame: FrameIndex | None = None,
) -> tuple[Float32[np.ndarray, 't 2 d'], Float32[np.ndarray, 't']]:
  """Embeddings per frame, as filmed and mirrored, and the pose's score.

  With `inverted`, those of the pose upside down stand beside them (width 2 d), as VPD has it for diving.

  Raises:
    InputError: keypoints that are not finite; it names the track and the frames.
  Source: VPD (arXiv 2109.01305), section 4.1, and its reference implementation.
  """
  views, scores = vipe_input(keypoints, track=track, frame=frame)
  parts = [embed_views(model, views)]
  if inverted:
    parts.append(embed_views(model, vipe_input(keypoints, inverted=True, track=track, frame=frame)[0]))
  return np.concatenate(parts, axis=-1), scores
