"""Calibrated cameras: where a point of the laboratory appears in the picture."""

from __future__ import annotations

import dataclasses

import numpy as np

from sportjax.typing import Float, Float64


@dataclasses.dataclass(frozen=True)
class Camera:
  """A pinhole with lens distortion. Camera axes: x right, y down, z into the scene; pixel centres at whole numbers.

  Source: Brown 1966, decentring distortion, in OpenCV's order of coefficients.
  """

  name: str
  image_size: tuple[int, int]  # width, height in pixels
  matrix: Float64[np.ndarray, '3 3']  # focal lengths and principal point in pixels
  distortion: Float64[np.ndarray, '4']  # k1, k2 radial; p1, p2 tangential
  rotation: Float64[np.ndarray, '3 3']  # from the laboratory's axes to the camera's
  translation_m: Float64[np.ndarray, '3']  # the laboratory's origin in the camera's axes

  @property
  def centre_m(self) -> Float64[np.ndarray, '3']:
    """Where the camera stands in the laboratory."""
    return -self.rotation.T @ self.translation_m

  def project(self, points_m: Float[np.ndarray, '*s 3']) -> Float64[np.ndarray, '*s 2']:
    """Pixels of points in the laboratory; NaN behind the camera and where a point is NaN."""
    x, y, depth = np.moveaxis(points_m @ self.rotation.T + self.translation_m, -1, 0)
    depth = np.where(depth > 0, depth, np.nan)
    x, y = x / depth, y / depth
    k1, k2, p1, p2 = self.distortion
    square = x * x + y * y
    radial = 1 + k1 * square + k2 * square**2
    bent_x = x * radial + 2 * p1 * x * y + p2 * (square + 2 * x * x)
    bent_y = y * radial + p1 * (square + 2 * y * y) + 2 * p2 * x * y
    return np.stack([bent_x, bent_y, np.ones_like(bent_x)], axis=-1) @ self.matrix[:2].T


def z_up(points_m: Float[np.ndarray, '*s 3']) -> Float[np.ndarray, '*s 3']:
  """OpenSim's axes, y up, as Pose2Sim writes them in TRC files, turned to the laboratory's with z up."""
  return points_m[..., [2, 0, 1]]
