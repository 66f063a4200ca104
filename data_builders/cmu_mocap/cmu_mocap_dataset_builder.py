"""TFDS builder of the CMU motion capture database."""

from __future__ import annotations

import tensorflow_datasets as tfds

from data_builders.motion_builder import MotionBuilder


class Builder(MotionBuilder):
  """Recordings of CMU's subjects, by the ends of their bones."""

  VERSION = tfds.core.Version('1.0.0')
