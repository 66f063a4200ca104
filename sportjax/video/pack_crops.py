"""From crops of one athlete and a teacher's poses to what a dataset of tracks is built from."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sportjax.formats.vpd_features import FrameFeatures
from sportjax.pose.change import pose_change
from sportjax.typing import Keypoints
from sportjax.video.codec import encode_planes
from sportjax.video.crop_file import TrackCrops
from sportjax.video.strip import CropFrame


def pack_crops(
  name: str, video: str, crops: Sequence[CropFrame], teacher: FrameFeatures, keypoints: Keypoints, size: int
) -> TrackCrops:
  """One track of encoded crops with their targets.

  Args:
    name: of the track.
    video: its name or path.
    crops: in order of frames.
    teacher: its poses, in two views, of those frames at least: changes are between its frames, cropped or not.
    keypoints: COCO-17 joints of each crop, in its pixels.
    size: of the crops.
  """
  frame = np.array([crop.frame for crop in crops], np.int64)
  delta, has_delta = pose_change(teacher.frame, teacher.features, teacher.score)
  rows = np.searchsorted(teacher.frame, frame)
  rgb, motion = zip(*(encode_planes(crop.planes) for crop in crops), strict=True) if crops else ((), ())
  return TrackCrops(
    track=name,
    video=video,
    frame=frame,
    t_ms=np.array([crop.t_ms for crop in crops], np.float64),
    boxes=np.array([crop.box for crop in crops], np.float32),
    keypoints=keypoints,
    pose=teacher.features[rows],
    delta=delta[rows],
    score=teacher.score[rows],
    has_delta=has_delta[rows],
    has_mask=all(crop.has_mask for crop in crops),
    size=size,
    rgb=rgb,
    motion=motion,
  )
