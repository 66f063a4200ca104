"""How good a ranking is: precision, hits, recall and average precision among the first k."""

from __future__ import annotations

import numpy as np

from sportjax.errors import InputError
from sportjax.typing import Bool, Float, Int


def order(
  distances: Float[np.ndarray, 'q r'], exclude: Int[np.ndarray, 'q'] | None = None, k: int | None = None
) -> Int[np.ndarray, 'q k']:
  """References from near to far; ties and infinities (pairs without a path) keep the order of the references.

  `exclude` names the reference that is the query itself, -1 where it is not among them; it comes out as -1, last.

  Raises:
    InputError: a distance is NaN.
  """
  if np.isnan(distances).any():
    raise InputError('distances hold NaN; a pair that cannot be compared is +inf')
  ranked = np.argsort(distances, axis=1, kind='stable')
  if exclude is not None:
    itself = ranked == np.asarray(exclude)[:, None]
    ranked = np.take_along_axis(np.where(itself, -1, ranked), np.argsort(itself, axis=1, kind='stable'), axis=1)
  return ranked[:, :k]


def relevance(
  ranked: Int[np.ndarray, 'q k'], query_labels: np.ndarray, reference_labels: np.ndarray
) -> Bool[np.ndarray, 'q k']:
  """Whether each ranked reference has its query's label; -1 (no reference) has not."""
  return (np.asarray(reference_labels)[ranked] == np.asarray(query_labels)[:, None]) & (ranked >= 0)


def precision_at_k(relevant: Bool[np.ndarray, 'q r'], k: int) -> Float[np.ndarray, 'q']:
  """Share of the first k that are relevant; k divides also where fewer were ranked.

  A query without a ranking (all False) has 0. Source: VPD (arXiv 2109.01305), section 5.2.
  """
  return relevant[:, :k].sum(1) / k


def hit_at_k(relevant: Bool[np.ndarray, 'q r'], k: int) -> Float[np.ndarray, 'q']:
  """1 where any of the first k is relevant."""
  return np.any(relevant[:, :k], axis=1).astype(np.float64)


def recall_at_k(
  relevant: Bool[np.ndarray, 'q r'], k: int, positives: Int[np.ndarray, 'q'] | None = None
) -> Float[np.ndarray, 'q']:
  """Share of the relevant references found in the first k; NaN where there is none to find.

  `positives` counts them, where `relevant` is not the whole ranking.
  """
  positives = relevant.sum(1) if positives is None else np.asarray(positives)
  return relevant[:, :k].sum(1) / np.where(positives, positives, np.nan)


def average_precision(
  relevant: Bool[np.ndarray, 'q r'], positives: Int[np.ndarray, 'q'] | None = None
) -> Float[np.ndarray, 'q']:
  """Mean over the relevant references of the precision at their rank; NaN where there is none to find."""
  positives = relevant.sum(1) if positives is None else np.asarray(positives)
  precision = np.cumsum(relevant, axis=1) / (1 + np.arange(relevant.shape[1]))
  return np.sum(precision * relevant, axis=1) / np.where(positives, positives, np.nan)
