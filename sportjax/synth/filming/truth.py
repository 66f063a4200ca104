"""What is known of every filmed frame, and which joints can be seen in it."""

from __future__ import annotations

import dataclasses

import numpy as np

from sportjax.synth.body import ATHLETE
from sportjax.synth.filming.body_shape import PARTS
from sportjax.synth.filming.equipment import FIRST_PART
from sportjax.typing import Bool, Float, Float32, Image, Mask, UInt8


@dataclasses.dataclass(frozen=True)
class Frame:
  """One picture and its truth; everything but `rgb` holds at mid-exposure."""

  rgb: Image
  t_ms: float
  mask: Mask  # where the athlete is seen
  box: Float32[np.ndarray, '4']  # x0, y0, x1, y1 of the athlete within the picture, hidden parts too; zeros: outside
  joints_px: Float32[np.ndarray, 'j 2']  # joints of body.ATHLETE
  visible: Bool[np.ndarray, 'j']
  joints_camera_m: Float32[np.ndarray, 'j 3']  # x right, y down, z ahead of the camera
  bystander_boxes: Float32[np.ndarray, 'p 4']
  set_up: int  # which camera; it changes at a cut
  flow: Float32[np.ndarray, 'h w 2'] | None  # pixels moved since the previous frame, zero in a set-up's first


def _parts_of_joints() -> Bool[np.ndarray, 'j part']:
  """Which parts may cover a joint without hiding it: those it lies in."""
  own = np.zeros((len(ATHLETE.joints), 256), bool)
  centre = {'pelvis': ('torso', 'skirt'), 'spine': ('torso',), 'chest': ('torso',), 'neck': ('torso', 'neck', 'hair'),
            'head': ('head', 'hair'), 'nose': ('head',), 'eye': ('head',), 'ear': ('head', 'hair')}  # fmt: skip
  limb = {'shoulder': ('arm', 'torso'), 'elbow': ('arm',), 'wrist': ('arm', 'hand'), 'hand': ('hand', 'arm'),
          'hip': ('leg', 'torso', 'skirt'), 'knee': ('leg',), 'ankle': ('leg', 'foot'), 'heel': ('foot', 'leg'),
          'toe': ('foot',)}  # fmt: skip
  for row, joint in zip(own, ATHLETE.joints, strict=True):
    side, _, kind = joint.rpartition('_')
    names = centre.get(kind) or tuple(f'{side}_{part}' if f'{side}_{part}' in PARTS else part for part in limb[kind])
    row[[PARTS.index(name) + 1 for name in names]] = True
  return own


_OWN = _parts_of_joints()
_FACE = np.array([ATHLETE.index(joint) for joint in ('nose', 'left_eye', 'right_eye')])
_SIDED = [(ATHLETE.index(f'{side}_ear'), ATHLETE.index(f'{other}_ear'))
          for side, other in (('left', 'right'), ('right', 'left'))]  # fmt: skip


def seen_joints(
  joints_px: Float[np.ndarray, 'j 2'],
  joints_camera_m: Float[np.ndarray, 'j 3'],
  parts: UInt8[np.ndarray, 'h w'],
  hidden: Mask,
) -> Bool[np.ndarray, 'j']:
  """Joints inside the picture that no other part of the body, equipment or thing in front covers.

  Joints lie inside the body, so one counts as seen where its own part is the nearest thing at its pixel or next to it;
  those of the face also need the face to be turned to the camera.
  """
  height, width = parts.shape
  x, y = np.round(joints_px).astype(int).T
  inside = (x >= 0) & (x < width) & (y >= 0) & (y < height)
  x, y = np.clip(x, 0, width - 1), np.clip(y, 0, height - 1)
  own = np.zeros(len(x), bool)
  for dx, dy in ((0, 0), (1, 0), (-1, 0), (0, 1), (0, -1)):
    near = parts[np.clip(y + dy, 0, height - 1), np.clip(x + dx, 0, width - 1)]
    own |= _OWN[np.arange(len(x)), near]
  return inside & own & ~hidden[y, x] & _turned(joints_camera_m)


def _turned(joints: Float[np.ndarray, 'j 3']) -> Bool[np.ndarray, 'j']:
  """Whether a joint on the head's surface faces the camera; true of all others."""
  turned = np.ones(len(joints), bool)
  left, right = _SIDED[0]
  middle = (joints[left] + joints[right]) / 2
  for index in (*_FACE, left, right):
    outward = joints[index] - middle
    turned[index] = outward @ joints[index] < 0.25 * np.linalg.norm(outward) * np.linalg.norm(joints[index])
  return turned


def athlete_parts(parts: UInt8[np.ndarray, 'h w']) -> Mask:
  """The athlete without equipment."""
  return (parts > 0) & (parts < FIRST_PART)


def tight_box(mask: Mask) -> Float32[np.ndarray, '4']:
  """The box around a mask, its far edges exclusive; zeros where it is empty."""
  columns, rows = np.flatnonzero(mask.any(0)), np.flatnonzero(mask.any(1))
  if not len(columns):
    return np.zeros(4, np.float32)
  return np.array([columns[0], rows[0], columns[-1] + 1, rows[-1] + 1], np.float32)
