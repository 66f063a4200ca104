"""TFDS builder of NBA2K."""

from __future__ import annotations

import tensorflow_datasets as tfds

from data_builders.motion_builder import MotionBuilder


class Builder(MotionBuilder):
  """Four players validate."""

  VERSION = tfds.core.Version('1.0.0')
