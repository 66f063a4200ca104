"""DTW of queries against a bucket in pure JAX, on any device: one (query, tile) item after the other."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Sequence

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from sportjax.align import costs, pack, patterns, recurrence


@dataclasses.dataclass(frozen=True)
class Pieces:
  """Queries, each against some lanes of a tile, whose paths a band of `width` rows a column holds."""

  place: Int[np.ndarray, 'item 2']  # query, tile
  lanes: Bool[np.ndarray, 'item lane']
  starts: Int[np.ndarray, 'item column']  # first row of each column's band
  width: int


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
  """Raw scores where feasible, by `score_items` or a program of the same form; on arrays padded to a few sizes."""
  out = np.full(feasible.shape, np.inf, costs.accumulator(queries[0]))
  if not feasible.any():
    return out
  work = pieces(n, bucket, feasible, pattern)
  size = pack.padded_length(len(queries))
  x = np.zeros((size, pack.padded_length(int(n.max())), queries[0].shape[1]), queries[0].dtype)
  for i, query in enumerate(queries):
    x[i, : len(query)] = query
  sides = x, np.pad(n, (0, size - len(n)), constant_values=1), bucket.frames, bucket.lengths
  score = functools.partial(program or score_items, *sides, pattern=pattern, cost=cost, width=work.width)
  room = size * len(bucket.frames)  # for one piece of each query and tile; there may be fewer, or more
  for begin in range(0, len(work.place), room):
    place, lanes, starts = (part[begin : begin + room] for part in (work.place, work.lanes, work.starts))
    columns = np.max(np.where(lanes, bucket.lengths[place[:, 1]], 0), axis=1)
    items = (np.pad(part, ((0, room - len(part)), *[(0, 0)] * (part.ndim - 1))) for part in (place, starts, columns))
    scores = np.asarray(score(*items, np.int32(len(place))))[: len(place)]
    item, lane = np.nonzero(lanes)
    out[place[item, 0], place[item, 1], lane] = scores[item, lane]
  return out


def pieces(
  n: Int[np.ndarray, 'q'], bucket: pack.Bucket, feasible: Bool[np.ndarray, 'q tile lane'], pattern: patterns.Pattern
) -> Pieces:
  """One piece for each query and tile; where a tile's clips differ too much in length, several.

  So the width, which is compiled in, follows from the buckets.
  """
  rows, columns = pack.padded_length(int(n.max())), bucket.frames.shape[1]
  width = _width(rows, columns, pattern)
  place = np.argwhere(feasible.any(2)).astype(np.int32)
  lanes, done = feasible[place[:, 0], place[:, 1]], []
  while len(place):
    lengths = bucket.lengths[place[:, 1]]
    longest = np.max(np.where(lanes, lengths, 0), axis=1)[:, None]
    shortest = np.min(np.where(lanes, lengths, columns), axis=1)[:, None]
    end, first = _band(np.arange(columns)[None], n[place[:, 0]][:, None], shortest, longest, pattern)
    fits = (np.max(end - first, axis=1) <= width) | (longest == shortest)[:, 0]
    done.append((place[fits], lanes[fits], first[fits], np.max(end - first, axis=1)[fits]))
    near = (lengths <= (shortest + longest) // 2)[~fits]
    place, lanes = np.repeat(place[~fits], 2, axis=0), np.repeat(lanes[~fits], 2, axis=0)
    lanes[::2] &= near
    lanes[1::2] &= ~near
  place, lanes, starts, heights = (np.concatenate(parts) for parts in zip(*done, strict=True))
  return Pieces(place, lanes, starts.astype(np.int32), max(width, int(heights.max())))


@functools.cache
def _width(rows: int, columns: int, pattern: patterns.Pattern) -> int:
  """The highest band of a query of at most so many rows and any one clip of a bucket of so many columns.

  It changes slowly with either length, so that a grid of them finds it; `pieces` looks.
  """
  queries = np.unique(np.linspace(1, rows, 256, dtype=np.int64))[:, None, None]
  clips = np.unique(np.linspace(columns * 2 // 3, columns, 64, dtype=np.int64))[:, None]
  end, first = _band(np.arange(columns), queries, clips, clips, pattern)
  return int(np.max(np.where(pattern.feasible(queries, clips), end - first, 1)))


def _band(
  column: np.ndarray, rows: np.ndarray, shortest: np.ndarray, longest: np.ndarray, pattern: patterns.Pattern
) -> tuple[np.ndarray, np.ndarray]:
  """End and first row of each column's band for clips from `shortest` to `longest` against a query of `rows` frames.

  All patterns are symmetric: what a row reaches of the columns, a column reaches of the rows. One more to each side,
  because the cells that a slanted step passes over may lie just outside.
  """
  first, _ = pattern.reach(np.minimum(column, longest - 1), longest, rows)
  _, last = pattern.reach(np.minimum(column, shortest - 1), shortest, rows)
  return np.minimum(last + 1, rows - 1) + 1, np.maximum(first - 1, 0)


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
