"""TFDS builder of cropped athlete tracks: short runs of frames with the teacher's pose beside them."""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import tensorflow_datasets as tfds

from data_builders.building import per_frame
from sportjax.errors import InputError
from sportjax.video.crop_file import TrackCrops, load_crops

# Frames a record holds: reading one frame at random reads its record, so records are short; a longer one would pack
# better and read slower.
RECORD_FRAMES = 16


@dataclasses.dataclass(eq=False)
class SportsTracksConfig(tfds.core.BuilderConfig):
  """Where the crops lie: files written by the crop stage, by split, and the width of the teacher's pose."""

  files: dict[str, tuple[str, ...]] = dataclasses.field(default_factory=dict, repr=False)  # TFDS logs the rest
  width: int = 26
  load: Callable[[pathlib.Path], TrackCrops] = dataclasses.field(default=load_crops, repr=False)


class Builder(tfds.core.GeneratorBasedBuilder):
  """Frames stay encoded in the records, so that a reader decodes only those it samples."""

  VERSION = tfds.core.Version('1.1.0')
  BUILDER_CONFIGS = []

  def _info(self) -> tfds.core.DatasetInfo:
    images = tfds.features.Sequence(tfds.features.Scalar(np.object_))
    return self.dataset_info_from_configs(
      disable_shuffling=True,  # records of a track stay in order, so reading them in sequence gives whole tracks
      features=tfds.features.FeaturesDict(
        {
          'track': tfds.features.Text(),
          'video': tfds.features.Text(),
          'size': tfds.features.Scalar(np.int32),
          'has_mask': tfds.features.Scalar(np.bool_),
          'frame': per_frame(np.int64),
          't_ms': per_frame(np.float64),
          'boxes': per_frame(np.float32, 4),
          'keypoints': per_frame(np.float32, 17, 3),
          'pose': per_frame(np.float32, 2, self.builder_config.width),
          'delta': per_frame(np.float32, 2, self.builder_config.width),
          'score': per_frame(np.float32),
          'has_delta': per_frame(np.bool_),
          'rgb': images,
          'motion': images,
        }
      ),
    )

  def _split_generators(self, dl_manager: tfds.download.DownloadManager) -> dict[str, Iterator]:
    del dl_manager
    if not any(self.builder_config.files.values()):
      raise InputError('sports_tracks: no crop files to build from; run the crop stage first')
    return {split: self._generate_examples(files) for split, files in self.builder_config.files.items() if files}

  def _generate_examples(self, files: tuple[str, ...]) -> Iterator[tuple[str, dict[str, Any]]]:
    for file in files:
      crops = self.builder_config.load(pathlib.Path(file))
      for start in range(0, len(crops.frame), RECORD_FRAMES):
        yield f'{crops.track}/{start:08d}', _record(crops, slice(start, start + RECORD_FRAMES))


def _record(crops: TrackCrops, rows: slice) -> dict[str, Any]:
  per_frame = ('frame', 't_ms', 'boxes', 'keypoints', 'pose', 'delta', 'score', 'has_delta')
  return {
    'track': crops.track,
    'video': crops.video,
    'size': crops.size,
    'has_mask': crops.has_mask,
    **{name: getattr(crops, name)[rows] for name in per_frame},
    'rgb': list(crops.rgb[rows]),
    'motion': list(crops.motion[rows]),
  }
