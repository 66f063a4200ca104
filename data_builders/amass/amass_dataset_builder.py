"""TFDS builder of AMASS."""

from __future__ import annotations

import tensorflow_datasets as tfds

from data_builders.motion_builder import MotionBuilder


class Builder(MotionBuilder):
  """EyesJapanDataset validates."""

  VERSION = tfds.core.Version('1.0.0')
