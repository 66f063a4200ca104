"""Where a short sequence lies within a longer one: alignment with both ends open, on the host."""

from __future__ import annotations

import numpy as np

from sportjax.align.path import DTWResult
from sportjax.align.patterns import Pattern, Step
from sportjax.errors import InputError
from sportjax.typing import Float

# Every frame of B counts once, so that paths of different reach in A compare. B may run up to twice as fast or slow.
ASYMMETRIC_P1 = Pattern(
  'asymmetricP1',
  (Step(2, 1, ((1, 0, 0.5), (0, 0, 0.5))), Step(1, 1, ((0, 0, 1),)), Step(1, 2, ((0, 1, 1), (0, 0, 1)))),
  True,
  (1, 2),
)


def locate(cost_matrix: Float[np.ndarray, 'n m']) -> DTWResult:
  """The cheapest path of all of B (columns) through a part of A (rows), its score the mean cost of a frame of B.

  Raises:
    InputError: the matrix is empty or holds NaN.

  Source: the R and Python packages `dtw`, asymmetricP1 with an open end; all beginnings are tried at once.
  """
  costs = np.asarray(cost_matrix, np.float64)
  if costs.ndim != 2 or not costs.size or np.isnan(costs).any():
    raise InputError(f'cost matrix of shape {costs.shape} is empty or holds NaN')
  total, choice = _cumulate(costs)
  end = int(total[:, -1].argmin())
  distance = float(total[end, -1])
  path = _backtrack(choice, end) if np.isfinite(distance) else np.zeros((0, 2), np.int64)
  return DTWResult(distance / costs.shape[1], distance, path, total)


def _cumulate(costs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
  """Cumulated cost and the number of the step taken into each cell; all steps come from earlier columns."""
  n, m = costs.shape
  steps = ASYMMETRIC_P1.steps
  halo = max(step.rows for step in steps)
  total, paid = np.full((n + halo, m), np.inf), np.pad(costs, ((halo, 0), (0, 0)))
  total[halo:, 0] = costs[:, 0]
  choice = np.zeros((n, m), np.int8)
  rows = np.arange(n) + halo
  for j in range(1, m):
    arrivals = np.full((len(steps), n), np.inf)
    for k, step in enumerate(steps):
      if step.columns <= j:
        added = sum(weight * paid[rows - row, j - column] for row, column, weight in step.costs)
        arrivals[k] = total[rows - step.rows, j - step.columns] + added
    choice[:, j] = arrivals.argmin(axis=0)
    total[halo:, j] = arrivals.min(axis=0)
  return total[halo:], choice


def _backtrack(choice: np.ndarray, end: int) -> np.ndarray:
  i, j = end, choice.shape[1] - 1
  cells = []
  while j:
    step = ASYMMETRIC_P1.steps[choice[i, j]]
    cells += [(i - row, j - column) for row, column, _ in reversed(step.costs)]
    i, j = i - step.rows, j - step.columns
  return np.array([*cells, (i, 0)][::-1])
