"""TFDS builder of FX35."""

from __future__ import annotations

import tensorflow_datasets as tfds

from data_builders.clips_builder import ClipsBuilder


class Builder(ClipsBuilder):
  """7,634 elements of 1,214 routines; the test split is what others call validation."""

  VERSION = tfds.core.Version('1.0.0')
