"""Step patterns of dynamic time warping: which cells a path may come from, at what weight, and whom that excludes."""

from __future__ import annotations

import dataclasses

import numpy as np

from sportjax.errors import InputError


@dataclasses.dataclass(frozen=True)
class Step:
  """One way into cell (i, j): from (i - rows, j - columns), paying for `costs` on the way.

  `costs` are (row, column, weight): weight times the cost of cell (i - row, j - column).
  """

  rows: int
  columns: int
  costs: tuple[tuple[int, int, float], ...]


@dataclasses.dataclass(frozen=True)
class Pattern:
  """A set of steps. The first cell of a path has weight 1.

  Source: Sakoe and Chiba 1978; names, weights and normalisation (n + m) of the R and Python packages `dtw`.
  """

  name: str
  steps: tuple[Step, ...]
  normalized: bool  # by n + m; symmetric1 has no normaliser
  slope: tuple[int, int] | None  # (rows, columns) of the steepest step; None: any slope

  @property
  def by_columns(self) -> bool:
    """Whether every step leaves the column, so that the cells of a column do not depend on each other."""
    return all(step.columns > 0 for step in self.steps)

  @property
  def first(self) -> float:
    """Weight of a cell entered diagonally."""
    return next(weight for step in self.steps if (step.rows, step.columns) == (1, 1) for _, _, weight in step.costs)

  def feasible(self, n: np.ndarray | int, m: np.ndarray | int) -> np.ndarray:
    """Whether sequences of n and m frames have a path; exact, elementwise."""
    shorter, longer = np.minimum(n, m) - 1, np.maximum(n, m) - 1
    if self.slope is None:
      return shorter >= 0
    low, high = self.slope
    return (shorter >= 0) & (low * longer <= high * shorter)

  def reach(self, row: np.ndarray, n: np.ndarray, m: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """First and last column of a row that lie on some path from (0, 0) to (n - 1, m - 1), where there is one."""
    if self.slope is None:
      return np.zeros_like(row + n + m), m - 1 + np.zeros_like(row + n)
    low, high = self.slope
    left, right = n - 1 - row, m - 1
    return (
      np.maximum(-(-low * row // high), right - high * left // low),
      np.minimum(high * row // low, right - -(-low * left // high)),
    )


SYMMETRIC1 = Pattern(
  'symmetric1', (Step(1, 1, ((0, 0, 1),)), Step(0, 1, ((0, 0, 1),)), Step(1, 0, ((0, 0, 1),))), False, None
)
SYMMETRIC2 = Pattern(
  'symmetric2', (Step(1, 1, ((0, 0, 2),)), Step(0, 1, ((0, 0, 1),)), Step(1, 0, ((0, 0, 1),))), True, None
)
SYMMETRIC_P1 = Pattern(
  'symmetricP1',
  (Step(1, 2, ((0, 1, 2), (0, 0, 1))), Step(1, 1, ((0, 0, 2),)), Step(2, 1, ((1, 0, 2), (0, 0, 1)))),
  True,
  (1, 2),
)
SYMMETRIC_P2 = Pattern(
  'symmetricP2',
  (
    Step(2, 3, ((1, 2, 2), (0, 1, 2), (0, 0, 1))),
    Step(1, 1, ((0, 0, 2),)),
    Step(3, 2, ((2, 1, 2), (1, 0, 2), (0, 0, 1))),
  ),
  True,
  (2, 3),
)

PATTERNS = {pattern.name: pattern for pattern in (SYMMETRIC1, SYMMETRIC2, SYMMETRIC_P1, SYMMETRIC_P2)}


def find(pattern: str | Pattern) -> Pattern:
  """The pattern of that name; a pattern is returned as it is.

  Raises:
    InputError: no pattern has that name.
  """
  if isinstance(pattern, Pattern):
    return pattern
  if pattern not in PATTERNS:
    raise InputError(f'step pattern {pattern!r} is unknown; choose one of {", ".join(PATTERNS)}')
  return PATTERNS[pattern]
