"""Batched dynamic time warping of sequences of any length: features in, scores out, no cost matrix kept."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Array, Float, Int

from sportjax.align import costs, implementation, pack, pallas_gpu, pallas_tpu, patterns, scan
from sportjax.align.native import dtw as native
from sportjax.errors import InputError

QUERIES = 64  # queries to one call of the device
SCORERS = {
  'jax': scan.bucket_scores,
  'native': native.bucket_scores,
  'pallas_gpu': pallas_gpu.bucket_scores,
  'pallas_tpu': pallas_tpu.bucket_scores,
}


def dtw_scores(
  queries: Float[Array | np.ndarray, 'q n d'],
  q_len: Int[np.ndarray, 'q'],
  refs: Float[Array | np.ndarray, 'r m d'],
  r_len: Int[np.ndarray, 'r'],
  *,
  cost: str | costs.Cost = 'l2',
  pattern: str | patterns.Pattern = 'symmetricP2',
  normalize: bool = True,
  impl: implementation.Implementation = 'auto',
) -> Float[np.ndarray, 'q r']:
  """DTW score of every query against every reference; +inf where the pattern has no path between the two lengths.

  g[i, j] = min over the pattern's steps of g[i - rows, j - columns] + sum of weight * cost on the way; g[0, 0] is the
  cost of the first cell, which counts once. The score is g[n - 1, m - 1], which `normalize` divides by n + m. 'l2' is
  the distance, not its square. Frames behind a length are never read.

  Raises:
    InputError: a length is 0 or larger than the array, features are not finite, the pattern has no normaliser, or
      `impl` cannot run here.

  Source: Sakoe and Chiba 1978; steps, weights and normalisation of the R and Python packages `dtw`.
  """
  queries, refs = np.asarray(queries), np.asarray(refs)
  clips = [[frames[i, :t] for i, t in enumerate(lengths)] for frames, lengths in ((queries, q_len), (refs, r_len))]
  for frames, lengths in ((queries, q_len), (refs, r_len)):
    if len(frames) != len(lengths) or np.max(lengths, initial=0) > frames.shape[1]:
      raise InputError(f'lengths {np.shape(lengths)} up to {np.max(lengths)} do not fit sequences {frames.shape}')
  return scores(*clips, cost=cost, pattern=pattern, normalize=normalize, impl=impl)


def scores(
  queries: Sequence[Float[np.ndarray, 'n d']],
  refs: Sequence[Float[np.ndarray, 'm d']],
  *,
  cost: str | costs.Cost = 'l2',
  pattern: str | patterns.Pattern = 'symmetricP2',
  normalize: bool = True,
  impl: implementation.Implementation = 'auto',
) -> Float[np.ndarray, 'q r']:
  """`dtw_scores` of ragged lists.

  Raises:
    InputError: a clip is empty, not finite or of another width, the pattern has no normaliser, or `impl` cannot
      run here.
  """
  pack.check_clips(queries, 'query')
  out = np.full((len(queries), len(refs)), np.inf, np.result_type(np.float32, *{x.dtype for x in queries}))
  for bucket in pack.pack(refs) if len(refs) and len(queries) else []:
    lane = bucket.index >= 0
    for begin in range(0, len(queries), QUERIES):
      part = bucket_scores(
        queries[begin : begin + QUERIES], bucket, cost=cost, pattern=pattern, normalize=normalize, impl=impl
      )
      out[begin : begin + QUERIES, bucket.index[lane]] = part[:, lane]
  return out


def bucket_scores(
  queries: Sequence[Float[np.ndarray, 'n d']],
  bucket: pack.Bucket,
  *,
  cost: str | costs.Cost = 'l2',
  pattern: str | patterns.Pattern = 'symmetricP2',
  normalize: bool = True,
  impl: implementation.Implementation = 'auto',
) -> Float[np.ndarray, 'q tile lane']:
  """Scores of queries against one bucket; +inf for infeasible pairs and empty lanes.

  Raises:
    InputError: the pattern has no normaliser, queries and bucket differ in width, or `impl` cannot run here.
  """
  pattern = patterns.find(pattern)
  if normalize and not pattern.normalized:
    raise InputError(f'{pattern.name} has no normaliser; pass normalize=False or use symmetric2')
  if queries[0].shape[1] != bucket.frames.shape[2]:
    raise InputError(f'queries have {queries[0].shape[1]} features a frame, references {bucket.frames.shape[2]}')
  cost = costs.find(cost)
  single = costs.accumulator(bucket.frames) == np.float32  # neither Triton's products nor TPUs have more
  kernels = (('pallas_gpu', 'pallas_tpu') if single else ()) + (('native',) if native.supports(pattern, cost) else ())
  scorer = SCORERS[implementation.choose(impl, kernels)]
  n = np.array([len(query) for query in queries], np.int32)
  feasible = pattern.feasible(n[:, None, None], bucket.lengths) & (bucket.index >= 0)
  out = np.array(scorer(queries, n, bucket, feasible, pattern=pattern, cost=cost))
  out[~feasible] = np.inf
  return out / (n[:, None, None] + bucket.lengths) if normalize else out
