"""True optical flow: where each pixel's surface was in the previous frame."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sportjax.synth.filming import raster
from sportjax.synth.filming.actors import ATHLETE_ROLE, Actor
from sportjax.synth.filming.plate import Plate
from sportjax.synth.filming.stage import Stage
from sportjax.typing import Float, Int

Flow = Float[np.ndarray, 'h w 2']


def true_flow(stage: Stage, plate: Plate, frames: Int[np.ndarray, 't']) -> Iterator[Flow]:
  """For every pixel of each frame, how far its surface has moved since the previous frame, at mid-exposure.

  frame[t - 1] at `x - flow(x)` shows what frame[t] shows at x, where it was not hidden. Faces move as a whole; the
  picture on a running screen counts as still. Zero in the first frame of a set-up.
  """
  before = np.maximum(frames - 1, 0)
  before = np.where(stage.set_up[before] == stage.set_up[frames], before, frames)
  layers = [_face_flow(stage, actor, frames, before) for actor in stage.actors]
  homographies = [_mid_cameras(stage, rows).homography_to(plate.camera) for rows in (frames, before)]
  for i in range(len(frames)):
    flow = _background_flow(homographies[0][i], homographies[1][i], stage.shot.size)
    for projected, moved, _ in sorted(layers, key=lambda one: one[2] - one[0].depth_m[i]):  # noqa: B023
      raster.draw(flow, projected, i, moved[i].tolist(), np.zeros(2, np.int32))
    yield flow


def _mid_cameras(stage: Stage, frames: np.ndarray):
  return stage.cameras.take(frames * stage.t_s.shape[1] + stage.middle)


def _face_flow(stage: Stage, actor: Actor, frames: np.ndarray, before: np.ndarray):
  """An actor's faces in each frame, and the pixels each has moved."""
  water = stage.water_m if actor.role == ATHLETE_ROLE else -np.inf
  now, then = (
    raster.project(actor.solid(stage.t_s[rows, stage.middle]), _mid_cameras(stage, rows), water)
    for rows in (frames, before)
  )
  moved = (now.vertices - then.vertices)[:, now.faces].mean(2) / (1 << raster.SUBPIXEL_BITS)
  return now, moved, actor.ahead_m


def _background_flow(here: np.ndarray, there: np.ndarray, size: tuple[int, int]) -> Flow:
  """The flow of the still scene, from the homographies of this and the previous frame onto the plate."""
  x, y = np.meshgrid(np.arange(size[0], dtype=np.float32), np.arange(size[1], dtype=np.float32))
  to_previous = (np.linalg.inv(there) @ here).astype(np.float32)
  past = to_previous @ np.stack([x.ravel(), y.ravel(), np.ones(x.size, np.float32)])
  past = (past[:2] / past[2]).reshape(2, size[1], size[0])
  return np.ascontiguousarray(np.stack([x - past[0], y - past[1]], -1))
