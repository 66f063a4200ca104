"""SORT: who is who from frame to frame, by a Kalman filter on boxes and Hungarian assignment."""

from __future__ import annotations

import dataclasses

import numpy as np
from scipy.optimize import linear_sum_assignment

from sportjax.errors import InputError
from sportjax.pose.track import Detections
from sportjax.typing import Float, Int, TimesMs

# State: centre x, centre y, area, aspect (width / height), and the rates of the first three. The constants are Bewley's
# for video at about 25 fps, so a unit of time is 40 ms.
_UNIT_MS = 40.0
_OBSERVE = np.eye(4, 7)
_OBSERVATION_NOISE = np.diag([1.0, 1.0, 10.0, 10.0])
_PROCESS_NOISE = np.diag([1.0, 1.0, 1.0, 1.0, 0.01, 0.01, 0.0001])
_INITIAL = np.diag([10.0, 10.0, 10.0, 10.0, 1e4, 1e4, 1e4])
_SMALLEST = 1e-6


@dataclasses.dataclass(frozen=True)
class SortParams:
  """When a detection continues a track."""

  min_iou: float = 0.3  # between the predicted and the detected box
  max_gap_ms: float = 400.0  # a person unseen for longer is a new one
  min_hits: int = 3  # people seen in fewer frames get no id
  min_score: float = 0.0  # detections below it are left without id


def track_people(
  detections: Detections,
  t_ms: TimesMs,
  image_size: tuple[int, int],
  params: SortParams = SortParams(),  # noqa: B008
) -> Detections:
  """The same rows with an id for each person followed, counted from 0 by first appearance; -1 for stray detections.

  `t_ms` are the times of the video's frames. Boxes stay as detected.

  Source: Bewley et al. 2016 (SORT). Departures: the motion model knows the time between frames, a track survives
  `max_gap_ms` unseen rather than one frame, and ids of short tracks are taken back, as the whole video is known.

  Raises: InputError when detections are of frames that the video does not have, or lie outside its image.
  """
  _check(detections, t_ms, image_size)
  ids = np.full(len(detections), -1, np.int64)
  people = People.none()
  candidates = np.flatnonzero(detections.scores >= params.min_score)
  for frame in np.unique(detections.frame[candidates]):
    rows = candidates[detections.frame[candidates] == frame]
    people = people.alive(t_ms[frame] - params.max_gap_ms).predict(t_ms[frame])
    observed = to_observation(detections.boxes[rows])
    matched, found = match(iou(people.boxes(), detections.boxes[rows]), params.min_iou)
    people = people.update(matched, observed[found], t_ms[frame])
    ids[rows[found]] = people.ids[matched]
    born = np.setdiff1d(np.arange(len(rows)), found)
    people, ids[rows[born]] = people.born(observed[born], t_ms[frame])
  return dataclasses.replace(detections, ids=_renumbered(ids, params.min_hits))


@dataclasses.dataclass(frozen=True)
class People:
  """The filters of all people being followed."""

  mean: Float[np.ndarray, 'p 7']
  cov: Float[np.ndarray, 'p 7 7']
  ids: Int[np.ndarray, 'p']
  seen_ms: Float[np.ndarray, 'p']
  now_ms: float
  next_id: int

  @classmethod
  def none(cls) -> People:
    return cls(np.zeros((0, 7)), np.zeros((0, 7, 7)), np.zeros(0, np.int64), np.zeros(0), 0.0, 0)

  def alive(self, since_ms: float) -> People:
    keep = self.seen_ms >= since_ms
    return dataclasses.replace(
      self, mean=self.mean[keep], cov=self.cov[keep], ids=self.ids[keep], seen_ms=self.seen_ms[keep]
    )

  def predict(self, t_ms: float) -> People:
    """Constant velocity over the time that has passed; a shrinking area stays positive."""
    step = (t_ms - self.now_ms) / _UNIT_MS
    mean = self.mean.copy()
    mean[mean[:, 2] + step * mean[:, 6] <= 0, 6] = 0
    move = np.eye(7) + step * np.eye(7, k=4)
    cov = move @ self.cov @ move.T + step * _PROCESS_NOISE
    return dataclasses.replace(self, mean=mean @ move.T, cov=cov, now_ms=t_ms)

  def update(self, matched: Int[np.ndarray, 'm'], observed: Float[np.ndarray, 'm 4'], t_ms: float) -> People:
    mean, cov, seen_ms = self.mean.copy(), self.cov.copy(), self.seen_ms.copy()
    before = self.cov[matched]
    gain = before @ _OBSERVE.T @ np.linalg.inv(_OBSERVE @ before @ _OBSERVE.T + _OBSERVATION_NOISE)
    surprise = observed - mean[matched] @ _OBSERVE.T
    mean[matched] += (gain @ surprise[..., None])[..., 0]
    cov[matched] = before - gain @ _OBSERVE @ before
    seen_ms[matched] = t_ms
    return dataclasses.replace(self, mean=mean, cov=cov, seen_ms=seen_ms)

  def born(self, observed: Float[np.ndarray, 'm 4'], t_ms: float) -> tuple[People, Int[np.ndarray, 'm']]:
    count = len(observed)
    ids = self.next_id + np.arange(count)
    people = People(
      mean=np.concatenate([self.mean, np.pad(observed, ((0, 0), (0, 3)))]),
      cov=np.concatenate([self.cov, np.broadcast_to(_INITIAL, (count, 7, 7))]),
      ids=np.concatenate([self.ids, ids]),
      seen_ms=np.concatenate([self.seen_ms, np.full(count, t_ms)]),
      now_ms=t_ms,
      next_id=self.next_id + count,
    )
    return people, ids

  def boxes(self) -> Float[np.ndarray, 'p 4']:
    return to_boxes(self.mean[:, :4])


def to_observation(boxes: Float[np.ndarray, 'p 4']) -> Float[np.ndarray, 'p 4']:
  """Corners to centre, area and aspect."""
  boxes = np.asarray(boxes, np.float64)
  size = np.maximum(boxes[:, 2:] - boxes[:, :2], _SMALLEST)
  return np.column_stack([(boxes[:, :2] + boxes[:, 2:]) / 2, size.prod(axis=1), size[:, 0] / size[:, 1]])


def to_boxes(observed: Float[np.ndarray, 'p 4']) -> Float[np.ndarray, 'p 4']:
  """Centre, area and aspect to corners."""
  area, aspect = np.maximum(observed[:, 2:].T, _SMALLEST)
  half = np.column_stack([np.sqrt(area * aspect), np.sqrt(area / aspect)]) / 2
  return np.concatenate([observed[:, :2] - half, observed[:, :2] + half], axis=1)


def iou(a: Float[np.ndarray, 'n 4'], b: Float[np.ndarray, 'm 4']) -> Float[np.ndarray, 'n m']:
  """Intersection over union of every box of a with every box of b; 0 where both are empty."""
  a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
  low, high = np.maximum(a[:, None, :2], b[None, :, :2]), np.minimum(a[:, None, 2:], b[None, :, 2:])
  shared = np.maximum(high - low, 0).prod(axis=-1)
  area_a, area_b = ((boxes[:, 2:] - boxes[:, :2]).prod(axis=1) for boxes in (a, b))
  return shared / np.maximum(area_a[:, None] + area_b[None] - shared, _SMALLEST)


def match(overlap: Float[np.ndarray, 'n m'], min_iou: float) -> tuple[Int[np.ndarray, 'k'], Int[np.ndarray, 'k']]:
  """Pairs of row and column with the greatest sum of overlaps, without those below min_iou."""
  rows, columns = linear_sum_assignment(overlap, maximize=True)
  good = overlap[rows, columns] >= min_iou
  return rows[good], columns[good]


def _renumbered(ids: Int[np.ndarray, 'p'], min_hits: int) -> Int[np.ndarray, 'p']:
  _, inverse, counts = np.unique(ids, return_inverse=True, return_counts=True)
  kept = np.where(counts[inverse] >= min_hits, ids, -1)
  return np.where(kept < 0, -1, np.searchsorted(np.unique(kept[kept >= 0]), kept))


def _check(detections: Detections, t_ms: TimesMs, image_size: tuple[int, int]) -> None:
  if not len(detections):
    return
  if detections.frame.min() < 0 or detections.frame.max() >= len(t_ms):
    raise InputError(
      f'{detections.source}: people in frames {detections.frame.min()} to {detections.frame.max()}, but the video has '
      f'{len(t_ms)} frames; give the keypoints of this very video'
    )
  if (np.diff(detections.frame) < 0).any():
    raise InputError(f'{detections.source}: frames are out of order; sort the people by frame')
  low, high = detections.boxes[:, :2], detections.boxes[:, 2:]
  if ((low > image_size) | (high < 0)).any(axis=1).all():
    raise InputError(f'{detections.source}: every person lies outside the {image_size[0]}x{image_size[1]} image; '
                     'give the keypoints of this very video, in its pixels')  # fmt: skip
