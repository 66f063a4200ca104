"""DTW scores of queries against tiles of clips by the native kernel."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import jax
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from sportjax.align import costs, pack, patterns

PATTERNS = (patterns.SYMMETRIC1, patterns.SYMMETRIC2, patterns.SYMMETRIC_P1, patterns.SYMMETRIC_P2)  # as in dtw.cc
COSTS = (costs.l2, costs.squared_l2, costs.cosine)  # as in costs.h


def supports(pattern: patterns.Pattern, cost: costs.Cost) -> bool:
  """Whether the kernel has this pattern and this cost; those that a caller defines run in JAX."""
  return pattern in PATTERNS and cost in COSTS


@functools.partial(jax.jit, static_argnames=('pattern', 'cost'))
def tile_scores(
  x: Float[Array, 'q d n'],
  n: Int[Array, 'q'],
  y: Float[Array, 'tile columns d lane'],
  m: Int[Array, 'tile lane'],
  *,
  pattern: patterns.Pattern,
  cost: costs.Cost,
) -> Float[Array, 'q tile lane']:
  """Raw scores of every query against every lane; +inf without a path and for queries of length 0."""
  dtype = costs.accumulator(y)
  out = jax.ShapeDtypeStruct((x.shape[0], *m.shape), dtype)
  low, high = pattern.slope or (0, 0)
  call = jax.ffi.ffi_call('sportjax_dtw', out, vmap_method='sequential')
  return call(
    x.astype(dtype),
    n.astype(np.int32),
    y,
    m.astype(np.int32),
    pattern=np.int64(PATTERNS.index(pattern)),
    cost=np.int64(COSTS.index(cost)),
    low=np.int64(low),
    high=np.int64(high),
  )


def bucket_scores(
  queries: Sequence[Float[np.ndarray, 'n d']],
  n: Int[np.ndarray, 'q'],
  bucket: pack.Bucket,
  feasible: Bool[np.ndarray, 'q tile lane'],
  *,
  pattern: patterns.Pattern,
  cost: costs.Cost,
) -> Float[np.ndarray, 'q tile lane']:
  """Raw scores where feasible; what stands elsewhere means nothing."""
  if not feasible.any():
    return np.full(feasible.shape, np.inf, costs.accumulator(queries[0]))
  # Padded to a few sizes, so that few programs are compiled; queries of length 0 cost nothing, but one has no fellows.
  # The rows to spare keep features from lying a power of two apart, where they would push each other out of the cache.
  size, rows = pack.padded_length(len(queries)) if len(queries) > 1 else 1, pack.padded_length(int(n.max())) + 16
  x = np.zeros((size, queries[0].shape[1], rows), queries[0].dtype)
  for i, query in enumerate(queries):
    x[i, :, : len(query)] = query.T
  lengths = np.pad(n, (0, size - len(n)))
  return np.asarray(tile_scores(x, lengths, bucket.frames, bucket.lengths, pattern=pattern, cost=cost))[: len(queries)]
