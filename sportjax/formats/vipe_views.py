"""2D poses by camera of VIPE*'s training sets: the folder `cocopose/` beside the reference's 3D poses."""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Iterator
from typing import Any

import numpy as np

from sportjax.errors import InputError
from sportjax.formats import files, people
from sportjax.typing import FrameIndex, Keypoints

_ENDING = '.json.gz'
_NOT_RECORDINGS = ('_ALL', '_ALL 1')  # of Human3.6M: without 3D poses
_SEPARATORS = {'3dpeople': '__', 'amass': '_', 'nba2k': None}  # between person and action in a file's name
_FIRST_FRAME = {'3dpeople': 1}
_N_JOINTS = 17


@dataclasses.dataclass(frozen=True)
class FilmedMotion:
  """An estimator's joints of one recording in one camera; frames count as those of `motion_vipe.BodyMotion`."""

  person: str
  action: str
  camera: str
  frame: FrameIndex
  keypoints: Keypoints  # COCO-17


def read_views(folder: pathlib.Path, body: str) -> Iterator[FilmedMotion]:
  """Every recording in every camera of a set, in the order of the files' names.

  Raises:
    InputError: the folder is empty, or a file of another layout.
  Source: VPD reference, vipe_dataset/keypoint.py.
  """
  paths = sorted(folder.glob(f'*{_ENDING}'))
  if not paths:
    raise InputError(f'{folder}: no {_ENDING} in it; give the folder cocopose of {body}')
  for path in paths:
    yield from _one_camera(path) if body == 'human36m' else _all_cameras(path, body)


def _one_camera(path: pathlib.Path) -> Iterator[FilmedMotion]:
  """Human3.6M: `<person>.<action>.<camera>.*`, of whose people the first is the subject."""
  parts = path.name.split('.', 3)
  if len(parts) < 4:
    raise InputError(f'{path}: not named <person>.<action>.<camera>.*; give the folder cocopose of human36m')
  person, action, camera, _ = parts
  if action not in _NOT_RECORDINGS:
    rows = [(frame, told[0][-1], where) for frame, told, where in _frames(path) if told]
    yield _motion(person, action, camera, rows, path)


def _all_cameras(path: pathlib.Path, body: str) -> Iterator[FilmedMotion]:
  """The others: `[[frame, [[camera, [..., joints]], ...]], ...]` in one file a recording."""
  separator = _SEPARATORS[body]
  name = path.name.removesuffix(_ENDING)
  person, _, action = name.partition(separator) if separator else (name, '', '')
  by_camera: dict[str, list[tuple[int, Any, str]]] = {}
  for frame, told, where in _frames(path):
    for view in told:
      if not isinstance(view, list) or len(view) != 2 or not isinstance(view[1], list) or not view[1]:
        raise InputError(f'{path}: {where} has a view that is not [camera, [..., joints]]; give cocopose of {body}')
      by_camera.setdefault(str(view[0]), []).append((frame - _FIRST_FRAME.get(body, 0), view[1][-1], where))
  for camera, rows in by_camera.items():
    yield _motion(person, action, camera, rows, path)


def _frames(path: pathlib.Path) -> Iterator[tuple[int, list, str]]:
  content = files.read_json(path)
  for at, item in enumerate(content if isinstance(content, list) else [content]):
    where = f'item {at}'
    if not isinstance(item, list) or len(item) != 2 or not isinstance(item[1], list):
      raise InputError(f'{path}: {where} is not [frame, [...]]; give the folder cocopose of that set')
    yield people.frame_number(item[0], where, path), item[1], where


def _motion(
  person: str, action: str, camera: str, rows: list[tuple[int, Any, str]], path: pathlib.Path
) -> FilmedMotion:
  rows = sorted(rows, key=lambda row: row[0])
  joints = [people.flat_keypoints(values, where, path) for _, values, where in rows]
  wrong = next((row[2] for row, each in zip(rows, joints, strict=True) if each.shape != (_N_JOINTS, 3)), None)
  if wrong:
    raise InputError(f'{path}: {wrong} has not {_N_JOINTS} joints; these are not COCO poses')
  keypoints = np.array(joints, np.float32).reshape(-1, _N_JOINTS, 3)
  return FilmedMotion(person, action, camera, np.array([row[0] for row in rows], np.int64), keypoints)
