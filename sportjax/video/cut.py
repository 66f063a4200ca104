"""Parts of a recording as videos of their own: the very frames, at the times they had."""

from __future__ import annotations

import pathlib

import numpy as np

from sportjax.errors import InputError
from sportjax.video.decode import VideoInfo, read_frames
from sportjax.video.encode import write_video

_ROUNDING_MS = 0.6  # of containers that count in milliseconds, and of floating point


def frames_between(info: VideoInfo, start_s: float, end_s: float, *, whole_end: bool = False) -> tuple[int, int]:
  """The first frame, on screen at the start, and the frame on screen at the end, which is exclusive.

  With `whole_end` the end is the first frame that begins at it or later. At a constant rate these are the floors of
  time by rate, and the ceiling; a frame that begins within rounding of a time begins at it.

  Raises:
    InputError: the part begins or ends outside the video.
  """
  t_ms = np.append(info.t_ms, info.t_ms[-1] + 1000 / info.nominal_fps) - info.t_ms[0]
  start = int(np.searchsorted(t_ms, 1000 * start_s + _ROUNDING_MS, side='right')) - 1
  if whole_end:
    end = int(np.searchsorted(t_ms, 1000 * end_s - _ROUNDING_MS))
  else:
    end = int(np.searchsorted(t_ms, 1000 * end_s + _ROUNDING_MS, side='right')) - 1
  if not 0 <= start < end or 1000 * end_s > t_ms[-1] + _ROUNDING_MS:
    raise InputError(
      f'{info.path}: lasts {t_ms[-1] / 1000:.2f} s, the part from {start_s:g} to {end_s:g} s is not in it; get the '
      'recording that the times are of'
    )
  return start, end


def cut(info: VideoInfo, start: int, end: int, path: pathlib.Path, *, crf: int = 18) -> int:
  """Writes frames start..end-1, the first at time 0; returns how many. Raises InputError for frames that are lost."""
  t_ms = info.t_ms[start:end] - info.t_ms[start]
  return write_video(path, (image for _, _, image in read_frames(info, start=start, stop=end)), t_ms, crf=crf)
