"""Bones that turn about their parents: joint positions from rotations, shared by the motion formats."""

from __future__ import annotations

import numpy as np

from sportjax.typing import Float

Rotations = Float[np.ndarray, 't 3 3']


def turns(angles_rad: Float[np.ndarray, 't'], axis: str) -> Rotations:
  """Right-handed rotations about one coordinate axis."""
  out = np.zeros((len(angles_rad), 3, 3))
  i = 'xyz'.index(axis)
  j, k = (i + 1) % 3, (i + 2) % 3
  out[:, i, i] = 1.0
  out[:, j, j] = out[:, k, k] = np.cos(angles_rad)
  out[:, k, j] = np.sin(angles_rad)
  out[:, j, k] = -out[:, k, j]
  return out


def euler(angles_rad: Float[np.ndarray, 't n'], axes: str) -> Rotations:
  """The product R_1 R_2 ... of rotations about `axes` in that order; identity for none."""
  out = np.broadcast_to(np.eye(3), (len(angles_rad), 3, 3))
  for angle, axis in zip(angles_rad.T, axes, strict=True):
    out = out @ turns(angle, axis)
  return out


def quaternion(wxyz: Float[np.ndarray, 't 4']) -> Rotations:
  """Rotations of quaternions, scalar first, of any length but zero."""
  w, x, y, z = (wxyz / np.linalg.norm(wxyz, axis=1, keepdims=True)).T
  rows = (
    (1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)),
    (2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)),
    (2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)),
  )
  return np.moveaxis(np.array(rows), -1, 0)


def placed(
  parents: list[int], offsets_m: Float[np.ndarray, 'j 3'], local: Float[np.ndarray, 't j 3 3'], root_m: np.ndarray
) -> tuple[Float[np.ndarray, 't j 3'], Float[np.ndarray, 't j 3 3']]:
  """Positions and frames of joints; a joint's offset is in its parent's frame, parents come before children."""
  at, frames = np.empty((len(local), len(parents), 3)), np.empty_like(local)
  for j, parent in enumerate(parents):
    if parent < 0:
      at[:, j], frames[:, j] = root_m, local[:, j]
    else:
      at[:, j] = at[:, parent] + frames[:, parent] @ offsets_m[j]
      frames[:, j] = frames[:, parent] @ local[:, j]
  return at, frames
