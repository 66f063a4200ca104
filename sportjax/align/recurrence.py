"""The recurrence of DTW over a block of rows, many pairs at once: columns by lanes, one pair in a lane.

A block receives the costs of its rows, with HALO_ROWS rows above and HALO_COLUMNS columns to the left, and the
cumulated costs of the rows above it. It returns its own bottom rows and the row asked for. No cell outside the block
and the rows above is needed, and no mask: a cell depends only on cells above and to the left.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

from sportjax.align.patterns import HALO_COLUMNS, HALO_ROWS, Pattern

Costs = Float[Array, 'halo_and_row column lane']
Rows = Float[Array, 'row column lane']
TOP = HALO_ROWS + 1  # rows carried from block to block: the farthest step comes from three rows above


def block_rows(
  costs: Costs, top: Rows, first: Bool[Array, ''], wanted: Int[Array, ''], pattern: Pattern
) -> tuple[Rows, Float[Array, 'column lane']]:
  """The bottom rows of a block and its row `wanted`; `first` where the block holds cell (0, 0)."""
  # A path begins in a virtual cell (-1, -1), from which the diagonal step leads to exactly the first cell's cost.
  start = (1 - pattern.first) * costs[HALO_ROWS, HALO_COLUMNS]
  top = top.at[-1, HALO_COLUMNS - 1].set(jnp.where(first, start, top[-1, HALO_COLUMNS - 1]))
  return (_by_rows if pattern.by_rows else _by_diagonals)(costs, top, first, wanted, pattern)


def _by_rows(costs: Costs, top: Rows, first: Array, wanted: Array, pattern: Pattern) -> tuple[Rows, Array]:
  """Rows one after the other; the cells of a row are independent, because every step of the pattern leaves it."""
  own = costs[HALO_ROWS:, HALO_COLUMNS:]
  paid = [_paid(costs, step, first) for step in pattern.steps]
  outside = jnp.full((HALO_COLUMNS, own.shape[2]), jnp.inf, own.dtype)
  width = costs.shape[1]

  def row(above: tuple[Array, ...], row_costs: tuple[Array, list[Array]]) -> tuple[tuple[Array, ...], Array]:
    here, on_the_way = row_costs
    arrivals = [
      above[step.rows - 1][HALO_COLUMNS - step.columns : width - step.columns] + cost
      for step, cost in zip(pattern.steps, on_the_way, strict=True)
    ]
    cells = here + jnp.minimum(jnp.minimum(arrivals[0], arrivals[1]), arrivals[2])
    cells = jnp.concatenate([outside, cells])
    return (cells, *above[:-1]), cells

  above, rows = jax.lax.scan(row, tuple(top[::-1]), (own, paid), unroll=3)
  return jnp.stack(above[::-1]), rows[wanted]


def _paid(costs: Costs, step, first: Array) -> Rows:
  """What a step pays besides its own cell once, for all cells of the block."""
  height, width = costs.shape[0] - HALO_ROWS, costs.shape[1]
  weights = {(row, column): weight for row, column, weight in step.costs}
  weights[0, 0] -= 1
  paid = sum(
    weight * costs[HALO_ROWS - row : HALO_ROWS - row + height, HALO_COLUMNS - column : width - column]
    for (row, column), weight in weights.items()
    if weight
  )
  if (step.rows, step.columns) == (1, 1):
    return paid
  # No other step than the diagonal one may leave the virtual cell (-1, -1).
  landing = step.rows - 1, step.columns - 1
  return paid.at[landing].set(jnp.where(first, jnp.inf, paid[landing]))


def _by_diagonals(costs: Costs, top: Rows, first: Array, wanted: Array, pattern: Pattern) -> tuple[Rows, Array]:
  """Anti-diagonals of the block one after the other, for patterns with a step inside the row."""
  del first
  own = costs[HALO_ROWS:].at[:, :HALO_COLUMNS].set(jnp.inf)
  height, width, lanes = own.shape
  # Row r moves right by r: pad each row, then read the same memory with rows one shorter.
  skewed = jnp.pad(own, ((0, 0), (0, height), (0, 0)), constant_values=jnp.inf)
  skewed = skewed.reshape(-1, lanes)[: height * (width + height - 1)].reshape(height, -1, lanes)
  above = jnp.pad(top[-1], ((1, height - 1), (0, 0)), constant_values=jnp.inf)  # above[w + 1]: the cell over row 0
  weight = pattern.first

  def diagonal(last: tuple[Array, Array], wave: Array) -> tuple[tuple[Array, Array], Array]:
    one, two = last
    here = jax.lax.dynamic_index_in_dim(skewed, wave, 1, keepdims=False)
    over = jnp.concatenate([above[wave + 1][None], one[:-1]])
    before = jnp.concatenate([above[wave][None], two[:-1]])
    cells = jnp.minimum(jnp.minimum(one, over) + here, before + weight * here)
    return (cells, one), cells[wanted]

  empty = jnp.full((height, lanes), jnp.inf, own.dtype)
  _, cells = jax.lax.scan(diagonal, (empty, empty), jnp.arange(width + height - 1))
  row = jax.lax.dynamic_slice_in_dim(cells, wanted, width)
  return jnp.concatenate([top[1:], row[None]]), row
