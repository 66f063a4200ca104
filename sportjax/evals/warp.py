"""How well an alignment recovers a known time warp, in milliseconds."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np

from sportjax.align import costs, path
from sportjax.typing import Float, Int, TimesMs

Monotone = Callable[[Float[np.ndarray, 't']], Float[np.ndarray, 't']]


@dataclasses.dataclass(frozen=True)
class Warp:
  """A smooth increasing map of time in [0, 1], linear between knots."""

  knots: Float[np.ndarray, 'k']
  values: Float[np.ndarray, 'k']

  def __call__(self, x: Float[np.ndarray, 't']) -> Float[np.ndarray, 't']:
    return np.interp(x, self.knots, self.values)


def sample_warp(rng: np.random.Generator, *, strength: float = 0.25, offset: float = 0.2) -> Warp:
  """A random warp from the time of a resampled sequence to that of its source, both in [0, 1].

  The source is cut by up to `offset` at either end; within, the tempo varies between 1 - strength and 1 + strength
  times its mean by two sine waves of random phase. Tempo stays far inside symmetricP2's limits of 2/3 and 3/2.
  """
  knots = np.linspace(0, 1, 201)
  amplitude = rng.dirichlet([1, 1]) * strength * rng.uniform(0.5, 1)
  phase = rng.uniform(0, 2 * np.pi, 2)
  tempo = 1 + amplitude @ np.sin(2 * np.pi * np.array([[1], [2]]) * knots + phase[:, None])
  values = np.concatenate([[0], np.cumsum((tempo[1:] + tempo[:-1]) / 2)])
  begin, end = rng.uniform(0, offset), 1 - rng.uniform(0, offset)
  return Warp(knots, begin + (end - begin) * values / values[-1])


def cut_and_resample(
  features: Float[np.ndarray, 't d'], times_ms: TimesMs, warp: Monotone, frames: int
) -> tuple[Float[np.ndarray, 'n d'], TimesMs]:
  """The sequence as seen through the warp: features by the nearest frame, and the true source time of each."""
  wanted = times_ms[0] + warp(np.linspace(0, 1, frames)) * (times_ms[-1] - times_ms[0])
  nearest = np.abs(times_ms[None] - wanted[:, None]).argmin(1)
  return features[nearest], wanted


def path_error_ms(warping: Int[np.ndarray, 'step 2'], a_ms: TimesMs, true_ms: TimesMs) -> Float[np.ndarray, 'm']:
  """|recovered - true| source time of every frame of B, where `warping` aligns A (times a_ms) with B.

  A frame of B that meets several of A is at their mean time.
  """
  steps, frames = warping[:, 0], warping[:, 1]
  count = np.bincount(frames, minlength=len(true_ms))
  recovered = np.bincount(frames, a_ms[steps], minlength=len(true_ms)) / np.where(count, count, np.nan)
  return np.abs(recovered - true_ms)


def alignment_error_ms(
  a: Float[np.ndarray, 'n d'],
  b: Float[np.ndarray, 'm d'],
  a_ms: TimesMs,
  true_ms: TimesMs,
  *,
  pattern: str = 'symmetricP2',
) -> float:
  """Median error of the warp that DTW recovers between A and B; +inf where the pattern has no path."""
  result = path.dtw(_costs(a, b), pattern)
  return float(np.median(path_error_ms(result.path, a_ms, true_ms))) if len(result.path) else float('inf')


def nearest_frame_error_ms(
  a: Float[np.ndarray, 'n d'], b: Float[np.ndarray, 'm d'], a_ms: TimesMs, true_ms: TimesMs
) -> float:
  """Median error when every frame of B takes the time of its nearest frame of A, without alignment."""
  return float(np.median(np.abs(a_ms[_costs(a, b).argmin(0)] - true_ms)))


def _costs(a: np.ndarray, b: np.ndarray) -> np.ndarray:
  return np.asarray(costs.pairwise(np.asarray(a, np.float32), np.asarray(b, np.float32), 'l2'))
