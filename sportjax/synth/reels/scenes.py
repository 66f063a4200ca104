"""What scenes on the court are made of: the player's action placed, the others, the ball from hand to hand."""

from __future__ import annotations

import dataclasses

import numpy as np

from sportjax.synth import skills
from sportjax.synth.athletes import Athlete
from sportjax.synth.blending import heading_deg
from sportjax.synth.body import ATHLETE
from sportjax.synth.choreography import FPS
from sportjax.synth.motion import Motion, later
from sportjax.synth.placing import headed
from sportjax.synth.reels import ball as flying
from sportjax.synth.reels.ball import BALL_RADIUS_M
from sportjax.synth.reels.company import Part, played
from sportjax.synth.reels.possessions import Possession

_IDLE = 35  # samples at either end of a performance in which nothing happens


@dataclasses.dataclass(frozen=True)
class Cast:
  """The others of a reel: a marker and a helper of the other side, and a team mate."""

  statures_m: tuple[float, ...]
  phases: tuple[float, ...]  # radians


def sample_cast(rng: np.random.Generator) -> Cast:
  """Three people."""
  return Cast(tuple(rng.normal(1.88, 0.09, 3).tolist()), tuple(rng.uniform(0, 2 * np.pi, 3).tolist()))


@dataclasses.dataclass(frozen=True)
class Scene:
  """The parts of a possession in a half court whose hoop is over the origin, players on the side of -x."""

  hero: Motion
  ball: np.ndarray  # t 3
  others: tuple[np.ndarray, ...]  # joints of marker, helper and mate


@dataclasses.dataclass(frozen=True)
class Call:
  """What a scene is made of."""

  what: Possession
  athlete: Athlete
  cast: Cast
  count: int  # samples
  rng: np.random.Generator

  @property
  def t_s(self) -> np.ndarray:
    return np.arange(self.count) / FPS

  @property
  def end_s(self) -> float:
    return self.count / FPS

  def play(self, *parts: Part) -> tuple[np.ndarray, ...]:
    """Joints of marker, helper and mate."""
    return tuple(self.play_one(i, part) for i, part in enumerate(parts))

  def play_one(self, i: int, part: Part) -> np.ndarray:
    """Joints of one of them."""
    return played(part, self.cast.statures_m[i], self.cast.phases[i], self.count)


def acted(call: Call, towards: np.ndarray, place: np.ndarray) -> tuple[Motion, int, np.ndarray]:
  """The player's action with the ball, at `place` and facing `towards` when it happens: motion, sample, ball."""
  take = skills.perform('basketball', call.athlete, call.what.label, call.rng, call.what.execution)
  wait = int(call.rng.integers(10, _IDLE))
  rows = _stretched(len(take.joints_m), wait, call.count)
  actions = tuple(later(action, 1000 * wait / FPS) for action in take.actions)
  act = min(round(actions[0].events_ms['act'] * FPS / 1000), call.count - 1)
  held = {name: points[rows] for name, points in take.equipment.items()}
  motion = dataclasses.replace(take, joints_m=take.joints_m[rows], equipment=held, actions=actions)
  motion = facing(motion, towards, place, act)
  return motion, act, motion.equipment['basketball'][:, 0]


def facing(motion: Motion, towards: np.ndarray, place: np.ndarray, at: int) -> Motion:
  """Turned so that it starts towards a place, moved so that the pelvis is at another one at a sample."""
  away = towards - place
  turn = np.degrees(np.arctan2(away[1], away[0])) - heading_deg(motion.joints_m[:1])[0]
  motion = headed(motion, float(turn))
  shift = place - motion.joints_m[at, ATHLETE.index('pelvis'), :2]
  return headed(motion, 0.0, (float(shift[0]), float(shift[1])))


def _stretched(length: int, wait: int, count: int) -> np.ndarray:
  """Rows of a performance that fill `count` samples: the idle time at its ends is gone through to and fro."""
  swing = np.abs((np.arange(count) + _IDLE) % (2 * _IDLE) - _IDLE)
  before = swing[1 : wait + 1][::-1]
  after = length - 1 - swing[1 : max(count - wait - length, 0) + 1]
  return np.concatenate([before, np.arange(length), after])[:count]


def polar(far_m: float, degrees: float) -> np.ndarray:
  """A place so far from the hoop; 0 degrees is straight before it."""
  return far_m * np.array([-np.cos(np.radians(degrees)), np.sin(np.radians(degrees))])


def aside(place: np.ndarray) -> np.ndarray:
  """Unit vectors from a place to the hoop, and across."""
  ahead = -place / np.linalg.norm(place)
  return np.stack([ahead, [-ahead[1], ahead[0]]])


def pair(place: np.ndarray) -> tuple[float, float]:
  """A place as the keys of a part hold it."""
  return float(place[0]), float(place[1])


def still(place: np.ndarray, looks: np.ndarray, arms: str = 'ready', crouch: float = 0.3) -> Part:
  """Somebody who stays where they are."""
  return Part([(0.0, pair(place)), (1.0, pair(place))], [(0.0, arms)], pair(looks), crouch)


def caught(call: Call, held: np.ndarray, out_s: float, hands: np.ndarray, at_s: float, bounce: bool) -> np.ndarray:
  """The ball out of the player's hands, through the air or off the floor, into other hands."""
  start, end = held[round(out_s * FPS)], hands[min(round(at_s * FPS), call.count - 1)]
  flights = [flying.aimed(out_s, start, end, at_s - out_s)]
  if bounce:
    half_s = out_s + 0.6 * (at_s - out_s)
    spot = (start + 0.6 * (end - start)) * (1, 1, 0) + (0, 0, BALL_RADIUS_M)
    flights = [flying.aimed(out_s, start, spot, half_s - out_s), flying.aimed(half_s, spot, end, at_s - half_s)]
  t = call.t_s[:, None]
  return np.where(t <= out_s, held, np.where(t < at_s, flying.along(flights, call.t_s), hands))
