"""From one way of moving to another: bones turn the shortest way, keep their lengths, and feet stay on the ground."""

from __future__ import annotations

import numpy as np

from sportjax.synth import kinematics as kin
from sportjax.synth.body import ATHLETE
from sportjax.typing import Float

Joints = Float[np.ndarray, 't j 3']

_J = ATHLETE.index
# Bones outside the legs, and what is rigid with a bone's start, parents first.
_TREE = tuple(
  (_J(a), _J(b))
  for a, b in (
    ('pelvis', 'spine'), ('spine', 'chest'), ('chest', 'neck'), ('neck', 'head'), ('neck', 'nose'),
    *((start, f'{side}_{end}') for side, _ in kin.SIDES for start, end in (('neck', 'eye'), ('neck', 'ear'),
      ('neck', 'shoulder'), ('pelvis', 'hip'), (f'{side}_shoulder', 'elbow'), (f'{side}_elbow', 'wrist'),
      (f'{side}_wrist', 'hand'))),
  )
)  # fmt: skip


def smooth(u: np.ndarray) -> np.ndarray:
  """0 to 1 without a jump of speed at either end."""
  u = np.clip(u, 0.0, 1.0)
  return u**3 * (10 - 15 * u + 6 * u * u)


def heading_deg(joints: Joints) -> Float[np.ndarray, 't']:
  """Where the pelvis faces over the ground, unwrapped."""
  across = joints[:, _J('left_hip')] - joints[:, _J('right_hip')]
  return np.degrees(np.unwrap(np.arctan2(-across[:, 0], across[:, 1])))


def turned(joints: Joints, degrees: Float[np.ndarray, 't']) -> Joints:
  """Each frame turned about the vertical through its pelvis."""
  pelvis = joints[:, :1] * (1, 1, 0)
  return np.einsum('tij,tpj->tpi', kin.rotation('z', degrees), joints - pelvis) + pelvis


def blend(a: Joints, b: Joints, weight: Float[np.ndarray, 't'], body: Float[np.ndarray, 'j 3']) -> Joints:
  """From `a` where the weight is 0 to `b` where it is 1; bones are as long as in the pose `body`."""
  apart = (heading_deg(b) - heading_deg(a) + 180.0) % 360.0 - 180.0
  apart = np.degrees(np.unwrap(np.radians(apart)))
  a, b = turned(a, weight * apart), turned(b, (weight - 1) * apart)
  w = weight[:, None]
  out = a + w[..., None] * (b - a)
  for start, end in _TREE:
    out[:, end] = out[:, start] + _slerp(a[:, end] - a[:, start], b[:, end] - b[:, start], w, _length(body, start, end))
  for side, _ in kin.SIDES:
    hip, knee, ankle, heel, toe = (_J(f'{side}_{name}') for name in ('hip', 'knee', 'ankle', 'heel', 'toe'))
    upper, lower = _length(body, hip, knee), _length(body, knee, ankle)
    pole = (1 - w) * _bend(a, hip, knee, ankle) + w * _bend(b, hip, knee, ankle)
    out[:, knee], out[:, ankle] = kin.two_bones(out[:, hip], out[:, ankle], upper, lower, pole)
    for end in (heel, toe):
      out[:, end] = out[:, ankle] + _slerp(
        a[:, end] - a[:, ankle], b[:, end] - b[:, ankle], w, _length(body, ankle, end)
      )
  return out


def _bend(joints: Joints, hip: int, knee: int, ankle: int) -> Float[np.ndarray, 't 3']:
  """Direction of a knee; of the foot where the leg is straight."""
  out = joints[:, knee] - 0.5 * (joints[:, hip] + joints[:, ankle])
  return kin.unit(out + 0.02 * kin.unit(joints[:, ankle + 2] - joints[:, ankle]))


def _length(body: Float[np.ndarray, 'j 3'], start: int, end: int) -> float:
  return float(np.linalg.norm(body[end] - body[start]))


def _slerp(
  u: Float[np.ndarray, 't 3'], v: Float[np.ndarray, 't 3'], w: Float[np.ndarray, 't 1'], length_m: float
) -> Float[np.ndarray, 't 3']:
  """Directions on the great circle between two, at a length."""
  a, b = kin.unit(u), kin.unit(v)
  angle = np.arccos(np.clip(np.sum(a * b, -1, keepdims=True), -1.0, 1.0))
  sine = np.maximum(np.sin(angle), 1e-6)
  out = np.where(angle < 1e-4, a + w * (b - a), (np.sin((1 - w) * angle) * a + np.sin(w * angle) * b) / sine)
  return length_m * kin.unit(out)
