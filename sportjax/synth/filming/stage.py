"""Makes a take ready: instants, cameras, the room, and everyone and everything that is drawn anew in each frame."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Iterator

import numpy as np

from sportjax.errors import InputError
from sportjax.synth.body import ATHLETE
from sportjax.synth.filming.appearance import Appearance, body_of, sample_appearance
from sportjax.synth.filming.bystanders import Bystander, sample_bystander
from sportjax.synth.filming.camera import Cameras, follow
from sportjax.synth.filming.equipment import equipment_solids
from sportjax.synth.filming.movers import mover_solid, sample_movers, sample_post
from sportjax.synth.filming.plate import Plate, plan_plates
from sportjax.synth.filming.scenery import Room, build_room
from sportjax.synth.filming.shots import Shot
from sportjax.synth.filming.solids import Solid, merge
from sportjax.synth.filming.splash import meets_water, sample_drops, splash_solid
from sportjax.synth.motion import Motion
from sportjax.typing import Float, Int

ATHLETE_ROLE, BYSTANDER_ROLE, THING_ROLE = range(3)
_FAR_DETAIL = 0.67  # bystanders need fewer faces


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


def set_stage(motion: Motion, appearance: Appearance, shot: Shot, rng: np.random.Generator) -> Stage:
  """Cameras, room and actors of a take."""
  t_s = _instants(motion, shot)
  set_up = np.searchsorted(shot.cuts_s, t_s[:, 0], side='right')
  stature = _stature_m(motion.joints_m[0])
  joints = motion.joints_m
  cameras = _join([follow(op, joints, motion.fps, t_s.ravel(), shot.size, stature) for op in shot.operators],
                  np.repeat(set_up, t_s.shape[1]))  # fmt: skip
  middle = np.median(joints.mean(1), axis=0)
  room = build_room(shot.place, shot.scene_seed, middle[:2], shot.clutter)
  frame_cameras = cameras.take(slice(t_s.shape[1] // 2, None, t_s.shape[1]))
  return Stage(
    motion, shot, t_s, cameras, set_up, room,
    plates=plan_plates(frame_cameras, shot.size, set_up),
    actors=tuple(_cast_actors(motion, appearance, shot, room, cameras.eye_m[0], middle, rng)),
    water_m=_water_m(motion),
  )  # fmt: skip


def _stature_m(joints_m: Float[np.ndarray, 'j 3']) -> float:
  """Height from bone lengths, so that the zoom does not depend on what is done."""
  chain = ('head', 'neck', 'chest', 'spine', 'pelvis', 'left_hip', 'left_knee', 'left_ankle', 'left_heel')
  points = joints_m[[ATHLETE.index(joint) for joint in chain]]
  return float(np.linalg.norm(np.diff(points, axis=0), axis=-1).sum())


def _water_m(motion: Motion) -> float:
  """Height of the water's surface, -inf on dry land."""
  water = motion.equipment.get('water')
  return -np.inf if water is None else float(water[0, 0, 2])


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


def sample_series(series: Float[np.ndarray, 'n ...'], fps: float, t_s: np.ndarray) -> Float[np.ndarray, 't ...']:
  """The series at instants between its samples, linearly."""
  place = np.clip(t_s * fps, 0, len(series) - 1)
  low = np.minimum(place.astype(int), max(len(series) - 2, 0))
  share = (place - low).reshape(-1, *[1] * (series.ndim - 1)).astype(np.float32)
  high = np.minimum(low + 1, len(series) - 1)
  return series[low].astype(np.float32) * (1 - share) + series[high].astype(np.float32) * share


def _cast_actors(motion, appearance, shot, room, eye_m, middle_m, rng) -> Iterator[Actor]:
  """The athlete with equipment, people around, screens, flags and posts."""
  joints = functools.partial(sample_series, motion.joints_m, motion.fps)
  yield Actor(ATHLETE_ROLE, functools.partial(_athlete_solid, motion, appearance), joints)
  half_s = len(motion.joints_m) / motion.fps / 2
  for i in range(shot.behind + shot.in_front):
    person = sample_bystander(rng, middle_m[:2], eye_m[:2], shot.place, in_front=i >= shot.behind)
    look = sample_appearance(rng, appearance.domain, 'around')
    yield Actor(
      BYSTANDER_ROLE,
      functools.partial(_bystander_solid, person, look, half_s),
      lambda t_s, person=person: person.joints_m(t_s - half_s),
    )
  for mover in sample_movers(rng, shot.movers):
    solid = functools.partial(mover_solid, mover, room)
    yield Actor(THING_ROLE, solid, lambda t_s, solid=solid: solid(t_s).vertices_m[:, :4])
  if touch := meets_water(motion, _water_m(motion)):
    solid = functools.partial(splash_solid, sample_drops(rng), *touch)
    yield Actor(THING_ROLE, solid, lambda t_s, at=touch[1]: np.broadcast_to(at, (len(t_s), 1, 3)))
  for _ in range(shot.posts):
    solid = functools.partial(_hold_still, sample_post(rng, middle_m, eye_m))
    yield Actor(THING_ROLE, solid, lambda t_s, solid=solid: solid(t_s).vertices_m[:, :4])


def _hold_still(solid: Solid, t_s: np.ndarray) -> Solid:
  return dataclasses.replace(solid, vertices_m=np.repeat(solid.vertices_m, len(t_s), 0))


def _dress(appearance: Appearance, joints_m: Float[np.ndarray, 't j 3'], detail: float = 1.0) -> Solid:
  mesh, colours = body_of(appearance, detail)
  return Solid(mesh.pose(joints_m.astype(np.float32)), mesh.faces, colours, mesh.part + 1)


def _bystander_solid(person: Bystander, look: Appearance, half_s: float, t_s: np.ndarray) -> Solid:
  return _dress(look, person.joints_m(t_s - half_s), _FAR_DETAIL)


def _athlete_solid(motion: Motion, appearance: Appearance, t_s: np.ndarray) -> Solid:
  held = {name: sample_series(points, motion.fps, t_s) for name, points in motion.equipment.items()}
  return merge([_dress(appearance, sample_series(motion.joints_m, motion.fps, t_s)), *equipment_solids(held)])
