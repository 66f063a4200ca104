"""TFDS builder of labelled actions: one record an action, with its features, its crops, or both."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import tensorflow_datasets as tfds

from data_builders.building import per_frame
from sportjax.formats.actions import Action

NO_FEATURES = (1, 1)  # TFDS cannot read arrays of no width back; where there are no features there are no frames
Record = tuple[str, dict[str, Any]]


@dataclasses.dataclass(eq=False)
class ClipsConfig(tfds.core.BuilderConfig):
  """What is built: the actions by split, how a split's records are made, and the shape of a frame's features."""

  actions: dict[str, tuple[Action, ...]] = dataclasses.field(default_factory=dict, repr=False)  # TFDS logs the rest
  records: Callable[[Sequence[Action]], Iterator[Record]] = dataclasses.field(default=iter, repr=False)
  classes: tuple[str, ...] = dataclasses.field(default=(), repr=False)
  feature_shape: tuple[int, int] = NO_FEATURES  # views and width
  about: dict[str, Any] = dataclasses.field(default_factory=dict, repr=False)  # what was read how, what is missing


class ClipsBuilder(tfds.core.GeneratorBasedBuilder, skip_registration=True):
  """One schema for every dataset: an action whose features or crops are missing has none of their frames."""

  BUILDER_CONFIGS = []

  def _info(self) -> tfds.core.DatasetInfo:
    text, images = tfds.features.Text(), tfds.features.Sequence(tfds.features.Scalar(np.object_))
    config = self.builder_config
    return self.dataset_info_from_configs(
      metadata=tfds.core.MetadataDict(**config.about),
      disable_shuffling=True,
      features=tfds.features.FeaturesDict(
        {
          **dict.fromkeys(('id', 'video', 'group'), text),
          'label': tfds.features.ClassLabel(names=list(config.classes)),
          'few_shot': tfds.features.Sequence(text),  # '4_0': this action is in the subset 0 of 4 examples a class
          'interval_ms': tfds.features.Tensor(shape=(2,), dtype=np.float64, encoding='bytes'),
          'frame': per_frame(np.int64),
          't_ms': per_frame(np.float64),
          'features': per_frame(np.float32, *config.feature_shape),
          'crop_frame': per_frame(np.int64),
          'crop_has_mask': per_frame(np.bool_),
          'rgb': images,
          'motion': images,
        }
      ),
    )

  def _split_generators(self, dl_manager: tfds.download.DownloadManager) -> dict[str, Iterator]:
    del dl_manager
    return {split: self._generate_examples(actions) for split, actions in self.builder_config.actions.items()}

  def _generate_examples(self, actions: tuple[Action, ...]) -> Iterator[Record]:
    return self.builder_config.records(actions)
