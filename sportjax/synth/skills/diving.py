"""Diving: direction, somersaults, position and twists; flight time, height and travel say nothing about the class."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import numpy as np

from sportjax.synth import kinematics as kin
from sportjax.synth.athletes import Athlete
from sportjax.synth.choreography import FPS, Plant, Script, animate, pose
from sportjax.synth.faults import weaken
from sportjax.synth.motion import Action, Motion
from sportjax.synth.placing import anywhere, mirrored
from sportjax.synth.skills.aerial import LINE, hold_shape
from sportjax.synth.skills.common import check_label


@dataclasses.dataclass(frozen=True)
class Dive:
  """What the class is made of, in half turns."""

  direction: str  # 'forward', 'back', 'reverse', 'inward'
  half_somersaults: int
  position: str  # 'tuck', 'pike', 'straight'
  half_twists: int = 0

  @property
  def label(self) -> str:
    twist = f'_{self.half_twists / 2:g}_twist' if self.half_twists else ''
    return f'{self.direction}_{self.half_somersaults / 2:g}_{self.position}{twist}'

  @property
  def turns_forward(self) -> bool:
    return self.direction in ('forward', 'inward')

  @property
  def faces_water(self) -> bool:
    return self.direction in ('forward', 'reverse')


# The first twelve are a balanced set by themselves.
DIVES: Mapping[str, Dive] = {
  dive.label: dive
  for dive in (
    *(Dive(d, n, p) for d in ('forward', 'back') for n in (3, 5) for p in ('tuck', 'pike')),
    *(Dive(d, 3, 'straight', n) for d in ('forward', 'back') for n in (1, 2)),
    *(Dive(d, 3, p) for d in ('reverse', 'inward') for p in ('tuck', 'pike')),
    *(Dive(d, 3, 'straight', n) for d in ('forward', 'back') for n in (0, 3)),
  )
}
CLASSES: tuple[str, ...] = tuple(DIVES)


def perform(
  athlete: Athlete, label: str, rng: np.random.Generator, proficiency: Mapping[str, float] | None = None
) -> Motion:
  """One dive, from the stance on the board until the diver is under water (z below 0).

  Raises:
    InputError: no such class.
  """
  check_label('diving', label, CLASSES)
  script = _script(DIVES[label], athlete, rng)
  weaken(script, athlete, proficiency)
  motion = animate(script, athlete, rng)
  return anywhere(mirrored(motion) if rng.random() < 0.5 else motion, rng)


@dataclasses.dataclass(frozen=True)
class _Course:
  """When and where: drawn the same way for every class."""

  take_off_s: float
  entry_s: float
  board_m: float
  travel_m: float
  entry_m: float  # pelvis at entry

  @property
  def flight_s(self) -> float:
    return self.entry_s - self.take_off_s

  def at(self, fraction: float) -> float:
    """Time at a fraction of the flight."""
    return round((self.take_off_s + fraction * self.flight_s) * FPS) / FPS


def _course(athlete: Athlete, rng: np.random.Generator) -> _Course:
  take_off_s = round(rng.uniform(0.75, 1.25) * FPS) / FPS
  flight_s = round((1.36 + 0.05 * athlete.habit('tempo') + rng.uniform(-0.16, 0.16)) * FPS) / FPS
  rise_m_s = rng.uniform(2.8, 4.4)
  entry_m = 0.69 * athlete.height_m  # hands at the surface
  fall_m = 0.5 * kin.GRAVITY_M_S2 * flight_s**2 - rise_m_s * flight_s
  return _Course(
    take_off_s=take_off_s,
    entry_s=take_off_s + flight_s,
    board_m=max(entry_m + fall_m - 1.08 * athlete.leg_m, 0.6),
    travel_m=rng.uniform(1.2, 2.4),
    entry_m=entry_m,
  )


def _script(dive: Dive, athlete: Athlete, rng: np.random.Generator) -> Script:
  course = _course(athlete, rng)
  duration_s = course.entry_s + rng.uniform(0.3, 0.5)
  start_s = course.take_off_s - rng.uniform(0.25, 0.4)
  script = Script(
    duration_s=duration_s,
    floor_m=course.board_m,
    floor_until_s=course.take_off_s,
    actions=[Action(dive.label, 1000 * start_s, 1000 * (course.entry_s + 0.1), 'diving')],
    events_s={'act': course.take_off_s, 'take_off': course.take_off_s, 'finish': course.entry_s},
  )
  _approach(script, dive, course, athlete, rng)
  _flight(script, dive, course, athlete, rng)
  script.equipment = lambda body, t: _scene(course, dive, len(t))
  return script


def _approach(script: Script, dive: Dive, course: _Course, athlete: Athlete, rng: np.random.Generator) -> None:
  """Stance, arm swing, crouch and push from the board's end."""
  off = course.take_off_s
  starts = (
    pose(arm_lift=4, arm_plane=40), pose(arm_lift=88, arm_plane=4), pose(arm_lift=80, arm_plane=85),
    pose(arm_lift=170, arm_plane=20),
  )  # fmt: skip
  stance = pose(starts[rng.integers(len(starts))], spine_flex=rng.uniform(-2, 8))
  depth = rng.uniform(0.72, 0.84) + 0.02 * athlete.habit('crouch_depth')
  low_s, swing_s = off - rng.uniform(0.26, 0.34), off - rng.uniform(0.5, 0.6)
  script.events_s['prepare'] = low_s
  script.poses += [
    (0.0, stance),
    (swing_s, pose(stance, arm_lift=rng.uniform(60, 100), arm_plane=80)),
    (low_s, pose(arm_lift=-32, arm_plane=8, spine_flex=28, neck_flex=-16)),
    (off, pose(LINE, arm_lift=165, neck_flex=-6, hip_flex=-4)),
  ]
  sign = 1 if dive.turns_forward else -1
  script.root('yaw', (0.0, 0.0 if dive.faces_water else 180.0))
  script.root('pitch', (0.0, 0.0), (swing_s, 0.0), (low_s, 14.0), (off, sign * 9.0))
  ahead = 1.0 if dive.faces_water else -1.0
  width = athlete.segments_m['hip_width'] * (0.5 + 0.08 * max(athlete.habit('stance_width'), 0))
  toe = 0.62 * athlete.segments_m['foot'] * ahead
  script.pelvis += [
    (0.0, (0.0, 0.0, 0.99)), (swing_s, (0.0, 0.0, 0.985)), (low_s, (-0.06 * ahead, 0.0, depth)),
    (off, (0.12, 0.0, 1.08)),
  ]  # fmt: skip
  for side, sign in kin.SIDES:
    script.plants.append(Plant(side, 0.0, off, toe, sign * width * ahead, 0.0 if dive.faces_water else 180.0))


def _flight(script: Script, dive: Dive, course: _Course, athlete: Athlete, rng: np.random.Generator) -> None:
  off, entry = course.take_off_s, course.entry_s
  closed, opened = course.at(rng.uniform(0.24, 0.3)), course.at(rng.uniform(0.66, 0.74))
  hold_shape(script, 'twist' if dive.half_twists else dive.position, closed, opened, athlete, rng)
  script.poses += [(course.at(0.9), pose(LINE)), (script.duration_s, pose(LINE))]
  sign = 1.0 if dive.turns_forward else -1.0
  over = rng.normal(0.0, 3.0)
  total = sign * (180.0 * dive.half_somersaults - 3.0 + over)
  script.root('pitch', (entry, total), (script.duration_s, total + sign * 8.0))
  script.spins.append(('pitch', off, entry))
  if dive.half_twists:
    begin, done = course.at(rng.uniform(0.12, 0.18)), course.at(rng.uniform(0.78, 0.84))
    script.root('twist', (begin, 0.0), (done, 180.0 * dive.half_twists))
    script.spins.append(('twist', begin, done))
  under = entry + 0.3
  script.pelvis += [
    (entry, (course.travel_m, 0.0, (course.entry_m - course.board_m) / athlete.leg_m)),
    (under, (course.travel_m + 0.15, 0.0, (course.entry_m - course.board_m - 1.5) / athlete.leg_m)),
  ]
  script.flights.append((off, entry))


def _scene(course: _Course, dive: Dive, frames: int) -> dict[str, np.ndarray]:
  tip = 0.12
  board = np.array([[tip, -0.25, 0], [tip, 0.25, 0], [tip - 3.5, 0.25, 0], [tip - 3.5, -0.25, 0]], float)
  board[:, 2] = course.board_m
  water = np.array([[course.travel_m, 0.0, 0.0]])
  return {'board': np.repeat(board[None], frames, 0), 'water': np.repeat(water[None], frames, 0)}
