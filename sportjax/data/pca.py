"""Principal components of stored planes: the baselines that a student must beat."""

from __future__ import annotations

import dataclasses
from typing import Literal

import cv2
import numpy as np

from sportjax.typing import Float32, UInt8

Planes = Literal['flow', 'pixels']
_SIDE = 16  # planes are averaged down to this many pixels square before the analysis


@dataclasses.dataclass(frozen=True)
class PCA:
  """A linear projection of small planes, fitted on training frames."""

  planes: Planes
  mean: Float32[np.ndarray, 'f']
  basis: Float32[np.ndarray, 'f d']

  def __call__(self, frames: UInt8[np.ndarray, 't h w 6']) -> Float32[np.ndarray, 't v d']:
    """Projections of the frames as filmed and mirrored."""
    return np.stack([(_flat(view, self.planes) - self.mean) @ self.basis for view in (frames, mirror(frames))], axis=1)


def fit_pca(frames: UInt8[np.ndarray, 't h w 6'], planes: Planes, d: int) -> PCA:
  """Fits `d` components, as many as there can be at most. Source: Pearson 1901, by singular values."""
  flat = _flat(frames, planes)
  mean = flat.mean(axis=0)
  _, _, components = np.linalg.svd(flat - mean, full_matrices=False)
  return PCA(planes, mean, components[:d].T.copy())


def mirror(frames: UInt8[np.ndarray, 't h w 6']) -> UInt8[np.ndarray, 't h w 6']:
  """Left and right swapped, horizontal flow negated (bytes about 128)."""
  flipped = frames[:, :, ::-1].copy()
  flipped[..., 3] = np.clip(256 - flipped[..., 3].astype(np.int16), 1, 255)
  return flipped


def _flat(frames: UInt8[np.ndarray, 't h w 6'], planes: Planes) -> Float32[np.ndarray, 't f']:
  chosen = frames[..., 3:5] if planes == 'flow' else frames[..., :3]
  chosen = np.ascontiguousarray(chosen, np.float32)
  small = [cv2.resize(frame, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA) for frame in chosen]
  return (np.stack(small).reshape(len(frames), -1) - 128) / 127
