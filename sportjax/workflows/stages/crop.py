"""Crop the athlete, compute flow, normalise the teacher's pose: everything a record needs, one file a track."""

from __future__ import annotations

import functools
import pathlib
from collections.abc import Mapping

import numpy as np

from sportjax.formats.vpd_features import FrameFeatures
from sportjax.pipeline import Work, map_items
from sportjax.pose.normalise import teacher_pose
from sportjax.pose.skeletons import convert, get_skeleton
from sportjax.pose.track_file import load_track
from sportjax.video.crop import into_crops
from sportjax.video.crop_file import save_crops
from sportjax.video.pack_crops import pack_crops
from sportjax.video.strip import CropParams, crops_of_track


def crop_tracks(work: Work, *, tracks: Mapping[str, pathlib.Path], params: CropParams, processes: int) -> None:
  """One `crops.npz` an item, from track files by name."""
  map_items(work, tracks, functools.partial(_crop_one, params=params), processes=processes)


def _crop_one(path: pathlib.Path, folder: pathlib.Path, *, params: CropParams) -> dict[str, int]:
  whole = load_track(path)
  lost: list[int] = []
  crops = list(crops_of_track(whole, params=params, lost=lost))
  track = whole.take(~np.isin(whole.frame, lost))
  coco = convert(track.keypoints, get_skeleton(track.skeleton), get_skeleton('coco17'))
  pose, score = teacher_pose(coco, track=track.id, frame=track.frame)
  joints = into_crops(coco, np.array([crop.box for crop in crops], np.float32), params.size)
  packed = pack_crops(track.id, track.video, crops, FrameFeatures(track.frame, pose, score), joints, params.size)
  save_crops(folder / 'crops.npz', packed)
  n_bytes = sum(len(image) for image in (*packed.rgb, *packed.motion))
  return {'frames': len(crops), 'frames_not_decoded': len(lost), 'bytes': n_bytes}
