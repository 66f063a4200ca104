"""The poses that a student reads out of a view it has not seen, beside its teacher's and the truth."""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Mapping, Sequence

import numpy as np

from sportjax.data.features import FeatureStore, write_features
from sportjax.data.tracks import TrackRecords
from sportjax.evals.extract import extract
from sportjax.pipeline import Work
from sportjax.pose.normalise import teacher_pose
from sportjax.pose.skeletons import convert, get_skeleton
from sportjax.pose.track_file import load_track
from sportjax.typing import JSON, Float32, FrameIndex
from sportjax.workflows.stages.distil import load_student
from sportjax.workflows.stages.reliability import pose_error
from sportjax.workflows.stages.scene import Scene

PARTS = ('all', 'least sure third')


@dataclasses.dataclass(frozen=True)
class Fold:
  """One view held out of one training. `rows` are feature stores of all views, `decoded` holds the student's poses."""

  held_out: str
  seed: int
  rows: Mapping[str, pathlib.Path]
  decoded: pathlib.Path


@dataclasses.dataclass(frozen=True)
class HeldOutPoses:
  """Normalised poses of a held-out view, as filmed, by row; frames in which the truth is not known are left out."""

  frame: FrameIndex
  score: Float32[np.ndarray, 't']  # the teacher's
  truth: Float32[np.ndarray, 't d']
  rows: Mapping[str, Float32[np.ndarray, 't d']]


def decode_poses(work: Work, *, dataset: pathlib.Path, split: str, run: pathlib.Path) -> None:
  """The pose that the student's decoder reads out of every frame of a split, as a feature store."""
  tracks = extract(TrackRecords(dataset, split), load_student(run).pose)
  work.count(frames=write_features(work.folder, tracks, source="student's pose"))


def held_out_poses(fold: Fold, tracks: Mapping[str, pathlib.Path], scene: Scene) -> HeldOutPoses:
  """Teacher, smoothed teacher, student and two constant poses beside the truth."""
  view = fold.held_out
  teacher, smoothed = (FeatureStore(fold.rows[row]) for row in ('teacher', 'teacher, smoothed'))
  track, decoded = load_track(tracks[view]), FeatureStore(fold.decoded).track(view)
  score = teacher_pose(convert(track.keypoints, get_skeleton(track.skeleton), get_skeleton('coco17')), track=view)[1]
  truth, known = teacher_pose(scene.projected(view, track.frame), track=view)
  frame = np.intersect1d(decoded.frame, track.frame[known > 0])
  here = {'teacher': teacher.track(view), 'teacher, smoothed': smoothed.track(view), 'student': decoded}
  rows = {row: part.features[np.isin(part.frame, frame), 0] for row, part in here.items()}
  others = np.concatenate([teacher.track(name).features[:, 0] for name in tracks if name != view])
  rows['mean pose of the training views'] = np.broadcast_to(others.mean(axis=0), rows['teacher'].shape)
  rows["mean of the teacher's poses in this view"] = np.broadcast_to(rows['teacher'].mean(0), rows['teacher'].shape)
  used = np.isin(track.frame, frame)
  return HeldOutPoses(frame, score[used], truth[used, 0], rows)


def pose_errors(folds: Sequence[Fold], tracks: Mapping[str, pathlib.Path], scene: Scene) -> JSON:
  """By held-out view, row and part (all frames, the third of least confidence): the mean over seeds, and each seed."""
  found: dict[str, dict[str, dict[str, list[float]]]] = {}
  for fold in folds:
    poses = held_out_poses(fold, tracks, scene)
    unsure = np.argsort(poses.score, kind='stable')[: max(len(poses.score) // 3, 1)]
    for row, pose in poses.rows.items():
      error = pose_error(pose, poses.truth)
      parts = found.setdefault(fold.held_out, {}).setdefault(row, {part: [] for part in PARTS})
      for part, value in zip(PARTS, (error.mean(), error[unsure].mean()), strict=True):
        parts[part].append(float(value))
  return {view: {row: _spread(parts) for row, parts in rows.items()} for view, rows in found.items()}


def _spread(parts: Mapping[str, Sequence[float]]) -> JSON:
  return {part: {'mean': float(np.mean(values)), 'seeds': list(values)} for part, values in parts.items()}
