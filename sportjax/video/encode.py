"""Writes H.264 mp4 files that carry real timestamps and that browsers play and seek."""

from __future__ import annotations

import itertools
import math
import os
import pathlib
from collections.abc import Iterable, Iterator
from fractions import Fraction

import av
import numpy as np
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc

from sportjax.errors import InputError
from sportjax.typing import Image

_TICKS_PER_S = 90_000  # 24, 25, 30, 50 and 60 fps are whole numbers of ticks, and so is every millisecond


def write_video(
  path: os.PathLike | str, frames: Iterable[Image], t_ms: Iterable[float], *, crf: int = 23, gop: int = 12
) -> int:
  """Encodes RGB frames shown at t_ms as H.264 yuv420p in an mp4; returns how many were written.

  The file appears under its name only when complete. Odd sizes are padded by repeating the last row or column. One
  encoder thread, so that the bytes do not depend on the machine's number of cores.

  Raises: InputError when there is no frame, times do not increase, lengths differ or the image size changes.
  """
  path = pathlib.Path(path)
  path.parent.mkdir(parents=True, exist_ok=True)
  part = path.with_name(f'.{path.name}.{os.getpid()}.part')
  try:
    count = _encode(path, part, _timed(path, frames, t_ms), crf, gop)
    os.replace(part, path)
  finally:
    part.unlink(missing_ok=True)
  return count


def _encode(path: pathlib.Path, part: pathlib.Path, timed: Iterator[tuple[int, int, Image]], crf: int, gop: int) -> int:
  first = next(timed, None)
  if first is None:
    raise InputError(f'{path}: no frames to write; a video needs at least one')
  height, width, _ = first[2].shape
  ticks = str(_TICKS_PER_S)  # the movie's own scale too: the start time is an edit list, rounded to it
  options = {'movflags': '+faststart', 'video_track_timescale': ticks, 'movie_timescale': ticks}
  count, durations = 0, {}
  with av.open(os.fspath(part), 'w', format='mp4', options=options) as container:
    stream = _add_stream(container, width + width % 2, height + height % 2, crf, gop)
    for pts, duration, image in itertools.chain([first], timed):
      if image.shape != (height, width, 3) or image.dtype != np.uint8:
        raise InputError(
          f'{path}: frame {count} is {image.dtype} {image.shape}, the first was {height}x{width}x3 uint8'
        )
      count, durations[pts] = count + 1, duration
      _mux(container, stream.encode(_frame(image, pts)), durations)
    _mux(container, stream.encode(None), durations)
  return count


def _add_stream(container: av.container.OutputContainer, width: int, height: int, crf: int, gop: int):
  options = {'crf': str(crf), 'preset': 'veryfast', 'threads': '1'}
  if -(-width // 16) % 8:
    # x264's vector code of the macroblock tree reads whole vectors past such a row, whatever lies there in memory.
    options['mbtree'] = '0'
  stream = container.add_stream('libx264', rate=30, options=options)
  stream.width, stream.height, stream.pix_fmt = width, height, 'yuv420p'
  codec = stream.codec_context
  codec.time_base, codec.gop_size = Fraction(1, _TICKS_PER_S), gop
  codec.max_b_frames = 0  # an mp4 stores durations in decoding order: they are right only where that is display order
  # Tagged, because players guess the matrix of an untagged file from its size.
  codec.colorspace, codec.color_range = Colorspace.ITU601, ColorRange.MPEG
  codec.color_primaries, codec.color_trc = ColorPrimaries.SMPTE170M, ColorTrc.SMPTE170M
  return stream


def _frame(image: Image, pts: int) -> av.VideoFrame:
  height, width, _ = image.shape
  padded = np.pad(image, ((0, height % 2), (0, width % 2), (0, 0)), mode='edge')
  frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(padded), format='rgb24')
  frame = frame.reformat(format='yuv420p', dst_colorspace=Colorspace.ITU601, dst_color_range=ColorRange.MPEG)
  frame.pts, frame.time_base = pts, Fraction(1, _TICKS_PER_S)
  return frame


def _mux(container: av.container.OutputContainer, packets: list[av.Packet], durations: dict[int, int]) -> None:
  for packet in packets:
    packet.duration = durations.pop(packet.pts or 0)
    container.mux(packet)


def _timed(path: pathlib.Path, frames: Iterable[Image], t_ms: Iterable[float]) -> Iterator[tuple[int, int, Image]]:
  """Frames with their time and duration in ticks; each waits for the next one's time, the last repeats a duration."""
  waiting, duration = None, _TICKS_PER_S // 30
  for number, (image, time) in enumerate(itertools.zip_longest(frames, t_ms)):
    if image is None or time is None:
      raise InputError(
        f'{path}: more {"times than frames" if image is None else "frames than times"}; give one of each'
      )
    if not math.isfinite(time):
      raise InputError(f'{path}: time of frame {number} is not a number; give its presentation time in ms')
    pts = round(time * _TICKS_PER_S / 1000)
    if waiting is not None:
      duration = pts - waiting[0]
      if duration <= 0:
        raise InputError(
          f'{path}: time of frame {number} ({time} ms) does not come after the one before; sort the frames'
        )
      yield waiting[0], duration, waiting[1]
    waiting = pts, image
  if waiting is not None:
    yield waiting[0], duration, waiting[1]
