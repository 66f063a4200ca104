"""Basketball: shots, passes and dribbles. The player faces the hoop (x)."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import numpy as np

from sportjax.synth.athletes import Athlete
from sportjax.synth.choreography import FPS, Body, Plant, Pose, Script, pose
from sportjax.synth.motion import Motion
from sportjax.synth.skills.common import Clock, check_label, draw_clock, new_script, perform_script, stand, thrown

_BALL_RADIUS_M = 0.12
_RELEASE_AT = 0.6
_CHEST = pose(arm_plane=-14, arm_lift=52, arm_reach=0.55, arm_swivel=40, spine_flex=10, neck_flex=-6)
_SET = pose(
  right_arm_plane=-6, right_arm_lift=140, right_arm_reach=0.52, right_arm_swivel=5, right_wrist_flex=-55,
  left_arm_plane=-14, left_arm_lift=128, left_arm_reach=0.56, left_arm_swivel=35,
)  # fmt: skip
_FOLLOW = pose(
  right_arm_plane=-2, right_arm_lift=152, right_arm_reach=0.99, right_wrist_flex=60,
  left_arm_plane=2, left_arm_lift=132, left_arm_reach=0.8, left_arm_swivel=25,
)  # fmt: skip
_EASY = pose(arm_plane=35, arm_lift=30, arm_reach=0.8, spine_flex=10)


@dataclasses.dataclass(frozen=True)
class Throw:
  """Poses before, at and after the release, and what the body does meanwhile."""

  load: Pose
  release: Pose
  follow: Pose
  ball_m_s: tuple[float, float, float]
  crouch: float = 0.84  # height of the pelvis before the release, of the leg
  jump_s: float = 0.0  # time in the air; the release is near the top
  drift_m: float = 0.0  # how far the jump goes
  lean: tuple[float, float] = (4.0, 4.0)  # trunk at the load and at the release
  yaw: float = 0.0
  step_m: float = 0.0  # the left foot steps into it
  tied: bool = False  # both hands alike until the release


_PASS_OUT = {'arm_plane': -12, 'arm_reach': 0.98, 'arm_swivel': 15, 'wrist_flex': 40}
THROWS: Mapping[str, Throw] = {
  'jump_shot': Throw(_SET, _FOLLOW, _FOLLOW, (5.2, 0, 6.6), 0.8, 0.46, 0.05),
  'fadeaway': Throw(_SET, pose(_FOLLOW, spine_flex=-10), pose(_FOLLOW, right_hip_flex=30, right_knee=40), (5.4, 0,
    6.8), 0.8, 0.46, -0.5, (2, -14), 10),
  'free_throw': Throw(_SET, _FOLLOW, _FOLLOW, (5.2, 0, 6.6), 0.8),
  'set_shot_two_handed': Throw(
    pose(arm_plane=-14, arm_lift=132, arm_reach=0.52, arm_swivel=38, wrist_flex=-30),
    pose(arm_plane=-6, arm_lift=148, arm_reach=0.97, wrist_flex=40), pose(arm_plane=4, arm_lift=146, arm_reach=0.98,
      wrist_flex=50),
    (5.4, 0, 6.4), 0.8, tied=True,
  ),
  'hook_shot': Throw(
    pose(_CHEST, right_arm_plane=40, right_arm_lift=60, right_arm_reach=0.85),
    pose(right_arm_plane=82, right_arm_lift=165, right_arm_reach=0.98, right_wrist_flex=30, left_arm_plane=60,
      left_arm_lift=78, left_arm_reach=0.5, spine_bend=-10),
    pose(right_arm_plane=60, right_arm_lift=192, right_arm_reach=0.9, right_wrist_flex=50, left_arm_plane=60,
      left_arm_lift=70, left_arm_reach=0.5, spine_bend=-12),
    (3.2, 0, 5.4), 0.84, 0.42, 0.15, (6, 2), 78,
  ),
  'chest_pass': Throw(
    pose(_CHEST, arm_reach=0.42), pose(**_PASS_OUT, arm_lift=82), pose(**_PASS_OUT, arm_lift=78),
    (11, 0, 1.2), 0.88, lean=(2, 12), step_m=0.4, tied=True,
  ),
  'bounce_pass': Throw(
    pose(_CHEST, arm_reach=0.42), pose(**_PASS_OUT, arm_lift=54, spine_flex=18), pose(**_PASS_OUT, arm_lift=46,
      spine_flex=20),
    (9, 0, -4.5), 0.84, lean=(4, 16), step_m=0.4, tied=True,
  ),
  'overhead_pass': Throw(
    pose(arm_plane=-10, arm_lift=176, arm_reach=0.55, arm_swivel=30, spine_flex=-12),
    pose(**_PASS_OUT, arm_lift=140), pose(**_PASS_OUT, arm_lift=104, spine_flex=14),
    (12, 0, 0.5), 0.9, lean=(-4, 10), step_m=0.4, tied=True,
  ),
  'baseball_pass': Throw(
    pose(right_arm_plane=100, right_arm_lift=120, right_arm_reach=0.5, right_arm_swivel=60, left_arm_plane=10,
      left_arm_lift=85, left_arm_reach=0.85, spine_twist=-35),
    pose(right_arm_plane=25, right_arm_lift=138, right_arm_reach=0.95, right_wrist_flex=20, left_arm_plane=40,
      left_arm_lift=40, left_arm_reach=0.5, spine_twist=5),
    pose(right_arm_plane=-30, right_arm_lift=58, right_arm_reach=0.92, right_wrist_flex=40, left_arm_plane=60,
      left_arm_lift=30, left_arm_reach=0.6, spine_twist=25, spine_flex=24),
    (15, 0, 3), 0.9, lean=(-4, 10), yaw=-40, step_m=0.5,
  ),
}  # fmt: skip
_DRIBBLES = ('crossover', 'between_legs', 'behind_back', 'hesitation')
CLASSES: tuple[str, ...] = (*THROWS, 'layup', *_DRIBBLES)


def perform(
  athlete: Athlete, label: str, rng: np.random.Generator, proficiency: Mapping[str, float] | None = None
) -> Motion:
  """One action with the ball.

  Raises:
    InputError: no such class.
  """
  check_label('basketball', label, CLASSES)
  clock = draw_clock(athlete, rng, (1.25, 1.65))
  script = new_script('basketball', label, clock)
  if label in THROWS:
    _throw(script, THROWS[label], clock, athlete, rng)
  elif label == 'layup':
    _layup(script, clock, athlete, rng)
  else:
    _dribble(script, label, clock, athlete, rng)
  return perform_script(script, athlete, rng, proficiency)


def _throw(script: Script, throw: Throw, clock: Clock, athlete: Athlete, rng: np.random.Generator) -> None:
  out = clock.at(_RELEASE_AT)
  script.arms_tied = throw.tied
  script.poses += [
    (0.0, _CHEST), (clock.at(0.12), _CHEST), (clock.at(_RELEASE_AT - 0.16), throw.load), (out, throw.release),
    (clock.at(_RELEASE_AT + 0.12), throw.follow), (clock.at(_RELEASE_AT + 0.24), throw.follow),
    (clock.at(1.0), _EASY), (clock.duration_s, _EASY),
  ]  # fmt: skip
  script.root(
    'yaw',
    (0.0, 0.0),
    (clock.at(0.12), 0.0),
    (clock.at(_RELEASE_AT - 0.16), throw.yaw),
    (out, 0.6 * throw.yaw),
    (clock.at(0.95), 0.0),
  )
  script.root(
    'pitch', (0.0, 6.0), (clock.at(_RELEASE_AT - 0.16), throw.lean[0]), (out, throw.lean[1]), (clock.at(1.0), 5.0)
  )
  script.events_s |= {
    'prepare': clock.at(_RELEASE_AT - 0.16), 'act': out, 'finish': clock.at(_RELEASE_AT + 0.18),
  }  # fmt: skip
  crouch_s, crouch = clock.at(_RELEASE_AT - 0.26), throw.crouch + rng.uniform(-0.03, 0.03)
  if throw.jump_s:
    off = out - round(0.5 * throw.jump_s * FPS) / FPS
    land = off + throw.jump_s
    script.events_s |= {'load': off - 0.2, 'take_off': off, 'land': land}
    stand(script, athlete, 0.0, off, width=1.05, left_ahead=-0.12, step=False)
    stand(script, athlete, land, clock.duration_s, at=(throw.drift_m, 0.0), width=1.1, left_ahead=-0.1)
    script.flights.append((off, land))
    script.pelvis += [
      (0.0, (0, 0, 0.93)), (clock.at(0.12), (0, 0, 0.93)), (off - 0.2, (0, 0, crouch)), (off, (0.1 * throw.drift_m,
        0, 1.06)),
      (land, (throw.drift_m, 0, 0.99)), (land + 0.15, (throw.drift_m, 0, 0.87)), (clock.duration_s, (throw.drift_m,
        0, 0.95)),
    ]  # fmt: skip
  else:
    ahead = throw.step_m * athlete.leg_m
    stand(
      script, athlete, 0.0, clock.at(_RELEASE_AT - 0.22) if ahead else clock.duration_s, width=1.05, left_ahead=-0.12
    )
    if ahead:
      left, right = script.plants[-2:]
      script.plants[-1] = dataclasses.replace(right, end_s=clock.duration_s)
      script.plants.append(dataclasses.replace(left, start_s=out - 0.04, end_s=clock.duration_s, x_m=left.x_m + ahead))
    script.events_s['load'] = crouch_s
    rise = 0.95 if ahead else 1.03
    script.pelvis += [
      (0.0, (0, 0, 0.93)), (clock.at(0.12), (0, 0, 0.93)), (crouch_s, (0, 0, crouch)), (out, (0.55 * ahead, 0, rise)),
      (clock.at(_RELEASE_AT + 0.2), (0.6 * ahead, 0, rise)), (clock.duration_s, (0.5 * ahead, 0, 0.95)),
    ]  # fmt: skip
  script.gaze += [(0.0, (5.0, 0, 2.6))]
  noise = rng.normal(0, 0.25, 3)
  both = throw.tied or throw.yaw == 0
  script.equipment = lambda body, t: _released(body, t, out, np.array(throw.ball_m_s) + noise, both)


def _released(body: Body, t: np.ndarray, out_s: float, velocity: np.ndarray, both: bool) -> dict[str, np.ndarray]:
  """The ball lies in the right hand, steadied by the left, until it leaves."""
  right, left = (body.places[f'{side}_hand'] + 0.09 * body.frames[f'{side}_hand'][..., 2] for side in ('right', 'left'))
  ball = (left + right) / 2 if both else right.copy()
  away = t > out_s
  ball[away] = thrown(t, out_s, ball[round(out_s * FPS)], velocity, _BALL_RADIUS_M)[away]
  return {'basketball': ball[:, None]}


def _layup(script: Script, clock: Clock, athlete: Athlete, rng: np.random.Generator) -> None:
  """Two steps, take-off from the left foot with the right knee up, release from one hand."""
  leg, half = athlete.leg_m, 0.5 * athlete.segments_m['hip_width']
  off = clock.at(0.5)
  land = round((off + rng.uniform(0.46, 0.52)) * FPS) / FPS
  out = round((off + 0.5 * (land - off)) * FPS) / FPS
  script.events_s |= {'prepare': clock.at(0.37), 'act': out, 'finish': land, 'take_off': off, 'land': land}
  x1, x2, x3 = np.cumsum(np.array([0.75, 0.85, 1.25]) * leg * rng.uniform(0.9, 1.05, 3))
  up = {'right_hip_flex': 85, 'right_knee': 95, 'left_hip_flex': -6, 'left_knee': 8, 'ankle': 40}
  script.poses += [
    (0.0, _CHEST), (clock.at(0.3), pose(_CHEST, spine_twist=-18, right_arm_plane=25, left_arm_plane=-45)),
    (off, pose(_SET, **{k: 0.8 * v for k, v in up.items()})), (out, pose(_FOLLOW, left_arm_lift=80,
      left_arm_plane=50, left_arm_reach=0.6, **up)),
    (land - 0.06, pose(_EASY, arm_lift=70, hip_flex=18, knee=24)), (clock.at(1.0), _EASY), (clock.duration_s, _EASY),
  ]  # fmt: skip
  script.plants += [
    Plant('left', 0.0, clock.at(0.08), 0.1, half, 4), Plant('left', clock.at(0.33), off, x2, half * 0.5, 2, step=False),
    Plant('left', land, clock.duration_s, x3 + 0.25, half * 1.6, 6),
    Plant('right', 0.0, clock.at(0.02), 0.05, -half, -4), Plant('right', clock.at(0.16), clock.at(0.34), x1,
      -half * 0.6, -2, step=False),
    Plant('right', land, clock.duration_s, x3, -half * 1.6, -6),
  ]  # fmt: skip
  script.pelvis += [
    (0.0, (0, 0, 0.93)), (clock.at(0.05), (0.05, 0, 0.9)), (clock.at(0.2), (x1 - 0.12, 0, 0.89)), (clock.at(0.37),
      (x2 - 0.28 * leg, 0, 0.87)),
    (off, (x2 + 0.1 * leg, 0, 1.04)), (land, (x3, 0, 0.98)), (land + 0.16, (x3 + 0.12, 0, 0.84)), (clock.duration_s,
      (x3 + 0.15, 0, 0.95)),
  ]  # fmt: skip
  script.flights.append((off, land))
  script.root('pitch', (0.0, 8.0), (clock.at(0.3), 8.0), (off, -2.0), (land, 6.0), (clock.duration_s, 4.0))
  script.gaze += [(0.0, (5.0, 0, 2.8))]
  velocity = np.array([1.8, 0.2, 3.6]) + rng.normal(0, 0.15, 3)

  def scene(body: Body, t: np.ndarray) -> dict[str, np.ndarray]:
    return _released(body, t, out, velocity, both=False)

  script.equipment = scene


_LOW_RIGHT = {'right_arm_plane': 28, 'right_arm_lift': 30, 'right_arm_reach': 0.85, 'right_wrist_flex': 20}
_LOW_LEFT = {'left_arm_plane': 28, 'left_arm_lift': 30, 'left_arm_reach': 0.85, 'left_wrist_flex': 20}
_GUARD = {'left_arm_plane': 20, 'left_arm_lift': 55, 'left_arm_reach': 0.6}
_CHANGES: Mapping[str, Pose] = {
  'crossover': pose(right_arm_plane=-42, right_arm_lift=38, right_arm_reach=0.86, right_wrist_flex=25,
    left_arm_plane=30, left_arm_lift=32, left_arm_reach=0.8, spine_flex=20),
  'between_legs': pose(right_arm_plane=-50, right_arm_lift=14, right_arm_reach=0.95, right_wrist_flex=25,
    left_arm_plane=60, left_arm_lift=-18, left_arm_reach=0.9, spine_flex=32),
  'behind_back': pose(right_arm_plane=-40, right_arm_lift=-42, right_arm_reach=0.85, right_wrist_flex=25,
    left_arm_plane=60, left_arm_lift=18, left_arm_reach=0.85, spine_flex=12, spine_twist=-18),
  'hesitation': pose(_CHEST, **_LOW_RIGHT | {'right_arm_lift': 42}, spine_flex=-2),
}  # fmt: skip


def _dribble(script: Script, label: str, clock: Clock, athlete: Athlete, rng: np.random.Generator) -> None:
  """Two bounces with the right hand, the change, and bounces with the hand that has the ball then."""
  changes = label != 'hesitation'
  beat = 0.2 * (clock.end_s - clock.start_s)
  change = clock.at(0.5)
  script.events_s |= {'prepare': change - 0.5 * beat, 'act': change, 'finish': change + 0.55 * beat}
  low, wide = (0.86 if changes else 0.95) + rng.uniform(-0.02, 0.02), pose(**_LOW_RIGHT, **_GUARD, spine_flex=16)
  other = pose(**_LOW_LEFT, right_arm_plane=20, right_arm_lift=55, right_arm_reach=0.6, spine_flex=16)
  script.poses += [(0.0, wide), (change - 0.5 * beat, wide), (change, _CHANGES[label])]
  script.poses += [(change + 0.55 * beat, other if changes else wide), (clock.duration_s, other if changes else wide)]
  split = 0.55 if label == 'between_legs' else 0.2
  sway = 0.1 if changes else 0.0
  stand(script, athlete, 0.0, clock.at(0.22), width=1.4, left_ahead=0.15)
  stand(script, athlete, clock.at(0.36), clock.at(0.64), width=1.5, left_ahead=split, at=(0.12, 0.0))
  stand(
    script, athlete, clock.at(0.8), clock.duration_s, width=1.4, left_ahead=0.1, at=(0.2 + rng.uniform(0, 0.15), sway)
  )
  script.pelvis += [
    (0.0, (0, 0, 0.89)), (clock.at(0.25), (0.02, -sway, 0.88)), (change, (0.12, -0.3 * sway, low)),
    (clock.at(0.72), (0.16, sway, 0.87)), (clock.duration_s, (0.24, sway, 0.89)),
  ]  # fmt: skip
  script.root(
    'yaw',
    (0.0, 0.0),
    (change - beat, -10.0 if changes else 0.0),
    (change + beat, 14.0 if changes else 0.0),
    (clock.duration_s, 0.0),
  )
  script.root('pitch', (0.0, 14.0), (change, 16.0 if changes else 2.0), (clock.duration_s, 13.0))
  script.gaze += [(0.0, (5.0, 0, 1.5))]
  script.equipment = lambda body, t: {'basketball': _bounced(body, t, change, beat, changes)[:, None]}


def _bounced(body: Body, t: np.ndarray, change_s: float, beat_s: float, changes: bool) -> np.ndarray:
  """From hand to floor and back, once a beat; at the change the ball goes over to the other hand."""
  right, left = (body.places[f'{side}_hand'] - (0, 0, _BALL_RADIUS_M) for side in ('right', 'left'))
  phase = np.mod((t - change_s) / beat_s, 1.0)
  down = 1 - np.abs(2 * phase - 1) ** 1.6  # 0 in the hand, 1 on the floor
  share = np.clip((t - change_s) / beat_s, 0, 1)[:, None] if changes else np.zeros((len(t), 1))
  ball = right * (1 - share) + left * share
  ball[:, 2] += down * (_BALL_RADIUS_M - ball[:, 2])
  return ball
