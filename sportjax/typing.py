"""Axis letters and array aliases shared by every package; imports neither jax nor any of ours.

Shapes stand in annotations as jaxtyping strings, `Float[np.ndarray, 't j 3']`, with these letters:

  b  clip or example in a batch     n m  the two sequence lengths of an alignment
  t  frame of a video or clip       q r  queries and references of a search
  j  joint of a skeleton            d    feature width
  h w c  image height, width, channels   k  class, or rank in a list
  p  patch or person                v    view of the same frame (as filmed, mirrored)
  l  token                          s    stage or step

Units are in the name: `_ms` and `_s` are time, `frame` is an index into a video's frames, `_px` pixels, `_m` metres.
"""

from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Float32, Float64, Int, UInt8

__all__ = [
  'JSON', 'Bool', 'Boxes', 'Float', 'Float32', 'Float64', 'FrameIndex', 'Image', 'Images', 'Int', 'Keypoints', 'Mask',
  'TimesMs', 'UInt8',
]  # fmt: skip

JSON = dict[str, Any]

Image = UInt8[np.ndarray, 'h w 3']  # RGB
Images = UInt8[np.ndarray, 't h w 3']
Mask = Bool[np.ndarray, 'h w']
Boxes = Float32[np.ndarray, 't 4']  # x0, y0, x1, y1 in pixels
Keypoints = Float32[np.ndarray, 't j 3']  # x, y in pixels and the estimator's own score; score 0: not found
TimesMs = Float[np.ndarray, 't']
FrameIndex = Int[np.ndarray, 't']
