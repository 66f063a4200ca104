"""Which frames of a clip a network sees that reads a fixed number of them: one of each of so many equal segments."""

from __future__ import annotations

import numpy as np

from sportjax.errors import InputError
from sportjax.typing import Int


def drawn(length: int, segments: int, rng: np.random.Generator) -> Int[np.ndarray, 's']:
  """For training: a random frame of each segment. A clip shorter than that gives frames more than once.

  Source: Wang et al. 2016 (TSN, arXiv 1608.00859), for skeletons Duan et al. 2022 (pyskl, arXiv 2205.09443).
  """
  return _frames(length, segments, rng.uniform(size=segments))


def spread(length: int, segments: int, clips: int = 1) -> Int[np.ndarray, 'c s']:
  """For evaluation: one clip takes the middle of each segment, two its start and its middle, and so on.

  Source: the released code of GSM (Sudhakaran et al. 2020), which VPD's baselines evaluate with two.
  """
  offsets = [0.5] if clips == 1 else [clip / clips for clip in range(clips)]
  return np.stack([_frames(length, segments, np.full(segments, offset)) for offset in offsets])


def _frames(length: int, segments: int, within: np.ndarray) -> Int[np.ndarray, 's']:
  if length < 1 or segments < 1:
    raise InputError(f'{segments} frames of a clip of {length}: both must be at least 1')
  return np.minimum((np.arange(segments) + within) * length / segments, length - 1).astype(np.int64)
