"""DTW of queries against a bucket in pure JAX, on any device: blocks of rows, each a GEMM and a scan over it."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from sportjax.align import costs, pack, patterns, recurrence

BLOCK = 24  # rows of costs computed at a time


def bucket_scores(
  queries: Sequence[Float[np.ndarray, 'n d']],
  n: Int[np.ndarray, 'q'],
  bucket: pack.Bucket,
  feasible: Bool[np.ndarray, 'q tile lane'],
  *,
  pattern: patterns.Pattern,
  cost: costs.Cost,
) -> Float[np.ndarray, 'q tile lane']:
  """Raw scores where feasible, what was there elsewhere."""
  items = np.argwhere(feasible.any(2)).astype(np.int32)
  out = np.full(feasible.shape, np.inf, costs.accumulator(queries[0]))
  if len(items):
    out[items[:, 0], items[:, 1]] = _score(queries, n, bucket, items, feasible, pattern, cost)
  return out


def _score(queries, n, bucket, items, feasible, pattern, cost) -> np.ndarray:
  """Scores of the (query, tile) items that hold a feasible pair, on arrays padded to a few sizes."""
  starts, width = windows(n, bucket, items, feasible, pattern)
  size = pack.padded_length(len(queries))
  blocks = starts.shape[1]
  x = np.zeros((size, patterns.HALO_ROWS + blocks * BLOCK, queries[0].shape[1]), queries[0].dtype)
  for i, query in enumerate(queries):
    x[i, patterns.HALO_ROWS : patterns.HALO_ROWS + len(query)] = query
  rows = size * len(bucket.frames)  # room for all, whatever is feasible: the loop runs over those that are
  result = score_items(
    x,
    np.pad(n, (0, size - len(n)), constant_values=1),
    bucket.frames,
    bucket.lengths,
    np.pad(items, ((0, rows - len(items)), (0, 0))),
    np.pad(starts, ((0, rows - len(items)), (0, 0))),
    np.int32(len(items)),
    pattern=pattern,
    cost=cost,
    width=width,
  )
  return np.asarray(result)[: len(items)]


def windows(
  n: Int[np.ndarray, 'q'],
  bucket: pack.Bucket,
  items: Int[np.ndarray, 'item 2'],
  feasible: np.ndarray,
  pattern: patterns.Pattern,
) -> tuple[Int[np.ndarray, 'item block'], int]:
  """First column of each item's blocks of rows, and the width that holds every cell on a path of a feasible pair."""
  blocks = 2 ** int(np.ceil(np.log2(-(-int(n.max()) // BLOCK))))
  padded = bucket.frames.shape[1]
  if pattern.slope is None or padded <= 2 * BLOCK + patterns.HALO_COLUMNS:  # too short to gain from a window
    return np.zeros((len(items), blocks), np.int32), padded
  usable, lengths = feasible[items[:, 0], items[:, 1]], bucket.lengths[items[:, 1]]
  longest = np.max(np.where(usable, lengths, 0), axis=1)[:, None]
  shortest = np.min(np.where(usable, lengths, padded), axis=1)[:, None]
  rows = n[items[:, 0]][:, None]
  top = np.minimum(np.arange(blocks) * BLOCK, rows - 1)
  first, _ = pattern.reach(top, rows, shortest)
  _, last = pattern.reach(np.minimum(top + BLOCK, rows) - 1, rows, longest)
  width = int(np.max(last - first)) + 1 + patterns.HALO_COLUMNS
  width = min(-(-width // 8) * 8, padded)
  return np.minimum(first, padded - width).astype(np.int32), width


@functools.partial(jax.jit, static_argnames=('pattern', 'cost', 'width'))
def score_items(
  x: Float[Array, 'q rows d'],
  n: Int[Array, 'q'],
  y: Float[Array, 'tile columns lane d'],
  m: Int[Array, 'tile lane'],
  items: Int[Array, 'item 2'],
  starts: Int[Array, 'item block'],
  count: Int[Array, ''],
  *,
  pattern: patterns.Pattern,
  cost: costs.Cost,
  width: int,
) -> Float[Array, 'item lane']:
  """Raw cost of the first `count` (query, tile) items: the cell (n - 1, m - 1) of each lane."""
  xx, yy = costs.squared_norms(x), costs.squared_norms(y)

  def item(i: Array, out: Array) -> Array:
    query, tile = items[i]
    lanes = jnp.arange(y.shape[2])

    def block(b: Array, carry: tuple[Array, Array, Array]) -> tuple[Array, Array, Array]:
      top, start, _ = carry
      begin = starts[i, b]
      paid = _block_costs(x, xx, y, yy, (query, b * BLOCK), (tile, begin), width, cost)
      top = jnp.pad(top, ((0, 0), (0, width), (0, 0)), constant_values=jnp.inf)
      top = jax.lax.dynamic_slice_in_dim(top, begin - start, width, 1)
      wanted = jnp.minimum(BLOCK, n[query] - b * BLOCK) - 1
      top, row = recurrence.block_rows(paid, top, b == 0, wanted, pattern)
      return top, begin, row

    empty = jnp.full((recurrence.TOP, width, len(lanes)), jnp.inf, yy.dtype)
    blocks = (n[query] + BLOCK - 1) // BLOCK
    _, start, row = jax.lax.fori_loop(0, blocks, block, (empty, starts[i, 0], empty[0]))
    score = row[m[tile] - 1 - start + patterns.HALO_COLUMNS, lanes]
    return jax.lax.dynamic_update_index_in_dim(out, score, i, 0)

  return jax.lax.fori_loop(0, count, item, jnp.full((len(items), y.shape[2]), jnp.inf, yy.dtype))


def _block_costs(x, xx, y, yy, row, column, width, cost) -> recurrence.Costs:
  """Costs of a block of rows of one query against a window of columns of one tile, by one GEMM."""
  height = patterns.HALO_ROWS + BLOCK
  zero = jnp.int32(0)
  rows = jax.lax.dynamic_slice(x, (*row, zero), (1, height, x.shape[2]))[0]
  columns = jax.lax.dynamic_slice(y, (*column, zero, zero), (1, width, *y.shape[2:]))[0]
  dot = jax.lax.dot_general(
    rows,
    columns.reshape(-1, y.shape[3]),
    (((1,), (1,)), ((), ())),
    precision='highest',
    preferred_element_type=yy.dtype,
  ).reshape(height, width, -1)
  norms = jax.lax.dynamic_slice(xx, row, (1, height))[0]
  column_norms = jax.lax.dynamic_slice(yy, (*column, zero), (1, width, y.shape[2]))[0]
  return cost(dot, norms[:, None, None], column_norms[None])
