"""Builds `cmu_mocap` from folders of .amc, each with the .asf of its subject."""

from __future__ import annotations

import argparse
import functools
import pathlib

import tensorflow_datasets as tfds

from data_builders.cmu_mocap.cmu_mocap_dataset_builder import Builder
from data_builders.motion_builder import MotionConfig, build, of_markers
from sportjax.command_line import given_folder
from sportjax.errors import InputError
from sportjax.formats.motion_asf_amc import ROOT, read_amc, read_asf
from sportjax.formats.trc import Markers


def add_arguments(parser: argparse.ArgumentParser) -> None:
  """What the command line takes for this dataset."""
  parser.add_argument('--source', type=given_folder, required=True, help='folder of .amc files, searched to its depth')
  parser.add_argument('--skeleton', type=given_folder, help='.asf of recordings whose subject has none beside them')
  parser.add_argument('--out', type=given_folder, required=True, help='folder of TFDS datasets to build in')


def main(args: argparse.Namespace) -> tfds.core.DatasetInfo:
  """Builds what the command line asks for. Raises InputError for whatever the user can mend."""
  paths = sorted(args.source.rglob('*.amc')) if args.source.is_dir() else []
  if not paths:
    raise InputError(f"{args.source}: no .amc in it; give the folder of CMU's subjects")
  skeletons = {path: _skeleton(path, args.skeleton) for path in paths}
  names = (ROOT, *(bone.name for bone in read_asf(skeletons[paths[0]]).bones))
  recordings = tuple(
    of_markers(path.stem, f's{_subject(path)}', '', functools.partial(_read, path, skeletons[path]), names)
    for path in paths
  )
  return build(Builder, args, MotionConfig(name='default', recordings=recordings, points=names, up='y'))


def _read(path: pathlib.Path, skeleton: pathlib.Path) -> Markers:
  return read_amc(path, read_asf(skeleton))


def _subject(path: pathlib.Path) -> str:
  return path.stem.partition('_')[0]


def _skeleton(path: pathlib.Path, instead: pathlib.Path | None) -> pathlib.Path:
  own = path.with_name(f'{_subject(path)}.asf')
  if not own.exists() and instead is None:
    raise InputError(f'{path}: no {own.name} beside it; put it there, or give another with --skeleton')
  return own if own.exists() or instead is None else instead
