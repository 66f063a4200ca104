"""The warping path of one pair, on the host: for pictures and for measuring alignment, not for ranking."""

from __future__ import annotations

import dataclasses

import numpy as np

from sportjax.align import patterns
from sportjax.errors import InputError
from sportjax.typing import Float, Int


@dataclasses.dataclass(frozen=True)
class DTWResult:
  """The cheapest path through a cost matrix. Where there is none the scores are +inf and the path is empty."""

  score: float  # divided by n + m; for symmetric1, which has no normaliser, the distance itself
  distance: float  # weighted sum of the costs on the path; the first cell counts once
  path: Int[np.ndarray, 'step 2']  # cells from (0, 0) to (n - 1, m - 1), also those a slanted step passes over
  cost: Float[np.ndarray, 'n m']  # cumulated costs; +inf where no path leads


def dtw(cost_matrix: Float[np.ndarray, 'n m'], pattern: str | patterns.Pattern = 'symmetricP2') -> DTWResult:
  """Dynamic time warping of one matrix of costs, with its path.

  Raises:
    InputError: the matrix is empty or holds NaN.
  """
  pattern = patterns.find(pattern)
  costs = np.asarray(cost_matrix, np.float64)
  if costs.ndim != 2 or not costs.size or np.isnan(costs).any():
    raise InputError(f'cost matrix of shape {costs.shape} is empty or holds NaN')
  total, choice = _cumulate(costs, pattern)
  distance = float(total[-1, -1])
  path = _backtrack(choice, pattern) if np.isfinite(distance) else np.zeros((0, 2), np.int64)
  return DTWResult(distance / (sum(costs.shape) if pattern.normalized else 1), distance, path, total)


def _cumulate(costs: np.ndarray, pattern: patterns.Pattern) -> tuple[np.ndarray, np.ndarray]:
  """Cumulated cost and the number of the step taken into each cell; all steps come from earlier anti-diagonals."""
  n, m = costs.shape
  halo = max(max(step.rows, step.columns) for step in pattern.steps)
  total = np.full((n + halo, m + halo), np.inf)
  paid = np.pad(costs, ((halo, 0), (halo, 0)))
  total[halo, halo] = costs[0, 0]
  choice = np.zeros((n, m), np.int8)
  for wave in range(1, n + m - 1):
    i = np.arange(max(0, wave - m + 1), min(n, wave + 1)) + halo
    j = wave + 2 * halo - i
    arrivals = np.stack(
      [
        total[i - step.rows, j - step.columns] + sum(weight * paid[i - r, j - c] for r, c, weight in step.costs)
        for step in pattern.steps
      ]
    )
    taken = np.argmin(arrivals, axis=0)
    total[i, j] = arrivals[taken, np.arange(len(i))]
    choice[i - halo, j - halo] = taken
  return total[halo:, halo:], choice


def _backtrack(choice: np.ndarray, pattern: patterns.Pattern) -> np.ndarray:
  i, j = choice.shape[0] - 1, choice.shape[1] - 1
  cells = []
  while (i, j) != (0, 0):
    step = pattern.steps[choice[i, j]]
    cells += [(i - row, j - column) for row, column, _ in reversed(step.costs)]
    i, j = i - step.rows, j - step.columns
  return np.array([*cells, (0, 0)][::-1])
