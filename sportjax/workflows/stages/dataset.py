"""Pack cropped tracks into the TFDS dataset `sports_tracks`."""

from __future__ import annotations

import pathlib
import shutil
from collections.abc import Mapping

from absl import logging

from data_builders.sports_tracks.sports_tracks_dataset_builder import Builder, SportsTracksConfig
from sportjax.pipeline import Work

FORMAT = 'array_record'


def build_dataset(work: Work, *, crops: Mapping[str, pathlib.Path], splits: Mapping[str, str], width: int) -> None:
  """Builds the dataset below the stage's folder; `splits` gives each track's split."""
  files: dict[str, list[str]] = {}
  for name, path in sorted(crops.items()):
    files.setdefault(splits[name], []).append(str(path))
  root = work.folder / 'tfds'
  shutil.rmtree(root, ignore_errors=True)  # what a killed build left; TFDS cannot go on with it
  config = SportsTracksConfig(name='default', files={k: tuple(v) for k, v in files.items()}, width=width)
  builder = Builder(data_dir=str(root), config=config, file_format=FORMAT)
  builder.download_and_prepare(file_format=FORMAT)
  for split, info in builder.info.splits.items():
    logging.info('dataset: %s has %d records of %d tracks', split, info.num_examples, len(files[split]))
    work.count(**{f'{split}_tracks': len(files[split]), f'{split}_records': info.num_examples})


def dataset_directory(stage_folder: pathlib.Path) -> pathlib.Path:
  """Where the built dataset lies in a finished stage."""
  return next((stage_folder / 'tfds').rglob('dataset_info.json')).parent
