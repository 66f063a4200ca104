"""2D poses of an estimator beside 3D poses: what the cameras that filmed them saw."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from sportjax.typing import Float32, Int

_SHAPE = (13, 3)  # the teacher's joints: x and y in pixels, and confidence


@dataclasses.dataclass(frozen=True)
class FilmedViews:
  """The views of each pose in turn; a pose may have none."""

  joints: Float32[np.ndarray, 'n 13 3']
  ends: Int[np.ndarray, 't']  # of each pose's views

  @classmethod
  def of(cls, by_pose: Sequence[Sequence[np.ndarray]]) -> FilmedViews:
    """From a list of views a pose."""
    flat = [view for views in by_pose for view in views]
    joints = np.stack(flat).astype(np.float32) if flat else np.zeros((0, *_SHAPE), np.float32)
    return cls(joints, np.cumsum([len(views) for views in by_pose]).astype(np.int64))

  def draw(self, pose: Int[np.ndarray, 'b'], rng: np.random.Generator) -> Float32[np.ndarray, 'b 2 13 3']:
    """Two different cameras' views of each pose; NaN for those that it has not."""
    start = np.where(pose > 0, self.ends[pose - 1], 0)
    count = self.ends[pose] - start
    first = rng.integers(np.maximum(count, 1))
    second = (first + 1 + rng.integers(np.maximum(count - 1, 1))) % np.maximum(count, 1)
    out = np.full((len(pose), 2, *_SHAPE), np.nan, np.float32)
    for at, (number, enough) in enumerate(((first, count > 0), (second, count > 1))):
      out[enough, at] = self.joints[(start + number)[enough]]
    return out
