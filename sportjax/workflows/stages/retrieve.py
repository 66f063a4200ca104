"""One cell of a table of retrieval: every clip asks for all others by alignment."""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Sequence

import numpy as np

from sportjax.data.features import FeatureStore
from sportjax.data.labels import Clip
from sportjax.data.sequences import Norm, normalised
from sportjax.errors import InputError
from sportjax.evals import retrieval
from sportjax.pipeline import Work, write_json
from sportjax.retrieval.flips import Flip
from sportjax.workflows.stages.stored_clips import clip_features

PRECISION = 'precision.json'


@dataclasses.dataclass(frozen=True)
class RetrieveSettings:
  """How clips are ranked; `flip='concat'` is the reference's way."""

  ks: tuple[int, ...] = (1, 10, 50)
  flip: Flip = 'min'
  norm: Norm = 'unit'

  def __post_init__(self):
    if not self.ks or min(self.ks) < 1:
      raise InputError('retrieve: ks needs whole numbers of at least 1')


def retrieve(
  work: Work, *, store: pathlib.Path, clips: Sequence[Clip], queries: Sequence[str] | None, settings: RetrieveSettings
) -> None:
  """Writes `precision.json`: P@k of each query among all other clips, for each k; 0 where a clip has no features.

  `queries` are ids; all clips ask where None.

  Raises:
    InputError: there are not more clips with features than the largest k.
  """
  found = [normalised(values, settings.norm) for values in clip_features(work, FeatureStore(store), clips)]
  there = sum(len(values) > 0 for values in found)
  if there <= max(settings.ks):
    raise InputError(f'{there} clips with features, P@{max(settings.ks)} needs more; set --config.retrieve.ks lower')
  labels = np.array([clip.label for clip in clips])
  rows = np.flatnonzero([queries is None or clip.id in set(queries) for clip in clips])
  precisions = retrieval.precisions(found, labels, queries=rows, ks=settings.ks, flip=settings.flip)
  ids = [clips[row].id for row in rows]
  answers = {f'P@{k}': dict(zip(ids, values.tolist(), strict=True)) for k, values in precisions.items()}
  write_json(work.folder / PRECISION, answers)
  work.count(clips=len(clips), queries=len(ids))
