"""TFDS builder of FineDiving."""

from __future__ import annotations

import tensorflow_datasets as tfds

from data_builders.clips_builder import ClipsBuilder


class Builder(ClipsBuilder):
  """Dives by their type; scores and steps stay in the annotation, sportjax.formats.finediving."""

  VERSION = tfds.core.Version('1.0.0')
