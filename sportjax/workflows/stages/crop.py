"""Crop the athlete, compute flow, normalise the teacher's pose: everything a record needs, one file a track."""

from __future__ import annotations

from collections.abc import Mapping
import dataclasses
import functools
import pathlib
from typing import Literal

import numpy as np

from sportjax.errors import InputError
from sportjax.pipeline import Work, map_items
from sportjax.pose.normalise import teacher_pose
from sportjax.pose.skeletons import convert, get_skeleton
from sportjax.pose.track import Track
from sportjax.pose.track_file import load_track
from sportjax.typing import Bool, Float32
from sportjax.video.codec import encode_planes
from sportjax.video.crop_file import TrackCrops, save_crops
from sportjax.video.strip import crops_of_track


@dataclasses.dataclass(frozen=True)
class CropConfig:
  """How crops are made; the defaults are the paper's."""

  size: int = 128
  flow: Literal['ultrafast', 'fast', 'medium'] = 'medium'
  flow_gap_ms: float = 40.0

  def __post_init__(self):
    if self.size < 16 or self.size % 8:
      raise InputError(f'crop.size={self.size}: must be a multiple of 8, at least 16')


def crop_tracks(work: Work, *, tracks: Mapping[str, pathlib.Path], config: CropConfig, processes: int) -> None:
  """One `crops.npz` an item, from track files by name."""
  map_items(work, tracks, functools.partial(_crop_one, config=config), processes=processes)


def _crop_one(path: pathlib.Path, folder: pathlib.Path, *, config: CropConfig) -> dict[str, int]:
  track = load_track(path)
  coco = convert(track.keypoints, get_skeleton(track.skeleton), get_skeleton('coco17'))
  pose, score = teacher_pose(coco, track=track.id, frame=track.frame)
  delta, has_delta = pose_change(track, pose, score)
  rgb, motion, boxes = [], [], []
  for crop in crops_of_track(track, size=config.size, flow_gap_ms=config.flow_gap_ms, preset=config.flow):
    encoded = encode_planes(crop.planes)
    rgb.append(encoded[0])
    motion.append(encoded[1])
    boxes.append(crop.box)
  boxes = np.array(boxes, np.float32)
  crops = TrackCrops(
    track=track.id,
    video=track.video,
    frame=track.frame,
    t_ms=track.t_ms,
    boxes=boxes,
    keypoints=_into_crops(coco, boxes, config.size),
    pose=pose,
    delta=delta,
    score=score,
    has_delta=has_delta,
    has_mask=False,
    size=config.size,
    rgb=tuple(rgb),
    motion=tuple(motion),
  )
  save_crops(folder / 'crops.npz', crops)
  return {'frames': len(rgb), 'bytes': sum(map(len, rgb)) + sum(map(len, motion))}


def pose_change(
  track: Track, pose: Float32[np.ndarray, 't v d'], score: Float32[np.ndarray, 't']
) -> tuple[Float32[np.ndarray, 't v d'], Bool[np.ndarray, 't']]:
  """p_t - p_(t-1) between neighbouring frames of the video, and where both exist.

  Source: VPD reference, single_frame.py: the previous frame must be frame t-1 exactly; its score is not thresholded.
  Departure: a previous frame in which no pose was found at all (score 0) gives no change, where the reference would
  subtract a pose of zeros.
  """
  has_delta = np.zeros(len(pose), bool)
  has_delta[1:] = (np.diff(track.frame) == 1) & (score[1:] > 0) & (score[:-1] > 0)
  delta = np.zeros_like(pose)
  delta[1:] = pose[1:] - pose[:-1]
  delta[~has_delta] = 0
  return delta, has_delta


def _into_crops(
  keypoints: Float32[np.ndarray, 't j 3'], boxes: Float32[np.ndarray, 't 4'], size: int
) -> Float32[np.ndarray, 't j 3']:
  """Image pixels to crop pixels, pixel centres at half integers in both."""
  scale = size / (boxes[:, 2:] - boxes[:, :2])
  xy = (keypoints[..., :2] + 0.5 - boxes[:, None, :2]) * scale[:, None] - 0.5
  return np.concatenate([xy, keypoints[..., 2:]], axis=-1).astype(np.float32)
