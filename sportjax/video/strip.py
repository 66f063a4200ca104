"""From a track to what a model sees: one crop a frame, with its flow and mask."""

from __future__ import annotations

import collections
from collections.abc import Iterator, Mapping
import dataclasses
from typing import Literal

import numpy as np

from sportjax.errors import InputError
from sportjax.pose.track import Track
from sportjax.typing import Boxes, FrameIndex, Image, Int, Mask, UInt8
from sportjax.video.codec import Planes
from sportjax.video.crop import crop, square_boxes
from sportjax.video.decode import VideoInfo, probe, read_frames
from sportjax.video.flow import flow, flow_to_bytes, subtract_median


@dataclasses.dataclass(frozen=True)
class CropParams:
  """How frames are cut around the athlete."""

  size: int = 128
  flow_gap_ms: float = 40.0  # one frame at the 25 fps of the paper
  flow_preset: Literal['medium', 'fast'] = 'medium'
  pad_fraction: float = 0.1
  pad_px: float = 25.0
  join_previous: bool = True


@dataclasses.dataclass(frozen=True)
class CropFrame:
  """One frame of a track as stored and trained on."""

  frame: int
  t_ms: float
  planes: Planes
  has_mask: bool  # without one the mask plane is 0 everywhere


def crops_of_track(
  track: Track,
  *,
  params: CropParams = CropParams(),  # noqa: B008 (frozen)
  masks: Mapping[int, Mask] | None = None,
  lost: list[int] | None = None,
) -> Iterator[CropFrame]:
  """Yields a crop for each frame of the track, decoding the video once, from the first frame needed to the last.

  Flow is from the frame nearest to `flow_gap_ms` before, cut by this frame's box, in pixels of the crop; the video's
  first frame has itself for previous. Frames that do not decode are appended to `lost`, or raise where it is None.

  Raises: InputError when the track is of another video (size, frames), or the video cannot be read.
  """
  info = probe(track.video)
  _check(track, info)
  return _crops(track, info, params, masks or {}, lost)


def _crops(
  track: Track, info: VideoInfo, params: CropParams, masks: Mapping[int, Mask], lost: list[int] | None
) -> Iterator[CropFrame]:
  if not len(track.frame):
    return
  boxes = square_boxes(
    track.boxes,
    pad_fraction=params.pad_fraction,
    pad_px=params.pad_px,
    join_previous=params.join_previous,
    frame=track.frame,
  )
  previous = previous_frames(info.t_ms, track.frame, params.flow_gap_ms)
  rows = {int(frame): row for row, frame in enumerate(track.frame)}
  recent: collections.OrderedDict[int, Image] = collections.OrderedDict()
  start, stop = int(previous[0]), int(track.frame[-1]) + 1
  not_decoded: list[int] | None = None if lost is None else []
  for frame, t_ms, image in read_frames(info, start=start, stop=stop, lost=not_decoded):
    recent[frame] = image
    row = rows.get(frame)
    if row is None:
      continue
    while len(recent) > 1 and next(iter(recent)) < previous[row]:
      recent.popitem(last=False)
    planes, has_mask = _planes(next(iter(recent.values())), image, boxes[row], masks.get(frame), params)
    yield CropFrame(frame, t_ms, planes, has_mask)
  if not_decoded:
    lost.extend(frame for frame in not_decoded if frame in rows)
