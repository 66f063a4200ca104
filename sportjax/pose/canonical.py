"""3D poses freed of where the person stands, looks and how long their limbs are: what VIPE* learns to tell from 2D.

A canonical pose has its root at 0, x to the person's left, y ahead, z up. Seen along y, x points to the right: this is
the view from the front, and the frame is left-handed, as in VPD's reference, whose numbers it shares.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from sportjax.errors import InputError
from sportjax.pose.bodies import Body
from sportjax.pose.normalise import KEPT_JOINTS
from sportjax.pose.skeletons import SKELETONS
from sportjax.typing import Bool, Float

_PITCH_FROM_DEG, _PITCH_OVER_DEG = 45.0, 30.0  # where a torso begins to lie, and over how much it comes to
DIFFERENT_DEG = 45.0  # between two poses' bones
Angle = Literal['turns', 'cosine']
COCO13 = tuple(SKELETONS['coco17'].joints[i] for i in KEPT_JOINTS)


def canonicalise(xyz: Float[np.ndarray, 't j 3'], body: Body) -> Float[np.ndarray, 't j 3']:
  """Poses (z up, any unit) about their root, turned to face along y.

  The way a person faces is the normal of the torso; where the torso lies, it is where head or feet point.

  Raises:
    InputError: the joints are not those of the body, or not finite.
  Source: VPD (arXiv 2109.01305), supplement G, with the rules of its reference implementation.
  """
  if xyz.shape[1:] != (len(body.joints), 3) or not np.isfinite(xyz).all():
    raise InputError(f'poses of {xyz.shape} are not finite points of the {len(body.joints)} joints of {body.name}')
  xyz = np.asarray(xyz, np.float64)
  xyz = xyz - xyz[:, :1]
  ahead = _facing(xyz, body)[:, :2]
  ahead = ahead / np.linalg.norm(ahead, axis=1, keepdims=True)
  left = np.stack([-ahead[:, 1], ahead[:, 0]], axis=1)
  across = np.stack([left, ahead], axis=1)  # t, (x, y), plane
  return np.concatenate([np.einsum('tap,tjp->tja', across, xyz[..., :2]), xyz[..., 2:]], axis=-1)


def _facing(xyz: Float[np.ndarray, 't j 3'], body: Body) -> Float[np.ndarray, 't 3']:
  torso = body.at(xyz, body.torso)
  axes = np.linalg.svd(torso - torso.mean(1, keepdims=True))[2]
  left, right = (body.at(xyz, (side,))[:, 0] for side in body.sides)
  ahead = _towards(axes[:, 2], np.cross(left, right))
  up = _towards(axes[:, 0], body.at(xyz, body.neck).mean(1))
  pitch = np.degrees(np.arcsin(np.clip(ahead[:, 2], -1, 1)))
  share = np.clip((np.abs(pitch) - _PITCH_FROM_DEG) / _PITCH_OVER_DEG, 0, 1)[:, None]
  return (1 - share) * ahead - share * np.sign(pitch)[:, None] * up


def _towards(axis: Float[np.ndarray, 't 3'], hint: Float[np.ndarray, 't 3']) -> Float[np.ndarray, 't 3']:
  return np.where((axis * hint).sum(1, keepdims=True) < 0, -axis, axis)


def mirror(xyz: Float[np.ndarray, '*s j 3'], body: Body) -> Float[np.ndarray, '*s j 3']:
  """The canonical pose with left and right swapped."""
  return xyz[..., body.mirror, :] * np.array([-1.0, 1.0, 1.0])


def bones(xyz: Float[np.ndarray, '*s j 3'], body: Body) -> Float[np.ndarray, '*s r 3']:
  """Offset of each joint from its parent."""
  return xyz[..., 1:, :] - xyz[..., body.parents, :]


def from_bones(offsets: Float[np.ndarray, '*s r 3'], body: Body) -> Float[np.ndarray, '*s j 3']:
  """Joints about their root: the inverse of `bones`."""
  xyz = np.zeros((*offsets.shape[:-2], len(body.joints), 3))
  for row, parent in enumerate(body.parents):
    xyz[..., row + 1, :] = xyz[..., parent, :] + offsets[..., row, :]
  return xyz


def describe(xyz: Float[np.ndarray, '*s j 3'], body: Body, angle: Angle = 'turns') -> Float[np.ndarray, '*s f']:
  """A pose without its proportions: per joint the direction from its parent, the angle there, and one from the root.

  Source: VPD (arXiv 2109.01305), supplement G, which has the angle's cosine; its reference has the angle itself in half
  turns, 0 at a right one.
  """
  along = unit(bones(xyz, body))
  cosine = np.clip((along * along[..., body.against, :]).sum(-1), -1, 1)
  bend = cosine if angle == 'cosine' else np.arccos(cosine) / np.pi - 0.5
  outward = unit(xyz[..., 1:, :] - xyz[..., :1, :])
  rows = np.concatenate([along, bend[..., None], outward], axis=-1)
  return rows.reshape(*rows.shape[:-2], -1)


def different(
  a: Float[np.ndarray, '*s j 3'], b: Float[np.ndarray, '*s j 3'], body: Body, degrees: float = DIFFERENT_DEG
) -> Bool[np.ndarray, '*s']:
  """Whether any bone of one canonical pose points elsewhere in the other, by so much or more."""
  cosine = (unit(bones(a, body)) * unit(bones(b, body))).sum(-1)
  return cosine.min(-1) <= np.cos(np.radians(degrees))


def coco13(xyz: Float[np.ndarray, '*s j 3'], body: Body) -> Float[np.ndarray, '*s 13 3']:
  """The 13 joints of the 2D teacher: COCO's without eyes and ears."""
  return np.stack([body.at(xyz, body.coco[joint]).mean(-2) for joint in COCO13], axis=-2)


def unit(vectors: Float[np.ndarray, '*s 3']) -> Float[np.ndarray, '*s 3']:
  """Vectors of length one; none stays none."""
  length = np.linalg.norm(vectors, axis=-1, keepdims=True)
  return vectors / np.where(length > 0, length, 1)
