"""Keypoints smoothed in time and carried over short gaps: what a weak teacher gains without learning."""

from __future__ import annotations

import numpy as np

from sportjax.typing import Float, Keypoints, TimesMs

_REACH = 4  # standard deviations after which a Gaussian's weight is nothing


def smooth(keypoints: Keypoints, t_ms: TimesMs, sigma_ms: float) -> Keypoints:
  """Gaussian mean over time of each joint, weighted by confidence; the score is the Gaussian mean of the scores.

  A joint that is nowhere within four standard deviations stays not found.
  """
  xy, score = smooth_values(keypoints[:, :, :2], keypoints[:, :, 2], t_ms, sigma_ms)
  return np.concatenate([xy, score[:, :, None]], axis=2).astype(keypoints.dtype)


def smooth_values(
  values: Float[np.ndarray, 't k c'], weights: Float[np.ndarray, 't k'], t_ms: TimesMs, sigma_ms: float
) -> tuple[Float[np.ndarray, 't k c'], Float[np.ndarray, 't k']]:
  """Weighted Gaussian mean over time of each of k values, 0 where all weights are, and the mean of the weights."""
  if sigma_ms <= 0:
    raise ValueError(f'sigma_ms is {sigma_ms}; it must be above 0')
  total = np.zeros(values.shape, np.float64)
  weight, gauss = np.zeros(weights.shape, np.float64), np.zeros(len(t_ms), np.float64)
  reach = _REACH * sigma_ms
  for lag in range(_longest_lag(t_ms, reach) + 1):
    here, there = slice(0, len(t_ms) - lag), slice(lag, len(t_ms))
    gap_ms = t_ms[there] - t_ms[here]
    near = np.exp(-0.5 * (gap_ms / sigma_ms) ** 2) * (gap_ms <= reach)
    for at, other in ((here, there), (there, here)) if lag else ((here, there),):
      share = near[:, None] * weights[other]
      total[at] += share[:, :, None] * values[other]
      weight[at] += share
      gauss[at] += near
  mean = np.divide(total, weight[:, :, None], out=np.zeros_like(total), where=weight[:, :, None] > 0)
  return mean, weight / np.maximum(gauss, 1)[:, None]


def interpolate(keypoints: Keypoints, t_ms: TimesMs, max_gap_ms: float) -> Keypoints:
  """Joints not found (score 0) placed on the line between their neighbours in time, with the lower score of the two.

  Gaps longer than `max_gap_ms` between the neighbours, and both ends of the track, are left as they are.
  """
  filled = keypoints.copy()
  for joint in range(keypoints.shape[1]):
    found = np.flatnonzero(keypoints[:, joint, 2] > 0)
    gap = np.flatnonzero(keypoints[:, joint, 2] <= 0)
    after = np.searchsorted(found, gap)
    inside = (after > 0) & (after < len(found))
    gap, before, after = gap[inside], found[after[inside] - 1], found[after[inside]]
    short = t_ms[after] - t_ms[before] <= max_gap_ms
    gap, before, after = gap[short], before[short], after[short]
    share = ((t_ms[gap] - t_ms[before]) / (t_ms[after] - t_ms[before]))[:, None]
    first, last = keypoints[before, joint], keypoints[after, joint]
    filled[gap, joint] = first * (1 - share) + last * share
    filled[gap, joint, 2] = np.minimum(first[:, 2], last[:, 2])
  return filled


def _longest_lag(t_ms: TimesMs, reach_ms: float) -> int:
  """The most frames that lie between two that reach each other."""
  last = np.searchsorted(t_ms, t_ms + reach_ms, side='right') - 1
  return int((last - np.arange(len(t_ms))).max(initial=0))
