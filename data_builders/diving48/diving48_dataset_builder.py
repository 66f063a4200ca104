"""TFDS builder of Diving48."""

from __future__ import annotations

import tensorflow_datasets as tfds

from data_builders.clips_builder import ClipsBuilder


class Builder(ClipsBuilder):
  """Dives of 48 classes, one a clip; version 2 has 16,997 of them."""

  VERSION = tfds.core.Version('1.0.0')
