"""What a recognition came to, as files: predictions, the report per class, the confusion matrix."""

from __future__ import annotations

import csv
import pathlib
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from sportjax.errors import InputError
from sportjax.metrics import classification
from sportjax.typing import Float

PREDICTIONS, PER_CLASS, CONFUSION = 'predictions.csv', 'per_class.csv', 'confusion.csv'


def write_report(
  folder: pathlib.Path,
  ids: Sequence[str],
  labels: np.ndarray,
  predicted: np.ndarray,
  probabilities: Float[np.ndarray, 's b k'] | None = None,
) -> None:
  """Writes the three files; counts are over all subsets.

  Args:
    folder: where, made if need be.
    ids: of the test clips.
    labels: their classes.
    predicted: one row a subset.
    probabilities: of all classes, for the column of that of the predicted one; empty where None.

  Raises:
    InputError: ids, labels and predictions are not of the same clips.
  """
  labels, predicted = np.asarray(labels), np.asarray(predicted)
  if not len(ids) == len(labels) == predicted.shape[-1]:
    raise InputError(
      f'{len(ids)} ids, {len(labels)} labels, {predicted.shape[-1]} predictions: give one of each a clip'
    )
  folder.mkdir(parents=True, exist_ok=True)
  certain = np.full(predicted.shape, '') if probabilities is None else np.asarray(probabilities).max(-1).round(6)
  rows = [
    (subset, *row)
    for subset in range(len(predicted))
    for row in zip(ids, labels, predicted[subset], certain[subset], strict=True)
  ]
  _write(folder / PREDICTIONS, ('subset', 'clip', 'label', 'predicted', 'probability'), rows)
  truth = np.tile(labels, len(predicted))
  report = classification.per_class(predicted.ravel(), truth)
  _write(folder / PER_CLASS, classification.ClassReport._fields, report)
  classes = [each.label for each in report]
  numbers = {name: i for i, name in enumerate(classes)}
  numbered = [np.array([numbers[str(x)] for x in which]) for which in (predicted.ravel(), truth)]
  counts = classification.Confusion.of(numbered[0], numbered[1], len(classes)).counts
  _write(folder / CONFUSION, ('label', *classes), [(c, *row) for c, row in zip(classes, counts.tolist(), strict=True)])


def read_correct(folder: pathlib.Path) -> tuple[tuple[str, ...], Float[np.ndarray, 's b']]:
  """The test clips, and whether each was told right from each subset, out of a report's predictions.

  Raises:
    InputError: there are no predictions, or subsets are not of the same clips.
  """
  path, right = folder / PREDICTIONS, dict[str, dict[str, float]]()
  try:
    with path.open(newline='', encoding='utf-8') as file:
      for row in csv.DictReader(file):
        right.setdefault(row['subset'], {})[row['clip']] = float(row['label'] == row['predicted'])
  except (OSError, KeyError) as error:
    raise InputError(f'{path}: no predictions of clips ({error}); run the stage that writes them again') from error
  ids = tuple(next(iter(right.values()), ()))
  if not ids or any(set(each) != set(ids) for each in right.values()):
    raise InputError(f'{path}: subsets of predictions are not of the same clips; run the stage that writes them again')
  return ids, np.array([[each[name] for name in ids] for each in right.values()])


def _write(path: pathlib.Path, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
  with path.open('w', newline='', encoding='utf-8') as file:
    writer = csv.writer(file)
    writer.writerow(header)
    writer.writerows(rows)
