"""Features that tables need beside those of one network: several side by side, and what a threshold leaves."""

from __future__ import annotations

import pathlib
from collections.abc import Mapping, Sequence

import numpy as np

from sportjax.data.features import FeatureStore, TrackFeatures, write_features
from sportjax.data.frames import Within, shown
from sportjax.data.tracks import TrackRecords
from sportjax.errors import InputError
from sportjax.pipeline import Work, write_json

KEPT = 'kept.json'


def side_by_side(work: Work, *, stores: Sequence[pathlib.Path]) -> None:
  """Writes a store of the features of several, of the same frames. Raises: InputError where their frames differ."""
  opened = [FeatureStore(path) for path in stores]

  def one(name: str) -> TrackFeatures:
    parts = [store.track(name) for store in opened]
    if any(not np.array_equal(part.frame, parts[0].frame) for part in parts[1:]):
      raise InputError(f'{name}: the features to stand side by side are of other frames; extract all from one video')
    features = np.concatenate([np.asarray(part.features, np.float32) for part in parts], axis=2)
    return TrackFeatures(name, parts[0].frame, parts[0].t_ms, features)

  work.count(frames=write_features(work.folder, map(one, opened[0].tracks), source='concatenated'))


def count_kept(work: Work, *, dataset: pathlib.Path, splits: Sequence[str], actions: Within, min_score: float) -> None:
  """Writes `kept.json`: the share of all frames, and of those of the actions, whose teacher is sure enough."""
  counts: Mapping[str, list[int]] = {'kept, all frames': [0, 0], 'kept, action frames': [0, 0]}
  for split in splits:
    table = TrackRecords(dataset, split).table()
    sure, acting = table.score >= min_score, shown(table, actions)
    for name, of in zip(counts, (np.ones(len(table), bool), acting), strict=True):
      counts[name][0] += int((sure & of).sum())
      counts[name][1] += int(of.sum())
  write_json(work.folder / KEPT, {name: kept / whole for name, (kept, whole) in counts.items() if whole})
  work.count(frames=counts['kept, all frames'][1])
