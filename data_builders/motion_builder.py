"""TFDS builder of motion in 3D: one record a recording, and what the builders of motion share."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import tensorflow_datasets as tfds

from data_builders.building import FORMAT, per_frame, prepare
from sportjax.data.labels import held_out
from sportjax.errors import InputError
from sportjax.formats.motion_vipe import BodyMotion
from sportjax.formats.trc import Markers


@dataclasses.dataclass(frozen=True)
class Recording:
  """One recording, read when its turn comes. Points that are not finite were not found."""

  name: str
  person: str
  action: str
  split: str
  read: Callable[[], tuple[np.ndarray, np.ndarray, np.ndarray]]  # frame, t_ms (NaN: not known), xyz


@dataclasses.dataclass(eq=False)
class MotionConfig(tfds.core.BuilderConfig):
  """The recordings, and what their points are."""

  recordings: tuple[Recording, ...] = dataclasses.field(default=(), repr=False)  # TFDS logs the rest
  points: tuple[str, ...] = dataclasses.field(default=(), repr=False)
  up: str = 'z'
  unit_m: float = 1.0  # of one unit of `xyz`; 0 where it is not known


class MotionBuilder(tfds.core.GeneratorBasedBuilder, skip_registration=True):
  """The names of the points, the axis that is up and the unit are in the dataset's metadata."""

  BUILDER_CONFIGS = []

  def _info(self) -> tfds.core.DatasetInfo:
    config = self.builder_config
    return self.dataset_info_from_configs(
      metadata=tfds.core.MetadataDict(points=list(config.points), up=config.up, unit_m=config.unit_m),
      disable_shuffling=True,
      features=tfds.features.FeaturesDict(
        {
          **dict.fromkeys(('name', 'person', 'action'), tfds.features.Text()),
          'frame': per_frame(np.int64),
          't_ms': per_frame(np.float64),  # NaN where the source does not tell its rate
          'xyz': per_frame(np.float32, len(config.points), 3),
        }
      ),
    )

  def _split_generators(self, dl_manager: tfds.download.DownloadManager) -> dict[str, Iterator]:
    del dl_manager
    splits: dict[str, list[Recording]] = {}
    for recording in self.builder_config.recordings:
      splits.setdefault(recording.split, []).append(recording)
    return {split: self._generate_examples(found) for split, found in splits.items()}

  def _generate_examples(self, recordings: Sequence[Recording]) -> Iterator[tuple[str, dict[str, Any]]]:
    for recording in recordings:
      frame, t_ms, xyz = recording.read()
      if xyz.shape[1] != len(self.builder_config.points):
        raise InputError(f'{recording.name}: {xyz.shape[1]} points, unlike the others; build it apart')
      told = {name: getattr(recording, name) for name in ('name', 'person', 'action')}
      yield recording.name, told | {'frame': frame, 't_ms': t_ms, 'xyz': xyz.astype(np.float32)}


def build(builder: type[MotionBuilder], args: argparse.Namespace, config: MotionConfig) -> tfds.core.DatasetInfo:
  """Builds the dataset. Raises InputError where there is no recording, or two are of one name."""
  names = [recording.name for recording in config.recordings]
  repeated = next((name for name in names if names.count(name) > 1), None)
  if repeated or not names:
    told = f'two recordings are named {repeated!r}' if repeated else 'no recordings in it'
    raise InputError(f'{args.source}: {told}; give the folder as --source says')
  return prepare(builder(data_dir=str(args.out), config=config, file_format=FORMAT))


def of_markers(name: str, person: str, action: str, read: Callable[[], Markers], names: Sequence[str]) -> Recording:
  """A recording of markers in metres. Reading raises InputError where they are not those of `names`."""

  def points() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    markers = read()
    if markers.name != tuple(names):
      raise InputError(f'{name}: its points are not those of the other recordings; build it apart')
    return np.arange(len(markers.t_ms)), np.asarray(markers.t_ms, np.float64), markers.xyz_m

  return Recording(name, person, action, held_out(person), points)


def of_body(motion: BodyMotion, split: str) -> Recording:
  """A recording of one of VIPE*'s bodies, whose rate is not told."""
  name = '.'.join(part for part in (motion.person, motion.action) if part)
  unknown = np.full(len(motion.frame), np.nan)
  return Recording(name, motion.person, motion.action, split, lambda: (motion.frame, unknown, motion.xyz))
