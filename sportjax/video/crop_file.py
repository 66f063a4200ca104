"""One track's crops on disk: encoded planes beside the teacher's pose, frame by frame."""

from __future__ import annotations

import dataclasses
import pathlib
from typing import Any

import numpy as np

from sportjax.typing import Bool, Boxes, Float32, FrameIndex, TimesMs


@dataclasses.dataclass(frozen=True)
class TrackCrops:
  """What the dataset builder packs into records. v = 2 views: as filmed, mirrored."""

  track: str
  video: str
  frame: FrameIndex
  t_ms: TimesMs
  boxes: Boxes  # the square that was cropped, image pixels
  keypoints: Float32[np.ndarray, 't j 3']  # COCO-17, crop pixels and score
  pose: Float32[np.ndarray, 't v d']
  delta: Float32[np.ndarray, 't v d']  # pose minus the previous frame's, 0 where `has_delta` is False
  score: Float32[np.ndarray, 't']  # the teacher's confidence in `pose`
  has_delta: Bool[np.ndarray, 't']
  has_mask: bool
  size: int  # crop side in pixels
  rgb: tuple[bytes, ...]  # one encoded image a frame
  motion: tuple[bytes, ...]


def save_crops(path: pathlib.Path, crops: TrackCrops) -> None:
  """Writes one `.npz`; encoded images are stored as one run of bytes with their lengths."""
  arrays: dict[str, Any] = {f.name: getattr(crops, f.name) for f in dataclasses.fields(crops)}
  for name in ('rgb', 'motion'):
    images = arrays.pop(name)
    arrays[f'{name}_bytes'] = np.frombuffer(b''.join(images), np.uint8)
    arrays[f'{name}_lengths'] = np.array([len(image) for image in images], np.int64)
  with path.open('wb') as file:
    np.savez(file, allow_pickle=False, **arrays)


def load_crops(path: pathlib.Path) -> TrackCrops:
  """Reads what `save_crops` wrote."""
  with np.load(path, allow_pickle=False) as stored:
    arrays: dict[str, Any] = dict(stored)
  for name in ('rgb', 'motion'):
    data, ends = arrays.pop(f'{name}_bytes').tobytes(), np.cumsum(arrays.pop(f'{name}_lengths'))
    arrays[name] = tuple(data[start:end] for start, end in zip([0, *ends[:-1]], ends, strict=True))
  for name in ('track', 'video', 'has_mask', 'size'):
    arrays[name] = arrays[name].item()
  return TrackCrops(**arrays)
