"""Skeletons by name: joint names, left-right tables, bones, and the maps from one onto another."""

from __future__ import annotations

import dataclasses
import difflib
import functools

import numpy as np

from sportjax.errors import InputError
from sportjax.typing import Float


@dataclasses.dataclass(frozen=True)
class Skeleton:
  """Joint names in storage order, and the bones to draw between them, by name."""

  name: str
  joints: tuple[str, ...]
  bones: tuple[tuple[str, str], ...] = ()

  def index(self, joint: str) -> int:
    """Position of a joint. Raises ValueError where the skeleton lacks it."""
    return self.joints.index(joint)

  @functools.cached_property
  def mirror(self) -> np.ndarray:
    """Permutation that swaps left and right: `keypoints[:, mirror]` are the mirrored person's."""
    return np.array([self.joints.index(_other_side(name)) for name in self.joints])


def get_skeleton(name: str) -> Skeleton:
  """The registered skeleton of that name. Raises InputError, with close matches, for an unknown one."""
  if name in SKELETONS:
    return SKELETONS[name]
  close = difflib.get_close_matches(name.lower(), SKELETONS, n=3, cutoff=0.4) or sorted(SKELETONS)
  raise InputError(f'unknown skeleton {name!r}: use one of {", ".join(close)}')


def convert(keypoints: Float[np.ndarray, 't j 3'], source: Skeleton, target: Skeleton) -> Float[np.ndarray, 't k 3']:
  """The target's joints by name; derived ones are means with the lowest score of their parts, absent ones are 0."""
  if keypoints.shape[1:] != (len(source.joints), 3):
    raise ValueError(f'{source.name} has {len(source.joints)} joints; keypoints are {keypoints.shape}')
  converted = np.zeros((len(keypoints), len(target.joints), 3), keypoints.dtype)
  for at, joint in enumerate(target.joints):
    if parts := _parts(joint, source):
      converted[:, at] = _mean_joint(keypoints[:, [source.index(part) for part in parts]])
  return converted


def _parts(joint: str, source: Skeleton) -> tuple[str, ...]:
  """Joints of the source whose mean is the joint: itself, else the first derivation that the source can give."""
  for parts in ((joint,), *_DERIVED.get(joint, ())):
    if all(part in source.joints for part in parts):
      return parts
  return ()


def _mean_joint(parts: Float[np.ndarray, 't p 3']) -> Float[np.ndarray, 't 3']:
  joint = parts.mean(axis=1)
  joint[:, 2] = parts[:, :, 2].min(axis=1)
  joint[joint[:, 2] <= 0] = 0  # half a joint is at no place at all
  return joint


def _other_side(joint: str) -> str:
  if joint.startswith('left_'):
    return 'right_' + joint.removeprefix('left_')
  if joint.startswith('right_'):
    return 'left_' + joint.removeprefix('right_')
  return joint


def _sided(*parts: str) -> tuple[str, ...]:
  """Left then right of each part, as COCO orders them."""
  return tuple(f'{side}_{part}' for part in parts for side in ('left', 'right'))


def _present(bones: tuple[tuple[str, str], ...], joints: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
  return tuple(bone for bone in bones if bone[0] in joints and bone[1] in joints)


def _face68() -> tuple[str, ...]:
  """The 68 landmarks of a face (iBUG order), named by their mirror pairs; low numbers lie on the person's right."""
  pairs = (
    [(i, 16 - i) for i in range(8)]
    + [(17 + i, 26 - i) for i in range(5)]  # jaw, brows
    + [(31, 35), (32, 34), (36, 45), (37, 44), (38, 43), (39, 42), (40, 47), (41, 46)]  # nostrils, eyes
    + [(48, 54), (49, 53), (50, 52), (59, 55), (58, 56), (60, 64), (61, 63), (67, 65)]  # lips
  )
  names = [f'face_{i}' for i in range(68)]
  for right, left in pairs:
    names[right], names[left] = f'right_face_{right}', f'left_face_{right}'
  return tuple(names)


def _hand21(side: str) -> tuple[str, ...]:
  fingers = ('thumb', 'forefinger', 'middle_finger', 'ring_finger', 'pinky_finger')
  return (f'{side}_hand_root',) + tuple(f'{side}_{finger}{i}' for finger in fingers for i in range(1, 5))


# What one skeleton's joint is in another's terms, best first. A MediaPipe foot index is the tip of the foot.
_DERIVED_SIDED: dict[str, tuple[tuple[str, ...], ...]] = {
  'big_toe': (('toe',), ('foot_index',)),
  'foot_index': (('toe',), ('big_toe',)),
  'toe': (('foot_index',), ('big_toe', 'small_toe')),
}
_DERIVED: dict[str, tuple[tuple[str, ...], ...]] = {
  'neck': (('left_shoulder', 'right_shoulder'),),
  'mid_hip': (('pelvis',), ('left_hip', 'right_hip')),
  'pelvis': (('mid_hip',), ('left_hip', 'right_hip')),
} | {
  f'{side}_{joint}': tuple(tuple(f'{side}_{part}' for part in parts) for parts in ways)
  for joint, ways in _DERIVED_SIDED.items()
  for side in ('left', 'right')
}

_BODY_BONES = (
  ('left_ankle', 'left_knee'), ('left_knee', 'left_hip'), ('right_ankle', 'right_knee'), ('right_knee', 'right_hip'),
  ('left_hip', 'right_hip'), ('left_shoulder', 'left_hip'), ('right_shoulder', 'right_hip'),
  ('left_shoulder', 'right_shoulder'), ('left_shoulder', 'left_elbow'), ('left_elbow', 'left_wrist'),
  ('right_shoulder', 'right_elbow'), ('right_elbow', 'right_wrist'), ('nose', 'left_eye'), ('nose', 'right_eye'),
  ('left_eye', 'left_ear'), ('right_eye', 'right_ear'), ('neck', 'nose'), ('neck', 'mid_hip'), ('head', 'nose'),
)  # fmt: skip
_FOOT_BONES = tuple(
  (f'{side}_ankle', f'{side}_{part}')
  for side in ('left', 'right')
  for part in ('heel', 'big_toe', 'small_toe', 'foot_index')
)
_COCO17 = ('nose',) + _sided('eye', 'ear', 'shoulder', 'elbow', 'wrist', 'hip', 'knee', 'ankle')
_FEET = tuple(f'{side}_{part}' for side in ('left', 'right') for part in ('big_toe', 'small_toe', 'heel'))
_OPENPOSE_ARMS = ('nose', 'neck') + tuple(
  f'{side}_{part}' for side in ('right', 'left') for part in ('shoulder', 'elbow', 'wrist')
)
_OPENPOSE_LEGS = tuple(tuple(f'{side}_{part}' for part in ('hip', 'knee', 'ankle')) for side in ('right', 'left'))
_OPENPOSE_HEAD = ('right_eye', 'left_eye', 'right_ear', 'left_ear')
_HALPE26 = _COCO17 + ('head', 'neck', 'mid_hip') + _sided('big_toe', 'small_toe', 'heel')
_FACE_AND_HANDS = _face68() + _hand21('left') + _hand21('right')

# `head` is the crown. BODY_25B's `upper_neck` lies higher than the neck of BODY_25, which is midway between shoulders.
_JOINTS: dict[str, tuple[str, ...]] = {
  'coco17': _COCO17,
  'coco18': _OPENPOSE_ARMS + sum(_OPENPOSE_LEGS, ()) + _OPENPOSE_HEAD,
  'body25': _OPENPOSE_ARMS + ('mid_hip',) + sum(_OPENPOSE_LEGS, ()) + _OPENPOSE_HEAD + _FEET,
  'body25b': _COCO17 + ('upper_neck', 'head') + _FEET,
  'halpe26': _HALPE26,
  'halpe136': _HALPE26 + _FACE_AND_HANDS,
  'wholebody133': _COCO17 + _FEET + _FACE_AND_HANDS,
  'mediapipe33': ('nose',)
  + tuple(f'{side}_eye{part}' for side in ('left', 'right') for part in ('_inner', '', '_outer'))
  + _sided(
    'ear', 'mouth', 'shoulder', 'elbow', 'wrist', 'pinky', 'index', 'thumb', 'hip', 'knee', 'ankle', 'heel',
    'foot_index',
  ),
}  # fmt: skip

SKELETONS: dict[str, Skeleton] = {
  name: Skeleton(name, joints, _present(_BODY_BONES + _FOOT_BONES, joints)) for name, joints in _JOINTS.items()
}
