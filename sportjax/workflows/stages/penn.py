"""The nearest-neighbour protocol of Penn Action."""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Sequence

import numpy as np

from sportjax.config import did_you_mean
from sportjax.data.clip_records import LabelledClips, read_clips
from sportjax.errors import InputError
from sportjax.evals import recognition, recognition_report
from sportjax.metrics import bootstrap, classification
from sportjax.pipeline import Work, write_json
from sportjax.retrieval.corpus import unit

RESULTS = 'results.json'
_ALL = 'all actions'


def nearest_neighbours(
  work: Work, *, dataset: pathlib.Path, left_out: Sequence[str], unit_norm: bool, resamples: int, seed: int
) -> None:
  """Each test sequence takes the action of its nearest training sequence by DTW, the best of both mirrorings.

  Writes the accuracy of all and of each action with its interval over sequences, and what `write_report` writes. A test
  sequence without features is told wrong; one to learn from is not there.

  Raises:
    InputError: an action to leave out is unknown, or there is nothing to compare.
  Source: VPD (arXiv 2109.01305), supplements B2 and G.
  """
  train, test = (_kept(read_clips(dataset, split), left_out, dataset) for split in ('train', 'test'))
  known, asked = (np.flatnonzero([len(each.frame) for each in clips.features]) for clips in (train, test))
  if not len(known) or not len(asked):
    raise InputError(f'{dataset}: no features in its training or test sequences; build it with --features')
  labels, truth = (np.array([clip.label for clip in clips.clips]) for clips in (train, test))
  predicted = np.full(len(truth), '', dtype=truth.dtype)
  predicted[asked] = recognition.by_alignment(
    _features(train, known, unit_norm), labels[known], [np.arange(len(known))], _features(test, asked, unit_norm)
  )[0]
  correct = classification.correct(predicted, truth)
  groups = np.array([clip.athlete for clip in test.clips])
  chosen = {_ALL: np.ones(len(truth), bool)} | {name: truth == name for name in np.unique(truth).tolist()}
  write_json(
    work.folder / RESULTS,
    {
      name: dataclasses.asdict(bootstrap.bootstrap(correct[rows], groups[rows], n=resamples, seed=seed))
      for name, rows in chosen.items()
    },
  )
  ids = [test.id[i] for i in asked]
  recognition_report.write_report(work.folder, ids, truth[asked], predicted[None, asked])
  work.count(train=len(known), test=len(truth), missing=len(truth) - len(asked))


def _kept(clips: LabelledClips, left_out: Sequence[str], dataset: pathlib.Path) -> LabelledClips:
  labels = {clip.label for clip in clips.clips}
  for name in left_out:
    if name not in labels:
      raise InputError(f'--config.left_out: no action {name!r} in {dataset}{did_you_mean(name, labels)}')
  rows = [i for i, clip in enumerate(clips.clips) if clip.label not in left_out]
  return LabelledClips(*(tuple(column[i] for i in rows) for column in vars(clips).values()))


def _features(clips: LabelledClips, rows: np.ndarray, unit_norm: bool) -> list[np.ndarray]:
  found = [np.asarray(clips.features[i].features, np.float32) for i in rows]
  return [unit(x) for x in found] if unit_norm else found
