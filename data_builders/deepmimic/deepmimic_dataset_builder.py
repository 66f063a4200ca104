"""TFDS builder of DeepMimic's motions."""

from __future__ import annotations

import tensorflow_datasets as tfds

from data_builders.motion_builder import MotionBuilder


class Builder(MotionBuilder):
  """Short athletic motions, retargeted to one humanoid."""

  VERSION = tfds.core.Version('1.0.0')
