"""The moving body: rotations, joint limits, limbs by two-bone inverse kinematics, centre of mass, flight and spin.

A body frame has x forward, y to the left, z up. Angles are in degrees; a sequence of poses is a dict of tracks, one
array over time per degree of freedom of `DOFS`.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sportjax.synth.athletes import Athlete
from sportjax.synth.body import ATHLETE
from sportjax.typing import Float

GRAVITY_M_S2 = 9.81

Tracks = dict[str, np.ndarray]
Rotations = Float[np.ndarray, 't 3 3']
Points = Float[np.ndarray, 't 3']
Places = dict[str, np.ndarray]  # joint name -> points over time

SIDES = (('left', 1.0), ('right', -1.0))

# Smallest and largest value of each degree of freedom. Root angles are unbounded: they count turns.
_TRUNK_LIMITS = {
  'spine_flex': (-45, 85), 'spine_bend': (-35, 35), 'spine_twist': (-70, 70),
  'neck_flex': (-60, 55), 'neck_bend': (-35, 35), 'neck_turn': (-80, 80),
}  # fmt: skip
_LIMB_LIMITS = {
  # The hand seen from the shoulder: plane 0 forward, 90 to the side; lift 0 hanging, 180 overhead; reach as a fraction
  # of the arm; swivel lifts the elbow outwards.
  'arm_plane': (-60, 150), 'arm_lift': (-60, 195), 'arm_reach': (0.22, 1.0), 'arm_swivel': (-100, 120),
  'wrist_flex': (-70, 75), 'wrist_side': (-40, 40),
  'hip_flex': (-55, 140), 'hip_abduct': (-35, 85), 'hip_turn': (-45, 70), 'knee': (0, 150), 'ankle': (-30, 60),
  'tiptoe': (0, 75),
}  # fmt: skip
ROOT_DOFS = ('yaw', 'pitch', 'roll', 'twist')
LIMITS = _TRUNK_LIMITS | {f'{side}_{name}': span for side, _ in SIDES for name, span in _LIMB_LIMITS.items()}
DOFS = ROOT_DOFS + tuple(LIMITS)
NEUTRAL = dict.fromkeys(DOFS, 0.0) | {f'{side}_arm_reach': 0.99 for side, _ in SIDES}

# Points of the head in its own frame, from the neck, in lengths of the head.
FACE: Places = {
  'nose': np.array([0.62, 0.0, 0.42]),
  **{f'{side}_eye': np.array([0.50, 0.19 * sign, 0.58]) for side, sign in SIDES},
  **{f'{side}_ear': np.array([0.06, 0.44 * sign, 0.50]) for side, sign in SIDES},
}

_LIMIT_SOFTNESS = 0.03  # of the span: how early a joint starts to resist
_REACH_SOFTNESS = 0.001  # of the limb
_CLAVICLE_DEG = 22.0  # how far the shoulder rises when the arm is overhead


def rotation(axis: str, degrees: np.ndarray) -> Rotations:
  """Rotations about one coordinate axis, right-handed."""
  angle = np.radians(np.asarray(degrees, float))
  out = np.zeros((*angle.shape, 3, 3))
  i = 'xyz'.index(axis)
  j, k = (i + 1) % 3, (i + 2) % 3
  out[..., i, i] = 1.0
  out[..., j, j] = out[..., k, k] = np.cos(angle)
  out[..., k, j] = np.sin(angle)
  out[..., j, k] = -out[..., k, j]
  return out


def turn(frames: Rotations, vectors: np.ndarray) -> Points:
  """Applies one rotation per frame to a fixed vector, or to one vector per frame."""
  return np.einsum('tij,tj->ti', frames, np.broadcast_to(vectors, (len(frames), 3)))


def unit(vectors: np.ndarray) -> np.ndarray:
  """Vectors of length one along the last axis; zero stays zero."""
  return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9)


def soft_limits(tracks: Tracks) -> Tracks:
  """Joints slow down as they approach the end of their range and never pass it."""
  return {name: _soft_clip(values, *LIMITS[name]) if name in LIMITS else values for name, values in tracks.items()}


def _soft_clip(values: np.ndarray, low: float, high: float) -> np.ndarray:
  margin = _LIMIT_SOFTNESS * (high - low)
  over = np.maximum(values - (high - margin), 0.0)
  under = np.maximum((low + margin) - values, 0.0)
  squeeze = margin * np.tanh(np.stack([over, under]) / margin)
  return values - over + squeeze[0] + under - squeeze[1]


def root_frames(tracks: Tracks) -> Rotations:
  """The pelvis in the world: heading, somersault, tilt, then twist about the long axis."""
  return (
    rotation('z', tracks['yaw']) @ rotation('y', tracks['pitch']) @ rotation('x', tracks['roll'])
    @ rotation('z', tracks['twist'])
  )  # fmt: skip


def trunk(athlete: Athlete, tracks: Tracks, root: Rotations) -> tuple[Places, dict[str, Rotations]]:
  """Centre joints, face, shoulders and hips relative to the pelvis, and the frames of pelvis, chest and head."""
  length = athlete.segments_m
  half = (
    rotation('z', tracks['spine_twist'] / 2) @ rotation('y', tracks['spine_flex'] / 2)
    @ rotation('x', tracks['spine_bend'] / 2)
  )  # fmt: skip
  waist = root @ half
  chest = waist @ half
  head = (
    chest @ rotation('z', tracks['neck_turn']) @ rotation('y', tracks['neck_flex']) @ rotation('x', tracks['neck_bend'])
  )
  up = np.array([0.0, 0.0, 1.0])
  at: Places = {'pelvis': np.zeros((len(root), 3))}
  at['spine'] = turn(root, up * length['abdomen'])
  at['chest'] = at['spine'] + turn(waist, up * length['thorax'])
  at['neck'] = at['chest'] + turn(chest, up * length['upper_chest'])
  at['head'] = at['neck'] + turn(head, up * length['head'])
  size = length['head']
  at |= {name: at['neck'] + turn(head, point * size) for name, point in FACE.items()}
  for side, sign in SIDES:
    at[f'{side}_hip'] = turn(root, np.array([0.0, sign * length['hip_width'] / 2, 0.0]))
    raised = np.clip((tracks[f'{side}_arm_lift'] - 50) / 130, 0, 1)
    clavicle = rotation('x', sign * _CLAVICLE_DEG * raised**2 * (3 - 2 * raised))
    joint = np.array([0.0, sign * length['shoulder_width'] / 2, -0.1 * length['upper_chest']])
    at[f'{side}_shoulder'] = at['neck'] + turn(chest @ clavicle, joint)
  return at, {'pelvis': root, 'chest': chest, 'head': head}


def arm_goal(athlete: Athlete, tracks: Tracks, chest: Rotations, side: str) -> tuple[Points, Points]:
  """Where the pose puts the wrist relative to the shoulder, and the direction in which the elbow points."""
  sign = dict(SIDES)[side]
  plane = sign * tracks[f'{side}_arm_plane']
  frame = (
    chest @ rotation('z', plane) @ rotation('y', -tracks[f'{side}_arm_lift']) @ rotation('z', -plane)
    @ rotation('z', -sign * tracks[f'{side}_arm_swivel'])
  )  # fmt: skip
  reach = tracks[f'{side}_arm_reach'][:, None] * athlete.arm_m
  return turn(frame, np.array([0.0, 0.0, -1.0])) * reach, turn(frame, np.array([-1.0, 0.0, 0.0]))


def place_arm(
  athlete: Athlete, tracks: Tracks, side: str, body: Places, wrist: Points, pole: Points
) -> tuple[Places, Rotations]:
  """Elbow, wrist and hand for a wrist wanted at a point; the hand's frame is (along the hand, elbow axis, palm).

  `body` is the trunk in the same frame of reference; wrist and elbow keep clear of it.
  """
  shoulder = body[f'{side}_shoulder']
  wrist = _outside_trunk(athlete, body, wrist)
  length = athlete.segments_m
  pole = _elbow_out(athlete, side, body, wrist, pole)
  elbow, wrist = two_bones(shoulder, wrist, length['upper_arm'], length['forearm'], pole)
  along = unit(wrist - elbow)
  hinge = unit(np.cross(unit(wrist - shoulder), unit(pole - along * np.sum(pole * along, -1, keepdims=True))))
  frame = np.stack([along, hinge, np.cross(along, hinge)], axis=-1)
  sign = dict(SIDES)[side]
  frame = frame @ rotation('y', -tracks[f'{side}_wrist_flex']) @ rotation('z', sign * tracks[f'{side}_wrist_side'])
  hand = wrist + frame[..., 0] * length['hand']
  return {f'{side}_elbow': elbow, f'{side}_wrist': wrist, f'{side}_hand': hand}, frame


_TRUNK_RADIUS = 0.062  # of stature: half the depth of a chest, and a forearm
_ELBOW_RADIUS = 0.095  # of stature


def _from_trunk(body: Places, points: Points) -> tuple[Points, np.ndarray]:
  """Direction and distance of points from the line of the spine."""
  base, top = body['pelvis'], body['neck']
  axis = top - base
  share = np.clip(np.sum((points - base) * axis, -1) / np.sum(axis * axis, -1), 0.0, 1.0)[:, None]
  away = points - base - share * axis
  return unit(away), np.linalg.norm(away, axis=-1, keepdims=True)


def _outside_trunk(athlete: Athlete, body: Places, points: Points) -> Points:
  away, distance = _from_trunk(body, points)
  radius = _TRUNK_RADIUS * athlete.height_m * athlete.girth
  return points + away * np.maximum(radius - distance, 0.0) ** 2 / radius


def _elbow_out(athlete: Athlete, side: str, body: Places, wrist: Points, pole: Points) -> Points:
  """Turns the bending plane of an arm outwards, the more the deeper its elbow would be in the trunk."""
  length, shoulder = athlete.segments_m, body[f'{side}_shoulder']
  elbow, _ = two_bones(shoulder, wrist, length['upper_arm'], length['forearm'], pole)
  _, distance = _from_trunk(body, elbow)
  radius = _ELBOW_RADIUS * athlete.height_m * athlete.girth
  depth = np.maximum(radius - distance[:, 0], 0.0) / radius
  along = unit(wrist - shoulder)
  out = shoulder - body[f'{"right" if side == "left" else "left"}_shoulder']
  out = unit(out - along * np.sum(out * along, -1, keepdims=True))
  across = np.cross(along, out)
  angle = np.arctan2(np.sum(pole * across, -1), np.sum(pole * out, -1)) * (1 - np.sin(0.5 * np.pi * depth))
  return out * np.cos(angle)[:, None] + across * np.sin(angle)[:, None]


def leg_goal(athlete: Athlete, tracks: Tracks, root: Rotations, side: str) -> tuple[Points, Points]:
  """Where the pose puts the ankle relative to the hip, and the direction of the knee."""
  sign, length = dict(SIDES)[side], athlete.segments_m
  thigh = (
    root @ rotation('y', -tracks[f'{side}_hip_flex']) @ rotation('x', sign * tracks[f'{side}_hip_abduct'])
    @ rotation('z', sign * tracks[f'{side}_hip_turn'])
  )  # fmt: skip
  shank = thigh @ rotation('y', tracks[f'{side}_knee'])
  return -thigh[..., 2] * length['thigh'] - shank[..., 2] * length['shank'], thigh[..., 0]


def free_foot(athlete: Athlete, tracks: Tracks, side: str, hip: Points, ankle: Points, pole: Points) -> Rotations:
  """Frame of a foot that nothing but the ankle's angle holds, on a leg that reaches for a point."""
  length = athlete.segments_m
  knee, end = two_bones(hip, ankle, length['thigh'], length['shank'], pole)
  up = unit(knee - end)
  across = unit(np.cross(pole, end - hip))  # the knee's hinge, to the body's left
  shank = np.stack([np.cross(across, up), across, up], axis=-1)
  return shank @ rotation('y', tracks[f'{side}_ankle'])


def place_leg(athlete: Athlete, side: str, hip: Points, ankle: Points, pole: Points, foot: Rotations) -> Places:
  """Knee, ankle, heel and toe for an ankle wanted at a point."""
  length = athlete.segments_m
  knee, ankle = two_bones(hip, ankle, length['thigh'], length['shank'], pole)
  heel = ankle + turn(foot, np.array([-length['heel'], 0.0, -length['ankle_height']]))
  toe = ankle + turn(foot, toe_offset(athlete))
  return {f'{side}_knee': knee, f'{side}_ankle': ankle, f'{side}_heel': heel, f'{side}_toe': toe}


def toe_offset(athlete: Athlete) -> np.ndarray:
  """From the ankle to the tip of the foot, in the foot's frame."""
  return np.array([athlete.segments_m['foot'], 0.0, -athlete.segments_m['ankle_height']])


def carry(vectors: Points, start: Points, end: Points) -> Points:
  """Turns vectors by the shortest rotation from one direction to another, as a limb carries its bending plane along."""
  start, end = unit(start), unit(end)
  axis = np.cross(start, end)
  cosine = np.sum(start * end, -1, keepdims=True)
  crossed = np.cross(axis, vectors)
  return vectors + crossed + np.cross(axis, crossed) / np.maximum(1 + cosine, 0.05)


def two_bones(root: Points, goal: Points, upper_m: float, lower_m: float, pole: Points) -> tuple[Points, Points]:
  """Middle and end of a two-bone limb that reaches for `goal` and bends towards `pole`.

  Out of reach, the limb is straight towards the goal; near that end it slows down instead of snapping.
  """
  offset = goal - root
  along = unit(offset)
  distance = np.linalg.norm(offset, axis=-1, keepdims=True)
  longest, soft = upper_m + lower_m, _REACH_SOFTNESS * (upper_m + lower_m)
  distance = longest - soft * np.logaddexp(0.0, (longest - distance) / soft)
  distance = np.maximum(distance, 1.02 * abs(upper_m - lower_m) + 0.2 * min(upper_m, lower_m))
  side = unit(pole - along * np.sum(pole * along, -1, keepdims=True))
  forward = (upper_m**2 - lower_m**2 + distance**2) / (2 * distance)
  outward = np.sqrt(np.maximum(upper_m**2 - forward**2, 0.0))
  return root + along * forward + side * outward, root + along * distance


# Mass of a segment as a fraction of the body's, its two ends, and where its centre lies from the first to the second.
# Source: Winter, table 4.1 (after Dempster); the trunk's 0.497 is divided as in the same table.
_SEGMENT_MASSES = (
  (0.142, 'pelvis', 'spine', 0.35), (0.139, 'spine', 'chest', 0.45), (0.216, 'chest', 'neck', 0.55),
  (0.081, 'neck', 'head', 0.5),
) + tuple(
  (mass, f'{side}_{a}', f'{side}_{b}', centre)
  for side, _ in SIDES
  for mass, a, b, centre in (
    (0.028, 'shoulder', 'elbow', 0.436), (0.016, 'elbow', 'wrist', 0.430), (0.006, 'wrist', 'hand', 0.506),
    (0.100, 'hip', 'knee', 0.433), (0.0465, 'knee', 'ankle', 0.433), (0.0145, 'heel', 'toe', 0.5),
  )
)  # fmt: skip


def _mass_weights() -> np.ndarray:
  """Shares of the mass per joint: a segment counts as two points at its ends with the same centre."""
  weights = np.zeros(len(ATHLETE.joints))
  for mass, a, b, centre in _SEGMENT_MASSES:
    weights[ATHLETE.index(a)] += mass * (1 - centre)
    weights[ATHLETE.index(b)] += mass * centre
  return weights / weights.sum()


MASS_WEIGHTS = _mass_weights()


def centre_of_mass(joints_m: Float[np.ndarray, 't j 3']) -> Points:
  """Centre of mass of a body whose segments weigh what Dempster's table says."""
  return np.einsum('tjc,j->tc', joints_m, MASS_WEIGHTS)


def stack(places: Mapping[str, np.ndarray]) -> Float[np.ndarray, 't j 3']:
  """Joints in the order of `ATHLETE`."""
  return np.stack([places[name] for name in ATHLETE.joints], axis=1)


def momentum_turn(body_m: Float[np.ndarray, 't j 3'], axis: str, total_deg: float, fps: float) -> np.ndarray:
  """Angle over time of a body that changes shape in free flight, from 0 to `total_deg`.

  `body_m` is the body in its own, not turning, frame. Angular momentum about `axis` is conserved: the turn is fast
  where the body is folded, and swinging limbs turn the trunk the other way.
  """
  centred = body_m - centre_of_mass(body_m)[:, None]
  i = 'xyz'.index(axis)
  a, b = centred[..., (i + 1) % 3], centred[..., (i + 2) % 3]
  inertia = np.einsum('tj,j->t', a**2 + b**2, MASS_WEIGHTS)
  speed_a, speed_b = (np.gradient(x, 1 / fps, axis=0) for x in (a, b))
  inner = np.einsum('tj,j->t', a * speed_b - b * speed_a, MASS_WEIGHTS)
  own = _integral(inner / inertia, fps)
  share = _integral(1 / inertia, fps)
  return np.degrees((np.radians(total_deg) + own[-1]) / share[-1] * share - own)


def eased_turn(body_m: Float[np.ndarray, 't j 3'], axis: str, total_deg: float, fps: float) -> np.ndarray:
  """Angle over time of a turn that starts and ends at rest, faster where the body is narrow about `axis`.

  A twist is begun by tilting a somersaulting body, so its momentum is borrowed; the tilt itself is not modelled.
  """
  centred = body_m - centre_of_mass(body_m)[:, None]
  i = 'xyz'.index(axis)
  inertia = np.einsum('tj,j->t', centred[..., (i + 1) % 3] ** 2 + centred[..., (i + 2) % 3] ** 2, MASS_WEIGHTS)
  progress = np.linspace(0, 1, len(body_m))
  ramp = np.minimum(1.0, np.minimum(progress, 1 - progress) / 0.2)
  share = _integral(ramp**2 * (3 - 2 * ramp) / inertia, fps)
  return total_deg * share / share[-1]


def parabola(start: np.ndarray, end: np.ndarray, count: int, fps: float) -> Points:
  """Free fall between two points: `count` samples from the first to the second."""
  s = np.arange(count)[:, None] / fps
  duration = (count - 1) / fps
  drop = np.array([0.0, 0.0, -GRAVITY_M_S2])
  velocity = (end - start) / duration - 0.5 * drop * duration
  return start + velocity * s + 0.5 * drop * s**2


def _integral(rate: np.ndarray, fps: float) -> np.ndarray:
  return np.concatenate([[0.0], np.cumsum((rate[1:] + rate[:-1]) / 2)]) / fps
