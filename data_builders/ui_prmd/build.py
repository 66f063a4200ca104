"""Builds `ui_prmd` from its folders of Vicon positions."""

from __future__ import annotations

import argparse
import functools
import pathlib
import re

import tensorflow_datasets as tfds

from data_builders.motion_builder import MotionConfig, Recording, build, of_markers
from data_builders.ui_prmd.ui_prmd_dataset_builder import Builder
from sportjax.command_line import given_folder
from sportjax.formats.motion_markers import PLUG_IN_GAIT, read_markers
from sportjax.synth.mocap_recordings import UI_PRMD_EXERCISES

_NAME = re.compile(r'm(\d\d)_(s\d\d)_(e\d\d)_positions(_inc)?\.txt(?:\.gz)?')


def add_arguments(parser: argparse.ArgumentParser) -> None:
  """What the command line takes for this dataset."""
  parser.add_argument(
    '--source', type=given_folder, required=True, help='folder of m01_s01_e01_positions.txt, searched to its depth'
  )
  parser.add_argument('--out', type=given_folder, required=True, help='folder of TFDS datasets to build in')


def main(args: argparse.Namespace) -> tfds.core.DatasetInfo:
  """Builds what the command line asks for. Raises InputError for whatever the user can mend."""
  paths = sorted(args.source.rglob('*positions*')) if args.source.is_dir() else []
  matches = [(path, match) for path in paths if (match := _NAME.fullmatch(path.name))]
  recordings = tuple(_recording(path, match) for path, match in matches)
  return build(Builder, args, MotionConfig(name='default', recordings=recordings, points=PLUG_IN_GAIT))


def _recording(path: pathlib.Path, match: re.Match) -> Recording:
  exercise, person, repetition, wrong = match.groups()
  action = f'{UI_PRMD_EXERCISES[int(exercise) - 1]}_{"incorrect" if wrong else "correct"}'
  name = f'm{exercise}_{person}_{repetition}{wrong or ""}'
  return of_markers(name, person, action, functools.partial(read_markers, path), PLUG_IN_GAIT)
