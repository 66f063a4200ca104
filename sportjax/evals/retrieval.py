"""Retrieval of clips by alignment: precision among the first k, with its spread over athletes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sportjax.errors import InputError
from sportjax.metrics import bootstrap, retrieval
from sportjax.retrieval import rank
from sportjax.typing import Float, Int

Precisions = dict[int, Float[np.ndarray, 'q']]


def precisions(
  clips: Sequence[np.ndarray],
  labels: np.ndarray,
  *,
  queries: Int[np.ndarray, 'q'] | None = None,
  ks: tuple[int, ...] = (1, 5, 10),
  pattern: str = 'symmetricP2',
  flip: rank.Flip = 'min',
) -> Precisions:
  """Precision at each k of every query among all other clips.

  `queries` are positions in `clips`; all of them where not given. A clip of no frames (its features are missing)
  counts as a query with precision 0 and is never found.
  Source: VPD (arXiv 2109.01305), section 5.2, and its reference implementation for missing features.

  Raises:
    InputError: labels and clips differ in number, or there are not more clips than the largest k.
  """
  labels = np.asarray(labels)
  if len(labels) != len(clips):
    raise InputError(f'{len(labels)} labels for {len(clips)} clips')
  queries = np.arange(len(clips)) if queries is None else np.asarray(queries)
  there = np.flatnonzero([len(clip) > 0 for clip in clips])
  asked = np.isin(queries, there)
  relevant = np.zeros((len(queries), max(ks)), bool)
  ranked, _ = rank.rank(
    [clips[i] for i in queries[asked]],
    [clips[i] for i in there],
    k=max(ks),
    pattern=pattern,
    flip=flip,
    exclude_self=np.searchsorted(there, queries[asked]),
  )
  relevant[asked] = retrieval.relevance(ranked, labels[queries[asked]], labels[there])
  return {k: retrieval.precision_at_k(relevant, k) for k in ks}


def summarize(values: Precisions, groups: np.ndarray, *, n: int = 1000, seed: int = 0) -> dict[str, bootstrap.Interval]:
  """`P@k` with its interval when groups (the queries' athletes) are drawn anew."""
  return {f'P@{k}': bootstrap.bootstrap(value, groups, n=n, seed=seed) for k, value in values.items()}


def compare(
  ours: Precisions, theirs: Precisions, groups: np.ndarray, *, n: int = 1000, seed: int = 0
) -> dict[str, bootstrap.Interval]:
  """The difference of two rows on the same queries, with its interval over groups."""
  return {f'P@{k}': bootstrap.paired_difference(ours[k], theirs[k], groups, n=n, seed=seed) for k in ours}
