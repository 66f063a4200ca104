"""How well each kind of feature tells the classes of a corpus, on athletes it has not seen."""

from __future__ import annotations

import dataclasses
import functools
import pathlib
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from sportjax.data.features import FeatureStore
from sportjax.data.labels import MIN_FRAMES, Clip
from sportjax.errors import InputError
from sportjax.evals import recognition
from sportjax.metrics import bootstrap
from sportjax.pipeline import Work, map_items, write_json
from sportjax.typing import Float
from sportjax.workflows.stages.evaluate import clip_features

Reduce = Callable[[Float[np.ndarray, 't v d'], np.random.Generator], Float[np.ndarray, 't v d']]


def _whole(clip, rng):
  return clip


def _averaged(clip, rng):
  return clip.mean(0, keepdims=True)


def _one_frame(clip, rng):
  return clip[[rng.integers(len(clip))]]


def _shuffled(clip, rng):
  return clip[rng.permutation(len(clip))]


# What is left of a clip: all of it, or less.
LEFT: Mapping[str, Reduce] = {
  '': _whole, ', averaged over time': _averaged, ', one random frame': _one_frame, ', frames shuffled': _shuffled,
}  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Row:
  """Features and what is left of them."""

  store: pathlib.Path
  left: str = ''


def tell_apart(work: Work, *, rows: Mapping[str, Row], clips: Sequence[Clip], seed: int = 0) -> None:
  """Writes `accuracy.json`: by row, the nearest neighbour's accuracy under alignment and its interval over athletes.

  All labelled training clips are the examples; the same clips are asked of every row.
  """
  stores = {row.store: FeatureStore(row.store) for row in rows.values()}
  usable = [clip for clip in clips if all(_frames(store, clip) >= MIN_FRAMES for store in stores.values())]
  for clip in sorted(set(clips) - set(usable), key=lambda clip: clip.id):
    work.skip(clip.id, 'too few frames of the athlete in it')
  if {clip.split for clip in usable} != {'train', 'test'}:
    raise InputError('clips of both splits are needed: none is left in one of them')
  work.count(clips_in=len(clips), clips_out=len(usable))
  named = {f'{n:02d}': row for n, row in enumerate(rows.values())}
  map_items(work, named, functools.partial(_answer, clips=usable, seed=seed))
  test = [clip for clip in usable if clip.split == 'test']
  truth, athletes = (np.array([getattr(clip, name) for clip in test]) for name in ('label', 'athlete'))
  out = {}
  for name, item in zip(rows, named, strict=True):
    with np.load(work.folder / 'items' / item / 'predicted.npz', allow_pickle=False) as stored:
      right = (stored['predicted'] == truth).astype(float)
    out[name] = dataclasses.asdict(bootstrap.bootstrap(right, athletes)) | {'clips': len(test)}
  write_json(work.folder / 'accuracy.json', out)


def _frames(store: FeatureStore, clip: Clip) -> int:
  return len(store.clip(clip).frame) if clip.video in store.tracks else 0


def _answer(row: Row, folder: pathlib.Path, *, clips: Sequence[Clip], seed: int) -> dict[str, int]:
  rng = np.random.default_rng(seed)
  features = [LEFT[row.left](clip, rng) for clip in clip_features(FeatureStore(row.store), clips, unit_norm=True)]
  train, test = ([x for x, clip in zip(features, clips, strict=True) if clip.split == s] for s in ('train', 'test'))
  labels = np.array([clip.label for clip in clips if clip.split == 'train'])
  (predicted,) = recognition.by_alignment(train, labels, [np.arange(len(labels))], test)
  with (folder / 'predicted.npz').open('wb') as file:
    np.savez(file, allow_pickle=False, predicted=predicted)
  return {'pairs': len(train) * len(test)}
