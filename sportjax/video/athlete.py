"""Picks the one athlete among the people of a video and follows them through gaps."""

from __future__ import annotations

import dataclasses
import pathlib
from typing import Literal

import numpy as np
from scipy.optimize import linear_sum_assignment

from sportjax.errors import InputError
from sportjax.pose.skeletons import get_skeleton
from sportjax.pose.track import Detections, Track
from sportjax.typing import Bool, Boxes, Float, Int, TimesMs
from sportjax.video import csrt
from sportjax.video.decode import VideoInfo
from sportjax.video.tracking import iou

Rule = Literal['largest', 'longest', 'upside-down', 'box']
Bridge = Literal['line', 'csrt']

_HEAD = ('head', 'nose', 'left_eye', 'right_eye', 'left_ear', 'right_ear')
_LEGS = ('left_hip', 'right_hip', 'left_ankle', 'right_ankle')
_FORBIDDEN = 1e9


@dataclasses.dataclass(frozen=True)
class AthleteParams:
  """How far a person may be lost and still be the same one."""

  stitch_ms: float = 1500.0  # longest absence between two fragments of one person
  stitch_speed: float = 4.0  # greatest speed while absent, in diagonals of the box per second
  stitch_reach: float = 0.6  # and distance allowed at once, in diagonals
  size_ratio: float = 1.8  # of the diagonals at both ends
  bridge: Bridge = 'line'  # over gaps: from box to box, or first along what OpenCV's CSRT follows in the pictures
  bridge_ms: float = 500.0  # boxes are interpolated over gaps up to this
  csrt_ms: float = 1500.0  # and followed over gaps up to this
  smooth_ms: float = 200.0  # box edges are medians over this window: a stray joint stretches a box for a few frames
  min_frames: int = 5  # people seen in fewer frames are nobody's athlete
  box_window_ms: float = 1000.0  # rule 'box': the box is sought in this first stretch of the people's frames


@dataclasses.dataclass(frozen=True)
class TrackQuality:
  """How sure one may be of a track."""

  seen: int  # frames in which the athlete was detected
  bridged: int  # frames whose box is interpolated or followed
  covered: float  # fraction of the video's frames that the track has
  longest_gap_ms: float  # without a detection, inside the track
  margin: float  # score of the picked person over that of all people compared: 1 alone, 0.5 a tie of two


def pick_athlete(
  tracked: Detections,
  info: VideoInfo,
  rule: Rule = 'largest',
  *,
  box: tuple[float, ...] | None = None,
  params: AthleteParams = AthleteParams(),  # noqa: B008
) -> Track:
  """The athlete's track, from the people that `track_people` followed.

  Fragments of one person, parted by an absence, are joined first where place and size allow it. The rules: 'largest',
  the greatest area summed over frames; 'longest', the most frames; 'upside-down', the most frames with hips or ankles
  above the head (gymnasts, divers), by area where nobody is ever; 'box', who is where `box` is in the first second.

  Raises: InputError when nobody is followed long enough, or nobody is near the box.
  """
  return follow_athlete(tracked, info, rule, box=box, params=params)[0]


def follow_athlete(
  tracked: Detections,
  info: VideoInfo,
  rule: Rule = 'largest',
  *,
  box: tuple[float, ...] | None = None,
  params: AthleteParams = AthleteParams(),  # noqa: B008
) -> tuple[Track, TrackQuality]:
  """`pick_athlete`, and how sure one may be of the choice."""
  people = [rows for rows in stitch(tracked, info.t_ms, params) if len(rows) >= params.min_frames]
  if not people:
    raise InputError(f'{tracked.source}: nobody is seen in {params.min_frames} frames or more of {info.path}; '
                     'give keypoints of this very video, or leave it out')  # fmt: skip
  scores = _scores(tracked, people, info.t_ms, rule, box, params)
  chosen = int(np.argmax(scores))
  track = _bridged(tracked.take(people[chosen]), info, f'{pathlib.Path(info.path).stem}', params)
  return track, _quality(track, tracked.frame[people[chosen]], info, scores[chosen] / max(sum(scores), 1e-9))


def stitch(tracked: Detections, t_ms: TimesMs, params: AthleteParams) -> list[Int[np.ndarray, 'p']]:
  """Rows of each person: fragments joined end to start where that is possible, with the least distances in sum."""
  fragments = [np.flatnonzero(tracked.ids == person) for person in np.unique(tracked.ids[tracked.ids >= 0])]
  if not fragments:
    return []
  last = tracked.take(np.array([rows[-1] for rows in fragments]))
  first = tracked.take(np.array([rows[0] for rows in fragments]))
  cost = _stitch_cost(last, first, t_ms, params)
  successor = {int(i): int(j) for i, j in zip(*linear_sum_assignment(cost), strict=True) if cost[i, j] < _FORBIDDEN}
  people = []
  for start in sorted(set(range(len(fragments))) - set(successor.values())):
    chain = [start]
    while chain[-1] in successor:
      chain.append(successor[chain[-1]])
    people.append(np.concatenate([fragments[i] for i in chain]))
  return people


def _stitch_cost(last: Detections, first: Detections, t_ms: TimesMs, params: AthleteParams) -> Float[np.ndarray, 'p p']:
  """Distance from each fragment's end to each one's start, as a fraction of what is allowed after that absence."""
  gap_ms = t_ms[first.frame][None] - t_ms[last.frame][:, None]
  diagonal_last, diagonal_first = (np.hypot(*(d.boxes[:, 2:] - d.boxes[:, :2]).T) for d in (last, first))
  diagonal = np.maximum((diagonal_last[:, None] + diagonal_first[None]) / 2, 1)
  ratio = np.exp(np.abs(np.log(np.maximum(diagonal_first[None], 1) / np.maximum(diagonal_last[:, None], 1))))
  centres = [(d.boxes[:, :2] + d.boxes[:, 2:]) / 2 for d in (last, first)]
  distance = np.linalg.norm(centres[1][None] - centres[0][:, None], axis=-1) / diagonal
  allowed = params.stitch_reach + params.stitch_speed * np.maximum(gap_ms, 0) / 1000
  possible = (gap_ms > 0) & (gap_ms <= params.stitch_ms) & (ratio <= params.size_ratio) & (distance <= allowed)
  # The absence counts too, so that of two fragments in the same place the sooner one continues the person.
  return np.where(possible, distance / allowed + gap_ms / params.stitch_ms, _FORBIDDEN)


def _scores(
  tracked: Detections, people: list[np.ndarray], t_ms: TimesMs, rule: Rule, box: tuple[float, ...] | None,
  params: AthleteParams,
) -> list[float]:  # fmt: skip
  area = (tracked.boxes[:, 2:] - tracked.boxes[:, :2]).prod(axis=1).astype(np.float64)
  if rule == 'largest':
    return [float(area[rows].sum()) for rows in people]
  if rule == 'longest':
    return [float(len(rows)) for rows in people]
  if rule == 'upside-down':
    inverted = upside_down(tracked)
    share = area / max(area.sum(), 1e-9)  # below one frame in sum: it decides only between equals
    return [float(inverted[rows].sum() + share[rows].sum()) for rows in people]
  if rule == 'box':
    return _overlaps(tracked, people, t_ms, box, params)
  raise InputError(f'athlete rule {rule!r} is unknown; use largest, longest, upside-down or box')


def _overlaps(
  tracked: Detections, people: list[np.ndarray], t_ms: TimesMs, box: tuple[float, ...] | None, params: AthleteParams
) -> list[float]:
  if box is None or len(box) != 4:
    raise InputError(f"athlete rule 'box' needs a box x0,y0,x1,y1 in pixels, not {box}")
  overlap = iou(tracked.boxes, np.array([box]))[:, 0]
  early = t_ms[tracked.frame] <= t_ms[tracked.frame[0]] + params.box_window_ms
  scores = [float((overlap[rows] * early[rows]).max()) for rows in people]
  if max(scores) == 0:
    raise InputError(f'{tracked.source}: nobody is near the box {box} in the first second; draw it around the athlete')
  return scores


def upside_down(people: Detections) -> Bool[np.ndarray, 'p']:
  """Whether the mean of hips and ankles lies above the head, of the joints that were found."""
  if not people.keypoints.shape[1]:
    return np.zeros(len(people), bool)
  joints = get_skeleton(people.skeleton).joints
  head_y, legs_y = (
    _mean_y(people.keypoints, [joints.index(j) for j in names if j in joints]) for names in (_HEAD, _LEGS)
  )
  return legs_y < head_y  # image y points down; a comparison with nan is False


def _mean_y(keypoints: Float[np.ndarray, 'p j 3'], joints: list[int]) -> Float[np.ndarray, 'p']:
  found = keypoints[:, joints, 2] > 0
  total = (keypoints[:, joints, 1] * found).sum(axis=1)
  return np.where(found.any(axis=1), total / np.maximum(found.sum(axis=1), 1), np.nan)


def _bridged(athlete: Detections, info: VideoInfo, name: str, params: AthleteParams) -> Track:
  """The rows of one person with boxes followed over gaps, if asked for, and interpolated in time over short ones."""
  known, seen = athlete.frame, running_median(athlete.boxes, info.t_ms[athlete.frame], params.smooth_ms)
  if params.bridge == 'csrt':
    known, seen = csrt.follow(info, known, seen, params.csrt_ms)
  gap_ms = np.diff(info.t_ms[known])
  inside = [
    np.arange(a + 1, b) for a, b, gap in zip(known[:-1], known[1:], gap_ms, strict=True) if gap <= params.bridge_ms
  ]
  frame = np.unique(np.concatenate([known, *inside]))
  at = np.searchsorted(frame, athlete.frame)
  keypoints = np.zeros((len(frame), *athlete.keypoints.shape[1:]), np.float32)
  keypoints[at] = athlete.keypoints
  boxes = [np.interp(info.t_ms[frame], info.t_ms[known], edge) for edge in seen.T]
  return Track(
    id=name,
    video=info.path,
    frame=frame,
    t_ms=info.t_ms[frame],
    boxes=np.stack(boxes, axis=1).astype(np.float32),
    keypoints=keypoints,
    skeleton=athlete.skeleton,
    image_size=info.size,
    source=athlete.source,
  )


def running_median(boxes: Boxes, t_ms: TimesMs, window_ms: float) -> Boxes:
  """Median of each edge over the boxes at most half a window away in time."""
  start = np.searchsorted(t_ms, t_ms - window_ms / 2)
  stop = np.searchsorted(t_ms, t_ms + window_ms / 2, side='right')
  return np.array([np.median(boxes[a:b], axis=0) for a, b in zip(start, stop, strict=True)], np.float32)


def _quality(track: Track, seen: Int[np.ndarray, 'p'], info: VideoInfo, margin: float) -> TrackQuality:
  return TrackQuality(
    seen=len(seen),
    bridged=len(track.frame) - len(seen),
    covered=len(track.frame) / info.n_frames,
    longest_gap_ms=float(np.diff(info.t_ms[seen]).max(initial=0)),
    margin=float(margin),
  )
