"""Features of a video as the VPD reference stores them: `<video>.emb.pkl`, a list of (frame, features, about)."""

from __future__ import annotations

import dataclasses
import pathlib
import pickle
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from sportjax.errors import InputError
from sportjax.formats import restricted_pickle
from sportjax.pose.normalise import teacher_pose
from sportjax.pose.track import Detections
from sportjax.typing import Float, Float32, FrameIndex

SUFFIX = '.emb.pkl'
_PROTOCOL = 4  # the newest that every Python the reference runs on can read
_SCORES = ('dp_score', 'kp_score')  # the first that a frame has is its score


@dataclasses.dataclass(frozen=True)
class FrameFeatures:
  """One video's features in order of its frames. v: as filmed, mirrored, and whatever more views were stored."""

  frame: FrameIndex
  features: Float32[np.ndarray, 't v d']
  score: Float32[np.ndarray, 't']  # the teacher's confidence; NaN where none is stored, as in a student's features
  not_finite: int = 0  # frames that were stored but are no numbers, and are left out

  def take(self, rows: np.ndarray) -> FrameFeatures:
    """The given rows (indices or a mask), in that order."""
    return dataclasses.replace(self, frame=self.frame[rows], features=self.features[rows], score=self.score[rows])


def read_features(path: pathlib.Path) -> FrameFeatures:
  """The features of a file; those of a frame stored several times are their mean, as in the reference.

  Raises:
    InputError: the pickle is unsafe, damaged, empty or of another layout.
  """
  content = restricted_pickle.read_pickle(path)
  if not isinstance(content, (list, tuple)) or not content:
    raise InputError(f'{path}: not a list of (frame, features, about); extract the features again')
  rows = [_row(item, f'item {at}', path) for at, item in enumerate(content)]
  shapes = {features.shape for _, features, _ in rows}
  if len(shapes) > 1:
    raise InputError(f'{path}: features of shapes {sorted(shapes)} in one file; extract them in one run')
  frame = np.array([row[0] for row in rows], np.int64)
  features = np.stack([row[1] for row in rows])
  score = np.array([row[2] for row in rows], np.float32)
  finite = np.isfinite(features).all(axis=(1, 2))
  kept = _mean_by_frame(frame[finite], features[finite], score[finite])
  return dataclasses.replace(kept, not_finite=int((~finite).sum()))


def write_features(
  path: pathlib.Path, features: FrameFeatures, about: Sequence[Mapping[str, bool]] | None = None
) -> None:
  """Writes what the reference and `read_features` read; one view is stored as (d,), more as (v, d).

  `about` is told of each frame beside its score; the reference's teachers write is_2d, is_mean and is_flip there.
  """
  views = features.features[:, 0] if features.features.shape[1] == 1 else features.features
  scores = [{} if np.isnan(score) else {'kp_score': float(score)} for score in features.score]
  told = [score | dict(more) for score, more in zip(scores, about or [{}] * len(scores), strict=True)]
  content = [(int(frame), view, each) for frame, view, each in zip(features.frame, views, told, strict=True)]
  path.parent.mkdir(parents=True, exist_ok=True)
  path.write_bytes(pickle.dumps(content, protocol=_PROTOCOL))


def stack(first: FrameFeatures, second: FrameFeatures, source: str) -> FrameFeatures:
  """Two kinds of features of one video side by side, scored by the less sure.

  Raises:
    InputError: their frames or views differ; `source` names the video.
  Source: VPD reference, stack_features.py (poses as filmed and upside down; Concat-VPD).
  """
  if not np.array_equal(first.frame, second.frame) or first.features.shape[1] != second.features.shape[1]:
    raise InputError(f'{source}: the two kinds of features are of other frames or views; extract both from one video')
  score = np.fmin(first.score, second.score)
  return FrameFeatures(first.frame, np.concatenate([first.features, second.features], axis=2), score)


def from_keypoints(detections: Detections) -> FrameFeatures:
  """The 2D teacher: the normalised joints of the first person of every frame, as filmed and mirrored.

  Source: VPD reference, dummy_2d_features.py. Departure: `teacher_pose`'s, of joints that were not found.
  """
  first = detections.take(np.flatnonzero(np.diff(detections.frame, prepend=-1)))
  pose, score = teacher_pose(first.keypoints, track=detections.source, frame=first.frame)
  return FrameFeatures(first.frame.astype(np.int64), pose, score)


def _row(item: Any, where: str, path: pathlib.Path) -> tuple[int, np.ndarray, float]:
  try:
    frame, values, about = item
    features = np.asarray(values, np.float32)
    score = next((about[name] for name in _SCORES if about.get(name) is not None), np.nan)
    number, known = int(frame), float(score)
  except (TypeError, ValueError, AttributeError) as error:
    raise InputError(
      f'{path}: {where} is not (frame, features, about) ({error}); extract the features again'
    ) from error
  if features.ndim not in (1, 2) or not features.size or number < 0:
    raise InputError(f'{path}: {where}: frame {number} has features of shape {features.shape}; extract them again')
  return number, features.reshape(-1, features.shape[-1]), known


def _mean_by_frame(frame: FrameIndex, features: Float[np.ndarray, 't v d'], score: np.ndarray) -> FrameFeatures:
  frames, start, count = np.unique(frame, return_index=True, return_counts=True)
  order = np.argsort(frame, kind='stable')
  if len(frames) == len(frame):
    return FrameFeatures(frames, features[order], score[order])
  at = np.concatenate([[0], np.cumsum(count)[:-1]])
  mean = np.add.reduceat(features[order], at, axis=0) / count[:, None, None]
  return FrameFeatures(frames, mean.astype(np.float32), score[start])
