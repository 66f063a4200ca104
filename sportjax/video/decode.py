"""Reads videos frame by frame: RGB as displayed, and the container's own presentation times."""

from __future__ import annotations

import dataclasses
import itertools
import os
import pathlib
from collections.abc import Iterator

import av
import numpy as np
from av.stream import Disposition
from av.video.frame import PictureType

from sportjax.errors import InputError
from sportjax.typing import Bool, Image, TimesMs

_JITTER_MS = 1.5  # containers with millisecond ticks write 30 fps as 33, 33, 34
_MAX_B_FRAMES = 16  # that H.264 and HEVC encoders put in a row
_NO_TIMES = 'its container stores no times; wrap it with `ffmpeg -i FILE -c:v libx264 new.mp4`'
_REMEDY = 'get the whole file again, or mend it with `ffmpeg -i FILE -c:v libx264 new.mp4`'


@dataclasses.dataclass(frozen=True)
class VideoInfo:
  """What a video's container says of it, found by reading its packets and decoding one frame."""

  path: str
  width: int  # as displayed: after rotation
  height: int
  n_frames: int
  t_ms: TimesMs  # presentation time of every frame, in display order
  keyframe: Bool[np.ndarray, 't']  # frames from which decoding can start
  rotation: int  # degrees clockwise by which stored frames are turned for display: 0, 90, 180, 270
  nominal_fps: float  # mean rate from the first to the last frame
  variable_rate: bool  # intervals between frames differ by more than rounding
  audio: bool

  @property
  def size(self) -> tuple[int, int]:
    """Width and height in pixels."""
    return self.width, self.height


def probe(path: os.PathLike | str) -> VideoInfo:
  """Size, orientation and all presentation times of a video.

  Pixels are taken as stored, square or not, as pose estimators take them.

  Raises: InputError when the file is missing, empty, cut off, or holds no video that can be decoded.
  """
  with _open(path) as container:
    stream = _video_stream(path, container)
    pts, keyframe = _presentation(path, container, stream)
    t_ms = pts * _tick_ms(path, stream)
    average_rate, audio = stream.average_rate, bool(container.streams.audio)
  first = _first_frame(path)
  height, width, _ = _upright(first).shape
  steps = np.diff(t_ms)
  return VideoInfo(
    path=os.fspath(path),
    width=width,
    height=height,
    n_frames=len(t_ms),
    t_ms=t_ms,
    keyframe=keyframe,
    rotation=-first.rotation % 360,
    nominal_fps=round(1000 / float(steps.mean()), 6) if len(steps) else float(average_rate or 0),
    variable_rate=bool(len(steps) and np.ptp(steps) > _JITTER_MS),
    audio=audio,
  )


def read_frames(
  video: VideoInfo | os.PathLike | str, *, start: int = 0, stop: int | None = None, lost: list[int] | None = None
) -> Iterator[tuple[int, float, Image]]:
  """Yields (frame index, t_ms, RGB image as displayed) for frames start..stop-1, in display order.

  Decoding begins at the last keyframe not after `start`, so a later start is cheap and exact. Frames that do not
  decode are appended to `lost` where a list is given, and raise after the last frame otherwise.

  Raises: InputError for a file that cannot be read, a range outside the video, or lost frames (see above).
  """
  info = video if isinstance(video, VideoInfo) else probe(video)
  stop = info.n_frames if stop is None else stop
  if not 0 <= start <= stop <= info.n_frames:
    raise InputError(f'{info.path}: frames {start} to {stop} asked for, the video has {info.n_frames}')
  return _read(info, start, stop, lost)


def _read(info: VideoInfo, start: int, stop: int, lost: list[int] | None) -> Iterator[tuple[int, float, Image]]:
  expected, missing = start, []
  for index, frame in _sound(info, start) if start < stop else ():
    if index >= stop:
      break
    if index >= start:
      missing += range(expected, index)
      expected = index + 1
      yield index, float(info.t_ms[index]), np.ascontiguousarray(_upright(frame))
  missing += range(expected, stop)
  if lost is not None:
    lost.extend(missing)
  elif missing:
    raise InputError(f'{info.path}: {len(missing)} frames do not decode, the first is {missing[0]}; {_REMEDY}')


def _sound(info: VideoInfo, start: int) -> Iterator[tuple[int, av.VideoFrame]]:
  """Frames from a keyframe at or before `start`, without those that a damaged frame may show in.

  Decoders conceal: what follows a damaged frame up to the next keyframe is built on a guess, and so are the B-frames
  shown just before it, which therefore wait for the next other frame. Damage by which the decoder makes no error is
  not seen: H.264 has no checksum.
  """
  held: list[tuple[int, av.VideoFrame]] = []
  expected, guessed = None, True
  for index, frame in _decode_from(info, start):
    damaged = frame.is_corrupt or (expected is not None and index > expected)
    if damaged:
      held.clear()
    guessed = frame.is_corrupt or ((guessed or damaged) and not frame.key_frame)
    expected = index + 1
    if not guessed:
      held.append((index, frame))
      while held and (frame.pict_type != PictureType.B or len(held) > _MAX_B_FRAMES):
        yield held.pop(0)
  if expected == info.n_frames:
    yield from held


def _decode_from(info: VideoInfo, start: int) -> Iterator[tuple[int, av.VideoFrame]]:
  """Frames with their index, from a keyframe at or before `start`; from the first one where the seek overshoots."""
  key = int(np.flatnonzero(info.keyframe[: start + 1])[-1]) if info.keyframe[: start + 1].any() else 0
  for origin in (key, 0) if key else (0,):
    with _open(info.path) as container:
      stream = _video_stream(info.path, container)
      pts = np.rint(info.t_ms / _tick_ms(info.path, stream)).astype(np.int64).tolist()
      if origin:
        container.seek(pts[origin], stream=stream)
      indexed = _indexed(info, container, _decode(container, stream), pts, origin)
      first = next(indexed, None)
      if not origin or (first is not None and first[0] <= start):
        yield from itertools.chain([] if first is None else [first], indexed)
        return


def _decode(container: av.container.InputContainer, stream: av.VideoStream) -> Iterator[av.VideoFrame]:
  """Every frame that decodes; the caller counts those that do not by their missing times."""
  stream.thread_type = 'AUTO'
  for packet in container.demux(stream):
    try:
      frames = packet.decode()
    except av.error.FFmpegError:
      continue
    yield from (frame for frame in frames if frame.pts is not None)


def _indexed(
  info: VideoInfo,
  container: av.container.InputContainer,
  frames: Iterator[av.VideoFrame],
  pts: list[int],
  origin: int,
) -> Iterator[tuple[int, av.VideoFrame]]:
  """Each frame with its index by time, or by count where the container's times are in decoding order."""
  if not _stores_decoding_order(container):
    index_of = {tick: index for index, tick in enumerate(pts)}
    indexed = ((index_of.get(frame.pts or 0, -1), frame) for frame in frames)
    yield from ((index, frame) for index, frame in indexed if index >= origin)
    return
  count = 0
  for count, frame in enumerate(frames, 1):
    yield count - 1, frame
  if count < info.n_frames:
    raise InputError(
      f'{info.path}: {info.n_frames - count} frames do not decode, an AVI does not tell which; {_REMEDY}'
    )


def _upright(frame: av.VideoFrame) -> Image:
  """The frame as displayed: the container's matrix applied, any of the eight quarter turns and mirrorings."""
  image = frame.to_ndarray(format='rgb24')
  matrix = frame.side_data.get('DISPLAYMATRIX')
  if matrix is None:
    return image
  a, b, _, c, d = np.frombuffer(bytes(matrix), np.int32)[:5]
  # A pixel (x, y) is shown at (a x + c y, b x + d y), up to a shift.
  if abs(a) >= abs(b):
    return image[:: -1 if d < 0 else 1, :: -1 if a < 0 else 1]
  return image.transpose(1, 0, 2)[:: -1 if b < 0 else 1, :: -1 if c < 0 else 1]


def _open(path: os.PathLike | str) -> av.container.InputContainer:
  path = pathlib.Path(path)
  if not path.is_file():
    raise InputError(f'{path}: no such file; check the path of the video')
  if path.stat().st_size == 0:
    raise InputError(f'{path}: the file is empty (0 bytes); get it again')
  try:
    return av.open(os.fspath(path))
  except av.error.FFmpegError as error:
    raise InputError(f'{path}: not a video that can be opened ({error.strerror}); {_REMEDY}') from error


def _video_stream(path: os.PathLike | str, container: av.container.InputContainer) -> av.VideoStream:
  stream = container.streams.best('video')
  if not isinstance(stream, av.VideoStream) or stream.disposition & Disposition.attached_pic:  # a sound's cover
    raise InputError(f'{path}: holds no video stream; leave it out, or get the whole file again if it should hold one')
  return stream


def _tick_ms(path: os.PathLike | str, stream: av.VideoStream) -> float:
  if stream.time_base is None:
    raise InputError(f'{path}: {_NO_TIMES}')
  return float(stream.time_base * 1000)


def _presentation(
  path: os.PathLike | str, container: av.container.InputContainer, stream: av.VideoStream
) -> tuple[np.ndarray, np.ndarray]:
  """Times in ticks and keyframe flags of the frames that are shown, in display order, without decoding."""
  packets = []
  try:
    for packet in container.demux(stream):
      if packet.size:
        packets.append((packet.pts, packet.is_keyframe, packet.is_discard, packet.is_corrupt))
  except av.error.FFmpegError as error:
    raise InputError(f'{path}: breaks off after {len(packets)} frames ({error.strerror}); {_REMEDY}') from error
  damaged = sum(corrupt for *_, corrupt in packets)
  if damaged or len(packets) < stream.frames:
    promised = max(stream.frames, len(packets))
    raise InputError(f'{path}: cut off: {len(packets) - damaged} of {promised} frames are in the file; {_REMEDY}')
  if any(pts is None for pts, *_ in packets):
    raise InputError(f'{path}: {_NO_TIMES}')
  shown = sorted((pts, key) for pts, key, discard, _ in packets if not discard)
  keyframe = np.array([key for _, key in shown], bool)
  if _stores_decoding_order(container):
    keyframe[1:] = False
  return np.array([pts for pts, _ in shown], np.int64), keyframe


def _stores_decoding_order(container: av.container.InputContainer) -> bool:
  """AVI numbers packets as they are decoded; the decoder's output order is then the only witness of display order."""
  return container.format.name == 'avi'


def _first_frame(path: os.PathLike | str) -> av.VideoFrame:
  with _open(path) as container:
    first = next(_decode(container, _video_stream(path, container)), None)
  if first is None:
    raise InputError(f'{path}: no frame of its video stream decodes; {_REMEDY}')
  return first
