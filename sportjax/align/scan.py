"""DTW of queries against a bucket in pure JAX, on any device: one (query, tile) item after the other."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from sportjax.align import costs, pack, patterns, recurrence


def bucket_scores(
  queries: Sequence[Float[np.ndarray, 'n d']],
  n: Int[np.ndarray, 'q'],
  bucket: pack.Bucket,
  feasible: Bool[np.ndarray, 'q tile lane'],
  *,
  pattern: patterns.Pattern,
  cost: costs.Cost,
  program: Callable[..., Array] | None = None,
) -> Float[np.ndarray, 'q tile lane']:
  """Raw scores where feasible, by `score_items` or a program of the same form."""
  items = np.argwhere(feasible.any(2)).astype(np.int32)
  out = np.full(feasible.shape, np.inf, costs.accumulator(queries[0]))
  if len(items):
    out[items[:, 0], items[:, 1]] = _score(queries, n, bucket, items, feasible, pattern, cost, program or score_items)
  return out


def _score(queries, n, bucket, items, feasible, pattern, cost, program) -> np.ndarray:
  """Scores of the (query, tile) items that hold a feasible pair, on arrays padded to a few sizes."""
  starts, width = windows(n, bucket, items, feasible, pattern)
  size = pack.padded_length(len(queries))
  x = np.zeros((size, pack.padded_length(int(n.max())), queries[0].shape[1]), queries[0].dtype)
  for i, query in enumerate(queries):
    x[i, : len(query)] = query
  usable = feasible[items[:, 0], items[:, 1]]
  columns = np.max(np.where(usable, bucket.lengths[items[:, 1]], 0), axis=1)
  spare = size * len(bucket.frames) - len(
    items
  )  # room for all, whatever is feasible: the loop runs over those that are
  result = program(
    x,
    np.pad(n, (0, size - len(n)), constant_values=1),
    bucket.frames,
    bucket.lengths,
    *(np.pad(side, ((0, spare), *[(0, 0)] * (side.ndim - 1))) for side in (items, starts, columns)),
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
) -> tuple[Int[np.ndarray, 'item column'], int]:
  """First row of each item's columns, and a height that holds every cell on a path of a feasible pair.

  It is that of two equal clips as long as the buckets allow, mostly enough, so that few programs are compiled.
  """
  columns, padded = np.arange(bucket.frames.shape[1])[None], pack.padded_length(int(n.max()))
  if pattern.slope is None:
    return np.zeros((len(items), 1), np.int32), padded
  usable, lengths = feasible[items[:, 0], items[:, 1]], bucket.lengths[items[:, 1]]
  longest = np.max(np.where(usable, lengths, 0), axis=1)[:, None]
  shortest = np.min(np.where(usable, lengths, columns.size), axis=1)[:, None]
  rows = n[items[:, 0]][:, None]
  # All patterns are symmetric: what a row reaches of the columns, a column reaches of the rows. One more to each side,
  # because the cells that a slanted step passes over may lie just outside.
  first, _ = pattern.reach(np.minimum(columns, longest - 1), longest, rows)
  _, last = pattern.reach(np.minimum(columns, shortest - 1), shortest, rows)
  first, last = np.maximum(first - 1, 0), np.minimum(last + 1, rows - 1)
  square = np.asarray(min(padded, columns.size))
  low, high = pattern.reach(np.arange(int(square)), square, square)
  width = 1 + max(int(np.max(last - first)), int(np.max(high - low)) + 2)
  return first.astype(np.int32), min(-(-width // 8) * 8, padded)


@functools.partial(jax.jit, static_argnames=('pattern', 'cost', 'width'))
def score_items(
  x: Float[Array, 'q rows d'],
  n: Int[Array, 'q'],
  y: Float[Array, 'tile columns d lane'],
  m: Int[Array, 'tile lane'],
  items: Int[Array, 'item 2'],
  starts: Int[Array, 'item column'],
  columns: Int[Array, 'item'],
  count: Int[Array, ''],
  *,
  pattern: patterns.Pattern,
  cost: costs.Cost,
  width: int,
) -> Float[Array, 'item lane']:
  """Raw cost of the first `count` (query, tile) items: the cell (n - 1, m - 1) of each lane."""
  lanes = jnp.arange(y.shape[3])

  def item(i: Array, out: Array) -> Array:
    query, tile = items[i]
    sides = x[query], n[query], y[tile], columns[i]
    if pattern.by_columns:
      ends = recurrence.by_columns(*sides, starts[i], pattern=pattern, cost=cost, width=width)
    else:
      ends = recurrence.by_diagonals(*sides, pattern=pattern, cost=cost)
    return jax.lax.dynamic_update_index_in_dim(out, ends[m[tile] - 1, lanes], i, 0)

  out = jnp.full((len(items), len(lanes)), jnp.inf, costs.accumulator(y))
  return jax.lax.fori_loop(0, count, item, out)
