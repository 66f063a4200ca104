"""Pack cropped tracks into the TFDS dataset `sports_tracks`."""

from __future__ import annotations

import pathlib
import shutil
from collections.abc import Mapping

from absl import logging

from data_builders.sports_tracks.build import build
from sportjax.pipeline import Work


def build_dataset(work: Work, *, crops: Mapping[str, pathlib.Path], splits: Mapping[str, str], width: int) -> None:
  """Builds the dataset below the stage's folder; `splits` gives each track's split."""
  files: dict[str, list[pathlib.Path]] = {}
  for name, path in sorted(crops.items()):
    files.setdefault(splits[name], []).append(path)
  root = work.folder / 'tfds'
  shutil.rmtree(root, ignore_errors=True)  # what a killed build left; TFDS cannot go on with it
  for split, info in build(root, files, width).splits.items():
    logging.info('dataset: %s has %d records of %d tracks', split, info.num_examples, len(files[split]))
    work.count(**{f'{split}_tracks': len(files[split]), f'{split}_records': info.num_examples})


def dataset_directory(stage_folder: pathlib.Path) -> pathlib.Path:
  """Where the built dataset lies in a finished stage."""
  return next((stage_folder / 'tfds').rglob('dataset_info.json')).parent
