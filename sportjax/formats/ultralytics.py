"""Ultralytics (YOLO) text folders: one file a frame, one line a detection, in fractions of the image.

A line is `class x y width height`, then joints as `x y confidence` triples, then a confidence, then a track id, each
where it was asked for; x, y are the box's centre.
"""

from __future__ import annotations

import pathlib
from collections.abc import Iterator

import numpy as np

from sportjax.errors import InputError
from sportjax.formats import files, people
from sportjax.pose.track import Detections

FIRST_FRAME = 1
_BOX_COLUMNS = 5


def read_ultralytics(
  folder: pathlib.Path,
  *,
  image_size: tuple[int, int],
  n_frames: int,
  skeleton: str | None = None,
  first_frame: int = FIRST_FRAME,
  person_class: int = 0,
) -> Detections:
  """People of a folder of `name_12.txt` files; detections of other classes than `person_class` are not read.

  A single last value is a track id where all in the folder are whole numbers from 1 up, else a confidence.

  Raises:
    InputError: lines that cannot be, or two files of one frame.
  """
  paths = _paths_by_frame(folder)
  lines = [
    (frame, f'{path.name} line {at}', values)
    for frame, path in sorted(paths.items())
    for at, values in enumerate(_numbers(path), start=1)
    if values[0] == person_class
  ]
  told = _people(lines, folder, image_size)
  return people.collect(told, source=folder, n_frames=n_frames, skeleton=skeleton, first_frame=first_frame)


def write_ultralytics(folder: pathlib.Path, detections: Detections, *, name: str, image_size: tuple[int, int]) -> None:
  """Writes a file for each frame with a person, with confidence and track id last."""
  for frame in np.unique(detections.frame):
    lines = []
    for row in np.flatnonzero(detections.frame == frame):
      x0, y0, x1, y1 = detections.boxes[row].astype(np.float64)
      joints = detections.keypoints[row].astype(np.float64) / [*image_size, 1]
      box = np.array([(x0 + x1) / 2, (y0 + y1) / 2, x1 - x0, y1 - y0]) / [*image_size, *image_size]
      values = [*box.tolist(), *joints.reshape(-1).tolist(), float(detections.scores[row])]
      lines.append(f'0 {" ".join(map(repr, values))} {int(detections.ids[row])}\n')
    files.write_text(folder / f'{name}_{frame + FIRST_FRAME}.txt', ''.join(lines))


def _paths_by_frame(folder: pathlib.Path) -> dict[int, pathlib.Path]:
  paths: dict[int, pathlib.Path] = {}
  for path in sorted(folder.glob('*.txt')):
    frame = people.frame_number(path.stem, 'file name', path)
    if frame in paths:
      raise InputError(f'{path}: a second file of frame {frame} beside {paths[frame].name}; keep one video a folder')
    paths[frame] = path
  if not paths:
    raise InputError(f'{folder}: no txt file in the folder; give the labels folder, one txt file a frame')
  return paths


def _numbers(path: pathlib.Path) -> Iterator[list[float]]:
  for at, line in enumerate(files.read_text(path).splitlines(), start=1):
    try:
      values = [people.number(float(field), 'value', f'line {at}', path) for field in line.split()]
    except ValueError as error:
      raise InputError(f'{path}: line {at} is not numbers: {line[:60]!r}; export it again') from error
    if len(values) < _BOX_COLUMNS:
      raise InputError(f'{path}: line {at} has {len(values)} values, not class x y width height; export it again')
    yield values


def _people(
  lines: list[tuple[int, str, list[float]]], folder: pathlib.Path, image_size: tuple[int, int]
) -> Iterator[people.Person]:
  last = [values[-1] for _, _, values in lines]
  last_is_id = all(value >= 1 and value % 1 == 0 for value in last)
  for frame, where, values in lines:
    n_extra = (len(values) - _BOX_COLUMNS) % 3
    extra = values[len(values) - n_extra :]
    joints = people.flat_keypoints(values[_BOX_COLUMNS : len(values) - n_extra], where, folder)
    yield people.Person(
      frame=frame,
      keypoints=_in_pixels(joints, image_size) if len(joints) else None,
      where=where,
      box=_corners(values[1:_BOX_COLUMNS], image_size),
      score=extra[0] if n_extra == 2 or (n_extra == 1 and not last_is_id) else None,
      id=int(extra[-1]) if n_extra == 2 or (n_extra == 1 and last_is_id) else -1,
    )


def _in_pixels(joints: np.ndarray, image_size: tuple[int, int]) -> np.ndarray:
  joints = joints * [*image_size, 1]
  joints[:, 2] = joints[:, 2].clip(0, 1)  # in training labels 2 means visible
  return joints


def _corners(box: list[float], image_size: tuple[int, int]) -> np.ndarray:
  centre, size = np.array(box[:2]) * image_size, np.array(box[2:]) * image_size
  return np.concatenate([centre - size / 2, centre + size / 2])
