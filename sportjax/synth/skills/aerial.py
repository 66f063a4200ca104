"""Shapes of the body in the air, shared by diving and gymnastics."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sportjax.synth import kinematics as kin
from sportjax.synth.athletes import Athlete
from sportjax.synth.choreography import Body, Hold, Script, pose

LINE = pose(arm_lift=187, arm_plane=75, arm_reach=0.995, ankle=50, hip_abduct=-4)
_TUCK = pose(
  hip_flex=125, knee=132, spine_flex=58, neck_flex=28, ankle=45, arm_lift=62, arm_plane=15, arm_reach=0.8,
  arm_swivel=35, hip_abduct=5,
)  # fmt: skip
_PIKE = pose(
  hip_flex=112, hip_abduct=-3, knee=2, spine_flex=42, neck_flex=16, ankle=52, arm_lift=70, arm_plane=5, arm_reach=0.97
)
_STRAIGHT = pose(hip_abduct=-4, ankle=52, spine_flex=-6, arm_lift=8, arm_plane=60, arm_reach=0.98)
_ONE_ARM_UP = pose(
  hip_abduct=-4, ankle=52, spine_flex=-6, left_arm_lift=68, left_arm_plane=-45, left_arm_reach=0.62,
  left_arm_swivel=55, right_arm_lift=165, right_arm_plane=25, right_arm_reach=0.55, right_arm_swivel=60,
)  # fmt: skip
_BOTH_IN = pose(_STRAIGHT, arm_lift=62, arm_plane=-40, arm_reach=0.5, arm_swivel=40)
_SHAPES = {'tuck': _TUCK, 'pike': _PIKE, 'straight': _STRAIGHT, 'twist': _ONE_ARM_UP, 'wrapped': _BOTH_IN}
_GRIP = {'tuck': 0.55, 'pike': 0.8}  # where on the shin the hands are, from the knee


def hold_shape(
  script: Script, shape: str, closed_s: float, opened_s: float, athlete: Athlete, rng: np.random.Generator
) -> None:
  """Keeps a shape from `closed_s` to `opened_s`, folded as deeply as this person does; hands on the shins if folded."""
  base = _SHAPES[shape]
  deeper = 4.0 * athlete.habit('shape_depth') + rng.normal(0, 2)
  if shape in _GRIP:
    held = pose(base, hip_flex=base['left_hip_flex'] + deeper, spine_flex=base['spine_flex'] + deeper)
    far = _GRIP[shape] + rng.uniform(-0.1, 0.1)
    for side, sign in kin.SIDES:
      script.holds.append(Hold(side, closed_s, opened_s - 0.04, _on_shin(side, sign, far, athlete), ease_s=0.14))
  else:
    held = pose(base, spine_flex=base['spine_flex'] - 3 * athlete.habit('back_arch'))
  script.poses += [(closed_s, held), (opened_s, held)]


def _on_shin(side: str, sign: float, far: float, athlete: Athlete) -> Callable[[Body], np.ndarray]:
  """A point beside the shin, `far` of the way from knee to ankle."""
  aside = 0.022 * athlete.height_m

  def goal(body: Body) -> np.ndarray:
    knee, ankle = body.places[f'{side}_knee'], body.places[f'{side}_ankle']
    return knee + far * (ankle - knee) + sign * aside * body.frames['pelvis'][..., 1]

  return goal
