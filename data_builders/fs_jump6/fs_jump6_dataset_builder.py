"""TFDS builder of FSJump6."""

from __future__ import annotations

import tensorflow_datasets as tfds

from data_builders.clips_builder import ClipsBuilder


class Builder(ClipsBuilder):
  """1,446 jumps in 371 short programmes; those of 2018 test."""

  VERSION = tfds.core.Version('1.0.0')
