"""From the stored features of a video to the sequence of one action: gaps, rate and norm, the reference's way too."""

from __future__ import annotations

import dataclasses
from typing import Literal, get_args

import numpy as np

from sportjax.errors import InputError
from sportjax.typing import Float, Float32, Int

Gaps = Literal['skip', 'interpolate', 'reference']
Rate = Literal['native', 'even', 'reference_fx', 'reference_diving48']
Norm = Literal['none', 'unit', 'reference_views']


@dataclasses.dataclass(frozen=True)
class Reading:
  """How a sequence is read; the values named after the reference are its own behaviour, bug by bug."""

  gaps: Gaps = 'skip'  # of frames without features: left out, filled from both neighbours, or with swapped weights
  rate: Rate = 'native'
  fps: float = 25.0  # the rate that is aimed at, where it is not the native one
  norm: Norm = 'none'  # unit length of each vector, or, as the reference does for FX35 and Diving48, across the views

  def __post_init__(self):
    for name, kind in (('gaps', Gaps), ('rate', Rate), ('norm', Norm)):
      if getattr(self, name) not in get_args(kind):
        raise InputError(f'{name}={getattr(self, name)!r}: must be one of {", ".join(get_args(kind))}')
    if not self.fps > 0:
      raise InputError(f'fps={self.fps}: must be above 0')


def read_sequence(
  frame: Int[np.ndarray, 't'],
  features: Float[np.ndarray, 't v d'],
  window: tuple[int, int],
  fps: float,
  reading: Reading,
) -> tuple[Int[np.ndarray, 'n'], Float32[np.ndarray, 'n v d']]:
  """Frames of a window, end exclusive, and their features; none where the video has none there.

  Args:
    frame: the frames that have features, ascending.
    features: theirs.
    window: first frame and the one after the last.
    fps: of the video.
    reading: what to do about gaps, rate and length.
  """
  if reading.gaps == 'skip':
    inside = slice(*np.searchsorted(frame, window))
    kept, values = frame[inside], features[inside].astype(np.float32)
  else:
    kept, values = _filled(frame, features, window, as_reference=reading.gaps == 'reference')
  rows = _rows(kept, window[0], fps, reading)
  return kept[rows], normalised(values[rows], reading.norm)


def _filled(
  frame: Int[np.ndarray, 't'], features: Float[np.ndarray, 't v d'], window: tuple[int, int], *, as_reference: bool
) -> tuple[np.ndarray, np.ndarray]:
  """Every frame of the window up to the last with features, those between two others interpolated.

  The reference weighs the two neighbours the wrong way round, and has zeros before the first.
  Source: VPD reference, action_dataset/load.py, group_by_frame.
  """
  empty = not len(frame)
  first = 0 if as_reference or empty else int(frame[0])
  last = -1 if empty else int(frame[-1])
  wanted = np.arange(max(window[0], first), min(window[1], last + 1))
  if not len(wanted):
    return wanted, np.zeros((0, *features.shape[1:]), np.float32)
  after = np.searchsorted(frame, wanted)
  before = np.maximum(np.searchsorted(frame, wanted, side='right') - 1, 0)
  gap = np.maximum(frame[after] - frame[before], 1)
  share = ((wanted - frame[before]) / gap)[:, None, None]
  known = (frame[after] == wanted)[:, None, None]
  share = np.where(known, 1.0, 1 - share) if as_reference else np.where(known, 1.0, share)
  values = share * features[after] + (1 - share) * features[before]
  return wanted, np.where((wanted < frame[0])[:, None, None], 0, values).astype(np.float32)


def _rows(frame: Int[np.ndarray, 'n'], start: int, fps: float, reading: Reading) -> np.ndarray:
  """Which rows are kept at the rate aimed at; a video that is slower already is kept whole."""
  ratio = min(1.0, reading.fps / fps)
  if reading.rate == 'native':
    return np.arange(len(frame))
  if reading.rate == 'even':  # the first frame in each interval of the wanted rate: gaps do not shift what follows
    slot = np.floor((frame - start) * ratio + 1e-9)
    return np.flatnonzero(np.diff(slot, prepend=-1.0) > 0)
  fx = reading.rate == 'reference_fx'
  return _accumulated(len(frame), balance=1.0 if fx else 0.0, step=ratio if fx else ratio + 0.01)


def _accumulated(n: int, balance: float, step: float) -> np.ndarray:
  """Source: VPD reference, finegym/util.py and diving48/util.py: a balance that grows by `step` and pays 1 a frame."""
  kept = []
  for row in range(n):
    if balance >= 0:
      balance -= 1
      kept.append(row)
    balance += step
  return np.array(kept, np.int64)


def normalised(features: Float32[np.ndarray, 'n v d'], norm: Norm) -> Float32[np.ndarray, 'n v d']:
  """Vectors of unit length, or divided by their length across the views; those of length 0 stay.

  Source: VPD reference, `_normalize_rows` of finegym/util.py, whose axis 1 is the views where there are two.
  """
  if norm == 'none':
    return features
  axis = 1 if norm == 'reference_views' and features.shape[1] > 1 else 2
  return features / np.maximum(np.linalg.norm(features, axis=axis, keepdims=True), np.float32(1e-6))
