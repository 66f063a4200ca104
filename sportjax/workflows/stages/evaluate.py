"""What each row of features is worth: clips ranked by alignment, classes told from a few labels."""

from __future__ import annotations

import dataclasses
import functools
import pathlib
from collections.abc import Mapping, Sequence

import numpy as np

from sportjax.data.features import FeatureStore
from sportjax.data.labels import MIN_FRAMES, Clip
from sportjax.errors import InputError
from sportjax.evals import few_shot, recognition, retrieval
from sportjax.metrics import bootstrap
from sportjax.pipeline import Work, map_items, write_json
from sportjax.retrieval.corpus import unit
from sportjax.retrieval.flips import Flip
from sportjax.typing import JSON, Float


@dataclasses.dataclass(frozen=True)
class EvaluateSettings:
  """How features are compared."""

  ks: tuple[int, ...] = (1, 5, 10)
  shots: int = 8
  subsets: int = 5
  seed: int = 0
  flip: Flip = 'min'
  unit_norm: bool = True  # each frame's feature divided by its length, as the reference's --norm does
  resamples: int = 1000

  def __post_init__(self):
    if min(*self.ks, self.shots, self.subsets, self.resamples) < 1:
      raise InputError('ks, shots, subsets and resamples must be at least 1')


@dataclasses.dataclass(frozen=True)
class RowOutcome:
  """What one row answered: for each test clip the nearest others, and its class from each subset of labels."""

  index: np.ndarray  # q k, positions among the test clips
  distance: Float[np.ndarray, 'q k']
  predicted: np.ndarray  # s q, class names; no subsets where nothing is labelled for training


def evaluate_rows(
  work: Work,
  *,
  rows: Mapping[str, pathlib.Path],
  clips: Sequence[Clip],
  query_sets: Mapping[str, Sequence[str]],
  settings: EvaluateSettings,
) -> None:
  """Writes `clips.json`, each row's answers, and `results.json`: per query set and row, its metrics.

  Args:
    work: the stage.
    rows: feature store of each row.
    clips: labelled clips of both splits.
    query_sets: ids of the test clips that ask, by the name of the set; all test clips answer.
    settings: of the comparison.
  """
  usable = _usable(work, rows, clips)
  test, train = (tuple(c for c in usable if c.split == split) for split in ('test', 'train'))
  if len(test) < 2:
    raise InputError(f'{len(test)} labelled test clips are left; at least two are needed to rank one by the other')
  write_json(work.folder / 'clips.json', {'test': list(map(dataclasses.asdict, test)), 'train': len(train)})
  answer = functools.partial(_answer, test=test, train=train, settings=settings)
  map_items(work, {_file_name(name): path for name, path in rows.items()}, answer)
  outcomes = {name: load_outcome(work.folder, name) for name in rows}
  results: dict[str, JSON] = {}
  for set_name, ids in query_sets.items():
    asking = np.isin([c.id for c in test], list(ids))
    work.count(**{f'queries: {set_name}': int(asking.sum())})
    if asking.any():
      results[set_name] = {name: _metrics(outcome, asking, test, settings) for name, outcome in outcomes.items()}
  write_json(work.folder / 'results.json', results)


def load_outcome(stage_folder: pathlib.Path, row: str) -> RowOutcome:
  """The answers of a row of a finished stage."""
  with np.load(stage_folder / 'items' / _file_name(row) / 'outcome.npz', allow_pickle=False) as stored:
    return RowOutcome(**stored)


def clip_features(store: FeatureStore, clips: Sequence[Clip], unit_norm: bool) -> list[Float[np.ndarray, 't v d']]:
  """Features of clips, as they are compared."""
  found = [np.asarray(clip.features, np.float32) for clip in store.clips(clips)]
  if unit_norm:
    found = [unit(x) for x in found]
  return found


def _usable(work: Work, rows: Mapping[str, pathlib.Path], clips: Sequence[Clip]) -> list[Clip]:
  """Clips that every row has enough frames of, so that all rows answer the same questions."""
  stores = [FeatureStore(path) for path in rows.values()]
  usable = []
  for clip in clips:
    frames = min(len(s.clip(clip).frame) if clip.video in s.tracks else 0 for s in stores)
    if frames >= MIN_FRAMES:
      usable.append(clip)
    else:
      work.skip(clip.id, f'only {frames} frames of the athlete in it')
  work.count(clips_in=len(clips), clips_out=len(usable))
  return usable


def _answer(
  store: pathlib.Path,
  folder: pathlib.Path,
  *,
  test: tuple[Clip, ...],
  train: tuple[Clip, ...],
  settings: EvaluateSettings,
) -> dict[str, int]:
  features = FeatureStore(store)
  asked, known = (clip_features(features, clips, settings.unit_norm) for clips in (test, train))
  k = min(max(settings.ks), len(test) - 1)
  index, distance = retrieval.nearest(asked, k=k, flip=settings.flip)
  predicted = np.zeros((0, len(test)), '<U1')
  if train:
    labels = np.array([c.label for c in train])
    subsets = few_shot.few_shot_subsets(
      labels, np.array([c.athlete for c in train]), shots=settings.shots, n_subsets=settings.subsets, seed=settings.seed
    )
    predicted = recognition.by_alignment(known, labels, subsets, asked, flip=settings.flip)
  with (folder / 'outcome.npz').open('wb') as file:
    np.savez(file, allow_pickle=False, index=index, distance=distance, predicted=predicted)
  return {'pairs': len(test) * (len(test) + len(train))}


def _metrics(outcome: RowOutcome, asking: np.ndarray, test: Sequence[Clip], settings: EvaluateSettings) -> JSON:
  """Mean, interval over athletes and the values themselves, of each metric."""
  labels, athletes = (np.array([getattr(c, name) for c in test]) for name in ('label', 'athlete'))
  precisions = retrieval.precisions_of(outcome.index, labels, labels, settings.ks)
  values = {f'precision@{k}': value for k, value in precisions.items()}
  metrics: dict[str, JSON] = {}
  correct = np.asarray(outcome.predicted == labels[None], np.float64)
  if len(correct):
    values[f'{settings.shots}-shot accuracy'] = correct.mean(0)
  for name, value in values.items():
    interval = bootstrap.bootstrap(value[asking], athletes[asking], n=settings.resamples, seed=settings.seed)
    metrics[name] = {**dataclasses.asdict(interval), 'values': value[asking].tolist()}
  if len(correct):
    metrics[f'{settings.shots}-shot accuracy']['subsets'] = correct[:, asking].mean(1).tolist()
  return metrics


def _file_name(row: str) -> str:
  return row.replace(', ', '-').replace(' ', '-')
