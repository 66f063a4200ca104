"""Everyone and everything that is drawn anew in each frame: the athlete, others, people around, things that move."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Iterator

import numpy as np

from sportjax.synth.filming.appearance import Appearance, body_of, in_kit_of, sample_appearance
from sportjax.synth.filming.bystanders import Bystander, sample_bystander
from sportjax.synth.filming.equipment import equipment_solids
from sportjax.synth.filming.movers import mover_solid, sample_movers, sample_post
from sportjax.synth.filming.recordings import Recordings
from sportjax.synth.filming.scenery import Room
from sportjax.synth.filming.shots import Shot
from sportjax.synth.filming.solids import Solid, merge
from sportjax.synth.filming.splash import meets_water, sample_drops, splash_solid
from sportjax.synth.motion import Motion
from sportjax.typing import Float

ATHLETE_ROLE, BYSTANDER_ROLE, THING_ROLE = range(3)
_FAR_DETAIL = 0.67  # bystanders need fewer faces
_THROUGH_M = 0.3  # a ball that falls through a hoop's net is seen behind its strands

_KITS = 5  # the other side wears what differs most of so many

SolidAt = Callable[[np.ndarray], Solid]


@dataclasses.dataclass(frozen=True)
class Actor:
  """Something drawn anew in every frame: its surface, and a few points that tell how fast it moves."""

  role: int
  solid: SolidAt  # at instants in seconds
  anchors_m: Callable[[np.ndarray], Float[np.ndarray, 't p 3']]
  ahead_m: float = 0.0  # drawn as if it were so much nearer


@dataclasses.dataclass(frozen=True)
class Setting:
  """Where the actors are: the recordings, the first one's camera, room and middle, and how far each one's are off."""

  recordings: Recordings
  room: Room
  eye_m: Float[np.ndarray, '3']
  middle_m: Float[np.ndarray, '3']
  shift_m: Float[np.ndarray, 'r 3']
  water_m: float


def cast_actors(
  motion: Motion, appearance: Appearance, shot: Shot, setting: Setting, rng: np.random.Generator
) -> Iterator[Actor]:
  """The athlete with equipment, people around, screens, flags and posts, splashes, and who and what takes part."""
  sample = setting.recordings.sample
  joints = functools.partial(sample, motion.joints_m)
  yield Actor(ATHLETE_ROLE, functools.partial(_athlete_solid, motion, appearance, setting.recordings), joints)
  for actor in _around(motion, appearance, shot, setting, rng):
    yield _carried(actor, setting)
  yield from _splashes(motion, setting, rng)
  for _ in range(shot.posts):
    solid = functools.partial(_hold_still, sample_post(rng, setting.middle_m, setting.eye_m))
    yield _carried(_thing(solid), setting)
  yield from _others(motion, appearance, shot, setting, rng)
  yield from _apart(motion, setting)


def _around(motion, appearance, shot, setting, rng) -> Iterator[Actor]:
  half_s = len(motion.joints_m) / motion.fps / 2
  for i in range(shot.behind + shot.in_front):
    person = sample_bystander(
      rng, setting.middle_m[:2], setting.eye_m[:2], shot.place, in_front=i >= shot.behind
    )  # fmt: skip
    look = sample_appearance(rng, appearance.domain, 'around')
    yield Actor(
      BYSTANDER_ROLE,
      functools.partial(_bystander_solid, person, look, half_s),
      lambda t_s, person=person: person.joints_m(t_s - half_s),
    )
  for mover in sample_movers(rng, shot.movers):
    yield _thing(functools.partial(mover_solid, mover, setting.room))


def _splashes(motion, setting, rng) -> Iterator[Actor]:
  met = meets_water(motion, setting.recordings, setting.water_m)
  if met is None:
    return
  touch_s, place = met
  drops = np.stack([sample_drops(rng) for _ in touch_s])

  def solid(t_s: np.ndarray) -> Solid:
    number = setting.recordings.of(t_s)
    return splash_solid(drops[number], touch_s[number], place[number], t_s)

  yield Actor(THING_ROLE, solid, lambda t_s: place[setting.recordings.of(t_s)][:, None])


def _others(motion, appearance, shot, setting, rng) -> Iterator[Actor]:
  """Who takes part: two sides, each dressed alike."""
  if not motion.others:
    return
  offered = [sample_appearance(rng, appearance.domain, shot.place) for _ in range(_KITS)]
  unlike = [np.abs(np.subtract(kit.top, appearance.top)).sum() for kit in offered]
  kits = {True: appearance, False: offered[int(np.argmax(unlike))]}
  for other in motion.others:
    look = in_kit_of(sample_appearance(rng, appearance.domain, shot.place), kits[other.team_mate])
    joints = functools.partial(setting.recordings.sample, other.joints_m)
    yield Actor(BYSTANDER_ROLE, lambda t_s, look=look, joints=joints: _dress(look, joints(t_s), _FAR_DETAIL), joints)


def _apart(motion, setting) -> Iterator[Actor]:
  """Things that stand or fly by themselves, each surface sorted by its own distance."""
  for name, points in motion.apart.items():
    at = functools.partial(setting.recordings.sample, points)
    for i in range(len(equipment_solids({name: at(np.zeros(1))}))):
      solid = lambda t_s, name=name, at=at, i=i: equipment_solids({name: at(t_s)})[i]  # noqa: E731
      yield Actor(THING_ROLE, solid, at, _THROUGH_M if name == 'hoop' else 0.0)


def _thing(solid: SolidAt) -> Actor:
  return Actor(THING_ROLE, solid, lambda t_s: solid(t_s).vertices_m[:, :4])


def _carried(actor: Actor, setting: Setting) -> Actor:
  """An actor of the first recording who is as far from the middle in every other one."""
  if len(setting.recordings) == 1:
    return actor

  def shift(t_s: np.ndarray) -> np.ndarray:
    return setting.shift_m[setting.recordings.of(t_s)][:, None].astype(np.float32)

  def solid(t_s: np.ndarray) -> Solid:
    still = actor.solid(t_s)
    return dataclasses.replace(still, vertices_m=still.vertices_m + shift(t_s))

  return dataclasses.replace(actor, solid=solid, anchors_m=lambda t_s: actor.anchors_m(t_s) + shift(t_s))


def _hold_still(solid: Solid, t_s: np.ndarray) -> Solid:
  return dataclasses.replace(solid, vertices_m=np.repeat(solid.vertices_m, len(t_s), 0))


def _dress(appearance: Appearance, joints_m: Float[np.ndarray, 't j 3'], detail: float = 1.0) -> Solid:
  mesh, colours = body_of(appearance, detail)
  return Solid(mesh.pose(joints_m.astype(np.float32)), mesh.faces, colours, mesh.part + 1)


def _bystander_solid(person: Bystander, look: Appearance, half_s: float, t_s: np.ndarray) -> Solid:
  return _dress(look, person.joints_m(t_s - half_s), _FAR_DETAIL)


def _athlete_solid(motion: Motion, appearance: Appearance, recordings: Recordings, t_s: np.ndarray) -> Solid:
  held = {name: recordings.sample(points, t_s) for name, points in motion.equipment.items()}
  return merge([_dress(appearance, recordings.sample(motion.joints_m, t_s)), *equipment_solids(held)])
