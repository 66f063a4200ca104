"""TFDS builder of 3DPeople."""

from __future__ import annotations

import tensorflow_datasets as tfds

from data_builders.motion_builder import MotionBuilder


class Builder(MotionBuilder):
  """The first four women and men validate."""

  VERSION = tfds.core.Version('1.0.0')
