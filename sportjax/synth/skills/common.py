"""What the sports share: the clock of a performance, checks, stances and things that fly."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np

from sportjax.errors import InputError
from sportjax.synth import kinematics as kin
from sportjax.synth.athletes import Athlete
from sportjax.synth.choreography import FPS, Plant, Script, animate
from sportjax.synth.faults import weaken
from sportjax.synth.motion import Action, Motion
from sportjax.synth.placing import anywhere, handed

# Shares of an action at which its core begins and ends: from the end of the preparation to the follow-through.
_CORE = (0.35, 0.75)


@dataclasses.dataclass(frozen=True)
class Clock:
  """Idle motion, the action, idle motion; drawn alike for every class of a sport."""

  start_s: float
  duration_s: float
  seconds: tuple[float, float, float]  # of the preparation, of the core, of the finish

  @property
  def end_s(self) -> float:
    """End of the action."""
    return self.start_s + sum(self.seconds)

  def at(self, fraction: float) -> float:
    """Time at a fraction of the action's course, on the sampling grid; outside of it the course goes on evenly."""
    before, core, after = self.seconds
    course = np.interp(np.clip(fraction, 0, 1), (0.0, *_CORE, 1.0), np.cumsum((0.0, before, core, after)))
    beyond = (fraction - np.clip(fraction, 0, 1)) * sum(self.seconds)
    return round((self.start_s + float(course + beyond)) * FPS) / FPS


def draw_clock(athlete: Athlete, rng: np.random.Generator, action_s: tuple[float, float]) -> Clock:
  """Times of one performance; a quick person is quick in everything.

  Some prepare at leisure and hold their finish, some do not: how long each pose is shown tells little of the class, so
  that a pose averaged over time does not either.
  """
  before, after = rng.uniform(0.3, 1.2), rng.uniform(0.3, 1.2)
  unit = rng.uniform(*action_s) * (1.0 - 0.06 * np.clip(athlete.habit('tempo'), -2, 2))
  stretch = (rng.uniform(0.85, 1.6), 1.0, rng.uniform(0.9, 2.4))
  prepare, core, finish = (unit * share * by for share, by in zip(np.diff((0.0, *_CORE, 1.0)), stretch, strict=True))
  return Clock(before, before + prepare + core + finish + after, (prepare, core, finish))


def new_script(sport: str, label: str, clock: Clock) -> Script:
  """A script with the action's interval and nothing else."""
  return Script(clock.duration_s, actions=[Action(label, 1000 * clock.start_s, 1000 * clock.end_s, sport)])


def perform_script(
  script: Script, athlete: Athlete, rng: np.random.Generator, proficiency: Mapping[str, float] | None
) -> Motion:
  """Animates a script written for a right-handed person facing x, and turns it to a random side of the camera."""
  weaken(script, athlete, proficiency)
  return anywhere(handed(animate(script, athlete, rng), athlete), rng)


def check_label(sport: str, label: str, classes: Sequence[str]) -> None:
  """Raises InputError for a class that the sport lacks."""
  if label not in classes:
    raise InputError(f'{sport} has no class {label!r}; it has {", ".join(classes)}')


def stand(
  script: Script, athlete: Athlete, start_s: float, end_s: float, at: tuple[float, float] = (0.0, 0.0),
  width: float = 1.0, yaw: float = 0.0, left_ahead: float = 0.0, toes_out: float = 12.0, step: bool = True,
  pivots: tuple[float, float] = (0.0, 0.0),
) -> None:  # fmt: skip
  """Plants both feet; `width` in shoulder widths, `left_ahead` in leg lengths, `pivots` left and right, degrees."""
  half = 0.5 * width * athlete.segments_m['shoulder_width'] * (1 + 0.06 * athlete.habit('stance_width'))
  for (side, sign), pivot in zip(kin.SIDES, pivots, strict=True):
    ahead = 0.6 * athlete.segments_m['foot'] + 0.5 * sign * left_ahead * athlete.leg_m
    out = sign * (toes_out + 4 * athlete.habit('foot_turnout'))
    x, y = kin.rotation('z', np.array(yaw))[:2, :2] @ (ahead, sign * half)
    script.plants.append(Plant(side, start_s, end_s, at[0] + x, at[1] + y, yaw + out, pivot, step=step))


def thrown(t: np.ndarray, from_s: float, start: np.ndarray, velocity: np.ndarray, floor_m: float = 0.11) -> np.ndarray:
  """A ball in free flight through `start` at `from_s`, before and after; it rests on the ground if it gets there."""
  s = (t - from_s)[:, None]
  points = start + velocity * s - 0.5 * np.array([0.0, 0.0, kin.GRAVITY_M_S2]) * s**2
  points[:, 2] = np.maximum(points[:, 2], floor_m)
  return points
