"""Figure skating jumps: take-off foot and edge, toe assist and turns; all turn to the left and land on the right foot.

The skater travels along x. Blades glide, so feet in contact move with the skater.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import numpy as np

from sportjax.synth.athletes import Athlete
from sportjax.synth.choreography import FPS, Plant, Script, pose
from sportjax.synth.motion import Action, Motion
from sportjax.synth.skills.common import check_label, perform_script


@dataclasses.dataclass(frozen=True)
class Jump:
  """One jump by its entry."""

  name: str
  foot: str  # the skating foot before take-off
  turns: float
  edge: int  # lean of the entry's edge: +1 to the left of travel, -1 to the right
  toe: bool  # the other foot's pick helps
  forward: bool = False  # axel: enters forwards

  @property
  def label(self) -> str:
    return f'{self.name}_{int(self.turns)}'


JUMPS: Mapping[str, Jump] = {
  jump.label: jump
  for n in (1, 2)
  for jump in (
    Jump('toe_loop', 'right', n, -1, True),
    Jump('salchow', 'left', n, -1, False),
    Jump('loop', 'right', n, -1, False),
    Jump('flip', 'left', n, -1, True),
    Jump('lutz', 'left', n, 1, True),
    Jump('axel', 'left', n + 0.5, 1, False, True),
  )
}
CLASSES: tuple[str, ...] = tuple(JUMPS)

_OPEN = {'arm_plane': 78, 'arm_lift': 78, 'arm_reach': 0.97}
_IN = pose(
  arm_plane=-46, arm_lift=56, arm_reach=0.5, arm_swivel=38, right_hip_abduct=-4, left_hip_abduct=-14, left_hip_flex=16,
  left_knee=18, ankle=40, neck_turn=20,
)  # fmt: skip


def perform(
  athlete: Athlete, label: str, rng: np.random.Generator, proficiency: Mapping[str, float] | None = None
) -> Motion:
  """One jump from glide to glide.

  Raises:
    InputError: no such class.
  """
  check_label('skating', label, CLASSES)
  return perform_script(_script(JUMPS[label], athlete, rng), athlete, rng, proficiency)


def _script(jump: Jump, athlete: Athlete, rng: np.random.Generator) -> Script:
  off = round(rng.uniform(1.0, 1.35) * FPS) / FPS
  land = off + round((0.56 - 0.01 * np.clip(athlete.habit('tempo'), -2, 2) + rng.uniform(-0.05, 0.05)) * FPS) / FPS
  end = land + rng.uniform(0.8, 1.1)
  begin_s = off - rng.uniform(0.4, 0.5)
  script = Script(
    end,
    actions=[Action(jump.label, 1000 * begin_s, 1000 * (land + 0.4), 'skating')],
    events_s={'prepare': off - 0.2, 'act': off, 'take_off': off, 'finish': land, 'land': land},
  )
  speed = rng.uniform(2.4, 3.6)
  _poses(script, jump, off, land, end, rng)
  _turn(script, jump, off, land, end)
  _glide(script, jump, off, land, end, speed, athlete, rng)
  return script


def _free_leg(jump: Jump) -> tuple[dict[str, float], dict[str, float], dict[str, float]]:
  """The free leg in the glide, at the deepest knee bend and at take-off."""
  free = 'right' if jump.foot == 'left' else 'left'

  def leg(flex: float, abduct: float, knee: float, ankle: float = 30) -> dict[str, float]:
    return {f'{free}_hip_flex': flex, f'{free}_hip_abduct': abduct, f'{free}_knee': knee, f'{free}_ankle': ankle}

  if jump.forward:
    return leg(-22, 6, 20), leg(-28, 8, 30), leg(78, 4, 50)
  if jump.toe:
    return leg(-10, 6, 20), leg(-42, 8, 12), leg(-12, 4, 10)
  if jump.name == 'salchow':
    return leg(-26, 12, 14), leg(-8, 48, 12), leg(48, 14, 30)
  return leg(22, -12, 30), leg(26, -16, 38), leg(30, -14, 34)


def _poses(script: Script, jump: Jump, off: float, land: float, end: float, rng: np.random.Generator) -> None:
  glide, deep, rise = _free_leg(jump)
  across = {'left_arm_plane': 20, 'left_arm_lift': 72, 'right_arm_plane': 112, 'right_arm_lift': 66}
  mid = land - off
  landing = {'left_hip_flex': -30, 'left_hip_abduct': 16, 'left_knee': 12, 'left_ankle': 45}
  script.poses += [
    (0.0, pose(**_OPEN, **glide)), (off - 0.55, pose(**(_OPEN | across), **glide, spine_twist=-14)),
    (off - 0.2, pose(**(_OPEN | across | {'arm_lift': 55}), **deep, spine_flex=10, spine_twist=-16)),
    (off, pose(arm_plane=25, arm_lift=75, arm_reach=0.75, **rise, spine_twist=12, **{f'{jump.foot}_ankle': 45})),
    (off + rng.uniform(0.24, 0.3) * mid, _IN), (off + rng.uniform(0.66, 0.74) * mid, _IN),
    (land, pose(arm_plane=60, arm_lift=60, arm_reach=0.8, left_hip_flex=24, left_knee=40, right_hip_flex=6,
      right_knee=14, right_ankle=30)),
    (land + 0.26, pose(**_OPEN, **landing, spine_flex=8)), (end, pose(**_OPEN, **landing, spine_flex=2)),
  ]  # fmt: skip


def _turn(script: Script, jump: Jump, off: float, land: float, end: float) -> None:
  """Most of the turn is in the air; a part is done on the ice before and after it."""
  start = 0.0 if jump.forward else 180.0
  total = 360.0 * jump.turns
  script.root('yaw', (0.0, start - 6.0), (off - 0.3, start), (off, start + 52.0), (land, start + total - 18.0))
  script.root('yaw', (land + 0.3, start + total + 10.0), (end, start + total))
  script.spins.append(('yaw', off, land))
  # The edge: the body leans to the inside of the entry's curve. Travelling backwards, its left is the field's right.
  lean = jump.edge * (-1 if jump.forward else 1) * 11.0
  script.root(
    'roll', (0.0, 0.6 * lean), (off - 0.25, lean), (off, 0.3 * lean), (off + 0.15, 0.0), (land + 0.25, 5.0), (end, 3.0)
  )
  script.root('pitch', (0.0, 4.0), (off - 0.22, 10.0), (off, -2.0), (land, 2.0), (land + 0.25, 12.0), (end, 6.0))


def _glide(
  script: Script,
  jump: Jump,
  off: float,
  land: float,
  end: float,
  speed: float,
  athlete: Athlete,
  rng: np.random.Generator,
) -> None:
  leg, half = athlete.leg_m, 0.5 * athlete.segments_m['hip_width']
  x_off, jumped = off * speed, (land - off) * speed * 0.72
  x_land = x_off + jumped
  after = 0.68 * speed
  x_end = x_land + (end - land) * after
  depth = rng.uniform(0.8, 0.87)
  script.pelvis += [
    (0.0, (0, 0, 0.95)), (off - 0.6, (x_off - 0.6 * speed, 0, 0.94)), (off - 0.2, (x_off - 0.2 * speed, 0, depth)),
    (off, (x_off, 0, 1.04)), (land, (x_land, 0, 0.97)), (land + 0.2, (x_land + 0.2 * after, 0, depth + 0.02)),
    (land + 0.55, (x_land + 0.55 * after, 0, 0.93)), (end, (x_end, 0, 0.95)),
  ]  # fmt: skip
  script.flights.append((off, land))
  facing = 1.0 if jump.forward else -1.0
  sign = (1.0 if jump.foot == 'left' else -1.0) * facing
  toe = 0.6 * athlete.segments_m['foot'] * facing
  yaw = 0.0 if jump.forward else 180.0
  script.plants.append(
    Plant(jump.foot, 0.0, off, toe, 0.4 * sign * half, yaw, pivot_deg=30.0, glide_m=(x_off, 0.0), step=False)
  )
  if jump.toe:
    other = 'right' if jump.foot == 'left' else 'left'
    script.plants.append(Plant(other, off - 0.16, off, x_off + 0.16 * leg, -1.1 * sign * half, yaw, 30.0, step=False))
  land_toe = 0.6 * athlete.segments_m['foot']
  script.plants.append(
    Plant('right', land, end, x_land - land_toe, 0.4 * half, 180.0, glide_m=(x_end - x_land, 0.0), step=False)
  )
