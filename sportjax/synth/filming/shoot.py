"""Films a motion: yields frames with their truth, drawn back to front."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator

import numpy as np

from sportjax.synth.filming import raster
from sportjax.synth.filming.actors import ATHLETE_ROLE, BYSTANDER_ROLE, Actor
from sportjax.synth.filming.appearance import Appearance
from sportjax.synth.filming.flow import true_flow
from sportjax.synth.filming.plate import Plate, cast, warp
from sportjax.synth.filming.sensor import Sensor, streak
from sportjax.synth.filming.shadow import darken_floor
from sportjax.synth.filming.shots import Shot
from sportjax.synth.filming.stage import Stage, set_stage
from sportjax.synth.filming.truth import Frame, athlete_parts, seen_joints, tight_box
from sportjax.synth.motion import Motion
from sportjax.typing import Float, Image, Int

_CHUNK = 16  # frames whose geometry is worked out together: larger ones leave the cache
_STEP_PX = 4.0  # between the instants of an exposure


def film(
  motion: Motion, appearance: Appearance, shot: Shot, rng: np.random.Generator, *, flow: bool = False
) -> Iterator[Frame]:
  """Frames of the motion at the shot's rate, each with its truth.

  At the motion's cuts another operator takes over, nothing is seen across them, and the room and the people around
  come along with the athlete.

  Raises: InputError for a motion shorter than one exposure, with cuts out of order, or with equipment that cannot be
  drawn.
  """
  stage = set_stage(motion, appearance, shot, rng)
  sensor = Sensor(shot, rng)
  for plate in stage.plates:
    backdrop = cast(plate, stage.room_of(plate))
    for start in range(0, len(plate.frames), _CHUNK):
      yield from _roll(stage, plate, backdrop, plate.frames[start : start + _CHUNK], sensor, flow)


@dataclasses.dataclass(frozen=True)
class _Drawn:
  """An actor's geometry over one chunk of frames."""

  role: int
  projected: raster.Projected
  colours: np.ndarray  # t f 4
  rows: list[range]  # which instants of `projected` make each frame
  ahead_m: float

  def expose(self, i: int, canvas: np.ndarray) -> raster.Layer | None:
    return raster.expose(self.projected, self.rows[i], self.colours[i], canvas)

  def depth_m(self, i: int) -> float:
    return float(self.projected.depth_m[self.rows[i][0]]) - self.ahead_m


def _prepare(stage: Stage, actor: Actor, frames: np.ndarray) -> _Drawn:
  """Poses, projects and lights an actor at as many instants of each frame as its speed asks for."""
  subs = stage.t_s.shape[1]
  counts = _instants_needed(stage, actor, frames)
  chosen = np.concatenate([f * subs + ((np.arange(n) + 0.5) * subs / n).astype(int)
                           for f, n in zip(frames, counts, strict=True)])  # fmt: skip
  solid = actor.solid(stage.t_s.ravel()[chosen])
  water = stage.water_m if actor.role == ATHLETE_ROLE else -np.inf
  first = np.cumsum([0, *counts])
  return _Drawn(
    actor.role,
    raster.project(solid, stage.cameras.take(chosen), water),
    raster.shade(solid, stage.shot.light, first[:-1] + counts // 2),
    [range(a, b) for a, b in zip(first[:-1], first[1:], strict=True)],
    actor.ahead_m,
  )


def _instants_needed(stage: Stage, actor: Actor, frames: np.ndarray) -> Int[np.ndarray, 't']:
  """Instants whose distance in the picture is at most `_STEP_PX`; two at least, which smooth the edges."""
  subs = stage.t_s.shape[1]
  ends = [stage.cameras.take(frames * subs + sub).project(actor.anchors_m(stage.t_s[frames, sub]))[0]
          for sub in (0, subs - 1)]  # fmt: skip
  travel = np.linalg.norm(ends[1] - ends[0], axis=-1).max(1)
  counts = np.clip(np.ceil(travel / _STEP_PX), min(2, subs), subs).astype(int)
  # An odd number has one in the middle, where the truth holds.
  return np.minimum(counts | 1, subs) if actor.role == ATHLETE_ROLE else counts


def _roll(
  stage: Stage, plate: Plate, backdrop: Image, frames: np.ndarray, sensor: Sensor, flow: bool
) -> Iterator[Frame]:
  """The frames of one chunk."""
  drawn = [_prepare(stage, actor, frames) for actor in stage.actors]
  cameras = stage.cameras.take(frames * stage.t_s.shape[1] + stage.middle)
  joints_m = stage.recordings.sample(stage.motion.joints_m, stage.t_s[frames, stage.middle])
  joints_camera = cameras.view(joints_m).astype(np.float32)
  joints_px = cameras.image(joints_camera).astype(np.float32)
  canvas = np.zeros((*stage.shot.size[::-1], 4), np.uint8)
  flows = true_flow(stage, plate, frames) if flow else itertools.repeat(None, len(frames))
  pictures = _backgrounds(stage, plate, backdrop, frames)
  for i, (frame, picture, moved) in enumerate(zip(frames, pictures, flows, strict=True)):
    darken_floor(picture, joints_m[i], cameras.take([i]), stage.shot.light, stage.water_m)
    parts, hidden, boxes = _draw_actors(drawn, i, picture, canvas)
    whole = athlete_parts(parts)
    yield Frame(
      rgb=sensor(picture),
      t_ms=1000 * float(stage.t_s[frame, stage.middle]),
      mask=whole & ~hidden,
      box=tight_box(whole),
      joints_px=joints_px[i],
      visible=seen_joints(joints_px[i], joints_camera[i], parts, hidden),
      joints_camera_m=joints_camera[i],
      bystander_boxes=np.array(boxes, np.float32).reshape(-1, 4),
      set_up=int(stage.set_up[frame]),
      flow=moved,
    )


def _backgrounds(stage: Stage, plate: Plate, backdrop: Image, frames: np.ndarray) -> Iterator[Image]:
  """The still scene as the moving camera sees it, streaked by the camera's own movement during the exposure."""
  subs = stage.t_s.shape[1]
  opened, middle, closed = (
    stage.cameras.take(frames * subs + sub).homography_to(plate.camera) for sub in (0, stage.middle, subs - 1)
  )
  for first, mid, last in zip(opened, middle, closed, strict=True):
    yield streak(warp(backdrop, mid, stage.shot.size), _travel(first, last, stage.shot.size))


def _travel(opened: np.ndarray, closed: np.ndarray, size: tuple[int, int]) -> Float[np.ndarray, '2']:
  """How far the background moves through the middle of the picture during an exposure, pixels."""
  middle = np.array([size[0] / 2, size[1] / 2, 1.0])
  moved = np.linalg.solve(closed, opened @ middle)
  return moved[:2] / moved[2] - middle[:2]


def _draw_actors(drawn: list[_Drawn], i: int, picture: np.ndarray, canvas: np.ndarray):
  """Draws from far to near; returns the athlete's parts, what hides them, and the boxes of the other people."""
  parts = np.zeros(picture.shape[:2], np.uint8)
  hidden = np.zeros(picture.shape[:2], bool)
  boxes, athlete_done = [], False
  for actor in sorted(drawn, key=lambda one: -one.depth_m(i)):
    layer = actor.expose(i, canvas)
    athlete_done |= actor.role == ATHLETE_ROLE
    if layer is None:
      continue
    layer.over(picture)
    x0, y0, x1, y1 = layer.box
    if actor.role == ATHLETE_ROLE:
      parts[y0:y1, x0:x1] = layer.parts
    elif athlete_done:
      hidden[y0:y1, x0:x1] |= layer.coverage[..., 0] > 0.5
    if actor.role == BYSTANDER_ROLE and layer.parts.any():
      boxes.append(tight_box(layer.parts > 0) + np.array([x0, y0, x0, y0]))
  return parts, hidden, boxes
