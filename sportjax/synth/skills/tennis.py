"""Tennis strokes, which differ in grip, swing path, spin and height of contact; the player faces the net (x)."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import numpy as np

from sportjax.synth import kinematics as kin
from sportjax.synth.athletes import Athlete
from sportjax.synth.choreography import Body, Hold, Pose, Script, pose
from sportjax.synth.motion import Motion
from sportjax.synth.skills.common import Clock, check_label, draw_clock, new_script, perform_script, stand, thrown

_READY = pose(
  arm_plane=-12, arm_lift=48, arm_reach=0.6, arm_swivel=25, spine_flex=14, neck_flex=-10, left_arm_plane=-28,
)  # fmt: skip
_LEFT_OUT = {'left_arm_plane': 5, 'left_arm_lift': 72, 'left_arm_reach': 0.85}
_LEFT_IN = {'left_arm_plane': -25, 'left_arm_lift': 55, 'left_arm_reach': 0.5, 'left_arm_swivel': 30}
_LEFT_BACK = {'left_arm_plane': 105, 'left_arm_lift': 45, 'left_arm_reach': 0.9}


def _arm(plane: float, lift: float, reach: float, swivel: float = 10, wrist: float = 0, **rest: float) -> Pose:
  """The racket arm, and whatever else the key says."""
  return pose(
    right_arm_plane=plane, right_arm_lift=lift, right_arm_reach=reach, right_arm_swivel=swivel, right_wrist_flex=wrist,
    **rest,
  )  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Stroke:
  """Key poses at the top of the backswing, at its drop, at contact and at the end, and how hips and trunk turn."""

  backswing: Pose
  drop: Pose
  contact: Pose
  finish: Pose
  hips: tuple[float, float, float]  # heading of the pelvis at backswing, contact and finish; right-handed
  trunk: tuple[float, float, float]  # further turn of the shoulders
  knees: float = 0.86  # height of the pelvis in the backswing, of the leg
  left_hand_until: float = 0.0  # share of the action after which the left hand leaves the racket; 0: it never holds it
  jump: bool = False
  toss: bool = False


_SERVE_WINDUP = _arm(110, 70, 0.7, 40, left_arm_plane=20, left_arm_lift=165, left_arm_reach=0.98, spine_flex=-12)
_SERVE_DROP = _arm(105, 120, 0.38, 75, 20, left_arm_plane=15, left_arm_lift=150, left_arm_reach=0.9, spine_flex=-16)

STROKES: Mapping[str, Stroke] = {
  'forehand_topspin': Stroke(
    _arm(118, 78, 0.86, 30, -20, **_LEFT_OUT), _arm(110, 42, 0.93, 5, -30, **_LEFT_OUT),
    _arm(38, 62, 0.93, 20, -15, **_LEFT_IN), _arm(-48, 118, 0.62, 70, 25, **_LEFT_IN),
    (-55, 5, 38), (-38, -2, 28),
  ),
  'forehand_flat': Stroke(
    _arm(118, 92, 0.84, 35, -20, **_LEFT_OUT), _arm(105, 66, 0.94, 15, -25, **_LEFT_OUT),
    _arm(35, 74, 0.96, 20, -8, **_LEFT_IN), _arm(-35, 92, 0.8, 45, 15, **_LEFT_IN),
    (-55, 2, 28), (-38, -2, 20),
  ),
  'forehand_slice': Stroke(
    _arm(100, 128, 0.68, 60, -25, **_LEFT_OUT), _arm(95, 112, 0.75, 55, -25, **_LEFT_OUT),
    _arm(38, 66, 0.9, 15, -20, **_LEFT_IN), _arm(-12, 46, 0.97, 10, -10, **_LEFT_OUT),
    (-58, -22, -5), (-34, -8, 6),
  ),
  'forehand_volley': Stroke(
    _arm(58, 92, 0.62, 35, -30, **_LEFT_OUT), _arm(55, 90, 0.63, 35, -30, **_LEFT_OUT),
    _arm(30, 76, 0.82, 25, -20, **_LEFT_OUT), _arm(14, 66, 0.9, 20, -15, **_LEFT_OUT),
    (-28, -12, -5), (-20, -8, -3),
  ),
  'backhand_one_handed': Stroke(
    _arm(-52, 66, 0.78, 25, 25, **_LEFT_IN), _arm(-46, 38, 0.9, 5, 25, **_LEFT_IN),
    _arm(18, 66, 0.98, 5, 0, **_LEFT_BACK), _arm(72, 132, 0.97, 15, -20, **_LEFT_BACK),
    (72, 42, 25), (38, 12, -12), left_hand_until=0.48,
  ),
  'backhand_two_handed': Stroke(
    _arm(-50, 66, 0.72, 25, 20), _arm(-46, 40, 0.8, 5, 20), _arm(0, 60, 0.86, 15, 0),
    _arm(62, 122, 0.6, 60, -20), (62, 8, -32), (40, 2, -30), left_hand_until=0.95,
  ),
  'backhand_slice': Stroke(
    _arm(-48, 118, 0.62, 55, 20, **_LEFT_IN), _arm(-44, 104, 0.7, 45, 20, **_LEFT_IN),
    _arm(15, 62, 0.96, 5, 0, **_LEFT_BACK), _arm(48, 42, 0.98, 5, -8, **_LEFT_BACK),
    (74, 50, 42), (36, 14, 2), left_hand_until=0.48,
  ),
  'backhand_volley': Stroke(
    _arm(-38, 88, 0.55, 40, 15, **_LEFT_IN), _arm(-36, 86, 0.56, 40, 15, **_LEFT_IN),
    _arm(-6, 76, 0.85, 20, 0, **_LEFT_BACK), _arm(16, 66, 0.93, 15, 0, **_LEFT_BACK),
    (42, 30, 24), (24, 12, 6), left_hand_until=0.48,
  ),
  'serve_flat': Stroke(
    _SERVE_WINDUP, _SERVE_DROP, _arm(42, 168, 0.99, 20, 0, **_LEFT_IN), _arm(-40, 38, 0.88, 20, 30, spine_flex=42,
      **_LEFT_IN),
    (-72, -8, 22), (-34, -4, 22), knees=0.82, jump=True, toss=True,
  ),
  'serve_kick': Stroke(
    pose(_SERVE_WINDUP, spine_flex=-24, spine_bend=-14), pose(_SERVE_DROP, spine_flex=-30, spine_bend=-18),
    _arm(10, 178, 0.97, 30, 20, spine_bend=-16, spine_flex=-10, **_LEFT_IN),
    _arm(80, 70, 0.92, 20, -20, spine_flex=26, **_LEFT_IN),
    (-84, -38, -2), (-38, -16, 10), knees=0.78, jump=True, toss=True,
  ),
  'smash': Stroke(
    _arm(100, 112, 0.55, 60, 10, left_arm_plane=20, left_arm_lift=150, left_arm_reach=0.98, spine_flex=-8),
    pose(_SERVE_DROP, left_arm_lift=140), _arm(30, 164, 0.99, 20, 0, **_LEFT_IN),
    _arm(-30, 62, 0.85, 25, 25, spine_flex=30, **_LEFT_IN), (-62, -8, 12), (-30, -4, 14), knees=0.91,
  ),
}  # fmt: skip
CLASSES: tuple[str, ...] = tuple(STROKES)

_READY_AT, _BACK_AT, _DROP_AT, _CONTACT_AT, _FINISH_AT = 0.0, 0.38, 0.5, 0.62, 0.84


def perform(
  athlete: Athlete, label: str, rng: np.random.Generator, proficiency: Mapping[str, float] | None = None
) -> Motion:
  """One stroke, from the ready position and back to it.

  Raises:
    InputError: no such class.
  """
  check_label('tennis', label, CLASSES)
  clock = draw_clock(athlete, rng, (1.25, 1.65))
  return perform_script(_script(label, STROKES[label], clock, athlete, rng), athlete, rng, proficiency)


def _script(label: str, stroke: Stroke, clock: Clock, athlete: Athlete, rng: np.random.Generator) -> Script:
  script = new_script('tennis', label, clock)
  contact = pose(stroke.contact, neck_flex=4)
  phases = (
    (_BACK_AT, stroke.backswing, 0),
    (_DROP_AT, stroke.drop, 0),
    (_CONTACT_AT, contact, 1),
    (_FINISH_AT, stroke.finish, 2),
  )
  script.poses += [(0.0, _READY), (clock.at(_READY_AT), _READY), (clock.end_s + 0.2, _READY)]
  early = rng.normal(0, 0.02)
  script.root('yaw', (0.0, 0.0), (clock.at(_READY_AT), 0.0), (clock.end_s + 0.2, 0.0))
  for at, key, phase in phases:
    script.poses.append((clock.at(at + early), pose(key, spine_twist=stroke.trunk[phase])))
    if at != _DROP_AT:
      # Hips lead: their turn is ahead of the arm's.
      script.root('yaw', (clock.at(at + early) - 0.05, stroke.hips[phase]))
  script.root('pitch', (0.0, 8.0), (clock.at(_BACK_AT), 2.0 if stroke.toss else 8.0), (clock.at(_CONTACT_AT), 9.0))
  _footwork(script, stroke, clock, athlete, rng)
  _left_hand(script, stroke, clock)
  contact_s = clock.at(_CONTACT_AT + early)
  script.events_s |= {'prepare': clock.at(_BACK_AT + early), 'act': contact_s, 'finish': clock.at(_FINISH_AT + early)}
  script.gaze += [(0.0, (8.0, 0.0, 1.5)), (clock.at(_BACK_AT), (1.5, -0.4, 2.6) if stroke.toss else (5.0, -0.3, 1.2))]
  script.gaze += [
    (contact_s, (0.9, -0.5, 2.4) if stroke.jump or label == 'smash' else (0.9, -0.3, 0.9)),
    (clock.end_s, (8.0, 0.0, 1.5)),
  ]
  noise = rng.normal(size=4)
  script.equipment = lambda body, t: _things(body, t, contact_s, stroke, noise)
  return script


def _footwork(script: Script, stroke: Stroke, clock: Clock, athlete: Athlete, rng: np.random.Generator) -> None:
  """Ready stance, the front foot's step into the ball, and recovery; a server leaves the ground."""
  hit, step = clock.at(_CONTACT_AT), rng.uniform(0.12, 0.3)
  back = clock.at(_BACK_AT)
  low = stroke.knees + rng.uniform(-0.02, 0.02)
  side = 'left' if stroke.hips[0] < 0 else 'right'
  if stroke.toss:
    stand(script, athlete, 0.0, hit - 0.06, width=1.0, yaw=-50, step=False)
    stand(script, athlete, hit + 0.12, clock.duration_s, at=(0.32, 0.0), width=1.1, yaw=-15, left_ahead=0.35)
    script.flights.append((hit - 0.06, hit + 0.12))
    script.events_s |= {'take_off': hit - 0.06, 'land': hit + 0.12}
    script.pelvis += [
      (0.0, (0, 0, 0.96)), (back, (0.02, 0, low)), (hit - 0.06, (0.16, 0, 1.06)), (hit + 0.12, (0.3, 0, 0.99)),
      (clock.at(_FINISH_AT), (0.36, 0, 0.9)), (clock.duration_s, (0.34, 0, 0.93)),
    ]  # fmt: skip
    return
  stand(script, athlete, 0.0, clock.at(0.12), width=1.35)
  stand(
    script,
    athlete,
    clock.at(0.3),
    clock.duration_s,
    width=1.35,
    yaw=0.35 * stroke.hips[0],
    at=(0.0, 0.0),
    pivots=(0, 0),
  )
  ahead = dataclasses.replace(script.plants[-2 if side == 'left' else -1])
  script.plants.remove(ahead)
  sign = dict(kin.SIDES)[side]
  script.plants.append(
    dataclasses.replace(ahead, start_s=hit - 0.12, x_m=ahead.x_m + step + 0.12, y_m=ahead.y_m - sign * 0.1)
  )
  script.pelvis += [
    (0.0, (0, 0, 0.9)), (back, (-0.05, 0, low)), (hit, (0.5 * step + 0.06, 0, low + 0.03)),
    (clock.at(_FINISH_AT), (0.5 * step + 0.09, 0, 0.92)), (clock.duration_s, (0.5 * step + 0.06, 0, 0.91)),
  ]  # fmt: skip


def _left_hand(script: Script, stroke: Stroke, clock: Clock) -> None:
  """Keeps the left hand on the racket as long as the stroke wants it there."""
  if stroke.left_hand_until:
    script.holds.append(Hold('left', 0.0, clock.at(stroke.left_hand_until), _beside_grip, ease_s=0.15))


def _beside_grip(body: Body) -> np.ndarray:
  grip, head, _ = _racket(body)
  return grip + 0.09 * kin.unit(head - grip)


def _racket(body: Body) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
  """Grip, centre of the head, face normal. The racket makes an angle with the forearm."""
  frame = body.frames['right_hand']
  along = kin.unit(frame[..., 0] + 0.45 * frame[..., 2])
  normal = kin.unit(np.cross(along, frame[..., 1]))
  return body.places['right_hand'], body.places['right_hand'] + 0.52 * along, normal


def _things(body: Body, t: np.ndarray, contact_s: float, stroke: Stroke, noise: np.ndarray) -> dict[str, np.ndarray]:
  """Racket and ball: the ball arrives at the racket's head at contact, from the net or from the toss."""
  grip, head, normal = _racket(body)
  hit = head[round(contact_s * 100)]
  leaving = np.array([24.0, 2.0 * noise[0], 1.8 + 0.5 * noise[1]])
  ball = thrown(t, contact_s, hit, leaving, 0.04)
  before = t < contact_s
  if stroke.toss:
    toss = thrown(t, contact_s - 0.25, hit + (0, 0, 0.3), np.zeros(3), 0.04)
    held = body.places['left_hand'] + (0, 0, 0.05)
    ball[before] = toss[before]
    early = t < contact_s - 0.25 - np.sqrt(2 * max(hit[2] + 0.3 - 1.6, 0.1) / kin.GRAVITY_M_S2)
    ball[early] = held[early]
  else:
    ball[before] = thrown(t, contact_s, hit, np.array([-17.0, 1.5 * noise[2], 1.0 + 0.4 * noise[3]]), 0.04)[before]
  return {'racket': np.stack([grip, head, normal], 1), 'tennis_ball': ball[:, None]}
