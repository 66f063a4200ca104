"""What a camera does to light: motion blur of the background, softness, exposure, noise."""

from __future__ import annotations

import functools

import cv2
import numpy as np

from sportjax.synth.filming.shots import Shot
from sportjax.typing import Float, Image

_NOISE_SIDE = 400


def streak(image: Image, travel_px: Float[np.ndarray, '2']) -> Image:
  """Blur along a line as long as `travel_px`, by repeatedly averaging the image with itself shifted."""
  height, width = image.shape[:2]
  step = travel_px / 4
  while np.abs(step).max() >= 0.5:
    dx, dy = (int(v) for v in np.round(step))
    blurred = image.copy()
    x, y = abs(dx), abs(dy)
    inner = (slice(y, height - y), slice(x, width - x))
    ahead = image[y + dy : height - y + dy, x + dx : width - x + dx]
    behind = image[y - dy : height - y - dy, x - dx : width - x - dx]
    if ahead.size:
      blurred[inner] = cv2.addWeighted(ahead, 0.5, behind, 0.5, 0)
    image, step = blurred, step / 2
  return image


@functools.cache
def _unit_noise() -> Float[np.ndarray, 'h w 3']:
  return np.random.default_rng(0).standard_normal((_NOISE_SIDE, _NOISE_SIDE, 3), np.float32)


class Sensor:
  """Softness, exposure and noise of one take; the noise is one field, shifted from frame to frame."""

  def __init__(self, shot: Shot, rng: np.random.Generator):
    level = np.arange(256) / 255
    curve = 255 * (shot.gain * np.outer(level**shot.gamma, shot.tint))
    self._curve = np.clip(curve, 0, 255).astype(np.uint8)[None]
    field = np.round(shot.noise * _unit_noise())
    self._brighter = np.maximum(field, 0).astype(np.uint8)
    self._darker = np.maximum(-field, 0).astype(np.uint8)
    self._softness = shot.softness_px
    self._rng = rng

  def __call__(self, image: Image) -> Image:
    """The picture as recorded."""
    height, width = image.shape[:2]
    image = cv2.LUT(cv2.GaussianBlur(image, (3, 3), self._softness), self._curve)
    y, x = self._rng.integers(0, (_NOISE_SIDE - height + 1, _NOISE_SIDE - width + 1))
    window = (slice(y, y + height), slice(x, x + width))
    return cv2.subtract(cv2.add(image, self._brighter[window]), self._darker[window])
