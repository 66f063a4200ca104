"""What is stored of a film in a mirror."""

from __future__ import annotations

import numpy as np
from jaxtyping import Array

from sportjax.typing import UInt8


def mirrored_film(frames: UInt8[np.ndarray | Array, '*b h w 6']) -> UInt8[np.ndarray, '*b h w 6']:
  """Stored frames with left and right swapped; of horizontal flow, whose zero is the byte 128, the bytes about it."""
  swapped = np.asarray(frames)[..., ::-1, :].copy()
  swapped[..., 3] = 256 - swapped[..., 3].astype(int)
  return swapped
