"""What VPD's baselines read: joints with their confidence as a feature store, and tracks as wide as the picture."""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Mapping

import numpy as np

from sportjax.data.features import TrackFeatures, write_features
from sportjax.pipeline import Work, map_items
from sportjax.pose.normalise import normalise
from sportjax.pose.skeletons import convert, get_skeleton
from sportjax.pose.track_file import load_track, save_track
from sportjax.typing import Float32, Keypoints

_COCO17 = get_skeleton('coco17')


def joint_features(work: Work, *, tracks: Mapping[str, pathlib.Path]) -> None:
  """A store of the tracked poses: all 17 joints, normalised, with confidence, as filmed and mirrored."""

  def one(path: pathlib.Path) -> TrackFeatures:
    track = load_track(path)
    coco = convert(track.keypoints, get_skeleton(track.skeleton), _COCO17)
    return TrackFeatures(track.id, track.frame, track.t_ms, joint_views(coco))

  frames = write_features(work.folder, (one(path) for path in tracks.values()), source='joints')
  work.count(tracks=len(tracks), frames=frames)


def joint_views(coco: Keypoints) -> Float32[np.ndarray, 't 2 51']:
  """x, y about the hips in torsos, and confidence, of each joint; joints that were not found lie at the origin."""
  pose = np.concatenate([normalise(coco)[0], coco[..., 2:]], axis=-1).astype(np.float32)
  mirrored = pose[:, _COCO17.mirror] * np.array([-1, 1, 1], np.float32)
  return np.stack([pose, mirrored], axis=1).reshape(len(pose), 2, -1)


def widen_tracks(work: Work, *, tracks: Mapping[str, pathlib.Path]) -> None:
  """The same tracks with the whole picture as their box: what the crop stage then cuts is the full frame.

  Crop with pad_fraction=0 and pad_px=0; frames in which the athlete is not tracked stay left out.
  """
  map_items(work, tracks, _widen_one)


def _widen_one(path: pathlib.Path, folder: pathlib.Path) -> dict[str, int]:
  track = load_track(path)
  boxes = np.tile(np.array([0, 0, *track.image_size], np.float32), (len(track.frame), 1))
  save_track(folder / 'track.npz', dataclasses.replace(track, boxes=boxes))
  return {'frames': len(track.frame)}
