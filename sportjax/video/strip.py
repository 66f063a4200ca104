"""From a track to what a model sees: one crop a frame, with its flow and mask."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from sportjax.errors import InputError
from sportjax.pose.track import Track
from sportjax.typing import Boxes, Float32, FrameIndex, Image, Mask, TimesMs
from sportjax.video.codec import Planes
from sportjax.video.crop import Cut, crop, square_boxes
from sportjax.video.decode import VideoInfo, probe, read_frames
from sportjax.video.flow import Preset, flow, flow_to_bytes, subtract_median


@dataclasses.dataclass(frozen=True)
class CropParams:
  """How frames are cut around the athlete."""

  size: int = 128
  flow_gap_ms: float = 40.0  # one frame at the paper's 25 fps
  flow_preset: Preset = 'medium'
  pad_fraction: float = 0.1
  pad_px: float = 25.0
  join_previous: bool = True
  cut: Cut = 'exact'
  subtract_median: bool = True  # of each channel of the flow


# VPD's released code, where its user asks for nothing: neither the 25 px nor the median are of it.
REFERENCE = CropParams(pad_px=0.0, cut='reference', subtract_median=False)


@dataclasses.dataclass(frozen=True)
class CropFrame:
  """One frame of a track as stored and trained on."""

  frame: int
  t_ms: float
  box: Float32[np.ndarray, '4']  # the square that was cut, in pixels of the image
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

  Flow is from the earlier frame nearest to `flow_gap_ms` before, cut by this frame's box, in pixels of the crop; the
  video's first frame is its own predecessor. Frames of the track that do not decode are appended to `lost`, or raise
  after the last where it is None. `masks` are by frame.

  Raises: InputError when the track does not fit the video (image size, frames), or the video cannot be read.
  """
  info = probe(track.video)
  _check_fit(track, info)
  pairs = image_pairs(info, track.frame, params.flow_gap_ms, lost)
  return crops_of_pairs(pairs, track.frame, track.boxes, params, masks or {})


def crops_of_pairs(
  pairs: Iterable[tuple[int, float, Image, Image]],
  frames: FrameIndex,
  boxes: Boxes,
  params: CropParams,
  masks: Mapping[int, Mask],
) -> Iterator[CropFrame]:
  """A crop for each frame of `image_pairs`, from the athlete's boxes in the given frames."""
  squares = square_boxes(
    boxes,
    pad_fraction=params.pad_fraction,
    pad_px=params.pad_px,
    join_previous=params.join_previous,
    frame=frames,
    cut=params.cut,
  )
  box_of = dict(zip(frames.tolist(), squares, strict=True))
  for frame, t_ms, before, image in pairs:
    planes = _planes(before, image, box_of[frame], masks.get(frame), params)
    yield CropFrame(frame, t_ms, box_of[frame], planes, has_mask=frame in masks)


def image_pairs(
  info: VideoInfo, frames: FrameIndex, gap_ms: float, lost: list[int] | None = None
) -> Iterator[tuple[int, float, Image, Image]]:
  """Number, time, the image about `gap_ms` earlier, and the image, of the given frames in ascending order.

  The video is decoded once. Frames that do not decode are appended to `lost`, or raise after the last where it is None.
  """
  if not len(frames):
    return
  wanted = set(frames.tolist())
  previous = previous_frames(info.t_ms, gap_ms)
  first, stop = int(previous[frames[0]]), int(frames[-1]) + 1
  not_decoded: list[int] | None = None if lost is None else []
  recent: dict[int, Image] = {}
  for frame, t_ms, image in read_frames(info, start=first, stop=stop, lost=not_decoded):
    recent = {index: seen for index, seen in recent.items() if index >= previous[frame]} | {frame: image}
    if frame in wanted:
      before = recent[min(recent)]  # the frame asked for, or where it did not decode the next one that did
      yield frame, t_ms, before, image
  if lost is not None and not_decoded:
    lost.extend(frame for frame in not_decoded if frame in wanted)


def previous_frames(t_ms: TimesMs, gap_ms: float) -> FrameIndex:
  """For each frame the earlier frame nearest to `gap_ms` before it; the first frame's is itself."""
  wanted = np.asarray(t_ms, np.float64) - gap_ms
  after = np.clip(np.searchsorted(t_ms, wanted), 1, max(len(t_ms) - 1, 1))
  nearest = after - (wanted - t_ms[after - 1] <= t_ms[np.minimum(after, len(t_ms) - 1)] - wanted)
  return np.maximum(np.minimum(nearest, np.arange(len(t_ms)) - 1), 0)


def _planes(
  before: Image, image: Image, box: Float32[np.ndarray, '4'], mask: Mask | None, params: CropParams
) -> Planes:
  current = crop(image, box, params.size, params.cut)
  earlier = current if before is image else crop(before, box, params.size, params.cut)
  planes = np.zeros((params.size, params.size, 6), np.uint8)
  planes[..., :3] = current
  motion = flow(earlier, current, preset=params.flow_preset)
  planes[..., 3:5] = flow_to_bytes(subtract_median(motion) if params.subtract_median else motion)
  if mask is not None:
    planes[..., 5] = 255 * (crop(mask.astype(np.uint8) * 255, box, params.size, params.cut) >= 128)
  return planes


def _check_fit(track: Track, info: VideoInfo) -> None:
  if tuple(track.image_size) != info.size:
    asked, has = ('x'.join(map(str, size)) for size in (track.image_size, info.size))
    raise InputError(f'{info.path}: {has} pixels, but track {track.id!r} ({track.source}) is of a video of {asked}')
  if len(track.frame) and not 0 <= track.frame[0] <= track.frame[-1] < info.n_frames:
    raise InputError(
      f'{info.path}: {info.n_frames} frames, but track {track.id!r} ({track.source}) has frames {track.frame[0]} to '
      f'{track.frame[-1]}; give the keypoints of this very video'
    )
