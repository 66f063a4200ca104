"""TFDS builder of Tennis7."""

from __future__ import annotations

import tensorflow_datasets as tfds

from data_builders.clips_builder import ClipsBuilder


class Builder(ClipsBuilder):
  """8,243 swings in nine matches; four matches test."""

  VERSION = tfds.core.Version('1.0.0')
