"""Retrieval of clips by alignment: precision among the first k, with its spread over athletes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sportjax.errors import InputError
from sportjax.metrics import bootstrap, retrieval
from sportjax.retrieval import rank
from sportjax.retrieval.flips import Flip
from sportjax.retrieval.search import Found
from sportjax.typing import Float, Int

Precisions = dict[int, Float[np.ndarray, 'q']]


def nearest(
  clips: Sequence[np.ndarray],
  *,
  k: int,
  queries: Int[np.ndarray, 'q'] | None = None,
  pattern: str = 'symmetricP2',
  flip: Flip = 'min',
) -> Found:
  """The k nearest of all other clips to each query, as positions in `clips`.

  `queries` are positions too; all of them where not given. A clip of no frames (its features are missing) finds nothing
  (-1, at +inf) and is never found.

  Raises:
    InputError: there are not more than k clips with features.
  """
  queries = np.arange(len(clips)) if queries is None else np.asarray(queries)
  there = np.flatnonzero([len(clip) > 0 for clip in clips])
  asked = np.isin(queries, there)
  index, distance = np.full((len(queries), k), -1, np.int64), np.full((len(queries), k), np.inf, np.float32)
  found = rank.rank(
    [clips[i] for i in queries[asked]],
    [clips[i] for i in there],
    k=k,
    pattern=pattern,
    flip=flip,
    exclude_self=np.searchsorted(there, queries[asked]),
  )
  index[asked], distance[asked] = there[found.index], found.distance
  return Found(index, distance)


def precisions_of(
  index: Int[np.ndarray, 'q k'], query_labels: np.ndarray, labels: np.ndarray, ks: Sequence[int]
) -> Precisions:
  """Precision at each k of rankings (positions among the labels; -1 is a miss)."""
  relevant = retrieval.relevance(index, query_labels, labels)
  return {k: retrieval.precision_at_k(relevant, k) for k in ks}


def precisions(
  clips: Sequence[np.ndarray],
  labels: np.ndarray,
  *,
  queries: Int[np.ndarray, 'q'] | None = None,
  ks: tuple[int, ...] = (1, 5, 10),
  pattern: str = 'symmetricP2',
  flip: Flip = 'min',
) -> Precisions:
  """Precision at each k of every query among all other clips (`nearest`); 0 for a query without features.

  Source: VPD (arXiv 2109.01305), section 5.2, and its reference implementation for missing features.

  Raises:
    InputError: labels and clips differ in number, or there are not more clips than the largest k.
  """
  labels = np.asarray(labels)
  if len(labels) != len(clips):
    raise InputError(f'{len(labels)} labels for {len(clips)} clips')
  found = nearest(clips, k=max(ks), queries=queries, pattern=pattern, flip=flip)
  return precisions_of(found.index, labels if queries is None else labels[queries], labels, ks)


def summarize(values: Precisions, groups: np.ndarray, *, n: int = 1000, seed: int = 0) -> dict[str, bootstrap.Interval]:
  """`P@k` with its interval when groups (the queries' athletes) are drawn anew."""
  return {f'P@{k}': bootstrap.bootstrap(value, groups, n=n, seed=seed) for k, value in values.items()}


def compare(
  ours: Precisions, theirs: Precisions, groups: np.ndarray, *, n: int = 1000, seed: int = 0
) -> dict[str, bootstrap.Interval]:
  """The difference of two rows on the same queries, with its interval over groups."""
  return {f'P@{k}': bootstrap.paired_difference(ours[k], theirs[k], groups, n=n, seed=seed) for k in ours}
