"""Features of every track, one feature store for each row of the results table."""

from __future__ import annotations

import functools
import itertools
import pathlib
from collections.abc import Iterator, Mapping

import numpy as np

from sportjax.data.features import TrackFeatures, write_features
from sportjax.data.frames import FrameReader, read_rows
from sportjax.data.pca import Planes, fit_pca
from sportjax.data.tracks import TrackRecords
from sportjax.evals.extract import Predict, extract
from sportjax.pipeline import Work, progress
from sportjax.pose.normalise import teacher_pose
from sportjax.pose.skeletons import convert, get_skeleton
from sportjax.pose.smooth import smooth
from sportjax.pose.track_file import load_track
from sportjax.tasks.jitter import Jitter
from sportjax.tasks.vipe_teacher import load_teacher, vipe_features
from sportjax.workflows.stages.distil import StudentSettings, fresh_student, load_student

_NO_JITTER = Jitter()
_PCA_FRAMES = 4000  # training frames that the principal components are fitted on


def pose_features(
  work: Work,
  *,
  tracks: Mapping[str, pathlib.Path],
  sigma_ms: float = 0.0,
  with_change: bool = False,
  vipe: pathlib.Path | None = None,
  inverted: bool = False,
) -> None:
  """The teacher's features of every frame, as filmed and mirrored.

  Args:
    work: the stage at work; its folder becomes a feature store.
    tracks: track files by name.
    sigma_ms: keypoints are smoothed in time by so much; 0 leaves them.
    with_change: the change from frame to frame stands beside the features.
    vipe: weights of VIPE*; the normalised 2D joints where there are none.
    inverted: VIPE*'s features of the pose upside down stand beside them.
  """
  embed = functools.partial(vipe_features, load_teacher(vipe), inverted=inverted) if vipe else teacher_pose

  def one(path: pathlib.Path) -> TrackFeatures:
    track = load_track(path)
    coco = convert(track.keypoints, get_skeleton(track.skeleton), get_skeleton('coco17'))
    if sigma_ms:
      coco = smooth(coco, track.t_ms, sigma_ms=sigma_ms)
    pose, _ = embed(coco, track=track.id, frame=track.frame)
    if with_change:
      pose = np.concatenate([pose, np.diff(pose, axis=0, prepend=pose[:1])], axis=-1)
    return TrackFeatures(track.id, track.frame, track.t_ms, pose)

  frames = write_features(work.folder, (one(path) for path in tracks.values()), source='VIPE*' if vipe else 'pose')
  work.count(tracks=len(tracks), frames=frames)


def pca_features(work: Work, *, dataset: pathlib.Path, splits: tuple[str, ...], planes: Planes, d: int) -> None:
  """Principal components of the crops' flow or pixels, fitted on frames of the training split."""
  table = TrackRecords(dataset, 'train').table()
  rows = np.random.default_rng(0).permutation(len(table))[:_PCA_FRAMES]
  sample = read_rows(FrameReader(dataset, 'train', table), table, rows)
  _write(work, dataset, splits, fit_pca(sample['frames'], planes, d), f'PCA of {planes}')


def student_features(
  work: Work, *, dataset: pathlib.Path, splits: tuple[str, ...], run: pathlib.Path, jitter: Jitter = _NO_JITTER
) -> None:
  """The trained student's features of every frame, and of changes of it where they are asked for."""
  _write(work, dataset, splits, load_student(run).jittered(jitter), 'student')


def untrained_features(
  work: Work, *, dataset: pathlib.Path, splits: tuple[str, ...], settings: StudentSettings
) -> None:
  """Features of every frame by the same network before the first step of its training."""
  records = TrackRecords(dataset, splits[0])
  student = fresh_student(settings, records[0]['size'], records.table().width)
  _write(work, dataset, splits, student.embed, 'untrained student')


def _write(work: Work, dataset: pathlib.Path, splits: tuple[str, ...], predict: Predict, name: str) -> None:
  records = [TrackRecords(dataset, split) for split in splits]
  tracks: Iterator[TrackFeatures] = itertools.chain.from_iterable(extract(r, predict) for r in records)
  frames = write_features(work.folder, progress(tracks, what=name), source=name)
  work.count(frames=frames)
