"""Pack cropped tracks into the TFDS dataset `sports_tracks`."""

from __future__ import annotations

import functools
import pathlib
import shutil
from collections.abc import Mapping

from absl import logging

from data_builders.sports_tracks.build import build
from sportjax.data.teacher_crops import load_with_teacher
from sportjax.pipeline import Work
from sportjax.video.crop_file import load_crops


def build_dataset(
  work: Work,
  *,
  crops: Mapping[str, pathlib.Path],
  splits: Mapping[str, str],
  width: int,
  teacher: pathlib.Path | None = None,
) -> None:
  """Builds the dataset below the stage's folder.

  Args:
    work: the stage at work.
    crops: crop files by track.
    splits: each track's split.
    width: of the teacher's features.
    teacher: a feature store that takes the place of the 2D joints the crops hold.
  """
  load = functools.partial(load_with_teacher, store=teacher) if teacher else load_crops
  files: dict[str, list[pathlib.Path]] = {}
  for name, path in sorted(crops.items()):
    files.setdefault(splits[name], []).append(path)
  root = work.folder / 'tfds'
  shutil.rmtree(root, ignore_errors=True)  # what a killed build left; TFDS cannot go on with it
  for split, info in build(root, files, width, load).splits.items():
    logging.info('dataset: %s has %d records of %d tracks', split, info.num_examples, len(files[split]))
    work.count(**{f'{split}_tracks': len(files[split]), f'{split}_records': info.num_examples})


def dataset_directory(stage_folder: pathlib.Path) -> pathlib.Path:
  """Where the built dataset lies in a finished stage."""
  return next((stage_folder / 'tfds').rglob('dataset_info.json')).parent
