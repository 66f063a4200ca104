"""Builds `deepmimic` from its folder data/motions."""

from __future__ import annotations

import argparse
import functools

import tensorflow_datasets as tfds

from data_builders.deepmimic.deepmimic_dataset_builder import Builder
from data_builders.motion_builder import MotionConfig, build, of_markers
from sportjax.command_line import given_folder
from sportjax.errors import InputError
from sportjax.formats.motion_deepmimic import read_deepmimic

_PREFIX = 'humanoid3d_'


def add_arguments(parser: argparse.ArgumentParser) -> None:
  """What the command line takes for this dataset."""
  parser.add_argument('--source', type=given_folder, required=True, help="DeepMimic's folder data/motions")
  parser.add_argument('--out', type=given_folder, required=True, help='folder of TFDS datasets to build in')


def main(args: argparse.Namespace) -> tfds.core.DatasetInfo:
  """Builds what the command line asks for. Raises InputError for whatever the user can mend."""
  paths = sorted(args.source.glob(f'{_PREFIX}*.txt'))
  if not paths:
    raise InputError(f"{args.source}: no {_PREFIX}*.txt in it; give DeepMimic's folder data/motions")
  names = read_deepmimic(paths[0]).name
  labels = [path.stem.removeprefix(_PREFIX) for path in paths]
  recordings = tuple(
    of_markers(label, 'humanoid', label, functools.partial(read_deepmimic, path), names)
    for label, path in zip(labels, paths, strict=True)
  )
  return build(Builder, args, MotionConfig(name='default', recordings=recordings, points=names, up='y'))
