"""Weightlifting: the bar travels with the hands, so the lifts differ in where hands, hips and knees go, and when."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import numpy as np

from sportjax.synth import kinematics as kin
from sportjax.synth.athletes import Athlete
from sportjax.synth.choreography import Body, Pose, Script, pose
from sportjax.synth.motion import Motion
from sportjax.synth.skills.common import Clock, check_label, draw_clock, new_script, perform_script, stand

_BAR_M = 2.0
_CLOSE, _NARROW, _WIDE = 4.0, 9.0, 38.0  # how far the hanging arms are spread


def _hang(spread: float, tilt: float) -> Pose:
  """Straight arms hang to the bar from a chest tilted forwards by `tilt` degrees; a fifth of that is in the spine."""
  down = kin.rotation('y', np.array(-tilt)) @ kin.rotation('x', np.array(spread)) @ (0.0, 0.0, -1.0)
  return pose(
    arm_lift=float(np.degrees(np.arccos(-down[2]))), arm_plane=float(np.degrees(np.arctan2(down[1], down[0]))),
    arm_reach=0.99, spine_flex=0.2 * tilt, neck_flex=-0.3 * tilt,
  )  # fmt: skip


_RACK = pose(
  arm_plane=12, arm_lift=98, arm_reach=0.32, arm_swivel=25, neck_flex=-6
)  # bar on the shoulders, elbows high
_BACK_RACK = pose(arm_plane=82, arm_lift=92, arm_reach=0.5, arm_swivel=-45, neck_flex=-4)
_CLOSE_OVER = pose(arm_plane=84, arm_lift=166, arm_reach=0.995, neck_flex=-4)
_WIDE_OVER = pose(arm_plane=86, arm_lift=140, arm_reach=0.995, neck_flex=-4)


@dataclasses.dataclass(frozen=True)
class Key:
  """Time as a share of the lift, pose, height of the pelvis in leg lengths, lean of the trunk, and how it sits back."""

  at: float
  pose: Pose
  pelvis: float
  lean: float = 4.0
  back_m: float = 0.0
  heels: float = 0.0


def _pull(spread: float, high: float) -> tuple[Key, ...]:
  """From the floor to the extended body with shrugged shoulders; a high pull bends the elbows."""
  drawn = pose(arm_plane=55 + spread, arm_lift=30 + high, arm_reach=0.62, arm_swivel=95)
  return (
    Key(0.0, _hang(spread, 62), 0.60, 50, 0.16),
    Key(0.2, _hang(spread, 60), 0.74, 48, 0.16),
    Key(0.33, _hang(spread, 28), 0.88, 22, 0.06),
    Key(0.43, pose(_hang(spread, 4), arm_swivel=40, spine_flex=-8), 1.05, -9, -0.04, 40),
    Key(0.5, drawn, 0.95, 2, 0.0, 15),
  )


_CLEAN, _SNATCH = _pull(_NARROW, 18), _pull(_WIDE, 30)
_STAND_RACK, _STAND_BACK = Key(0.0, _RACK, 0.985, 2), Key(0.0, _BACK_RACK, 0.985, 6)

LIFTS: Mapping[str, tuple[Key, ...]] = {
  'snatch': (*_SNATCH, Key(0.6, _WIDE_OVER, 0.42, 17, 0.05), Key(0.7, _WIDE_OVER, 0.40, 17, 0.05), Key(0.95,
    _WIDE_OVER, 0.98, 3)),
  'power_snatch': (*_SNATCH, Key(0.6, _WIDE_OVER, 0.80, 8, 0.03), Key(0.7, _WIDE_OVER, 0.81, 8, 0.03), Key(0.95,
    _WIDE_OVER, 0.98, 3)),
  'clean': (*_CLEAN, Key(0.6, _RACK, 0.42, 12, 0.04), Key(0.7, _RACK, 0.40, 12, 0.04), Key(0.95, _RACK, 0.98, 2)),
  'power_clean': (*_CLEAN, Key(0.6, _RACK, 0.80, 6, 0.02), Key(0.7, _RACK, 0.81, 6, 0.02), Key(0.95, _RACK, 0.98, 2)),
  'deadlift': (
    Key(0.0, _hang(_CLOSE, 70), 0.66, 56, 0.18), Key(0.3, _hang(_CLOSE, 66), 0.78, 53, 0.17),
    Key(0.55, _hang(_CLOSE, 24), 0.95, 19, 0.05), Key(0.68, pose(_hang(_CLOSE, 6), spine_flex=-6), 0.985, -3),
    Key(0.95, pose(_hang(_CLOSE, 6), spine_flex=-6), 0.985, -3),
  ),
  'front_squat': (
    _STAND_RACK, Key(0.38, _RACK, 0.42, 13, 0.05), Key(0.48, _RACK, 0.40, 13, 0.05), Key(0.88, _RACK, 0.985, 2),
  ),
  'back_squat': (
    _STAND_BACK, Key(0.38, _BACK_RACK, 0.44, 36, 0.17), Key(0.48, _BACK_RACK, 0.42, 36, 0.17),
    Key(0.88, _BACK_RACK, 0.985, 6),
  ),
  'overhead_squat': (
    Key(0.0, _WIDE_OVER, 0.985, 3), Key(0.38, _WIDE_OVER, 0.43, 20, 0.07), Key(0.48, _WIDE_OVER, 0.41, 20, 0.07),
    Key(0.88, _WIDE_OVER, 0.985, 3),
  ),
  'strict_press': (
    _STAND_RACK, Key(0.22, _RACK, 0.985, 0), Key(0.5, pose(_CLOSE_OVER, arm_lift=120, arm_reach=0.62,
      spine_flex=-9), 0.985, -3),
    Key(0.75, _CLOSE_OVER, 0.985, 2), Key(0.95, _CLOSE_OVER, 0.985, 2),
  ),
  'push_press': (
    _STAND_RACK, Key(0.2, _RACK, 0.985, 0), Key(0.36, _RACK, 0.86, 0), Key(0.46, pose(_RACK, arm_reach=0.4), 1.03,
      -2, heels=30),
    Key(0.6, _CLOSE_OVER, 0.985, 2), Key(0.95, _CLOSE_OVER, 0.985, 2),
  ),
  'power_jerk': (
    _STAND_RACK, Key(0.2, _RACK, 0.985, 0), Key(0.36, _RACK, 0.86, 0), Key(0.46, pose(_RACK, arm_reach=0.45), 1.04,
      -2, heels=40),
    Key(0.57, _CLOSE_OVER, 0.83, 5), Key(0.66, _CLOSE_OVER, 0.83, 5), Key(0.9, _CLOSE_OVER, 0.985, 2),
  ),
  'split_jerk': (
    _STAND_RACK, Key(0.2, _RACK, 0.985, 0), Key(0.36, _RACK, 0.86, 0), Key(0.46, pose(_RACK, arm_reach=0.45), 1.04,
      -2, heels=40),
    Key(0.57, _CLOSE_OVER, 0.79, 3), Key(0.7, _CLOSE_OVER, 0.80, 3), Key(0.92, _CLOSE_OVER, 0.985, 2),
  ),
}  # fmt: skip
CLASSES: tuple[str, ...] = tuple(LIFTS)

# Shares of the lift at which it is prepared, done and finished.
_PULLED, _SQUATTED, _DRIVEN = (0.2, 0.43, 0.7), (0.1, 0.45, 0.88), (0.36, 0.46, 0.66)
_PHASES = dict.fromkeys(('snatch', 'power_snatch', 'clean', 'power_clean'), _PULLED)
_PHASES |= dict.fromkeys(('front_squat', 'back_squat', 'overhead_squat'), _SQUATTED)
_PHASES |= dict.fromkeys(('push_press', 'power_jerk', 'split_jerk'), _DRIVEN)
_PHASES |= {'deadlift': (0.05, 0.3, 0.68), 'strict_press': (0.22, 0.5, 0.8)}


def perform(
  athlete: Athlete, label: str, rng: np.random.Generator, proficiency: Mapping[str, float] | None = None
) -> Motion:
  """One repetition, from the set position to the hold.

  Raises:
    InputError: no such class.
  """
  check_label('weightlifting', label, CLASSES)
  clock = draw_clock(athlete, rng, (1.7, 2.3))
  return perform_script(_script(label, LIFTS[label], clock, athlete, rng), athlete, rng, proficiency)


def _script(label: str, keys: tuple[Key, ...], clock: Clock, athlete: Athlete, rng: np.random.Generator) -> Script:
  script = new_script('weightlifting', label, clock)
  depth = 1 + 0.02 * athlete.habit('crouch_depth') + rng.normal(0, 0.015)
  lean = 1 + 0.08 * athlete.habit('lean') + rng.normal(0, 0.05)
  first, last = (dataclasses.replace(key, at=at) for key, at in ((keys[0], -1.0), (keys[-1], 1.0)))
  for key in (first, *keys, last):
    time = {-1.0: 0.0, 1.0: clock.duration_s}.get(key.at, clock.at(key.at))
    low = key.pelvis * (depth if key.pelvis < 0.9 else 1.0)
    script.poses.append((time, pose(key.pose, tiptoe=key.heels)))
    script.root('pitch', (time, lean * key.lean))
    script.pelvis.append((time, (-key.back_m * athlete.leg_m, 0.0, low)))
  script.events_s |= dict(zip(('prepare', 'act', 'finish'), map(clock.at, _PHASES[label]), strict=True))
  _feet(script, label, clock, athlete, rng)
  script.gaze += [(0.0, (4.0, 0.0, 1.2)), (clock.duration_s, (4.0, 0.0, 1.6))]
  script.equipment, script.arms_tied = _bar, True
  return script


def _feet(script: Script, label: str, clock: Clock, athlete: Athlete, rng: np.random.Generator) -> None:
  """Pulls jump to a wider stance to receive; a split jerk puts one foot forward, one back."""
  out = rng.uniform(22, 32)
  if label == 'split_jerk':
    stand(script, athlete, 0.0, clock.at(0.47), width=1.0, toes_out=out)
    spread = {'left': 0.40, 'right': -0.44}
    for plant in script.plants[:2]:
      script.plants.append(
        dataclasses.replace(
          plant, start_s=clock.at(0.56), end_s=clock.at(0.74), x_m=plant.x_m + spread[plant.side] * athlete.leg_m,
          yaw_deg=0.2 * plant.yaw_deg,
        )
      )  # fmt: skip
      script.plants.append(dataclasses.replace(plant, start_s=clock.at(0.88), end_s=clock.duration_s))
  elif label in ('snatch', 'clean', 'power_snatch', 'power_clean', 'power_jerk'):
    stand(script, athlete, 0.0, clock.at(0.45), width=0.9, toes_out=out - 8)
    stand(script, athlete, clock.at(0.53), clock.duration_s, width=1.35, toes_out=out + 4)
  else:
    stand(script, athlete, 0.0, clock.duration_s, width=0.85 if label == 'deadlift' else 1.3, toes_out=out)


def _bar(body: Body, t: np.ndarray) -> dict[str, np.ndarray]:
  left, right = body.places['left_hand'], body.places['right_hand']
  middle, along = (left + right) / 2, kin.unit(left - right)
  return {'barbell': np.stack([middle + 0.5 * _BAR_M * along, middle - 0.5 * _BAR_M * along], 1)}
