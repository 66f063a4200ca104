"""Features of labelled clips out of a store, as the questions of tables read them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sportjax.data.features import FeatureStore
from sportjax.data.labels import Clip
from sportjax.pipeline import Work
from sportjax.typing import Float


def clip_features(work: Work, store: FeatureStore, clips: Sequence[Clip]) -> list[Float[np.ndarray, 't v d']]:
  """float32; a clip without features is of no frames, and booked as skipped."""
  found = []
  for clip in clips:
    values = np.asarray(store.clip(clip).features, np.float32) if clip.video in store.tracks else np.zeros((0, 1, 1))
    if not len(values):
      work.skip(clip.id, f'no {store.source} features of it')
    found.append(values)
  return found
