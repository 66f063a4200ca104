"""Motion capture as the world's motion: recorded points give directions, the athlete's own segments the lengths."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import numpy as np
from scipy.ndimage import gaussian_filter1d

from sportjax.errors import InputError
from sportjax.formats.trc import Markers
from sportjax.synth import kinematics as kin
from sportjax.synth.athletes import Athlete
from sportjax.synth.motion import Action, Motion
from sportjax.typing import Float

Points = dict[str, Float[np.ndarray, 't 3']]
_FPS = 100.0


@dataclasses.dataclass(frozen=True)
class Source:
  """Which recorded points (their mean) are a joint, which axis is up, and what lies between skin and joint centre."""

  joints: Mapping[str, tuple[str, ...]]  # `left_` joints stand for both sides: see `side_names`
  up: str = 'y'
  side_names: tuple[tuple[str, str], ...] = (('left_', 'right_'),)  # prefixes that swap with the side
  surface: bool = False  # markers on the skin


_LIMB_JOINTS = ('shoulder', 'elbow', 'wrist', 'hand', 'hip', 'knee', 'ankle', 'heel', 'toe')
_ACCLAIM_LEFT = {
  'shoulder': 'lclavicle', 'elbow': 'lhumerus', 'wrist': 'lwrist', 'hand': 'lfingers', 'hip': 'lhipjoint',
  'knee': 'lfemur', 'ankle': 'ltibia', 'toe': 'ltoes',
}  # fmt: skip
SOURCES: Mapping[str, Source] = {
  'acclaim': Source(
    {'pelvis': ('lhipjoint', 'rhipjoint'), 'spine': ('lowerback',), 'chest': ('upperback',), 'neck': ('thorax',),
      'head': ('head',)}
    | {f'left_{joint}': (name,) for joint, name in _ACCLAIM_LEFT.items()},
    side_names=(('l', 'r'),),
  ),
  'deepmimic': Source(
    {'pelvis': ('root',), 'chest': ('chest',), 'neck': ('neck',), 'head': ('head',)}
    | {f'left_{joint}': (f'left_{joint}',) for joint in _LIMB_JOINTS},
  ),
  'plug_in_gait': Source(
    {'chest': ('T10', 'STRN'), 'neck': ('C7', 'CLAV'), 'head': ('LFHD', 'RFHD', 'LBHD', 'RBHD'),
      'left_shoulder': ('LSHO',), 'left_elbow': ('LELB',), 'left_wrist': ('LWRA', 'LWRB'), 'left_hand': ('LFIN',),
      'left_knee': ('LKNE',), 'left_ankle': ('LANK',), 'left_heel': ('LHEE',), 'left_toe': ('LTOE',)},
    up='z', side_names=(('L', 'R'),), surface=True,
  ),
}  # fmt: skip


def retarget(markers: Markers, source: str, athlete: Athlete, label: str, sport: str = 'mocap') -> Motion:
  """A recording performed by an athlete: its directions and its path, scaled to the athlete's legs, on the floor.

  Raises:
    InputError: unknown source, a point that it needs is absent, or one that is not found in any frame.
  """
  points = landmarks(markers, source)
  t_s = np.arange(0.0, markers.t_ms[-1] / 1000 + 1e-9, 1 / _FPS)
  points = {name: _resampled(markers.t_ms / 1000, values, t_s) for name, values in points.items()}
  joints = kin.stack(_embodied(points, athlete))
  joints[..., 2] += (_clearance_m(points) * _leg_ratio(points, athlete) - _settled(joints))[:, None]
  return Motion(joints, _FPS, (Action(label, 0.0, float(1000 * t_s[-1]), sport),), {})


def _clearance_m(points: Points) -> Float[np.ndarray, 't']:
  """Height of the recorded body's lowest point above the floor, which is where it is at its lowest."""
  lowest = np.min([values[:, 2] for values in points.values()], axis=0)
  return np.maximum(_smoothed(lowest) - np.percentile(lowest, 2), 0.0)


def _settled(joints: Float[np.ndarray, 't j 3']) -> Float[np.ndarray, 't']:
  return _smoothed(joints[..., 2].min(1))


def _smoothed(heights: Float[np.ndarray, 't']) -> Float[np.ndarray, 't']:
  """Without the steps between one lowest point and the next."""
  return gaussian_filter1d(heights, 0.04 * _FPS, mode='nearest')


def landmarks(markers: Markers, source: str) -> Points:
  """Joint centres of the recorded person, z up, in metres. Raises: InputError as `retarget`."""
  if source not in SOURCES:
    raise InputError(f'no motion capture source {source!r}; known are {", ".join(SOURCES)}')
  table = SOURCES[source]
  wanted = dict(table.joints)
  for joint, names in table.joints.items():
    if joint.startswith('left_'):
      wanted['right_' + joint.removeprefix('left_')] = tuple(_other_side(name, table) for name in names)
  xyz = _upright(_filled(markers), table.up)
  at = {name: xyz[:, i] for i, name in enumerate(markers.name) if not np.isnan(xyz[:, i]).any()}
  out = {joint: _joint(at, joint, names) for joint, names in wanted.items()}
  if table.surface:
    out |= _centres(out, at)
  out.setdefault('pelvis', 0.5 * (out['left_hip'] + out['right_hip']))
  out.setdefault('spine', 0.5 * (out['pelvis'] + out['chest']))
  return out


def height_m(points: Points) -> float:
  """Stature of a recorded person, standing or not: the medians of the segments that stand on each other."""
  chain = ('pelvis', 'spine', 'chest', 'neck', 'head')
  legs = [('hip', 'knee'), ('knee', 'ankle')]
  total = sum(_length(points, a, b) for a, b in zip(chain[:-1], chain[1:], strict=True))
  total += np.mean([sum(_length(points, f'{side}_{a}', f'{side}_{b}') for a, b in legs) for side, _ in kin.SIDES])
  return float(total / (1 - 0.039))  # Winter: the ankle is at 0.039 of stature


def _length(points: Points, a: str, b: str) -> float:
  return float(np.median(np.linalg.norm(points[a] - points[b], axis=1)))


def _other_side(name: str, table: Source) -> str:
  for left, right in table.side_names:
    if name.startswith(left):
      return right + name.removeprefix(left)
  return name


def _joint(at: Points, joint: str, names: tuple[str, ...]) -> Float[np.ndarray, 't 3']:
  """Mean of the points that the recording has of a joint; a marker may be lost in a whole recording."""
  found = [at[name] for name in names if name in at]
  if not found:
    raise InputError(
      f'the recording has none of {", ".join(names)}, which tell the {joint}; use another, or its source'
    )
  return np.mean(found, axis=0)


def _filled(markers: Markers) -> Float[np.ndarray, 't m 3']:
  """Gaps are bridged in straight lines; a marker that is never found stays NaN."""
  xyz = markers.xyz_m.copy()
  for i in range(len(markers.name)):
    lost = np.isnan(xyz[:, i]).any(-1)
    if lost.any() and not lost.all():
      for axis in range(3):
        xyz[lost, i, axis] = np.interp(np.flatnonzero(lost), np.flatnonzero(~lost), xyz[~lost, i, axis])
  return xyz


def _upright(xyz: Float[np.ndarray, 't m 3'], up: str) -> Float[np.ndarray, 't m 3']:
  """Turned so that z is up: with y up, the old z points away from the camera's left."""
  return xyz if up == 'z' else np.stack([xyz[..., 0], -xyz[..., 2], xyz[..., 1]], axis=-1)


def _resampled(from_s: np.ndarray, values: Float[np.ndarray, 't 3'], to_s: np.ndarray) -> Float[np.ndarray, 't 3']:
  return np.stack([np.interp(to_s, from_s, column) for column in values.T], axis=1)


_KNEE_IN_M, _ANKLE_IN_M, _ELBOW_IN_M, _SHOULDER_DOWN_M = 0.055, 0.04, 0.04, 0.05


def _centres(joints: Points, at: Points) -> Points:
  """Joint centres below skin markers. Source: Bell et al. 1990 for the hips; half a joint's breadth elsewhere."""
  corners = {name: _joint(at, 'hips', (name,)) for name in ('LASI', 'RASI', 'LPSI', 'RPSI')}
  front, back = (0.5 * (corners[f'L{name}'] + corners[f'R{name}']) for name in ('ASI', 'PSI'))
  width = np.linalg.norm(corners['LASI'] - corners['RASI'], axis=1, keepdims=True)
  left = kin.unit(corners['LASI'] - corners['RASI'])
  ahead = kin.unit(front - back - left * np.sum((front - back) * left, -1, keepdims=True))
  up = np.cross(ahead, left)
  out = {}
  for side, sign in kin.SIDES:
    out[f'{side}_hip'] = front + width * (0.36 * sign * left - 0.22 * ahead - 0.30 * up)
    out[f'{side}_knee'] = joints[f'{side}_knee'] - _KNEE_IN_M * sign * left
    out[f'{side}_ankle'] = joints[f'{side}_ankle'] - _ANKLE_IN_M * sign * left
    out[f'{side}_toe'] = joints[f'{side}_toe'] - _ANKLE_IN_M * sign * left
    out[f'{side}_heel'] = joints[f'{side}_heel'] - _ANKLE_IN_M * sign * left
    out[f'{side}_shoulder'] = joints[f'{side}_shoulder'] - _SHOULDER_DOWN_M * up
  # The markers are round the middle of the head: the crown is further on, above the neck.
  out['head'] = joints['neck'] + 1.25 * (joints['head'] - joints['neck'])
  return out


def _leg_ratio(points: Points, athlete: Athlete) -> float:
  """The athlete's legs in lengths of the recorded person's."""
  legs = [
    _length(points, f'{side}_hip', f'{side}_knee') + _length(points, f'{side}_knee', f'{side}_ankle')
    for side, _ in kin.SIDES
  ]
  return float((athlete.segments_m['thigh'] + athlete.segments_m['shank']) / np.mean(legs))


def _embodied(points: Points, athlete: Athlete) -> Points:
  """The athlete's joints with the recording's directions."""
  length = athlete.segments_m
  out = {'pelvis': points['pelvis'] * _leg_ratio(points, athlete)}
  for (a, b), name in {('pelvis', 'spine'): 'abdomen', ('spine', 'chest'): 'thorax', ('chest', 'neck'): 'upper_chest',
    ('neck', 'head'): 'head'}.items():  # fmt: skip
    out[b] = out[a] + length[name] * kin.unit(points[b] - points[a])
  hips, shoulders = (kin.unit(points[f'left_{name}'] - points[f'right_{name}']) for name in ('hip', 'shoulder'))
  for side, sign in kin.SIDES:
    out[f'{side}_hip'] = out['pelvis'] + 0.5 * sign * length['hip_width'] * hips
    across = kin.unit(points[f'{side}_shoulder'] - points['neck'])
    reach = np.hypot(0.5 * length['shoulder_width'], 0.1 * length['upper_chest'])
    out[f'{side}_shoulder'] = out['neck'] + reach * across
    for a, b, name in (('shoulder', 'elbow', 'upper_arm'), ('elbow', 'wrist', 'forearm'), ('wrist', 'hand', 'hand'),
      ('hip', 'knee', 'thigh'), ('knee', 'ankle', 'shank')):  # fmt: skip
      out[f'{side}_{b}'] = out[f'{side}_{a}'] + length[name] * kin.unit(points[f'{side}_{b}'] - points[f'{side}_{a}'])
    out |= _foot(points, out, athlete, side, hips)
  return out | _face(out, athlete, shoulders)


def _foot(points: Points, out: Points, athlete: Athlete, side: str, hips: np.ndarray) -> Points:
  """Heel and toe in the plane of the recorded foot; from the toe alone where the recording has no heel."""
  length = athlete.segments_m
  sole = points[f'{side}_toe'] - points.get(f'{side}_heel', points[f'{side}_ankle'])
  across = kin.unit(hips - kin.unit(sole) * np.sum(hips * kin.unit(sole), -1, keepdims=True))
  ahead = kin.unit(sole)
  if f'{side}_heel' not in points:  # the line from the ankle to the toe falls by the height of the ankle
    fall = np.arctan2(length['ankle_height'], length['foot'])
    ahead = np.cos(fall) * ahead + np.sin(fall) * np.cross(ahead, across)
  up = np.cross(ahead, across)
  at = out[f'{side}_ankle'] - length['ankle_height'] * up
  return {f'{side}_heel': at - length['heel'] * ahead, f'{side}_toe': at + length['foot'] * ahead}


def _face(out: Points, athlete: Athlete, shoulders: np.ndarray) -> Points:
  """A head that looks where the chest does, upright along the neck."""
  up = kin.unit(out['head'] - out['neck'])
  left = kin.unit(shoulders - up * np.sum(shoulders * up, -1, keepdims=True))
  frame = np.stack([np.cross(left, up), left, up], axis=-1)
  return {name: out['neck'] + athlete.segments_m['head'] * frame @ at for name, at in kin.FACE.items()}
