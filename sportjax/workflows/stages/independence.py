"""Whether anything but the athlete's movement tells the class: one check for each other thing a film shows."""

from __future__ import annotations

import functools
import pathlib
from collections.abc import Mapping, Sequence

import numpy as np
from scipy import stats

from sportjax.data.labels import Clip
from sportjax.evals import recognition
from sportjax.pipeline import Work, item_folders, map_items, write_json
from sportjax.synth.surroundings import background_flow, nuisances
from sportjax.synth.takes import read_actions
from sportjax.typing import Float

_NEIGHBOURS = 5
_SELDOM = 0.001  # chance alone gives more right answers than the bound this seldom
_COMPONENTS = 26
_Stored = Mapping[str, Mapping[str, np.ndarray]]  # by film, by name
FLOW_ROW = 'PCA of background flow'


def measure_surroundings(work: Work, *, films: Mapping[str, pathlib.Path], processes: int) -> None:
  """One `surroundings.npz` a film: the background's flow, and every nuisance."""
  map_items(work, films, measure_one, processes=processes)


def measure_one(film: pathlib.Path, folder: pathlib.Path) -> dict[str, int]:
  """Measures one film; returns counts."""
  video = next(film.glob('*.mp4'))
  with np.load(film / 'truth.npz', allow_pickle=False) as stored:
    truth = dict(stored)
  flow = background_flow(video, truth)
  (action,) = read_actions(film)
  rows = nuisances(video, truth, (action.start_ms, action.end_ms), flow)
  with (folder / 'surroundings.npz').open('wb') as file:
    np.savez(file, allow_pickle=False, flow=flow, t_ms=truth['t_ms'], **rows)
  return {'frames': len(flow)}


def check(work: Work, *, measured: pathlib.Path, clips: Sequence[Clip]) -> None:
  """Writes `independence.json`: for each nuisance the share right, and what chance alone stays below."""
  stored = {
    name: dict(np.load(f / 'surroundings.npz', allow_pickle=False)) for name, f in item_folders(measured).items()
  }
  train, test = ([clip for clip in clips if clip.split == split] for split in ('train', 'test'))
  known, asked = (np.array([clip.label for clip in some]) for some in (train, test))
  out = {}
  for name in sorted(next(iter(stored.values())).keys() - {'flow', 't_ms'}):
    values = functools.partial(_table, stored, name)
    predicted = _nearest(values(train), known, values(test))
    out[name] = _judged(predicted == asked, len(set(known)))
  sequences = _principal(stored, train, test)
  (predicted,) = recognition.by_alignment(sequences[0], known, [np.arange(len(known))], sequences[1], flip='none')
  out[FLOW_ROW] = _judged(predicted == asked, len(set(known)))
  write_json(work.folder / 'independence.json', out)
  work.count(checks=len(out), above_chance=sum(row['right'] > row['most'] for row in out.values()))


def _load(folder: pathlib.Path) -> Mapping[str, np.ndarray]:
  with np.load(folder / 'surroundings.npz', allow_pickle=False) as stored:
    return dict(stored)


def _table(stored: _Stored, name: str, clips: Sequence[Clip]) -> Float[np.ndarray, 'b f']:
  return np.stack([stored[clip.video][name] for clip in clips])


def _nearest(known: Float[np.ndarray, 'b f'], labels: np.ndarray, asked: Float[np.ndarray, 'q f']) -> np.ndarray:
  """The commonest label among the nearest, each number on its own scale; of equally common ones the nearest's."""
  spread = known.std(0) + 1e-12
  distance = np.linalg.norm((asked[:, None] - known) / spread, axis=-1)
  votes = labels[np.argsort(distance, axis=1, kind='stable')[:, :_NEIGHBOURS]]
  return np.array([max(row.tolist(), key=row.tolist().count) for row in votes])


def _principal(stored: _Stored, *splits: Sequence[Clip]) -> list[list[Float[np.ndarray, 't d']]]:
  """Each clip's background flow in its principal components, which are those of the first split."""
  cut = [[_during(stored[clip.video], clip) for clip in split] for split in splits]
  frames = np.concatenate(cut[0])
  mean = frames.mean(0)
  _, _, components = np.linalg.svd(frames - mean, full_matrices=False)
  return [[(clip - mean) @ components[:_COMPONENTS].T for clip in split] for split in cut]


def _during(stored: Mapping[str, np.ndarray], clip: Clip) -> Float[np.ndarray, 't f']:
  rows = slice(*np.searchsorted(stored['t_ms'], [clip.start_ms, clip.end_ms]))
  return stored['flow'][rows].astype(np.float64)


def _judged(correct: np.ndarray, n_classes: int) -> dict[str, float]:
  most = int(stats.binom.ppf(1 - _SELDOM, len(correct), 1 / n_classes))
  return {'right': int(correct.sum()), 'of': len(correct), 'most': most, 'chance': 1 / n_classes}
