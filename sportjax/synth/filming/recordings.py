"""The recordings of a motion: the stretches between its cuts, across which nothing moves and nothing is seen."""

from __future__ import annotations

import dataclasses

import numpy as np

from sportjax.errors import InputError
from sportjax.synth.motion import Motion
from sportjax.typing import Float, Int

_NEARLY = 1e-6  # of a sample: times in milliseconds are rounded


@dataclasses.dataclass(frozen=True)
class Recordings:
  """When the recordings of a motion start, in samples; each holds its last sample until the next one starts."""

  first: Int[np.ndarray, 'r']
  last: Int[np.ndarray, 'r']
  fps: float

  def __len__(self) -> int:
    return len(self.first)

  def of(self, t_s: np.ndarray) -> Int[np.ndarray, 't']:
    """The number of the recording that each instant lies in."""
    return np.searchsorted(self.first, t_s * self.fps + _NEARLY, side='right') - 1

  def start_s(self, number: int) -> float:
    """When a recording starts."""
    return float(self.first[number] / self.fps)

  def span(self, number: int) -> slice:
    """A recording's samples."""
    return slice(int(self.first[number]), int(self.last[number]) + 1)

  def within(self, t_s: Float[np.ndarray, 't s'], number: Int[np.ndarray, 't']) -> Float[np.ndarray, 't s']:
    """The instants, those outside the numbered recording moved to its edge."""
    ends = np.append((self.first[1:] - 0.01) / self.fps, np.inf)
    return np.clip(t_s, (self.first / self.fps)[number][:, None], ends[number][:, None])

  def sample(self, series: Float[np.ndarray, 'n ...'], t_s: Float[np.ndarray, 't']) -> Float[np.ndarray, 't ...']:
    """A series of the motion at instants between its samples, linearly; never between two recordings."""
    number = self.of(t_s)
    first, last = self.first[number], self.last[number]
    place = np.clip(t_s * self.fps, first, last)
    low = np.minimum(place.astype(int), np.maximum(last - 1, first))
    share = (place - low).reshape(-1, *[1] * (series.ndim - 1)).astype(np.float32)
    high = np.minimum(low + 1, last)
    return series[low].astype(np.float32) * (1 - share) + series[high].astype(np.float32) * share


def recordings_of(motion: Motion) -> Recordings:
  """The recordings of a motion. Raises: InputError for cuts out of order or outside the motion."""
  count = len(motion.joints_m)
  first = np.array([0, *np.round(np.asarray(motion.cuts_ms) * motion.fps / 1000)], int)
  if (np.diff(first) <= 0).any() or first[-1] >= count:
    raise InputError(f'cuts_ms={motion.cuts_ms}: give ascending times between 0 and {motion.duration_ms:.0f} ms')
  return Recordings(first, np.append(first[1:], count) - 1, motion.fps)
