"""Football: kicks by the part of the foot and the swing of the leg, header and throw-in. The player faces x."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import numpy as np

from sportjax.synth import kinematics as kin
from sportjax.synth.athletes import Athlete
from sportjax.synth.choreography import FPS, Body, Plant, Pose, Script, pose
from sportjax.synth.motion import Motion
from sportjax.synth.skills.common import Clock, check_label, draw_clock, new_script, perform_script, stand, thrown

_BALL_RADIUS_M = 0.11
_HIT_AT = 0.6


def _leg(flex: float, knee: float, abduct: float = 0, turn: float = 0, ankle: float = 35, **rest: float) -> Pose:
  """The right leg's key, arms out for balance."""
  arms = {'arm_plane': 60, 'arm_lift': 30, 'arm_reach': 0.9}
  right = {'right_hip_flex': flex, 'right_knee': knee, 'right_hip_abduct': abduct, 'right_hip_turn': turn}
  return pose(**(arms | right | {'right_ankle': ankle} | rest))


@dataclasses.dataclass(frozen=True)
class Kick:
  """The kicking leg's poses at the top of the backswing, at contact and in the follow-through."""

  back: Pose
  hit: Pose
  follow: Pose
  hips: tuple[float, float, float]  # heading of the pelvis
  lean: tuple[float, float]  # trunk forward at contact, and to the left
  ball_m_s: tuple[float, float, float]
  ball_height_m: float = _BALL_RADIUS_M


KICKS: Mapping[str, Kick] = {
  'instep_drive': Kick(
    _leg(-34, 100, 12, 0, 45, left_arm_plane=95, left_arm_lift=88, right_arm_plane=120, right_arm_lift=30),
    _leg(24, 18, 10, 5, 55, left_arm_plane=40, left_arm_lift=70), _leg(82, 12, -8, 0, 50, left_arm_plane=0,
      left_arm_lift=60),
    (-32, 4, 26), (14, 10), (24, 0.5, 4),
  ),
  'chip': Kick(
    _leg(-16, 92, 6, 0, 30, left_arm_plane=85, left_arm_lift=55), _leg(18, 28, 8, 0, -10), _leg(38, 42, 4, 0, 0),
    (-18, 2, 10), (-6, 6), (9, 0, 9),
  ),
  'inside_pass': Kick(
    _leg(-20, 48, 12, 50, 0), _leg(16, 24, 6, 68, -8), _leg(42, 16, 0, 62, -8), (-10, 8, 20), (6, 6), (11, 0.2, 0.4),
  ),
  'outside_pass': Kick(
    _leg(-22, 62, -4, -10, 40), _leg(18, 26, 2, -40, 45), _leg(44, 20, 34, -40, 45), (12, 4, -14), (9, 4), (12, -3,
      0.5),
  ),
  'curl': Kick(
    _leg(-32, 88, 26, 20, 30, left_arm_plane=95, left_arm_lift=85), _leg(18, 22, 22, 40, 20, left_arm_plane=60,
      left_arm_lift=75),
    _leg(62, 22, -28, 20, 20, left_arm_plane=10, left_arm_lift=60), (-44, -4, 36), (6, 18), (19, 3.5, 5),
  ),
  'volley': Kick(
    _leg(2, 92, 48, 12, 45, left_arm_plane=80, left_arm_lift=70), _leg(64, 24, 44, 0, 55, left_arm_plane=60,
      left_arm_lift=80),
    _leg(84, 22, 12, 0, 50), (-46, 8, 40), (-2, 26), (20, 1, 1), 0.66,
  ),
  'toe_poke': Kick(
    _leg(-16, 62, 4, 0, 0), _leg(26, 20, 3, 0, -18), _leg(50, 10, 2, 0, -15), (-4, 2, 6), (8, 3), (17, 0, 2.5),
  ),
}  # fmt: skip
CLASSES: tuple[str, ...] = (*KICKS, 'header_standing', 'header_jumping', 'throw_in')


def perform(
  athlete: Athlete, label: str, rng: np.random.Generator, proficiency: Mapping[str, float] | None = None
) -> Motion:
  """One touch of the ball, with the steps before and after it.

  Raises:
    InputError: no such class.
  """
  check_label('football', label, CLASSES)
  clock = draw_clock(athlete, rng, (1.25, 1.6))
  script = new_script('football', label, clock)
  if label in KICKS:
    _kick(script, KICKS[label], clock, athlete, rng)
  elif label == 'throw_in':
    _throw_in(script, clock, athlete, rng)
  else:
    _header(script, clock, athlete, rng, jumping=label == 'header_jumping')
  return perform_script(script, athlete, rng, proficiency)


_EASY = pose(arm_plane=50, arm_lift=14, arm_reach=0.92, spine_flex=6)


def _kick(script: Script, kick: Kick, clock: Clock, athlete: Athlete, rng: np.random.Generator) -> None:
  hit, leg = clock.at(_HIT_AT), athlete.leg_m
  plant_s, lands_s = clock.at(_HIT_AT - 0.16), clock.at(0.97)
  script.events_s |= {'prepare': clock.at(_HIT_AT - 0.19), 'act': hit, 'finish': clock.at(_HIT_AT + 0.14)}
  stride, near = rng.uniform(0.5, 0.75) * leg, rng.uniform(0.14, 0.2)
  script.poses += [
    (0.0, _EASY), (clock.at(0.1), _EASY), (clock.at(_HIT_AT - 0.19), kick.back), (hit, kick.hit),
    (clock.at(_HIT_AT + 0.14), kick.follow), (lands_s, _EASY), (clock.duration_s, _EASY),
  ]  # fmt: skip
  script.root('yaw', (0.0, 0.0), (clock.at(0.1), 0.0), (plant_s, kick.hips[0]), (hit, kick.hips[1]))
  script.root('yaw', (clock.at(_HIT_AT + 0.14), kick.hips[2]), (lands_s, 0.3 * kick.hips[2]), (clock.duration_s, 0.0))
  script.root(
    'pitch',
    (0.0, 4.0),
    (plant_s, -6.0),
    (hit, kick.lean[0]),
    (clock.at(_HIT_AT + 0.14), kick.lean[0] - 6),
    (lands_s, 5.0),
  )
  script.root('roll', (0.0, 0.0), (plant_s, -0.6 * kick.lean[1]), (hit, -kick.lean[1]), (lands_s, 0.0))
  half = 0.5 * athlete.segments_m['hip_width']
  script.plants += [
    Plant('left', 0.0, clock.at(0.22), 0.1, half, 6), Plant('left', plant_s, clock.duration_s, stride + 0.1,
      half + near * 0.4, 4),
    Plant('right', 0.0, clock.at(0.02), 0.12, -half, -6), Plant('right', clock.at(0.2), clock.at(0.36),
      0.3 * stride + 0.08, -half, -6, step=False),
    Plant('right', lands_s, clock.duration_s, stride + 0.34 * leg, -half - 0.05, -4),
  ]  # fmt: skip
  script.pelvis += [
    (0.0, (0, 0, 0.97)), (clock.at(0.1), (0.03, 0, 0.96)), (plant_s, (stride - 0.2 * leg, 0.3 * half, 0.93)),
    (hit, (stride - 0.02, 0.8 * half, 0.92)), (clock.at(_HIT_AT + 0.14), (stride + 0.06, 0.8 * half, 0.95)),
    (lands_s, (stride + 0.2 * leg, 0, 0.94)), (clock.duration_s, (stride + 0.24 * leg, 0, 0.97)),
  ]  # fmt: skip
  spin = rng.normal(0, 0.6, 3)
  script.gaze += [(0.0, (2.5, 0, 0.1)), (hit, (stride + 0.35, -half, 0.1)), (clock.duration_s, (9.0, 0, 1.0))]
  script.equipment = lambda body, t: {'football': _kicked(body, t, hit, kick, spin)[:, None]}


def _kicked(body: Body, t: np.ndarray, hit_s: float, kick: Kick, spin: np.ndarray) -> np.ndarray:
  """The ball waits (or drops, for a volley) where the foot will meet it."""
  i = round(hit_s * FPS)
  contact = body.places['right_toe'][i] + 0.1 * kin.unit(np.array(kick.ball_m_s))
  if kick.ball_height_m == _BALL_RADIUS_M:
    contact[2] = _BALL_RADIUS_M
  ball = thrown(t, hit_s, contact, np.array(kick.ball_m_s) + spin * (1, 1, 0.3), _BALL_RADIUS_M)
  before = t < hit_s
  if kick.ball_height_m > _BALL_RADIUS_M:
    ball[before] = thrown(t, hit_s, contact, np.array([-3.5, 0.4, -3.2]), _BALL_RADIUS_M)[before]
  else:
    ball[before] = contact
  return ball


def _header(script: Script, clock: Clock, athlete: Athlete, rng: np.random.Generator, jumping: bool) -> None:
  hit = clock.at(_HIT_AT)
  script.events_s |= {'prepare': clock.at(_HIT_AT - 0.2), 'act': hit, 'finish': clock.at(0.85)}
  arms = {'arm_plane': 55, 'arm_lift': 55, 'arm_reach': 0.7}
  back = pose(**arms, spine_flex=-24, neck_flex=-24, hip_flex=-10, knee=35 if jumping else 0, ankle=20)
  nod = pose(arm_plane=80, arm_lift=40, arm_reach=0.75, spine_flex=26, neck_flex=14, hip_flex=18, ankle=30)
  script.poses += [
    (0.0, _EASY), (clock.at(0.12), _EASY), (clock.at(_HIT_AT - 0.2), back), (hit + 0.02, nod),
    (clock.at(0.9), _EASY), (clock.duration_s, _EASY),
  ]  # fmt: skip
  script.root('pitch', (0.0, 3.0), (clock.at(_HIT_AT - 0.2), -10.0), (hit + 0.02, 14.0), (clock.at(0.95), 4.0))
  ahead = rng.uniform(0.12, 0.3)
  rise = (0.97, rng.uniform(0.8, 0.86), 1.06, 0.97, rng.uniform(0.8, 0.88))
  if jumping:
    off, land = clock.at(_HIT_AT) - 0.24, clock.at(_HIT_AT) + 0.2
    script.events_s |= {'load': off - 0.22, 'take_off': off, 'land': land}
    stand(script, athlete, 0.0, off, width=0.9, left_ahead=0.25, step=False)
    stand(script, athlete, land, clock.duration_s, at=(ahead, 0.0), width=1.1, left_ahead=0.2)
    script.flights.append((off, land))
    script.pelvis += [
      (0.0, (0, 0, rise[0])), (off - 0.22, (0, 0, rise[1])), (off, (0.06, 0, rise[2])), (land, (ahead, 0, rise[3])),
      (land + 0.16, (ahead, 0, rise[4])), (clock.duration_s, (ahead, 0, 0.97)),
    ]  # fmt: skip
  else:
    stand(script, athlete, 0.0, clock.duration_s, width=1.1, left_ahead=0.45)
    script.pelvis += [
      (0.0, (0, 0, 0.95)), (clock.at(_HIT_AT - 0.2), (-0.08, 0, rise[1] + 0.06)), (hit, (0.1, 0, 0.95)),
      (clock.duration_s, (0.02, 0, 0.95)),
    ]  # fmt: skip
  script.gaze += [(0.0, (6, 0, 2.5)), (hit, (1.5, 0, 1.9)), (clock.duration_s, (8, 0, 1.0))]
  out = np.array([rng.uniform(8, 11), rng.normal(0, 0.8), rng.uniform(0, 1.5)])

  def scene(body: Body, t: np.ndarray) -> dict[str, np.ndarray]:
    brow = (body.places['nose'] + body.places['head'])[round(hit * FPS)] / 2 + (0.12, 0, 0)
    ball = thrown(t, hit, brow, out, _BALL_RADIUS_M)
    ball[t < hit] = thrown(t, hit, brow, np.array([-8.0, 0.3, -4.5]), _BALL_RADIUS_M)[t < hit]
    return {'football': ball[:, None]}

  script.equipment = scene


def _throw_in(script: Script, clock: Clock, athlete: Athlete, rng: np.random.Generator) -> None:
  hit, script.arms_tied = clock.at(_HIT_AT), True
  script.events_s |= {'prepare': clock.at(0.38), 'act': hit, 'finish': clock.at(_HIT_AT + 0.15)}
  hands = {'arm_plane': -12, 'arm_reach': 0.7, 'arm_swivel': 30}
  script.poses += [
    (0.0, pose(**hands, arm_lift=50)), (clock.at(0.1), pose(**hands, arm_lift=70)),
    (clock.at(0.38), pose(arm_plane=0, arm_lift=188, arm_reach=0.5, arm_swivel=25, spine_flex=-26, neck_flex=-10)),
    (hit, pose(arm_plane=-8, arm_lift=150, arm_reach=0.94, spine_flex=16)),
    (clock.at(_HIT_AT + 0.15), pose(arm_plane=-4, arm_lift=62, arm_reach=0.95, spine_flex=34)),
    (clock.at(0.95), _EASY), (clock.duration_s, _EASY),
  ]  # fmt: skip
  script.root('pitch', (0.0, 2.0), (clock.at(0.38), -12.0), (hit, 10.0), (clock.at(0.8), 14.0), (clock.duration_s, 3.0))
  stand(script, athlete, 0.0, clock.duration_s, width=0.8, left_ahead=rng.uniform(0.4, 0.6))
  script.pelvis += [
    (0.0, (0, 0, 0.95)), (clock.at(0.38), (-0.1, 0, 0.91)), (hit, (0.12, 0, 0.95)), (clock.duration_s, (0.08, 0, 0.95)),
  ]  # fmt: skip
  script.gaze += [(0.0, (8, 0, 1.5))]
  out = np.array([rng.uniform(9, 13), rng.normal(0, 0.8), rng.uniform(2, 5)])

  def scene(body: Body, t: np.ndarray) -> dict[str, np.ndarray]:
    ball = (body.places['left_hand'] + body.places['right_hand']) / 2
    away = t > hit
    ball[away] = thrown(t, hit, ball[round(hit * FPS)], out, _BALL_RADIUS_M)[away]
    return {'football': ball[:, None]}

  script.equipment = scene
