"""Two folders of features side by side: as filmed and upside down, or two students (Concat-VPD)."""

from __future__ import annotations

import argparse
import pathlib

from sportjax.command_line import given_folder
from sportjax.errors import InputError
from sportjax.formats import vpd_features


def add_arguments(parser: argparse.ArgumentParser) -> None:
  """What the command line takes."""
  for name in ('first', 'second'):
    parser.add_argument(f'--{name}', type=given_folder, required=True, help='folder of <video>.emb.pkl')
  parser.add_argument('--out', type=given_folder, required=True, help='folder to write into')


def main(args: argparse.Namespace) -> str:
  """Writes a file a video; says how many. Raises InputError where the folders are not of the same videos and frames."""
  first, second = (_names(folder) for folder in (args.first, args.second))
  apart = sorted(first ^ second)
  if apart:
    lacking = args.second if apart[0] in first else args.first
    raise InputError(
      f'{lacking}: has no {apart[0]} ({len(apart)} files are in one folder only); extract the same videos'
    )
  for name in sorted(first):
    pair = (vpd_features.read_features(folder / name) for folder in (args.first, args.second))
    vpd_features.write_features(args.out / name, vpd_features.stack(*pair, source=name))
  return f'features of {len(first)} videos side by side'


def _names(folder: pathlib.Path) -> set[str]:
  found = {path.name for path in folder.glob(f'*{vpd_features.SUFFIX}')}
  if not found:
    raise InputError(f'{folder}: no *{vpd_features.SUFFIX} in it; give the folder of features')
  return found
