"""One vector for a clip, near for clips that align well: for choosing candidates, never for ranking."""

from __future__ import annotations

import numpy as np

from sportjax.typing import Float

SEGMENTS = 4


def pool(clip: Float[np.ndarray, 't v d'], segments: int = SEGMENTS) -> Float[np.ndarray, 'v p']:
  """The mean frame of each of some equal stretches of the clip, side by side.

  A stretch takes fractions of frames at its ends, so a clip may be shorter than the number of stretches.
  """
  t = len(clip)
  sums = np.concatenate([np.zeros((1, *clip.shape[1:])), np.cumsum(clip, axis=0, dtype=np.float64)])
  edges = np.linspace(0, t, segments + 1)
  below = np.minimum(edges.astype(int), t - 1)
  at_edges = sums[below] + (edges - below)[:, None, None] * clip[below]
  means = np.diff(at_edges, axis=0) * segments / t
  return means.transpose(1, 0, 2).reshape(clip.shape[1], -1).astype(np.float32)
