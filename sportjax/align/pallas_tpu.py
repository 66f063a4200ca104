"""DTW on a TPU: costs by the matrix unit and the recurrence over them in one kernel, a clip to a lane.

One program aligns one query with one tile of clips, column by column of the clips: the costs of a column, all rows of
the query by all lanes, never leave the chip. What a step looks at lies in a few earlier columns, kept in a ring; all
step patterns are symmetric, so that columns may go where the textbook has rows.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence

import jax
import jax.numpy as jnp
import numpy as np
from jax.experimental import pallas as pl
from jax.experimental.pallas import tpu as pltpu
from jaxtyping import Array, Bool, Float, Int

from sportjax.align import costs, pack, patterns

MARGIN = 8  # rows above the first that steps may look at; a whole tile of a vector register
VMEM_BYTES = 96 * 2**20


@functools.partial(jax.jit, static_argnames=('pattern', 'cost', 'interpret'))
def tile_scores(
  x: Float[Array, 'q n d'],
  n: Int[Array, 'q'],
  y: Float[Array, 'tile columns d lane'],
  m: Int[Array, 'tile lane'],
  *,
  pattern: patterns.Pattern,
  cost: costs.Cost,
  interpret: bool = False,
) -> Float[Array, 'q tile lane']:
  """Raw scores of every query against every lane; +inf without a path."""
  queries, rows, d = x.shape
  tiles, columns, _, lanes = y.shape
  dtype = costs.accumulator(y)
  ring = max(step.columns for step in pattern.steps) + 1
  spec = pltpu.PrefetchScalarGridSpec(
    num_scalar_prefetch=1,
    grid=(tiles, queries),
    in_specs=[
      pl.BlockSpec((1, rows, d), lambda tile, query, _: (query, 0, 0)),
      pl.BlockSpec((1, columns, d, lanes), lambda tile, query, _: (tile, 0, 0, 0)),
      pl.BlockSpec((1, columns, lanes), lambda tile, query, _: (tile, 0, 0)),
      pl.BlockSpec((1, 1, lanes), lambda tile, query, _: (tile, 0, 0)),
    ],
    out_specs=pl.BlockSpec((1, 1, 1, lanes), lambda tile, query, _: (query, tile, 0, 0)),
    scratch_shapes=[pltpu.VMEM((ring, MARGIN + rows, lanes), dtype) for _ in range(2)],
  )
  scores = pl.pallas_call(
    functools.partial(_align, pattern=pattern, cost=cost),
    grid_spec=spec,
    out_shape=jax.ShapeDtypeStruct((queries, tiles, 1, lanes), dtype),
    compiler_params=pltpu.CompilerParams(vmem_limit_bytes=VMEM_BYTES),
    interpret=interpret,
  )(n, x, y, costs.squared_norms(jnp.swapaxes(y, 2, 3)), m[:, None])
  return scores[:, :, 0]


def _align(n_ref, x_ref, y_ref, yy_ref, m_ref, out_ref, total, paid, *, pattern, cost) -> None:
  """One query against one tile."""
  x, n = x_ref[0], n_ref[pl.program_id(1)]
  xx = costs.squared_norms(x)[:, None]
  row = jax.lax.broadcasted_iota(jnp.int32, (x.shape[0], y_ref.shape[3]), 0)
  total[...] = jnp.full(total.shape, jnp.inf, total.dtype)
  paid[...] = jnp.zeros(paid.shape, paid.dtype)
  out_ref[...] = jnp.full(out_ref.shape, jnp.inf, out_ref.dtype)

  def column(j: Array, carry: None) -> None:
    frames = y_ref[0, j]
    dot = jax.lax.dot_general(
      x, frames, (((1,), (0,)), ((), ())), precision='highest', preferred_element_type=total.dtype
    )
    here = cost(dot, xx, yy_ref[0, pl.ds(j, 1)])
    _put(paid, j, here)
    arrivals = [_arrival(step, j, total, paid) for step in pattern.steps if step.columns]
    cells = jnp.where((row == 0) & (j == 0), here, functools.reduce(jnp.minimum, arrivals))
    cells = _down(cells, here, pattern)
    _put(total, j, cells)
    end = jnp.min(jnp.where(row == n - 1, cells, jnp.inf), axis=0, keepdims=True)
    out_ref[0, 0] = jnp.where(m_ref[0] == j + 1, end, out_ref[0, 0])
    return carry

  jax.lax.fori_loop(0, y_ref.shape[1], column, None)


def _put(ring, j: Array, column: Array) -> None:
  ring[j % ring.shape[0], pl.ds(MARGIN, column.shape[0])] = column


def _look(ring, j: Array, rows: int, columns: int) -> Array:
  """The ring's column so many columns back, moved down by so many rows."""
  return ring[(j + ring.shape[0] - columns) % ring.shape[0], pl.ds(MARGIN - rows, ring.shape[1] - MARGIN)]


def _arrival(step: patterns.Step, j: Array, total, paid) -> Array:
  """Cumulated costs of coming by this step, for all cells of column j."""
  arrival = _look(total, j, step.rows, step.columns)
  for row, column, weight in step.costs:
    arrival = arrival + weight * _look(paid, j, row, column)
  return arrival


def _down(cells: Array, here: Array, pattern: patterns.Pattern) -> Array:
  """Takes steps within the column, where the pattern has one: a running minimum by doubling."""
  if all(step.columns for step in pattern.steps):
    return cells
  reach, way = 1, here  # way: what the steps down from `reach` rows above cost
  while reach < cells.shape[0]:
    cells = jnp.minimum(cells, _moved(cells, reach, jnp.inf) + way)
    way = way + _moved(way, reach, 0)
    reach *= 2
  return cells


def _moved(column: Array, rows: int, fill: float) -> Array:
  return jnp.concatenate([jnp.full((rows, column.shape[1]), fill, column.dtype), column[:-rows]])


def bucket_scores(
  queries: Sequence[Float[np.ndarray, 'n d']],
  n: Int[np.ndarray, 'q'],
  bucket: pack.Bucket,
  feasible: Bool[np.ndarray, 'q tile lane'],
  *,
  pattern: patterns.Pattern,
  cost: costs.Cost,
  interpret: bool = False,
) -> Float[np.ndarray, 'q tile lane']:
  """Raw scores where feasible."""
  del feasible  # a column of a tile costs the same for all lanes
  size, rows = pack.padded_length(len(queries)), pack.padded_length(int(n.max()))
  x = np.zeros((size, rows, queries[0].shape[1]), queries[0].dtype)
  for i, query in enumerate(queries):
    x[i, : len(query)] = query
  lengths = np.pad(n, (0, size - len(n)), constant_values=1)
  frames, m = bucket.frames, bucket.lengths
  scores = tile_scores(x, lengths, frames, m, pattern=pattern, cost=cost, interpret=interpret)
  return np.asarray(scores)[: len(queries)]
