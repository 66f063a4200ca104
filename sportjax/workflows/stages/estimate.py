"""Where a user has no keypoints: a pose model of theirs writes them, in the same form as any other keypoint file."""

from __future__ import annotations

import functools
import pathlib
from collections.abc import Mapping

from sportjax.formats.coco import write_coco_results
from sportjax.pipeline import Work, map_items
from sportjax.video.pose_mediapipe import landmark_people
from sportjax.video.pose_onnx import Detector, OnnxPoseParams, detect_and_pose

FILE = 'keypoints.json'


def estimate_poses(
  work: Work,
  *,
  videos: Mapping[str, pathlib.Path],
  pose_model: pathlib.Path,
  detector: pathlib.Path | None,
  detector_kind: Detector,
  processes: int,
) -> None:
  """One COCO-results file an item."""
  params = OnnxPoseParams(detector=detector_kind)
  one = functools.partial(_estimate_one, pose_model=pose_model, detector=detector, params=params)
  map_items(work, videos, one, processes=processes)


def _estimate_one(
  video: pathlib.Path,
  folder: pathlib.Path,
  *,
  pose_model: pathlib.Path,
  detector: pathlib.Path | None,
  params: OnnxPoseParams,
) -> dict[str, int]:
  lost: list[int] = []
  if pose_model.suffix == '.task':
    people = landmark_people(video, pose_model, lost=lost)
  else:
    people = detect_and_pose(video, pose_model, detector=detector, params=params, lost=lost)
  write_coco_results(folder / FILE, people)
  return {'people': len(people), 'frames_not_decoded': len(lost)}
