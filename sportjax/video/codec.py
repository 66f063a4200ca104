"""The six planes of a crop as two JPEGs: small enough for disk, quick enough to decode while training."""

from __future__ import annotations

import cv2
import numpy as np

from sportjax.errors import InputError
from sportjax.typing import UInt8

Planes = UInt8[np.ndarray, 'h w 6']  # r, g, b, u, v, mask

_COLOUR = [cv2.IMWRITE_JPEG_QUALITY, 95, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444]
_GRAY = [cv2.IMWRITE_JPEG_QUALITY, 95]


def encode_planes(planes: Planes) -> tuple[bytes, bytes]:
  """An RGB JPEG, and a gray JPEG of u, v and mask one above the other, where no chroma subsampling reaches the flow."""
  _, rgb = cv2.imencode('.jpg', np.ascontiguousarray(planes[..., 2::-1]), _COLOUR)
  stacked = planes[..., 3:].transpose(2, 0, 1).reshape(-1, planes.shape[1])
  _, motion = cv2.imencode('.jpg', np.ascontiguousarray(stacked), _GRAY)
  return rgb.tobytes(), motion.tobytes()


def decode_planes(rgb: bytes, motion: bytes) -> Planes:
  """The planes of `encode_planes`; the mask is 0 or 255 again, and a flow of zero everywhere comes back exactly.

  Raises: InputError when the bytes are not two JPEGs that belong together.
  """
  colour = _decode(rgb, cv2.IMREAD_COLOR_RGB)
  height, width, _ = colour.shape
  stacked = _decode(motion, cv2.IMREAD_GRAYSCALE)
  if stacked.shape != (3 * height, width):
    raise InputError(f'motion planes are {stacked.shape} for an image of {height}x{width}; build the dataset again')
  u, v, mask = stacked.reshape(3, height, width)
  cv2.threshold(mask, 127, 255, cv2.THRESH_BINARY, dst=mask)
  planes = np.empty((height, width, 6), np.uint8)
  cv2.mixChannels([colour, u, v, mask], [planes], [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5])
  return planes


def _decode(data: bytes, flags: int) -> UInt8[np.ndarray, 'h w *c']:
  image = cv2.imdecode(np.frombuffer(data, np.uint8), flags) if data else None
  if image is None:
    raise InputError(f'a frame of {len(data)} bytes is not a JPEG; build the dataset again')
  return image
