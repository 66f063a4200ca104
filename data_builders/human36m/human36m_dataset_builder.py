"""TFDS builder of Human3.6M."""

from __future__ import annotations

import tensorflow_datasets as tfds

from data_builders.motion_builder import MotionBuilder


class Builder(MotionBuilder):
  """S9 and S11 validate."""

  VERSION = tfds.core.Version('1.0.0')
