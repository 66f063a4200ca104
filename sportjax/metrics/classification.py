"""How good predicted classes are: correctness per example, the confusion matrix and what follows from it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sportjax.errors import InputError
from sportjax.typing import Float, Int


def correct(predicted: np.ndarray, labels: np.ndarray) -> Float[np.ndarray, 'b']:
  """1 where the prediction is right; its mean is the accuracy, and `bootstrap` takes it as it is."""
  return (np.asarray(predicted) == np.asarray(labels)).astype(np.float64)


def top_k_correct(scores: Float[np.ndarray, 'b k'], labels: Int[np.ndarray, 'b'], k: int) -> Float[np.ndarray, 'b']:
  """1 where the label is among the k highest scores; of equal scores the lower class comes first."""
  ranked = np.argsort(-np.asarray(scores), axis=1, kind='stable')[:, :k]
  return (ranked == np.asarray(labels)[:, None]).any(1).astype(np.float64)


class Confusion(NamedTuple):
  """Counts of (true class, predicted class); states of several batches add up."""

  counts: Int[np.ndarray, 'k k']

  @classmethod
  def of(cls, predicted: Int[np.ndarray, 'b'], labels: Int[np.ndarray, 'b'], classes: int) -> Confusion:
    """The state of a batch.

    Raises:
      InputError: a class is not in 0..classes-1.
    """
    predicted, labels = np.asarray(predicted), np.asarray(labels)
    if len(labels) and not (min(predicted.min(), labels.min()) >= 0 and max(predicted.max(), labels.max()) < classes):
      raise InputError(f'a confusion matrix of {classes} classes got predictions or labels outside 0..{classes - 1}')
    return cls(np.bincount(labels * classes + predicted, minlength=classes**2).reshape(classes, classes))

  def merge(self, other: Confusion) -> Confusion:
    """The state of both together."""
    return Confusion(self.counts + other.counts)

  def accuracy(self) -> float:
    """Share of examples on the diagonal."""
    return float(np.trace(self.counts) / self.counts.sum())

  def per_class(self) -> Float[np.ndarray, 'k']:
    """Accuracy (recall) within each true class; NaN for a class without examples."""
    totals = self.counts.sum(1)
    return np.diagonal(self.counts) / np.where(totals, totals, np.nan)


class ClassReport(NamedTuple):
  """How one class fared; a quotient of nothing is NaN."""

  label: str
  examples: int
  precision: float
  recall: float
  f1: float


def per_class(predicted: np.ndarray, labels: np.ndarray) -> tuple[ClassReport, ...]:
  """Each class that is true or predicted anywhere, in order of names."""
  predicted, labels = np.asarray(predicted), np.asarray(labels)
  reports = []
  for name in np.unique(np.concatenate([predicted, labels])):
    said, true = predicted == name, labels == name
    hits, either = int((said & true).sum()), int(said.sum() + true.sum())
    shares = (hits / n if n else float('nan') for n in (int(said.sum()), int(true.sum())))
    reports.append(ClassReport(str(name), int(true.sum()), *shares, f1=2 * hits / either))
  return tuple(reports)
