"""Features that users of the VPD reference have on disk, as stores of clips and of whole videos."""

from __future__ import annotations

import argparse
import dataclasses
import pathlib
import shutil
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

import tensorflow_datasets as tfds

from data_builders.clip_set import ClipSet
from data_builders.diving48 import build as diving48
from data_builders.fs_jump6 import build as fs_jump6
from data_builders.fx35 import build as fx35
from data_builders.tennis7 import build as tennis7
from sportjax.data.clip_records import read_clips
from sportjax.data.features import TrackFeatures, write_features
from sportjax.data.reference_store import write_reference_store
from sportjax.formats.actions import read_video_meta
from sportjax.formats.vpd_labels import tennis_video
from sportjax.pipeline import Work


class Builder(NamedTuple):
  """One dataset's builder, and the video that a track is of."""

  kind: ClipSet
  add_arguments: Callable[[argparse.ArgumentParser], None]
  main: Callable[[argparse.Namespace], tfds.core.DatasetInfo]
  video_of: Callable[[str], str] = str


BUILDERS: Mapping[str, Builder] = MappingProxyType(
  {
    'fs_jump6': Builder(fs_jump6.KIND, fs_jump6.add_arguments, fs_jump6.main),
    'tennis7': Builder(tennis7.KIND, tennis7.add_arguments, tennis7.main, tennis_video),
    'fx35': Builder(fx35.KIND, fx35.add_arguments, fx35.main),
    'diving48': Builder(diving48.KIND, diving48.add_arguments, diving48.main),
  }
)


def store_clips(
  work: Work,
  *,
  dataset: str,
  features: pathlib.Path,
  labels: pathlib.Path,
  video_meta: pathlib.Path,
  reading: str,
  allow_missing: bool,
  version: str,
) -> None:
  """Builds the dataset from a folder of `<video>.emb.pkl`, and writes a store with one track an action, by its id.

  Raises:
    InputError: what the builder refuses, such as labels of other counts or features that are missing.
  """
  builder, root = BUILDERS[dataset], work.folder / 'tfds'
  shutil.rmtree(root, ignore_errors=True)  # what a killed build left
  parser = argparse.ArgumentParser()
  builder.add_arguments(parser)
  given = {'labels': labels, 'video_meta': video_meta, 'features': features, 'reading': reading, 'out': root}
  given |= {'version': version} if len(builder.kind.counts) > 1 else {}
  arguments = [f'--{name}={value}' for name, value in given.items()]
  info = builder.main(parser.parse_args([*arguments, *(['--allow_missing'] if allow_missing else [])]))
  frames = write_features(work.folder, _tracks(info), source=features.name)
  shutil.rmtree(root)  # all that tables read of it is in the store
  work.count(frames=frames)


def _tracks(info: tfds.core.DatasetInfo) -> Iterator[TrackFeatures]:
  for split in info.splits:
    found = read_clips(pathlib.Path(info.data_dir), split)
    for name, sequence in zip(found.id, found.features, strict=True):
      yield dataclasses.replace(sequence, track=name)


def store_videos(
  work: Work, *, dataset: str, features: pathlib.Path, video_meta: pathlib.Path, reading: str
) -> None:  # fmt: skip
  """Writes a store of whole videos, for detection. Raises: InputError as `write_reference_store` does."""
  builder = BUILDERS[dataset]
  how = builder.kind.reference if reading == 'reference' else builder.kind.reading
  counts = write_reference_store(
    work.folder, features, read_video_meta(video_meta), reading=how, video_of=builder.video_of
  )
  work.count(**counts)
