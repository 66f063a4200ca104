"""Golf swings by length and club: both hands swing one club in a plane around the shoulders.

The player faces the ball (x) and plays to the left (y).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import numpy as np

from sportjax.synth import kinematics as kin
from sportjax.synth.athletes import Athlete
from sportjax.synth.choreography import Body, Hold, Script, pose
from sportjax.synth.motion import Motion
from sportjax.synth.skills.common import Clock, check_label, draw_clock, new_script, perform_script, stand, thrown


@dataclasses.dataclass(frozen=True)
class Swing:
  """Angles at the top, at impact and at the finish; backswing negative (to the player's right)."""

  arms: tuple[float, float, float]  # hands around the shoulders
  cock: tuple[float, float, float]  # club against the arms
  hips: tuple[float, float, float]
  trunk: tuple[float, float, float]
  club_m: float
  heel: bool = True  # the right heel rises in the finish
  ball_m_s: tuple[float, float] = (40.0, 12.0)  # along the ground, upwards


@dataclasses.dataclass(frozen=True)
class Address:
  """How a player stands to the ball: a habit of the day, the same for every stroke, so that it tells none."""

  width: float  # of the stance, in shoulder widths
  bend: float  # of the trunk, forward
  pelvis: float  # height, in leg lengths
  open_deg: float  # stance turned to the target


SWINGS: Mapping[str, Swing] = {
  'drive': Swing((-112, 4, 128), (-88, 0, 85), (-42, 38, 82), (-46, -12, 22), 1.12, ball_m_s=(52, 11)),
  'iron': Swing((-98, 7, 118), (-88, -8, 80), (-36, 34, 76), (-44, -10, 18), 0.92, ball_m_s=(38, 16)),
  'pitch': Swing((-62, 6, 66), (-70, -8, 42), (-18, 22, 46), (-28, -8, 10), 0.87, ball_m_s=(15, 12)),
  'chip': Swing((-34, 8, 36), (-12, -8, 2), (-6, 8, 20), (-14, -2, 8), 0.88, False, (8, 4)),
  'putt': Swing((-20, 1, 24), (0, 0, 0), (0, 0, 1), (-8, 0, 9), 0.80, False, (2.2, 0.0)),
  'bunker': Swing((-84, 3, 100), (-98, -3, 62), (-20, 24, 56), (-36, -8, 12), 0.85, ball_m_s=(9, 10)),
  'flop': Swing((-88, 2, 84), (-96, 2, 78), (-14, 16, 38), (-34, -6, 8), 0.85, False, (7, 13)),
}
CLASSES: tuple[str, ...] = tuple(SWINGS)

_TOP_AT, _IMPACT_AT, _FINISH_AT = 0.5, 0.68, 0.9
_BALL_RADIUS_M = 0.021


def perform(
  athlete: Athlete, label: str, rng: np.random.Generator, proficiency: Mapping[str, float] | None = None
) -> Motion:
  """One stroke, from the address to the held finish.

  Raises:
    InputError: no such class.
  """
  check_label('golf', label, CLASSES)
  clock = draw_clock(athlete, rng, (1.35, 1.8))
  return perform_script(_script(label, SWINGS[label], _address(rng), clock, athlete, rng), athlete, rng, proficiency)


def _address(rng: np.random.Generator) -> Address:
  return Address(rng.uniform(1.0, 1.3), rng.uniform(24, 38), rng.uniform(0.88, 0.95), rng.uniform(0, 18))


def _script(
  label: str, swing: Swing, stance: Address, clock: Clock, athlete: Athlete, rng: np.random.Generator
) -> Script:
  script = new_script('golf', label, clock)
  times = [clock.at(at) for at in (_TOP_AT, _IMPACT_AT, _FINISH_AT)]
  scale = 1 + rng.normal(0, 0.04)
  bend = stance.bend + 2 * athlete.habit('lean')
  address = pose(spine_flex=0.45 * bend, arm_lift=40, arm_plane=-20, arm_swivel=45)
  upright = pose(spine_flex=6, arm_lift=40, arm_plane=-20, arm_swivel=45) if swing.heel else address
  script.poses += [(0.0, address), (clock.start_s, address), (clock.duration_s, upright)]
  script.poses += [
    (time - 0.02, pose(address if i < 2 else upright, spine_twist=scale * twist))
    for i, (time, twist) in enumerate(zip(times, swing.trunk, strict=True))
  ]
  lead_s = rng.uniform(0.05, 0.09)  # the hips start down before the arms
  finish_bend = 8.0 if swing.heel else 0.75 * bend
  script.root(
    'yaw', (0.0, stance.open_deg), (clock.start_s, stance.open_deg), (clock.duration_s, swing.hips[2] + stance.open_deg)
  )
  script.root(
    'yaw', *((time - lead_s, scale * hips + stance.open_deg) for time, hips in zip(times, swing.hips, strict=True))
  )
  script.root(
    'pitch',
    (0.0, 0.6 * bend),
    (times[1], 0.6 * bend),
    (times[2], 0.5 * finish_bend),
    (clock.duration_s, 0.5 * finish_bend),
  )
  _stance(script, swing, stance, clock, times, athlete)
  for name, angles in (('arms', swing.arms), ('cock', swing.cock)):
    script.curves[name] = [
      (0.0, 0.0), (clock.start_s, 0.0), *zip(times, (scale * angle for angle in angles), strict=True),
    ]  # fmt: skip
  ready_s = clock.start_s + 0.55 * (times[0] - clock.start_s)
  script.curves['cock'].append((ready_s, 0.6 * scale * swing.cock[0]))
  for part, side in ((0.0, 'left'), (0.09, 'right')):
    script.holds.append(Hold(side, 0.0, clock.duration_s, lambda body, part=part: _club(body, athlete, part)[0]))
  impact_s = times[1]
  script.events_s |= dict(zip(('prepare', 'act', 'finish'), times, strict=True))
  script.equipment = lambda body, t: _things(body, t, impact_s, athlete, swing, clock)
  ahead = 0.75 * athlete.leg_m
  script.gaze += [(0.0, (ahead, 0, 0)), (impact_s + 0.12, (ahead, 0, 0))]
  script.gaze += [
    (times[2], (ahead, 6.0, 1.0) if swing.club_m > 0.82 else (ahead, 1.2, 0)),
    (clock.duration_s, (ahead, 9.0, 1.5)),
  ]
  return script


def _stance(script: Script, swing: Swing, stance: Address, clock: Clock, times: list[float], athlete: Athlete) -> None:
  stand(script, athlete, 0.0, clock.duration_s, width=stance.width, yaw=stance.open_deg, toes_out=14)
  if swing.heel:
    right = next(p for p in script.plants if p.side == 'right')
    script.plants.remove(right)
    held = dataclasses.replace(right, end_s=times[1] - 0.04)
    turning = dataclasses.replace(right, start_s=times[1] - 0.04, end_s=times[2], pivot_deg=62)
    script.plants += [held, turning, dataclasses.replace(right, start_s=times[2], yaw_deg=right.yaw_deg + 62)]
    for i, (time, key) in enumerate(script.poses):
      if time > times[1] + 0.05:
        script.poses[i] = (time, pose(key, right_tiptoe=58))
  shift = 0.5 * stance.width * athlete.segments_m['shoulder_width'] * (0.85 if swing.heel else 0.25)
  back = -0.3 * shift
  sit = -0.07 * athlete.leg_m * stance.bend / 30
  script.pelvis += [
    (0.0, (sit, 0, stance.pelvis)), (clock.start_s, (sit, 0, stance.pelvis)), (times[0], (sit, back, stance.pelvis)),
    (times[1], (sit, 0.4 * shift, stance.pelvis + 0.005)), (times[2], (sit, shift,
      0.97 if swing.heel else stance.pelvis)),
    (clock.duration_s, (sit, shift, 0.97 if swing.heel else stance.pelvis)),
  ]  # fmt: skip


def _club(body: Body, athlete: Athlete, part_m: float) -> tuple[np.ndarray, np.ndarray]:
  """A point of the shaft `part_m` below its top, and the shaft's direction."""
  chest = body.frames['chest']
  swing, hinge = body.curves['arms'], body.curves['cock']
  middle = (body.places['left_shoulder'] + body.places['right_shoulder']) / 2
  # The plane of the swing holds the player's left and a line from the shoulders to the ball.
  down = kin.unit(np.array([0.42, 0.0, -0.9]))
  hands = kin.turn(chest, _in_plane(swing, down)) * 0.86 * athlete.arm_m
  shaft = kin.turn(chest, _in_plane(swing + hinge, kin.unit(np.array([0.75, 0.0, -0.66]))))
  return middle + hands + part_m * shaft, shaft


def _in_plane(angle_deg: np.ndarray, down: np.ndarray) -> np.ndarray:
  angle = np.radians(angle_deg)[:, None]
  return np.cos(angle) * down + np.sin(angle) * np.array([0.0, 1.0, 0.0])


def _things(
  body: Body, t: np.ndarray, impact_s: float, athlete: Athlete, swing: Swing, clock: Clock
) -> dict[str, np.ndarray]:
  """The club, and the ball on the ground until impact."""
  top, shaft = _club(body, athlete, 0.0)
  head = top + swing.club_m * shaft
  ball = np.empty_like(head)
  rest = head[: round(clock.start_s * 100)].mean(0) * (1, 1, 0) + (0, 0, _BALL_RADIUS_M)
  along, up = swing.ball_m_s
  ball[:] = thrown(t, impact_s, rest, np.array([0.0, along, up]), _BALL_RADIUS_M)
  ball[t < impact_s] = rest
  return {'club': np.stack([top, head], 1), 'golf_ball': ball[:, None]}
