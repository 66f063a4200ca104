"""What each row of features is worth: clips ranked by alignment, classes told from a few labels."""

from __future__ import annotations

import dataclasses
import functools
import pathlib
from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np

from sportjax.data.features import FeatureStore
from sportjax.data.labels import Clip
from sportjax.errors import InputError
from sportjax.evals.few_shot import few_shot_subsets, nearest_neighbour
from sportjax.metrics.bootstrap import Interval, bootstrap
from sportjax.metrics.retrieval import order, precision_at_k, relevance
from sportjax.pipeline import Work, map_items, write_json
from sportjax.retrieval.rank import distances
from sportjax.typing import JSON, Float

MIN_FRAMES = 4  # of a clip; with fewer there is nothing to align


@dataclasses.dataclass(frozen=True)
class EvaluateSettings:
  """How features are compared."""

  ks: tuple[int, ...] = (1, 5, 10)
  shots: int = 8
  subsets: int = 5
  seed: int = 0
  flip: Literal['min', 'concat', 'none'] = 'min'
  unit_norm: bool = True  # each frame's feature divided by its length, as the reference's --norm does
  resamples: int = 1000

  def __post_init__(self):
    if min(*self.ks, self.shots, self.subsets, self.resamples) < 1:
      raise InputError('ks, shots, subsets and resamples must be at least 1')


def evaluate_rows(
  work: Work,
  *,
  rows: Mapping[str, pathlib.Path],
  clips: Sequence[Clip],
  query_sets: Mapping[str, Sequence[str]],
  settings: EvaluateSettings,
) -> None:
  """Writes `clips.json`, each row's distances, and `results.json`: per query set and row, its metrics.

  Args:
    work: the stage.
    rows: feature store of each row.
    clips: labelled clips of both splits.
    query_sets: ids of the test clips that ask, by the name of the set; all test clips answer.
    settings: of the comparison.
  """
  usable = _usable(work, rows, clips)
  test, train = ([c for c in usable if c.split == split] for split in ('test', 'train'))
  if len(test) < 2:
    raise InputError(f'{len(test)} labelled test clips are left; at least two are needed to rank one by the other')
  stored = {'test': [dataclasses.asdict(c) for c in test], 'train': [dataclasses.asdict(c) for c in train]}
  write_json(work.folder / 'clips.json', stored)
  one = functools.partial(compare_row, test=test, train=train, settings=settings)
  map_items(work, {_file_name(name): path for name, path in rows.items()}, one)
  results: dict[str, JSON] = {}
  for set_name, ids in query_sets.items():
    asking = np.array([c.id in set(ids) for c in test])
    if asking.sum():
      results[set_name] = {
        name: _row_metrics(work.folder / 'items' / _file_name(name), asking, test, train, settings) for name in rows
      }
      work.count(**{f'queries_{set_name}': int(asking.sum())})
  write_json(work.folder / 'results.json', results)


def compare_row(
  store: pathlib.Path, folder: pathlib.Path, *, test: list[Clip], train: list[Clip], settings: EvaluateSettings
) -> dict[str, int]:
  """Distances of every test clip to the test and the training clips."""
  features = FeatureStore(store)
  queries, references = (clip_features(features, clips, settings.unit_norm) for clips in (test, train))
  compare = functools.partial(distances, flip=settings.flip)
  np.save(folder / 'to_test.npy', compare(queries, queries))
  if train:
    np.save(folder / 'to_train.npy', compare(queries, references))
    np.save(folder / 'to_train_free.npy', compare(queries, references, pattern='symmetric2'))
  return {'pairs': len(test) * (len(test) + len(train))}


def clip_features(store: FeatureStore, clips: Sequence[Clip], unit_norm: bool) -> list[Float[np.ndarray, 't v d']]:
  """Features of clips, as they are compared."""
  found = [np.asarray(clip.features, np.float32) for clip in store.clips(clips)]
  if unit_norm:
    found = [x / np.maximum(np.linalg.norm(x, axis=-1, keepdims=True), 1e-6) for x in found]
  return found


def _usable(work: Work, rows: Mapping[str, pathlib.Path], clips: Sequence[Clip]) -> list[Clip]:
  """Clips that every row has enough frames of, so that all rows answer the same questions."""
  stores = [FeatureStore(path) for path in rows.values()]
  usable = []
  for clip in clips:
    frames = [len(s.clip(clip).frame) if clip.video in s.tracks else 0 for s in stores]
    if min(frames) >= MIN_FRAMES:
      usable.append(clip)
    else:
      work.skip(clip.id, f'only {min(frames)} frames of the athlete in it')
  work.count(clips_in=len(clips), clips_out=len(usable))
  return usable


def _row_metrics(
  folder: pathlib.Path, asking: np.ndarray, test: list[Clip], train: list[Clip], settings: EvaluateSettings
) -> JSON:
  labels, athletes = (np.array([getattr(c, name) for c in test]) for name in ('label', 'athlete'))
  to_test = np.load(folder / 'to_test.npy')
  ranked = order(to_test[asking], np.flatnonzero(asking), max(settings.ks))
  relevant = relevance(ranked, labels[asking], labels)
  interval = functools.partial(bootstrap, groups=athletes[asking], n=settings.resamples, seed=settings.seed)
  metrics = {
    f'precision@{k}': _plain(interval(precision_at_k(relevant, k)), relevant[:, :k].mean(1)) for k in settings.ks
  }
  if train:
    correct = few_shot_correct(folder, asking, test, train, settings)
    accuracy = _plain(interval(correct.mean(0)), correct.mean(0))
    metrics[f'{settings.shots}-shot accuracy'] = {**accuracy, 'subsets': correct.mean(1).tolist()}
  return metrics


def few_shot_correct(
  folder: pathlib.Path, asking: np.ndarray, test: list[Clip], train: list[Clip], settings: EvaluateSettings
) -> Float[np.ndarray, 's q']:
  """1 where a subset's nearest neighbour has the query's label, for each subset and query."""
  labels = np.array([c.label for c in train])
  subsets = few_shot_subsets(
    labels, np.array([c.athlete for c in train]), shots=settings.shots, n_subsets=settings.subsets, seed=settings.seed
  )
  near, free = (np.load(folder / f'{name}.npy')[asking] for name in ('to_train', 'to_train_free'))
  truth = np.array([c.label for c in test])[asking]
  return np.array([nearest_neighbour(near, labels, subset, free) == truth for subset in subsets], np.float64)


def _plain(interval: Interval, values: np.ndarray) -> JSON:
  return {**dataclasses.asdict(interval), 'values': values.tolist()}


def _file_name(row: str) -> str:
  return row.replace(', ', '-').replace(' ', '-')


def row_folder(stage_folder: pathlib.Path, row: str) -> pathlib.Path:
  """Where the distances of a row lie."""
  return stage_folder / 'items' / _file_name(row)
