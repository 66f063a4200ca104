"""What the terminal's and the page's results tables share: columns, the best row, and numbers as text."""

from __future__ import annotations

import math
from collections.abc import Sequence

from sportjax.report.content import Column, IntervalLike, ResultRow


def columns_of(rows: Sequence[ResultRow]) -> tuple[Column, ...]:
  """One column for every metric of the rows, in order of first appearance."""
  return tuple(Column(key) for key in dict.fromkeys(key for row in rows for key in row.metrics))


def best_rows(rows: Sequence[ResultRow], column: Column) -> frozenset[str]:
  """Names of the rows whose mean is best as shown, ceilings aside; all of them where they tie."""
  means = {
    row.name: row.metrics[column.key].mean for row in rows if row.role != 'ceiling' and column.key in row.metrics
  }
  finite = {name: mean for name, mean in means.items() if math.isfinite(mean)}
  if not finite:
    return frozenset()
  best = (max if column.higher_is_better else min)(finite.values())
  return frozenset(name for name, mean in finite.items() if number(mean, column) == number(best, column))


def number(value: float, column: Column) -> str:
  """A value in the column's unit, without the unit's name."""
  if not math.isfinite(value):
    return '–'
  if column.unit == '%':
    return f'{100 * value:.1f}'
  return f'{value:.0f}' if abs(value) >= 1000 else f'{value:.3g}'


def spread(value: IntervalLike, column: Column) -> str:
  """The interval's ends as text; nothing where no spread is known."""
  if not (math.isfinite(value.low) and math.isfinite(value.high)) or value.low == value.high:
    return ''
  return f'{number(value.low, column)}–{number(value.high, column)}'


def title(column: Column) -> str:
  """The column's heading with its unit."""
  name = column.title or column.key
  return f'{name} ({column.unit})' if column.unit else name
