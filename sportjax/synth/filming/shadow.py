"""The shadow under the athlete, thrown on the floor by the take's light."""

from __future__ import annotations

import cv2
import numpy as np

from sportjax.synth.body import ATHLETE
from sportjax.synth.filming.camera import Cameras
from sportjax.synth.filming.raster import Light, clip_box
from sportjax.typing import Float

_BONES = np.array([(ATHLETE.index(a), ATHLETE.index(b)) for a, b in ATHLETE.bones])
_THIN = np.array([0.08 if 'hand' in b or 'wrist' in b or 'toe' in b else 0.14 for _, b in ATHLETE.bones])
_THIN[:3] = 0.3
_REACH_M = 4.0  # above this height no shadow is seen


def darken_floor(
  picture: np.ndarray, joints_m: Float[np.ndarray, 'j 3'], camera: Cameras, light: Light, water_m: float
) -> None:
  """Darkens the picture in place where the body keeps the light from the floor; water takes no shadow."""
  height = float(joints_m[:, 2].min())
  if np.isfinite(water_m) or height > _REACH_M or not light.diffuse:
    return
  direction = np.array(light.direction)
  fallen = joints_m - direction * (joints_m[:, 2:] / direction[2])
  px, depth = (values[0] for values in camera.project(fallen[None]))
  if depth.min() < 0.5:
    return
  box = clip_box(np.concatenate([px.min(0), px.max(0)]), picture.shape[1::-1], margin=8)
  if box is None:
    return
  x0, y0, x1, y1 = box
  shadow = np.zeros((y1 - y0, x1 - x0), np.uint8)
  scale = camera.focal_px[0] / depth.mean()
  ends = np.round(px - (x0, y0)).astype(int)
  for (a, b), width in zip(_BONES, _THIN, strict=True):
    cv2.line(shadow, ends[a].tolist(), ends[b].tolist(), 255, max(1, round(width * scale)))
  # A shadow softens and fades as the body rises.
  shadow = cv2.blur(shadow, (5, 5) if height < 0.5 else (9, 9))
  strength = 0.45 * light.diffuse / (light.ambient + light.diffuse) * (1 - height / _REACH_M)
  under = picture[y0:y1, x0:x1]
  under[:] = under * (1 - np.float32(strength * 2 / 255) * shadow[..., None])
