"""Pose files of the VPD reference: `boxes.json`, `coco_keypoints.json.gz`, `mask.json.gz` in one folder a video."""

from __future__ import annotations

import base64
import binascii
import dataclasses
import itertools
import pathlib
from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np

from sportjax.errors import InputError
from sportjax.formats import files, people
from sportjax.pose.track import Detections
from sportjax.typing import Mask

BOXES = 'boxes.json'
KEYPOINTS = 'coco_keypoints.json.gz'
MASKS = 'mask.json.gz'
_SKELETON = 'coco17'
_ATHLETE_ID = 0


@dataclasses.dataclass(frozen=True)
class Masks:
  """Masks of people, one row a person and frame as in `Detections`, kept as PNG until asked for."""

  detections: Detections
  png: tuple[bytes, ...]

  def decode(self, row: int) -> Mask:
    """The person's mask over the image. Raises InputError where the PNG is damaged."""
    image = cv2.imdecode(np.frombuffer(self.png[row], np.uint8), cv2.IMREAD_GRAYSCALE) if self.png[row] else None
    if image is None:
      raise InputError(
        f'{self.detections.source}: the mask of frame {self.detections.frame[row]} is not a PNG; export it again'
      )
    return image > 0


def read_boxes(path: pathlib.Path, *, n_frames: int, first_frame: int = 0) -> Detections:
  """The athlete's boxes, `[[frame, [x, y, width, height]], ...]`, under one id, without joints."""
  return from_boxes(files.read_json(path), path, n_frames=n_frames, first_frame=first_frame)


def from_boxes(content: Any, path: pathlib.Path, *, n_frames: int, first_frame: int = 0) -> Detections:
  """The athlete's boxes of a list of [frame, box]."""
  told = [
    people.Person(frame, None, where, people.box_from_xywh(box, where, path), id=_ATHLETE_ID)
    for frame, where, box in _frames(content, path)
  ]
  return people.collect(told, source=path, n_frames=n_frames, first_frame=first_frame)


def read_coco_keypoints(path: pathlib.Path, *, n_frames: int, first_frame: int = 0) -> Detections:
  """People of `[[frame, [[score, [x, y, width, height], [[x, y, score] * 17]], ...]], ...]`."""
  return from_keypoints(files.read_json(path), path, n_frames=n_frames, first_frame=first_frame)


def from_keypoints(content: Any, path: pathlib.Path, *, n_frames: int, first_frame: int = 0) -> Detections:
  """People of a list of [frame, [[score, box, joints], ...]]."""
  told = [
    dataclasses.replace(person, keypoints=people.flat_keypoints(joints, person.where, path))
    for person, joints in _scored(content, path)
  ]
  return people.collect(told, source=path, n_frames=n_frames, skeleton=_SKELETON, first_frame=first_frame)


def read_masks(path: pathlib.Path, *, n_frames: int) -> Masks:
  """Masks of `[[frame, [[score, [x, y, width, height], base64 PNG], ...]], ...]`; none is decoded yet."""
  told = [(person, _png(text, person.where, path)) for person, text in _scored(files.read_json(path), path)]
  told.sort(key=lambda pair: pair[0].frame)
  detections = people.collect((person for person, _ in told), source=path, n_frames=n_frames)
  return Masks(detections, tuple(png for _, png in told))


def write_boxes(path: pathlib.Path, detections: Detections) -> None:
  """Writes one person's boxes. Raises ValueError where a frame has two."""
  if len(np.unique(detections.frame)) < len(detections):
    raise ValueError(f'{detections.source}: {BOXES} holds one person; take the rows of one id')
  rows = range(len(detections))
  files.write_json(path, [[int(detections.frame[row]), people.box_to_xywh(detections.boxes[row])] for row in rows])


def write_coco_keypoints(path: pathlib.Path, detections: Detections) -> None:
  """Writes people with COCO-17 joints. Raises ValueError for another skeleton."""
  if detections.skeleton != _SKELETON:
    raise ValueError(f'{KEYPOINTS} holds {_SKELETON}, not {detections.skeleton}; convert the keypoints first')
  files.write_json(path, _by_frame(detections, detections.keypoints.astype(np.float64).tolist()))


def write_masks(path: pathlib.Path, masks: Masks) -> None:
  """Writes people with their masks as they are."""
  files.write_json(path, _by_frame(masks.detections, [base64.b64encode(png).decode() for png in masks.png]))


def encode_mask(mask: Mask) -> bytes:
  """PNG of a mask, 255 where the person is."""
  return cv2.imencode('.png', mask.astype(np.uint8) * 255)[1].tobytes()


def _by_frame(detections: Detections, values: list) -> list:
  """[[frame, [[score, box, value], ...]], ...] in the order of the rows."""
  rows = itertools.groupby(range(len(detections)), key=lambda row: int(detections.frame[row]))
  return [
    [frame, [[float(detections.scores[row]), people.box_to_xywh(detections.boxes[row]), values[row]] for row in of]]
    for frame, of in rows
  ]


def _frames(content: Any, path: pathlib.Path) -> Iterator[tuple[int, str, Any]]:
  if not isinstance(content, list):
    raise InputError(f'{path}: not a list of frames; the VPD layout is [[frame, ...], ...]')
  for at, item in enumerate(content):
    where = f'item {at}'
    if not isinstance(item, list) or len(item) != 2:
      raise InputError(f'{path}: {where} is not a pair of frame and content; the VPD layout is [[frame, ...], ...]')
    yield people.frame_number(item[0], where, path), where, item[1]


def _scored(content: Any, path: pathlib.Path) -> Iterator[tuple[people.Person, Any]]:
  """Each person's frame, score and box, and what comes third."""
  for frame, where, told in _frames(content, path):
    if not isinstance(told, list):
      raise InputError(f'{path}: {where} has no list of people; the VPD layout is [[frame, [person, ...]], ...]')
    for at, person in enumerate(told):
      where_person = f'{where} person {at}'
      if not isinstance(person, list) or len(person) != 3:
        raise InputError(f'{path}: {where_person} is not [score, box, content]; export it again')
      score = people.number(person[0], 'score', where_person, path)
      box = people.box_from_xywh(person[1], where_person, path)
      yield people.Person(frame, None, where_person, box, score), person[2]


def _png(text: Any, where: str, path: pathlib.Path) -> bytes:
  try:
    return base64.b64decode(text, validate=True)
  except (TypeError, ValueError, binascii.Error) as error:
    raise InputError(f'{path}: {where} has a mask that is not base64; export it again') from error
