"""Records of labelled actions, as evaluators take them: sequences, labels and the fixed few-shot subsets."""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow_datasets as tfds

from sportjax.data.features import TrackFeatures
from sportjax.data.labels import Clip
from sportjax.errors import InputError
from sportjax.typing import Int


@dataclasses.dataclass(frozen=True)
class LabelledClips:
  """Actions of one split, in the order of the records."""

  id: tuple[str, ...]
  clips: tuple[Clip, ...]
  features: tuple[TrackFeatures, ...]  # of no frame where they were missing
  few_shot: tuple[tuple[str, ...], ...]  # of each action the subsets it is in, such as '4_0'

  def subset(self, shots: int, trial: int) -> Int[np.ndarray, 'b']:
    """Indices of the fixed subset. Raises InputError where the dataset was built without its lists."""
    rows = np.flatnonzero([f'{shots}_{trial}' in names for names in self.few_shot])
    if not len(rows):
      raise InputError(f'no few-shot subset {trial} of {shots} in this split; build the dataset with --few_shot')
    return rows


def read_clips(directory: pathlib.Path, split: str) -> LabelledClips:
  """A split of a built dataset. Raises InputError where there is none, or not this split."""
  if not (directory / 'dataset_info.json').exists():
    raise InputError(f'{directory}: no dataset there; build it with python -m data_builders')
  builder = tfds.builder_from_directory(directory)
  if split not in builder.info.splits:
    raise InputError(f'{directory}: no split {split!r}; it has {", ".join(builder.info.splits)}')
  names = builder.info.features['label'].names
  # Of a class internal to TFDS; the stub of wrapt, which decorates the method, takes the split for self.
  records: Any = builder.as_data_source(split)  # ty: ignore[invalid-argument-type]
  return _collect([records[i] for i in range(len(records))], names, split)


def _collect(records: Sequence[dict], names: Sequence[str], split: str) -> LabelledClips:
  clips, features = [], []
  for record in records:
    video, group = record['video'].decode(), record['group'].decode()
    start_ms, end_ms = record['interval_ms'].tolist()
    clips.append(Clip(video, start_ms, end_ms, names[record['label']], group, split))
    features.append(TrackFeatures(video, record['frame'], record['t_ms'], record['features']))
  few_shot = tuple(tuple(name.decode() for name in record['few_shot']) for record in records)
  return LabelledClips(tuple(r['id'].decode() for r in records), tuple(clips), tuple(features), few_shot)
