"""Builds `sports_tracks` from crop files: for the workflows, and for `python -m data_builders sports_tracks`."""

from __future__ import annotations

import argparse
import fnmatch
import pathlib
import zipfile
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import tensorflow_datasets as tfds

from data_builders.building import FORMAT, finished_stage, prepare
from data_builders.sports_tracks import penn, reference
from data_builders.sports_tracks.sports_tracks_dataset_builder import Builder, SportsTracksConfig
from sportjax.command_line import given_folder
from sportjax.errors import InputError
from sportjax.video.crop_file import TrackCrops, load_crops

_DEFAULT_SPLIT = 'train'


def build(
  root: pathlib.Path,
  files: Mapping[str, Sequence[pathlib.Path]],
  width: int,
  load: Callable[[pathlib.Path], TrackCrops] = load_crops,
) -> tfds.core.DatasetInfo:
  """Builds the dataset from crop files by split, below `root`; `width` is that of the teacher's pose.

  What the files hold is read by `load`, a track at a time.

  Raises:
    InputError: the dataset is there already (TFDS would take it as it is, whatever the crops), or there are no files.
  """
  named = {split: tuple(map(str, paths)) for split, paths in files.items()}
  config = SportsTracksConfig(name='default', files=named, width=width, load=load)
  return prepare(Builder(data_dir=str(root), config=config, file_format=FORMAT))


def add_arguments(parser: argparse.ArgumentParser) -> None:
  """What the command line takes for this dataset."""
  source = parser.add_mutually_exclusive_group(required=True)
  source.add_argument('--crops', type=given_folder, help='folder of crop files (.npz), searched to its depth')
  source.add_argument('--stage', type=given_folder, help="a run's workdir, or the folder of its crop stage")
  source.add_argument('--reference_crops', type=given_folder, help="crop folders of VPD's released code")
  source.add_argument('--penn', type=given_folder, help='Penn Action as it is handed out: folders frames and labels')
  reference.add_arguments(parser)
  penn.add_arguments(parser)
  parser.add_argument('--teacher', type=given_folder, help="a teacher's <video>.emb.pkl; the 2D joints where not given")
  parser.add_argument('--crop_size', type=int, default=128, help='pixels of crops that are not stored as ours')
  parser.add_argument('--allow_missing', action='store_true', help='build without videos that lack a part')
  parser.add_argument('--out', type=given_folder, required=True, help='folder of TFDS datasets to build in')
  parser.add_argument(
    '--split',
    action='append',
    default=[],
    metavar='NAME=PATTERN',
    help=f'split of the tracks whose name fits, such as test=diver_3*; repeatable, the first fit wins, '
    f"{_DEFAULT_SPLIT}, or the dataset's own, where none does",
  )


def main(args: argparse.Namespace) -> tfds.core.DatasetInfo:
  """Builds what the command line asks for. Raises InputError for whatever the user can mend."""
  if args.reference_crops or args.penn:
    source = (reference if args.reference_crops else penn).find(args)
    return build(args.out, into_splits(source.paths, args.split, source.splits), source.width, source.load)
  tracks = find_crops(args.crops if args.crops else finished_stage(args.stage, 'crop'))
  widths = {name: pose_width(path) for name, path in tracks.items()}
  if len(set(widths.values())) > 1:
    odd = min(widths, key=lambda name: list(widths.values()).count(widths[name]))
    raise InputError(f'{tracks[odd]}: its pose has {widths[odd]} numbers, unlike the others; crop all in one run')
  return build(args.out, into_splits(tracks, args.split), next(iter(widths.values())))


def find_crops(folder: pathlib.Path) -> dict[str, pathlib.Path]:
  """Crop files below a folder by track, in the order of their paths. Raises InputError where two are of one track."""
  paths = sorted(folder.rglob('*.npz')) if folder.is_dir() else []
  if not paths:
    raise InputError(f'{folder}: no crop files (.npz) in it; give the folder that a crop stage wrote')
  found: dict[str, pathlib.Path] = {}
  for path in paths:
    name = str(_read(path, 'track'))
    if name in found:
      raise InputError(f'{found[name]} and {path} hold the same track {name!r}; keep one')
    found[name] = path
  return found


def into_splits(
  tracks: Mapping[str, pathlib.Path], rules: Sequence[str], own: Mapping[str, str] | None = None
) -> dict[str, list[pathlib.Path]]:
  """Crop files by split, from rules NAME=PATTERN, else from the source's own.

  Raises:
    InputError: a rule fits no track.
  """
  pairs = [tuple(rule.split('=', 1)) for rule in rules]
  for rule, pair in zip(rules, pairs, strict=True):
    if len(pair) != 2 or not pair[0].isidentifier():
      raise InputError(f'--split={rule}: must be NAME=PATTERN, such as test=diver_3*')
    if not any(fnmatch.fnmatchcase(name, pair[1]) for name in tracks):
      raise InputError(f'--split={rule}: fits none of {len(tracks)} tracks, the first is {next(iter(tracks))!r}')
  splits: dict[str, list[pathlib.Path]] = {}
  for name, path in tracks.items():
    default = (own or {}).get(name, _DEFAULT_SPLIT)
    split = next((split for split, pattern in pairs if fnmatch.fnmatchcase(name, pattern)), default)
    splits.setdefault(split, []).append(path)
  return splits


def pose_width(path: pathlib.Path) -> int:
  """Numbers in the teacher's pose of a crop file."""
  return _read(path, 'pose').shape[-1]


def _read(path: pathlib.Path, name: str) -> np.ndarray:
  """One array of a crop file, without the images. Raises InputError where the file is none."""
  try:
    with path.open('rb') as file, np.load(file, allow_pickle=False) as stored:
      return stored[name]
  except (OSError, EOFError, ValueError, TypeError, KeyError, zipfile.BadZipFile) as error:
    raise InputError(f'{path}: not a crop file ({error}); take it out of the folder') from error
