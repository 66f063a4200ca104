"""Builds `simulated_sets` from filmed takes: for the workflow, and for `python -m data_builders simulated_sets`."""

from __future__ import annotations

import argparse
import json
import pathlib

import tensorflow_datasets as tfds

from data_builders.building import FORMAT, finished_stage, prepare
from data_builders.simulated_sets.simulated_sets_dataset_builder import Builder, SimulatedSetsConfig
from sportjax.command_line import given_folder
from sportjax.errors import InputError
from sportjax.synth.takes import ABOUT, SET, read_about


def build(root: pathlib.Path, filmed: pathlib.Path) -> tfds.core.DatasetInfo:
  """Builds the dataset below `root` from the folder that the film stage of a named set wrote.

  Raises:
    InputError: the dataset is there already, or the folder is none of a named set or holds no take.
  """
  try:
    which = json.loads((filmed / SET).read_text())
  except (OSError, ValueError) as error:
    raise InputError(
      f'{filmed}: not the film stage of a named set ({error}); film one with configs/film_set.py'
    ) from error
  config = SimulatedSetsConfig(
    name=f'{which["set"]}_{which["size"]}',
    description=which['about'],
    folders=_by_split(filmed),
    world_version=which['world_version'],
  )
  return prepare(Builder(data_dir=str(root), config=config, file_format=FORMAT))


def _by_split(filmed: pathlib.Path) -> dict[str, tuple[str, ...]]:
  """Folders of the takes by split, in the order of their names."""
  splits: dict[str, tuple[str, ...]] = {}
  for path in sorted(filmed.glob(f'items/*/{ABOUT}')):
    split = read_about(path.parent).split
    splits[split] = (*splits.get(split, ()), str(path.parent))
  if not splits:
    raise InputError(f'{filmed}: no filmed takes in it; run configs/film_set.py to its end')
  return splits


def add_arguments(parser: argparse.ArgumentParser) -> None:
  """What the command line takes for this dataset."""
  parser.add_argument(
    '--stage', type=given_folder, required=True, help="a run's workdir, or the folder of its film stage"
  )
  parser.add_argument('--out', type=given_folder, required=True, help='folder of TFDS datasets to build in')


def main(args: argparse.Namespace) -> tfds.core.DatasetInfo:
  """Builds what the command line asks for. Raises InputError for whatever the user can mend."""
  return build(args.out, finished_stage(args.stage, 'film'))
