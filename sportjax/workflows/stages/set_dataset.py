"""Pack a filmed set into the TFDS dataset `simulated_sets`, and read it back."""

from __future__ import annotations

import pathlib
import shutil
from typing import Any

import tensorflow_datasets as tfds

from data_builders.simulated_sets.build import build
from sportjax.errors import InputError
from sportjax.pipeline import Work, item_folders, progress
from sportjax.typing import JSON
from sportjax.video.decode import read_frames


def build_set(work: Work, *, filmed: pathlib.Path) -> None:
  """Builds the dataset below the stage's folder."""
  root = work.folder / 'tfds'
  shutil.rmtree(root, ignore_errors=True)  # what a killed build left; TFDS cannot go on with it
  info = build(root, filmed)
  work.count(takes_in=len(item_folders(filmed)))
  work.count(**{f'{split}_records_out': found.num_examples for split, found in info.splits.items()})


def read_set(work: Work, *, dataset: pathlib.Path) -> None:
  """Reads every record and decodes its video. Raises: InputError where a video and its truth differ in length."""
  builder = tfds.builder_from_directory(str(dataset))
  for split, info in builder.info.splits.items():
    source: Any = builder.as_data_source(split)  # ty: ignore[invalid-argument-type]
    for index in progress(range(info.num_examples), what='read'):
      work.count(records_out=1, frames=_decoded(source[index], work.folder / 'video.mp4'))


def _decoded(record: JSON, scratch: pathlib.Path) -> int:
  scratch.write_bytes(record['video'])
  n = sum(1 for _ in read_frames(scratch))
  scratch.unlink()
  if n != len(record['t_ms']):
    name = record['name'].decode()
    raise InputError(f'{name}: the video has {n} frames, its truth {len(record["t_ms"])}; film the set again')
  return n
