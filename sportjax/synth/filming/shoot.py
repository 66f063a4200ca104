"""Films a motion: yields frames with their truth, drawn back to front."""

from __future__ import annotations

from collections.abc import Callable, Iterator
import dataclasses
import functools

import cv2
import numpy as np

from sportjax.errors import InputError
from sportjax.synth.filming import raster
from sportjax.synth.filming.appearance import Appearance, body_of, sample_appearance
from sportjax.synth.filming.bystanders import sample_bystander
from sportjax.synth.filming.camera import Cameras, follow
from sportjax.synth.filming.equipment import equipment_solids
from sportjax.synth.filming.movers import mover_solid, sample_movers, sample_post
from sportjax.synth.filming.plate import Plate, cast, plan_plates, warp
from sportjax.synth.filming.scenery import Room, paint_room
from sportjax.synth.filming.sensor import Sensor, streak
from sportjax.synth.filming.shadow import darken_floor
from sportjax.synth.filming.shots import Shot
from sportjax.synth.filming.solids import Solid, merge
from sportjax.synth.filming.truth import Frame, athlete_parts, seen_joints, tight_box
from sportjax.synth.motion import Motion
from sportjax.typing import Float, Int

_CHUNK = 16  # frames whose geometry is worked out together: larger ones leave the cache
_STEP_PX = 3.0
_ATHLETE, _BYSTANDER, _THING = range(3)


@dataclasses.dataclass(frozen=True)
class Actor:
  """Something drawn anew in every frame: its surface, and a few points that tell how fast it moves."""

  role: int
  solid: Callable[[np.ndarray], Solid]  # at instants in seconds
  anchors_m: Callable[[np.ndarray], Float[np.ndarray, 't p 3']]


@dataclasses.dataclass(frozen=True)
class Stage:
  """A take made ready: everything that does not change from frame to frame."""

  motion: Motion
  shot: Shot
  t_s: Float[np.ndarray, 't s']  # instants of the sub-frames
  cameras: Cameras  # of every sub-frame, flat
  set_up: Int[np.ndarray, 't']
  room: Room
  plates: list[Plate]
  actors: tuple[Actor, ...]
  water_m: float

  @property
  def middle(self) -> int:
    """The sub-frame at mid-exposure."""
    return self.t_s.shape[1] // 2


def film(
  motion: Motion, appearance: Appearance, shot: Shot, rng: np.random.Generator, *, flow: bool = False
) -> Iterator[Frame]:
  """Frames of the motion at the shot's rate, each with its truth.

  Raises: InputError for a motion shorter than one exposure or with equipment that cannot be drawn.
  """
  stage = set_stage(motion, appearance, shot, rng)
  sensor = Sensor(shot, rng)
  for plate in stage.plates:
    backdrop = cast(plate, stage.room)
    for start in range(0, len(plate.frames), _CHUNK):
      yield from _roll(stage, plate, backdrop, plate.frames[start : start + _CHUNK], sensor, flow)


def set_stage(motion: Motion, appearance: Appearance, shot: Shot, rng: np.random.Generator) -> Stage:
  """Cameras, room and actors of a take."""
  t_s = _instants(motion, shot)
  set_up = np.searchsorted(shot.cuts_s, t_s[:, 0], side='right')
  stature = float(np.median(np.ptp(motion.joints_m[:, :, 2], 1)))
  joints = motion.joints_m
  cameras = _join([follow(op, joints, motion.fps, t_s.ravel(), shot.size, max(stature, 1.4)) for op in shot.operators],
                  np.repeat(set_up, t_s.shape[1]))  # fmt: skip
  middle = joints.mean((0, 1))
  room = paint_room(shot.place, shot.scene_seed, middle[:2], shot.clutter)
  frame_cameras = cameras.take(slice(t_s.shape[1] // 2, None, t_s.shape[1]))
  water = motion.equipment.get('water')
  return Stage(
    motion, shot, t_s, cameras, set_up, room,
    plates=plan_plates(frame_cameras, shot.size, set_up),
    actors=tuple(_cast_actors(motion, appearance, shot, room, cameras.eye_m[0], middle, rng)),
    water_m=-np.inf if water is None else float(water[0, 0, 2]),
  )  # fmt: skip


def _instants(motion: Motion, shot: Shot) -> Float[np.ndarray, 't s']:
  period = 1 / shot.fps
  duration = (len(motion.joints_m) - 1) / motion.fps
  start = (np.arange(int(duration / period) + 1) + shot.phase) * period
  opened = np.linspace(0, shot.shutter, shot.sub_frames) * period
  start = start[start + opened[-1] <= duration]
  if not len(start):
    raise InputError(f'a motion of {duration:.3f} s is shorter than one exposure; make it at least {2 * period:.3f} s')
  return start[:, None] + opened


def _join(each: list[Cameras], which: Int[np.ndarray, 't']) -> Cameras:
  """The cameras of several operators, cut together."""
  rows = np.arange(len(which))
  names = [field.name for field in dataclasses.fields(Cameras)]
  return Cameras(**{name: np.stack([getattr(one, name) for one in each])[which, rows] for name in names})


def _at(series: Float[np.ndarray, 'n ...'], fps: float, t_s: np.ndarray) -> Float[np.ndarray, 't ...']:
  """The series at instants between its samples, linearly."""
  place = np.clip(t_s * fps, 0, len(series) - 1)
  low = np.minimum(place.astype(int), max(len(series) - 2, 0))
  share = (place - low).reshape(-1, *[1] * (series.ndim - 1)).astype(np.float32)
  high = np.minimum(low + 1, len(series) - 1)
  return series[low].astype(np.float32) * (1 - share) + series[high].astype(np.float32) * share


def _cast_actors(motion, appearance, shot, room, eye_m, middle_m, rng) -> Iterator[Actor]:
  """The athlete with equipment, people around, screens, flags and posts."""
  joints = lambda t_s: _at(motion.joints_m, motion.fps, t_s)  # noqa: E731
  yield Actor(_ATHLETE, lambda t_s: _athlete_solid(motion, appearance, t_s), joints)
  half_s = len(motion.joints_m) / motion.fps / 2
  for i in range(shot.behind + shot.in_front):
    person = sample_bystander(rng, middle_m[:2], eye_m[:2], in_front=i >= shot.behind)
    look = sample_appearance(rng, appearance.domain, 'around')
    anchors = lambda t_s, p=person: p.joints_m(t_s - half_s)  # noqa: E731
    yield Actor(_BYSTANDER, lambda t_s, a=anchors, look=look: _dress(look, a(t_s)), anchors)
  for mover in sample_movers(rng, shot.movers):
    solid = functools.partial(mover_solid, mover, room)
    yield Actor(_THING, solid, lambda t_s, solid=solid: solid(t_s).vertices_m[:, :4])
  for _ in range(shot.posts):
    solid = functools.partial(_hold_still, sample_post(rng, middle_m, eye_m))
    yield Actor(_THING, solid, lambda t_s, solid=solid: solid(t_s).vertices_m[:, :4])


def _hold_still(solid: Solid, t_s: np.ndarray) -> Solid:
  return dataclasses.replace(solid, vertices_m=np.repeat(solid.vertices_m, len(t_s), 0))


def _dress(appearance: Appearance, joints_m: Float[np.ndarray, 't j 3']) -> Solid:
  mesh, colours = body_of(appearance)
  return Solid(mesh.pose(joints_m.astype(np.float32)), mesh.faces, colours, mesh.part + 1)


def _athlete_solid(motion: Motion, appearance: Appearance, t_s: np.ndarray) -> Solid:
  held = {name: _at(points, motion.fps, t_s) for name, points in motion.equipment.items()}
  return merge([_dress(appearance, _at(motion.joints_m, motion.fps, t_s)), *equipment_solids(held)])


@dataclasses.dataclass(frozen=True)
class _Drawn:
  """An actor's geometry over one chunk of frames."""

  role: int
  projected: raster.Projected
  colours: np.ndarray  # t f 4
  rows: list[range]  # which instants of `projected` make each frame

  def expose(self, i: int, canvas: np.ndarray) -> raster.Layer | None:
    return raster.expose(self.projected, self.rows[i], self.colours[i], canvas)

  def depth_m(self, i: int) -> float:
    return float(self.projected.depth_m[self.rows[i][0]])


def _prepare(stage: Stage, actor: Actor, frames: np.ndarray) -> _Drawn:
  """Poses, projects and lights an actor at as many instants of each frame as its speed asks for."""
  subs = stage.t_s.shape[1]
  counts = _instants_needed(stage, actor, frames)
  chosen = np.concatenate([f * subs + ((np.arange(n) + 0.5) * subs / n).astype(int)
                           for f, n in zip(frames, counts, strict=True)])  # fmt: skip
  solid = actor.solid(stage.t_s.ravel()[chosen])
  water = stage.water_m if actor.role == _ATHLETE else -np.inf
  first = np.cumsum([0, *counts])
  return _Drawn(
    actor.role,
    raster.project(solid, stage.cameras.take(chosen), water),
    raster.shade(solid, stage.shot.light, first[:-1] + counts // 2),
    [range(a, b) for a, b in zip(first[:-1], first[1:], strict=True)],
  )


def _instants_needed(stage: Stage, actor: Actor, frames: np.ndarray) -> Int[np.ndarray, 't']:
  """Instants whose distance in the picture is at most `_STEP_PX`; two at least, which smooth the edges."""
  subs = stage.t_s.shape[1]
  ends = [stage.cameras.take(frames * subs + sub).project(actor.anchors_m(stage.t_s[frames, sub]))[0]
          for sub in (0, subs - 1)]  # fmt: skip
  travel = np.linalg.norm(ends[1] - ends[0], axis=-1).max(1)
  return np.clip(np.ceil(travel / _STEP_PX), min(2, subs), subs).astype(int)


def _roll(stage: Stage, plate: Plate, backdrop, frames: np.ndarray, sensor: Sensor, flow: bool) -> Iterator[Frame]:
  """The frames of one chunk."""
  drawn = [_prepare(stage, actor, frames) for actor in stage.actors]
  subs = stage.t_s.shape[1]
  cameras = stage.cameras.take(frames * subs + stage.middle)
  opened, closed = (stage.cameras.take(frames * subs + sub).homography_to(plate.camera) for sub in (0, subs - 1))
  homography = cameras.homography_to(plate.camera)
  joints_m = _at(stage.motion.joints_m, stage.motion.fps, stage.t_s[frames, stage.middle])
  joints_camera = cameras.view(joints_m)
  joints_px = cameras.image(joints_camera)
  canvas = np.zeros((*stage.shot.size[::-1], 4), np.uint8)
  for i, frame in enumerate(frames):
    picture = warp(backdrop, homography[i], stage.shot.size)
    picture = streak(picture, _travel(opened[i], closed[i], stage.shot.size))
    darken_floor(picture, joints_m[i], cameras.take([i]), stage.shot.light, stage.water_m)
    parts, hidden, boxes = _draw_actors(drawn, i, picture, canvas)
    whole = athlete_parts(parts)
    yield Frame(
      rgb=sensor(picture),
      t_ms=1000 * float(stage.t_s[frame, stage.middle]),
      mask=whole & ~hidden,
      box=tight_box(whole),
      joints_px=joints_px[i].astype(np.float32),
      visible=seen_joints(joints_px[i], joints_camera[i], parts, hidden),
      joints_camera_m=joints_camera[i].astype(np.float32),
      bystander_boxes=np.array(boxes, np.float32).reshape(-1, 4),
      set_up=int(stage.set_up[frame]),
      flow=None,
    )


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
    athlete_done |= actor.role == _ATHLETE
    if layer is None:
      continue
    layer.over(picture)
    x0, y0, x1, y1 = layer.box
    if actor.role == _ATHLETE:
      parts[y0:y1, x0:x1] = layer.parts
    elif athlete_done:
      hidden[y0:y1, x0:x1] |= layer.coverage[..., 0] > 0.5
    if actor.role == _BYSTANDER and layer.parts.any():
      boxes.append(tight_box(layer.parts > 0) + np.array([x0, y0, x0, y0]))
  return parts, hidden, boxes
