"""Few-shot recognition: accuracy over several subsets of labels, with both its spreads."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

import numpy as np

from sportjax.evals import few_shot
from sportjax.metrics import bootstrap, classification
from sportjax.retrieval import rank
from sportjax.retrieval.flips import Flip
from sportjax.typing import Float, Int

# (train clips, train labels, subsets, test clips) -> predictions, one row a subset
Classify = Callable[[Sequence[np.ndarray], np.ndarray, list[np.ndarray], Sequence[np.ndarray]], np.ndarray]


@dataclasses.dataclass(frozen=True)
class FewShot:
  """Accuracy of a classifier trained on each of several subsets."""

  predicted: np.ndarray  # (subset, test clip)
  correct: Float[np.ndarray, 's b']

  @property
  def mean(self) -> float:
    """Mean accuracy over subsets."""
    return float(self.correct.mean())

  @property
  def spread(self) -> float:
    """Population standard deviation of the accuracy over subsets, as VPD's tables give it."""
    return float(self.correct.mean(1).std())

  def interval(self, groups: np.ndarray, *, n: int = 1000, seed: int = 0) -> bootstrap.Interval:
    """The mean accuracy with its interval over the test clips' athletes."""
    return bootstrap.bootstrap(self.correct.mean(0), groups, n=n, seed=seed)

  def difference(self, other: FewShot, groups: np.ndarray, *, n: int = 1000, seed: int = 0) -> bootstrap.Interval:
    """By how much this row's accuracy is above another's on the same clips, with its interval over athletes."""
    return bootstrap.paired_difference(self.correct.mean(0), other.correct.mean(0), groups, n=n, seed=seed)


def by_alignment(
  train: Sequence[np.ndarray],
  labels: np.ndarray,
  subsets: list[Int[np.ndarray, 'b']],
  test: Sequence[np.ndarray],
  *,
  flip: Flip = 'min',
) -> np.ndarray:
  """Nearest neighbour under symmetricP2, all subsets from one matrix of distances.

  The candidates are only the clips of some subset. symmetric2 stands in for queries that none of a subset's clips can
  be aligned with.
  """
  used: Int[np.ndarray, 'c'] = np.unique(np.concatenate(subsets))
  clips, labels = [train[i] for i in used], np.asarray(labels)[used]
  places = [np.searchsorted(used, subset) for subset in subsets]
  near = rank.distances(test, clips, flip=flip)
  lost = np.flatnonzero(np.any([~np.isfinite(near[:, place]).any(1) for place in places], axis=0))
  fallback = np.full_like(near, np.inf)
  if len(lost):
    fallback[lost] = rank.distances([test[i] for i in lost], clips, pattern='symmetric2', flip=flip)
  return np.stack([few_shot.nearest_neighbour(near, labels, place, fallback) for place in places])


def evaluate(
  train: Sequence[np.ndarray],
  train_labels: np.ndarray,
  test: Sequence[np.ndarray],
  test_labels: np.ndarray,
  subsets: list[Int[np.ndarray, 'b']],
  classify: Classify = by_alignment,
) -> FewShot:
  """Accuracy on the test clips of `classify` trained on each subset of the training clips."""
  predicted = classify(train, train_labels, subsets, test)
  return FewShot(predicted, np.stack([classification.correct(row, test_labels) for row in predicted]))
