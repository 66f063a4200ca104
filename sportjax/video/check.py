"""What is wrong with a video and its keypoints, said before anything long starts."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator
from typing import Literal

import cv2
import numpy as np

from sportjax.errors import InputError
from sportjax.pose.track import Detections
from sportjax.typing import Bool
from sportjax.video.decode import VideoInfo, probe, read_frames

Severity = Literal['error', 'warning', 'note']  # unusable, worse results, only to be known


@dataclasses.dataclass(frozen=True)
class Finding:
  """One thing that is wrong or worth knowing."""

  severity: Severity
  what: str
  remedy: str


@dataclasses.dataclass(frozen=True)
class CheckParams:
  """From where on something is worth a finding."""

  gap_ms: float = 500.0  # nobody detected for longer
  min_side_px: int = 128  # of the image
  min_person_px: float = 64.0  # median longer side of boxes
  min_fps: float = 15.0
  min_score: float = 0.3  # median of the joints' scores
  max_repeated: float = 0.2  # fraction of frames that equal the one before
  min_covered: float = 0.9  # last frame with keypoints, as a fraction of the video's frames


_SMALL = (64, 64)  # frames are compared at this size, by the greatest difference in gray levels:
_EQUAL = 8  # of a repeated frame, which an encoder refines at most
_STILL = 15  # over a whole video of one picture, whose keyframes are encoded anew


def check_video(
  path: os.PathLike | str,
  people: Detections | None,
  params: CheckParams = CheckParams(),  # noqa: B008
) -> list[Finding]:
  """Decodes the whole video and compares it with its keypoints; None: there are none. Nothing wrong: an empty list."""
  try:
    info = probe(path)
  except InputError as error:
    return [_from_error(error)]
  findings = [*_check_container(info, params), *_check_pictures(info, params)]
  if people is None or not len(people):
    what = 'no keypoints' if people is None else f'{people.source}: nobody is detected in any frame'
    return [*findings, Finding('error', what, 'run a pose estimator, or give --config.pose_model')]
  return [*findings, *_check_frames(info, people, params), *_check_people(info, people, params)]


def _from_error(error: InputError) -> Finding:
  what, _, remedy = str(error).rpartition('; ')
  return Finding('error', what or remedy, remedy)


def _check_container(info: VideoInfo, params: CheckParams) -> Iterator[Finding]:
  if info.variable_rate:
    steps = np.diff(info.t_ms)
    what = f'variable frame rate: {steps.min():.1f} to {steps.max():.1f} ms between frames'
    yield Finding('note', what, 'none needed: times are read from the container')
  if 0 < info.nominal_fps < params.min_fps:
    yield Finding('warning', f'{info.nominal_fps:.1f} frames per second', 'film at 25 or more, where motion is fast')
  if min(info.size) < params.min_side_px:
    what = f'{info.width}x{info.height} pixels'
    yield Finding('warning', what, f'use a copy with at least {params.min_side_px} pixels a side')


def _check_pictures(info: VideoInfo, params: CheckParams) -> Iterator[Finding]:
  lost: list[int] = []
  small = (cv2.resize(image, _SMALL, interpolation=cv2.INTER_AREA) for *_, image in read_frames(info, lost=lost))
  repeated, before = 0, next(small, np.zeros((*_SMALL, 3), np.uint8))
  low = high = before
  for now in small:
    repeated += bool(cv2.absdiff(now, before).max() <= _EQUAL)
    low, high, before = np.minimum(low, now), np.maximum(high, now), now
  decoded = info.n_frames - len(lost)
  if lost:
    what = f'{len(lost)} of {info.n_frames} frames do not decode, the first is {lost[0]}'
    yield Finding('error', what, 'mend it with `ffmpeg -i FILE -c:v libx264 new.mp4`')
  if decoded > 1 and (high - low).max() <= _STILL:
    yield Finding('error', 'all frames show the same picture', 'check how it was exported')
  elif repeated > params.max_repeated * decoded:
    what = f'{repeated} of {decoded} frames repeat the one before'
    yield Finding('warning', what, 'drop repeats with `ffmpeg -i FILE -vf mpdecimate -fps_mode vfr new.mp4`')


def _check_frames(info: VideoInfo, people: Detections, params: CheckParams) -> Iterator[Finding]:
  frames = np.unique(people.frame)
  stride = int(np.gcd.reduce(np.diff(frames))) if len(frames) > 2 else 1
  if frames[-1] >= info.n_frames:
    what = f'{people.source}: keypoints up to frame {frames[-1]}, the video has {info.n_frames} frames'
    yield Finding('error', what, 'give the keypoints of this very file, at its frame rate')
  elif stride > 1:
    what = f'{people.source}: keypoints in one frame of {stride} only, from {frames[0]} to {frames[-1]}'
    yield Finding('warning', what, 'run the pose estimator on every frame')
  elif frames[-1] + 1 < params.min_covered * info.n_frames:
    rate = info.nominal_fps * (frames[-1] + 1) / info.n_frames
    what = (
      f'{people.source}: keypoints end at frame {frames[-1]} of {info.n_frames}, as if counted at {rate:.2f} frames '
      f'per second where the video has {info.nominal_fps:.2f}'
    )
    yield Finding('warning', what, 'where they were made at another rate, make them again from this file')


def _check_people(info: VideoInfo, people: Detections, params: CheckParams) -> Iterator[Finding]:
  gaps = _gaps_ms(info, people)
  long = gaps[gaps > params.gap_ms]
  if len(long):
    what = f'nobody is detected {len(long)} times for more than {params.gap_ms:.0f} ms, at most {long.max():.0f} ms'
    yield Finding('warning', what, 'cut the video there, or use a better pose estimator')
  if (outside := _outside(info, people)).any():
    what = f'{people.source}: {outside.sum()} of {len(people)} people lie outside the image'
    yield Finding('error' if outside.mean() > 0.5 else 'warning', what, 'check the size that the keypoints are for')
  side = float(np.median((people.boxes[:, 2:] - people.boxes[:, :2]).max(axis=1)))
  if side < params.min_person_px:
    yield Finding('warning', f'people are {side:.0f} pixels tall', 'film closer, or use a copy of higher resolution')
  found = people.keypoints[..., 2]
  if found.size and (score := float(np.median(found))) < params.min_score:
    yield Finding('warning', f'median score of joints is {score:.2f}', 'use a better pose estimator, if there is one')


def _gaps_ms(info: VideoInfo, people: Detections) -> np.ndarray:
  """Time without anybody: before the first, between, and after the last frame with people."""
  frames = np.unique(people.frame[people.frame < info.n_frames])
  seen = info.t_ms[frames]
  return np.diff(np.concatenate([info.t_ms[:1], seen, info.t_ms[-1:]]))


def _outside(info: VideoInfo, people: Detections) -> Bool[np.ndarray, 'p']:
  centre = (people.boxes[:, :2] + people.boxes[:, 2:]) / 2
  return ((centre < 0) | (centre > info.size)).any(axis=1)
