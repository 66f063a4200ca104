"""TFDS builder of UI-PRMD."""

from __future__ import annotations

import tensorflow_datasets as tfds

from data_builders.motion_builder import MotionBuilder


class Builder(MotionBuilder):
  """Repetitions of ten exercises by ten people, by 39 markers."""

  VERSION = tfds.core.Version('1.0.0')
