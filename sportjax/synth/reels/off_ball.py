"""What the player does without the ball: leaps for a rebound, reaches in to steal, guards a shooter. Faces x."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from sportjax.synth.athletes import Athlete
from sportjax.synth.choreography import FPS, Script, animate, pose
from sportjax.synth.motion import Motion
from sportjax.synth.skills.common import stand

_CATCH = pose(arm_plane=-14, arm_lift=55, arm_reach=0.5, arm_swivel=40, spine_flex=8)
_EASY = pose(arm_plane=35, arm_lift=30, arm_reach=0.8, spine_flex=8)


def perform_off_ball(
  kind: str, athlete: Athlete, duration_s: float, act_s: float, execution: Mapping[str, float], gets: bool,
  rng: np.random.Generator,
) -> Motion:  # fmt: skip
  """One defensive or rebounding action with its middle at `act_s`; `gets` says whether the ball is held after it.

  `execution` has knee_bend, how low the player gets, and arm_extension, how far the arms reach.
  """
  act_s = round(act_s * FPS) / FPS
  script = Script(duration_s, events_s={'act': act_s})
  low = 0.93 - 0.2 * execution['knee_bend'] + rng.uniform(-0.01, 0.01)
  ready = pose(arm_plane=55, arm_lift=35 + 40 * execution['arm_extension'], arm_reach=0.72, spine_flex=12)
  after = _CATCH if gets else _EASY
  script.poses += [(0.0, ready), (act_s - 0.3, ready), (act_s + 0.5, after), (duration_s, after)]
  script.gaze += [(0.0, (3.0, 0, 2.0))]
  script.root('pitch', (0.0, 8.0), (duration_s, 6.0))
  _WAYS[kind](script, athlete, duration_s, act_s, low, 0.55 + 0.43 * execution['arm_extension'])
  return animate(script, athlete, rng)


def _leap(script: Script, athlete: Athlete, end_s: float, act_s: float, low: float, reach: float) -> None:
  off, land = act_s - 0.22, act_s + 0.22
  high = pose(arm_plane=-8, arm_lift=172, arm_reach=reach, spine_flex=-4)
  script.poses += [(off - 0.15, pose(arm_plane=30, arm_lift=20, arm_reach=0.8, spine_flex=20)), (act_s - 0.04, high)]
  script.poses.append((act_s + 0.08, high))
  stand(script, athlete, 0.0, off, width=1.2, step=False)
  stand(script, athlete, land, end_s, width=1.4)
  script.flights.append((off, land))
  script.pelvis += [
    (0.0, (0, 0, 0.5 * (low + 0.95))), (off - 0.18, (0, 0, low - 0.06)), (off, (0, 0, 1.06)), (land, (0, 0, 1.0)),
    (land + 0.16, (0, 0, low)), (end_s, (0, 0, 0.94)),
  ]  # fmt: skip


def _lunge(script: Script, athlete: Athlete, end_s: float, act_s: float, low: float, reach: float) -> None:
  poke = pose(right_arm_plane=5, right_arm_lift=52, right_arm_reach=reach, left_arm_plane=50, left_arm_lift=60,
              left_arm_reach=0.8, spine_flex=22, spine_twist=15)  # fmt: skip
  script.poses += [(act_s - 0.05, poke), (act_s + 0.1, poke)]
  stand(script, athlete, 0.0, act_s - 0.34, width=1.5)
  stand(script, athlete, act_s - 0.04, end_s, at=(0.34, 0.0), width=1.4, left_ahead=0.3)
  script.pelvis += [
    (0.0, (0, 0, low)), (act_s - 0.3, (0.02, 0, low)), (act_s, (0.33, 0, low - 0.05)), (act_s + 0.6, (0.34, 0, 0.93)),
    (end_s, (0.34, 0, 0.94)),
  ]  # fmt: skip


def _guard(script: Script, athlete: Athlete, end_s: float, act_s: float, low: float, reach: float) -> None:
  high = pose(arm_plane=10, arm_lift=158, arm_reach=reach, spine_flex=-2)
  script.poses += [(act_s - 0.06, high), (act_s + 0.3, high)]
  aside = 0.34
  stand(script, athlete, 0.0, 0.25 * act_s, width=1.6)
  stand(script, athlete, 0.25 * act_s + 0.34, 0.75 * act_s - 0.1, at=(0.0, aside), width=1.5)
  stand(script, athlete, 0.75 * act_s + 0.24, end_s, at=(0.05, 0.0), width=1.4)
  script.pelvis += [
    (0.0, (0, 0, low)), (0.25 * act_s, (0, 0.05, low)), (0.5 * act_s, (0, 0.95 * aside, low)),
    (0.75 * act_s + 0.3, (0.04, 0.02, low)), (act_s, (0.08, 0, 0.99)), (act_s + 0.4, (0.06, 0, 0.96)),
    (end_s, (0.05, 0, 0.95)),
  ]  # fmt: skip


_WAYS: Mapping[str, Callable[[Script, Athlete, float, float, float, float], None]] = {
  'defensive_rebound': _leap, 'offensive_rebound': _leap, 'steal': _lunge, 'guard': _guard,
}  # fmt: skip
