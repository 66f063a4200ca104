"""TFDS builder of Penn Action."""

from __future__ import annotations

import tensorflow_datasets as tfds

from data_builders.clips_builder import ClipsBuilder


class Builder(ClipsBuilder):
  """Sequences of 15 actions, in the dataset's own split."""

  VERSION = tfds.core.Version('1.0.0')
