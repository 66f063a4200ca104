"""What is known of people in a video: unordered detections, and one athlete's track."""

from __future__ import annotations

import dataclasses

import numpy as np

from sportjax.typing import Boxes, Float32, FrameIndex, Int, Keypoints, TimesMs


@dataclasses.dataclass(frozen=True)
class Detections:
  """People found in the frames of one video, one row a person and frame, sorted by frame.

  `ids` are -1 where no tracker has run; `keypoints` have zero joints where only boxes are known.
  """

  frame: Int[np.ndarray, 'p']
  boxes: Float32[np.ndarray, 'p 4']  # x0, y0, x1, y1 in pixels
  scores: Float32[np.ndarray, 'p']
  keypoints: Float32[np.ndarray, 'p j 3']  # x, y in pixels, score; score 0: not found
  ids: Int[np.ndarray, 'p']
  skeleton: str
  source: str  # the file it was read from

  def __len__(self) -> int:
    return len(self.frame)

  def take(self, rows: np.ndarray) -> Detections:
    """The given rows (indices or a mask), in that order."""
    return dataclasses.replace(
      self,
      frame=self.frame[rows],
      boxes=self.boxes[rows],
      scores=self.scores[rows],
      keypoints=self.keypoints[rows],
      ids=self.ids[rows],
    )


@dataclasses.dataclass(frozen=True)
class Track:
  """One athlete followed through one video: the schema every later stage reads.

  Frames between the first and the last may be missing; a frame whose box was bridged over a gap has keypoints of
  score 0.
  """

  id: str
  video: str  # path of the video
  frame: FrameIndex  # index into the video's frames, ascending
  t_ms: TimesMs  # presentation time from the container
  boxes: Boxes
  keypoints: Keypoints
  skeleton: str
  image_size: tuple[int, int]  # width, height in pixels, after rotation flags
  source: str  # where the keypoints came from

  def take(self, rows: np.ndarray) -> Track:
    """The given rows (indices or a mask), in that order."""
    per_frame = {name: getattr(self, name)[rows] for name in ('frame', 't_ms', 'boxes', 'keypoints')}
    return dataclasses.replace(self, **per_frame)
