"""The recurrence of DTW, costs and all: one query against a tile of clips, a clip to a lane, column by column.

Columns are frames of the clips, rows are frames of the query. Little is in memory at a time: a few columns, or a few
columns' costs. No mask is needed behind the ends: a cell depends only on cells above and to the left.
"""

from __future__ import annotations

import functools

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from sportjax.align import costs
from sportjax.align.patterns import Pattern

Frames = Float[Array, 'n d']
Tile = Float[Array, 'm d lane']
Lanes = Float[Array, 'm lane']
TOGETHER = 3  # columns to a turn of the loop: as many as the widest step spans, so that history moves without copies
BLOCK = 8  # columns of costs at a time where steps lie within a column
WAVES = 16  # anti-diagonals of these costs at a time; both are sizes at which they stay in a core's cache


def by_columns(
  x: Frames,
  n: Int[Array, ''],
  y: Tile,
  count: Int[Array, ''],
  starts: Int[Array, 'm'],
  *,
  pattern: Pattern,
  cost: costs.Cost,
  width: int,
) -> Lanes:
  """Cumulated cost of row n - 1 in the first `count` columns, for patterns whose every step leaves the column.

  Of column j the `width` rows from starts[j] on are visited; what lies outside counts as unreachable.
  """
  dtype, lanes = costs.accumulator(y), y.shape[2]
  around = margin(pattern)
  x = jnp.pad(x, ((0, width), (0, 0)))
  xx = costs.squared_norms(x)

  def column(j: Array, carry: tuple) -> tuple:
    totals, paid, ends = carry
    start = starts[j]
    here = _column_costs(*(jax.lax.dynamic_slice_in_dim(rows, start, width) for rows in (x, xx)), y[j], cost)
    paid = (_pad(here, around, 0), *paid)

    def look(column: Array, rows: int, columns: int) -> Array:
      moved = start - starts[jnp.maximum(j - columns, 0)]
      return jax.lax.dynamic_slice_in_dim(column, around + moved - rows, width)

    arrivals = []
    for step in pattern.steps:
      arrival = look(totals[step.columns - 1], step.rows, step.columns)
      for row, back, weight in step.costs:
        arrival = arrival + weight * (look(paid[back], row, back) if row or back else here)
      arrivals.append(arrival)
    first = (j == 0) & (jax.lax.broadcasted_iota(jnp.int32, here.shape, 0) == 0)
    cells = jnp.where(first, here, functools.reduce(jnp.minimum, arrivals))
    end = jax.lax.dynamic_index_in_dim(cells, n - 1 - start, keepdims=False)
    ends = jax.lax.dynamic_update_index_in_dim(ends, end, j, 0)
    return (_pad(cells, around, jnp.inf), *totals[:-1]), paid[:-1], ends

  def columns(turn: Array, carry: tuple) -> tuple:
    for k in range(TOGETHER):
      carry = column(TOGETHER * turn + k, carry)
    return carry

  nothing = jnp.full((width + 2 * around, lanes), jnp.inf, dtype)
  totals = (nothing,) * max(step.columns for step in pattern.steps)
  paid = (jnp.zeros_like(nothing),) * max(back for step in pattern.steps for _, back, _ in step.costs)
  ends = jnp.full((y.shape[0] + TOGETHER, lanes), jnp.inf, dtype)
  return jax.lax.fori_loop(0, -(-count // TOGETHER), columns, (totals, paid, ends))[2]


def margin(pattern: Pattern) -> int:
  """Rows around a column's window that a step from a later column may look at, however far that one's has moved."""
  low, high = pattern.slope or (1, 0)
  return max(max(step.rows, -(-high * step.columns // low)) for step in pattern.steps)


def _pad(column: Array, margin: int, fill: float) -> Array:
  return jnp.pad(column, ((margin, margin), (0, 0)), constant_values=fill)


def _column_costs(x: Frames, xx: Array, y: Float[Array, 'd lane'], cost: costs.Cost) -> Float[Array, 'n lane']:
  y = y.astype(costs.accumulator(y))
  dot = jnp.dot(x, y, precision='highest', preferred_element_type=y.dtype)
  return cost(dot, xx[:, None], jnp.sum(y * y, axis=0)[None])


def by_diagonals(
  x: Frames, n: Int[Array, ''], y: Tile, count: Int[Array, ''], *, pattern: Pattern, cost: costs.Cost
) -> Lanes:
  """Cumulated cost of row n - 1 in the first `count` columns, for patterns of straight and diagonal single steps.

  A block of columns is walked by its anti-diagonals: wave k holds row k - c of its column c.
  """
  dtype, lanes = costs.accumulator(y), y.shape[2]
  height = x.shape[0] + BLOCK + WAVES
  x = jnp.pad(x, ((BLOCK, BLOCK + WAVES), (0, 0)))
  y = jnp.pad(y, ((0, -y.shape[0] % BLOCK), (0, 0), (0, 0)))
  xx, weight = costs.squared_norms(x), pattern.first
  order = jnp.arange(BLOCK)[:, None]
  empty = jnp.full((BLOCK, lanes), jnp.inf, dtype)

  def block(b: Array, carry: tuple[Array, Array]) -> tuple[Array, Array]:
    left, ends = carry  # left[BLOCK + r]: row r of the column before the block
    columns = jax.lax.dynamic_slice_in_dim(y, b * BLOCK, BLOCK)

    def wave(paid: Array, carry: tuple[Array, Array, Array], k: Array) -> tuple[tuple[Array, Array, Array], Array]:
      one, two, last = carry
      here = jax.lax.dynamic_index_in_dim(paid, k % WAVES, 1, keepdims=False)
      before, corner = (jax.lax.dynamic_slice_in_dim(left, BLOCK + k - back, 1) for back in (0, 1))
      straight = jnp.minimum(one, jnp.concatenate([before, one[:-1]]))
      cells = jnp.minimum(straight + here, jnp.concatenate([corner, two[:-1]]) + weight * here)
      cells = jnp.where((k == 0) & (b == 0) & (order == 0), here, cells)
      return (cells, one, jnp.where(k - order == n - 1, cells, last)), cells[-1]

    def waves(turn: Array, carry: tuple) -> tuple:
      latest, right = carry
      paid = _wave_costs(x, xx, columns, turn * WAVES, cost)
      k = turn * WAVES + jnp.arange(WAVES)
      latest, passed = jax.lax.scan(functools.partial(wave, paid), latest, k)
      return latest, jax.lax.dynamic_update_slice_in_dim(right, passed, turn * WAVES + 1, 0)

    nothing = jnp.full((height, lanes), jnp.inf, dtype)
    turns = (n + BLOCK - 2) // WAVES + 1
    (_, _, last), right = jax.lax.fori_loop(0, turns, waves, ((empty, empty, empty), nothing))
    return right, jax.lax.dynamic_update_slice_in_dim(ends, last, b * BLOCK, 0)

  left, ends = jnp.full((height, lanes), jnp.inf, dtype), jnp.full((y.shape[0], lanes), jnp.inf, dtype)
  return jax.lax.fori_loop(0, -(-count // BLOCK), block, (left, ends))[1]


def _wave_costs(x: Frames, xx: Array, y: Tile, begin: Array, cost: costs.Cost) -> Float[Array, 'column wave lane']:
  """Costs of a block of columns by anti-diagonals, with infinity above the first row."""
  y = y.astype(costs.accumulator(y))
  rows, norms = (
    jnp.stack([jax.lax.dynamic_slice_in_dim(side, BLOCK + begin - c, WAVES) for c in range(BLOCK)]) for side in (x, xx)
  )
  dot = jax.lax.dot_general(rows, y, (((2,), (1,)), ((0,), (0,))), precision='highest', preferred_element_type=y.dtype)
  found = cost(dot, norms[..., None], jnp.sum(y * y, axis=1)[:, None])
  inside = begin + jnp.arange(WAVES)[None] >= jnp.arange(BLOCK)[:, None]
  return jnp.where(inside[..., None], found, jnp.inf)
