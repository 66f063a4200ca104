"""Intervals that say how far a result would move with other athletes: groups are resampled, not examples."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np

from sportjax.errors import InputError
from sportjax.typing import Float, Int


@dataclasses.dataclass(frozen=True)
class Interval:
  """A mean over examples and its percentile interval over resampled groups."""

  mean: float
  low: float
  high: float

  def __str__(self) -> str:
    return f'{self.mean:.3f} [{self.low:.3f}, {self.high:.3f}]'


def bootstrap(
  values: Float[np.ndarray, 'b'], groups: np.ndarray, *, n: int = 1000, seed: int = 0, level: float = 0.95
) -> Interval:
  """The mean of `values` with its interval when whole groups (athletes, videos) are drawn with replacement.

  Raises:
    InputError: no values, NaN among them, or as many groups as values do not stand beside them.
  """
  values, groups = np.asarray(values, np.float64), np.asarray(groups)
  if not len(values) or values.shape != groups.shape or np.isnan(values).any():
    raise InputError(f'bootstrap of {values.shape} values in groups {groups.shape}: give one group a value, no NaN')
  _, members = np.unique(groups, return_inverse=True)
  sums, counts = np.bincount(members, values), np.bincount(members)
  draws = np.random.default_rng(seed).integers(len(sums), size=(n, len(sums)))
  means = sums[draws].sum(1) / counts[draws].sum(1)
  low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
  return Interval(float(values.mean()), float(low), float(high))


def paired_difference(
  ours: Float[np.ndarray, 'b'],
  theirs: Float[np.ndarray, 'b'],
  groups: np.ndarray,
  *,
  n: int = 1000,
  seed: int = 0,
  level: float = 0.95,
) -> Interval:
  """The mean of ours - theirs on the same examples, with its interval over groups.

  Raises:
    InputError: the two rows are not of the same examples.
  """
  if np.shape(ours) != np.shape(theirs):
    raise InputError(f'a paired difference needs the same examples; the rows have {len(ours)} and {len(theirs)}')
  return bootstrap(np.asarray(ours, np.float64) - theirs, groups, n=n, seed=seed, level=level)


def of_statistic(
  statistic: Callable[[Int[np.ndarray, 'g']], float],
  groups: int,
  *,
  n: int = 1000,
  seed: int = 0,
  level: float = 0.95,
) -> Interval:
  """What is no mean of examples, such as AP: its value on all groups, and its interval when they are drawn anew.

  `statistic` takes numbers of groups, the same one several times where it was drawn so often. Draws for which it is not
  a number count in nothing.

  Raises:
    InputError: there are no groups.
  """
  if not groups:
    raise InputError('bootstrap of no groups: give the people or videos that the statistic is of')
  rng = np.random.default_rng(seed)
  drawn = np.array([statistic(rng.integers(groups, size=groups)) for _ in range(n)])
  drawn = drawn[np.isfinite(drawn)]
  whole = statistic(np.arange(groups))
  low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2]) if len(drawn) else (whole, whole)
  return Interval(whole, float(low), float(high))
