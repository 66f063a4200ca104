"""Optical flow between two crops, and its one byte per number."""

from __future__ import annotations

from typing import Literal

import cv2
import numpy as np

from sportjax.typing import Float32, Image, UInt8

Flow = Float32[np.ndarray, 'h w 2']  # u to the right, v down, in pixels

Preset = Literal['medium', 'fast']

_PX_PER_BYTE = 20 / 127
_PRESETS = {'medium': cv2.DISOPTICAL_FLOW_PRESET_MEDIUM, 'fast': cv2.DISOPTICAL_FLOW_PRESET_FAST}


def flow(previous: Image, current: Image, *, preset: Preset = 'medium') -> Flow:
  """Motion in pixels from previous to current: what is at (x, y) in previous is at (x + u, y + v) in current.

  Source: Kroeger et al. 2016 (dense inverse search), OpenCV's presets. The released code of VPD uses RAFT with the
  same order of images.
  """
  gray = [cv2.cvtColor(image, cv2.COLOR_RGB2GRAY) for image in (previous, current)]
  # A new one each time (0.02 ms): OpenCV's keeps pyramids of the last size, and after a change of size is wrong by many
  # pixels; nor may threads share one.
  search = cv2.DISOpticalFlow_create(_PRESETS[preset])  # ty: ignore[missing-attribute]
  return search.calc(*gray, None)


def subtract_median(motion: Flow) -> Flow:
  """Motion relative to the median of each channel: takes out a pan of the camera."""
  return motion - np.median(motion, axis=(0, 1))


def flow_to_bytes(motion: Flow) -> UInt8[np.ndarray, 'h w 2']:
  """127 steps for 20 px, zero is exactly 128, clipped to 1..255: negation is exact, as mirroring a clip needs."""
  return np.clip(np.rint(128 + motion / _PX_PER_BYTE), 1, 255).astype(np.uint8)


def bytes_to_flow(values: UInt8[np.ndarray, 'h w 2']) -> Flow:
  """Motion in pixels, to within half a step (0.08 px) where it was not clipped (20 px)."""
  return (values.astype(np.float32) - 128) * np.float32(_PX_PER_BYTE)
