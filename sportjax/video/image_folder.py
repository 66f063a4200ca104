"""A video that is a folder of numbered images, as datasets of short actions are handed out."""

from __future__ import annotations

import pathlib
import re
from collections.abc import Iterator

import cv2
import numpy as np

from sportjax.errors import InputError
from sportjax.typing import FrameIndex, Image

_NUMBERED = re.compile(r'(\d+)\.(?:jpg|jpeg|png)', re.IGNORECASE)


def images(folder: pathlib.Path, first: int = 0) -> FrameIndex:
  """Frames that have an image, ascending, where that of frame 0 is numbered `first`."""
  return np.array(sorted(_paths(folder, first)), np.int64)


def image_pairs(
  folder: pathlib.Path, frames: FrameIndex, size: tuple[int, int], *, first: int = 0, fps: float
) -> Iterator[tuple[int, float, Image, Image]]:
  """Number, time, the image before, and the image, of the given frames; the first image is its own predecessor.

  Raises:
    InputError: an image is absent, damaged or not of this size (width, height).
  """
  paths = _paths(folder, first)
  seen: dict[int, Image] = {}
  for frame in frames.tolist():
    before = frame - 1 if frame - 1 in paths else frame
    seen = {
      number: seen[number] if number in seen else _read(folder, paths, number, size) for number in (before, frame)
    }
    yield frame, 1000.0 * frame / fps, seen[before], seen[frame]


def _paths(folder: pathlib.Path, first: int) -> dict[int, pathlib.Path]:
  found = {path: _NUMBERED.fullmatch(path.name) for path in folder.iterdir()} if folder.is_dir() else {}
  return {int(match[1]) - first: path for path, match in found.items() if match}


def _read(folder: pathlib.Path, paths: dict[int, pathlib.Path], frame: int, size: tuple[int, int]) -> Image:
  if frame not in paths:
    raise InputError(f'{folder}: no image of frame {frame}; get the whole folder again')
  data = np.fromfile(paths[frame], np.uint8)
  image = cv2.imdecode(data, cv2.IMREAD_COLOR_RGB) if data.size else None
  if image is None:
    raise InputError(f'{paths[frame]}: not a whole image; get it again')
  if image.shape[1::-1] != size:
    width, height = size
    raise InputError(
      f'{paths[frame]}: {image.shape[1]}x{image.shape[0]} pixels, not {width}x{height}; give the originals'
    )
  return image
