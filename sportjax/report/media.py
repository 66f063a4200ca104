"""The pictures and clips beside the page, each written once however often it is shown."""

from __future__ import annotations

import dataclasses
import hashlib
import math
import pathlib
import shutil

import cv2
import numpy as np

from sportjax.report.content import Clip
from sportjax.typing import Float, Image, Images
from sportjax.video import encode

_CLIP_SIDE_PX = (128, 240)  # of the shorter side: below, H.264 smears colours; above, the page grows for nothing
_SPRITE_SIDE_PX = 144
_CRF = 26
_JPEG_QUALITY = 85


@dataclasses.dataclass(frozen=True)
class ClipFiles:
  """A clip on disk: names relative to the page, and its size in pixels."""

  video: str
  poster: str
  width: int
  height: int


@dataclasses.dataclass(frozen=True)
class Sprite:
  """All frames of a clip in one picture, row by row, so that a script shows any of them without seeking in a video."""

  file: str
  columns: int
  rows: int
  width: int  # of one frame
  height: int


class Media:
  """Writes into `folder`/media and returns names relative to `folder`; the same pixels are written once."""

  def __init__(self, folder: pathlib.Path):
    self._folder = folder

  def clip(self, clip: Clip) -> ClipFiles:
    """The clip as H.264, beginning at time 0, and its middle frame as a still to show before it plays."""
    height, width = _even_size(clip.frames, *_CLIP_SIDE_PX)
    t_ms = np.asarray(clip.t_ms, float) - float(clip.t_ms[0])
    video = self._place(_digest(clip.frames, t_ms), 'mp4')
    if not video.exists():
      encode.write_video(video, (_resized(frame, height, width) for frame in clip.frames), t_ms.tolist(), crf=_CRF)
    poster = self.picture(_resized(clip.frames[len(clip.frames) // 2], height, width))
    return ClipFiles(self._name(video), poster, width, height)

  def sprite(self, frames: Images) -> Sprite:
    """The frames as one JPEG, in a grid about as wide as high."""
    height, width = _even_size(frames, 0, _SPRITE_SIDE_PX)
    columns = max(1, round(math.sqrt(len(frames) * height / width)))
    rows = -(-len(frames) // columns)
    grid = np.zeros((rows, columns, height, width, 3), np.uint8)
    for n, frame in enumerate(frames):
      grid[n // columns, n % columns] = _resized(frame, height, width)
    sheet = grid.swapaxes(1, 2).reshape(rows * height, columns * width, 3)
    return Sprite(self.picture(sheet), columns, rows, width, height)

  def picture(self, image: Image) -> str:
    """A photograph, as JPEG."""
    return self._write(image, 'jpg', [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])

  def copy(self, file: pathlib.Path) -> str:
    """A file as it is, beside the page."""
    place = self._place(hashlib.sha256(file.read_bytes()).hexdigest()[:16], file.suffix.removeprefix('.'))
    if not place.exists():
      shutil.copyfile(file, place)
    return self._name(place)

  def heat_map(self, values: Float[np.ndarray, 'h w']) -> str:
    """A matrix as PNG, one pixel a cell: dark at the lowest, yellow at the highest, grey where it is not finite."""
    finite = np.isfinite(values)
    low, high = (values[finite].min(), values[finite].max()) if finite.any() else (0.0, 1.0)
    level = np.where(finite, (np.where(finite, values, low) - low) / max(high - low, 1e-12), 0)
    colours = cv2.applyColorMap(np.round(level * 255).astype(np.uint8), cv2.COLORMAP_VIRIDIS)[..., ::-1].copy()
    colours[~finite] = 160
    return self._write(colours, 'png', [])

  def _write(self, image: Image, suffix: str, options: list[int]) -> str:
    place = self._place(_digest(image), suffix)
    if not place.exists():
      _, data = cv2.imencode(f'.{suffix}', np.ascontiguousarray(image[..., ::-1]), options)
      place.write_bytes(data.tobytes())
    return self._name(place)

  def _place(self, digest: str, suffix: str) -> pathlib.Path:
    folder = self._folder / 'media'
    folder.mkdir(exist_ok=True)
    return folder / f'{digest}.{suffix}'

  def _name(self, place: pathlib.Path) -> str:
    return place.relative_to(self._folder).as_posix()


def _even_size(frames: Images, low: int, high: int) -> tuple[int, int]:
  """Height and width with the shorter side within [low, high] and both even."""
  height, width = frames.shape[1:3]
  factor = np.clip(min(height, width), low, high) / min(height, width)
  return max(2, round(height * factor / 2) * 2), max(2, round(width * factor / 2) * 2)


def _resized(frame: Image, height: int, width: int) -> Image:
  if frame.shape[:2] == (height, width):
    return frame
  shrinks = height * width < frame.shape[0] * frame.shape[1]
  return cv2.resize(frame, (width, height), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC)


def _digest(*arrays: np.ndarray) -> str:
  digest = hashlib.sha256()
  for array in arrays:
    digest.update(repr((array.shape, array.dtype.str)).encode())
    digest.update(np.ascontiguousarray(array).data)
  return digest.hexdigest()[:16]
