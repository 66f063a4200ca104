"""AlphaPose results: one JSON list for a video, each record a person in an image 'frame.jpg'."""

from __future__ import annotations

import pathlib
from collections.abc import Iterator
from typing import Any

from sportjax.errors import InputError
from sportjax.formats import files, people
from sportjax.pose.track import Detections
from sportjax.typing import JSON

_PERSON = 1


def read_alphapose(
  path: pathlib.Path, *, n_frames: int, skeleton: str | None = None, first_frame: int = 0
) -> Detections:
  """People of an AlphaPose results file. `score` is its pose NMS score, which exceeds 1 for clear people.

  Raises:
    InputError: records that cannot be.
  """
  return from_records(files.read_json(path), path, n_frames=n_frames, skeleton=skeleton, first_frame=first_frame)


def from_records(
  records: Any, path: pathlib.Path, *, n_frames: int, skeleton: str | None = None, first_frame: int = 0
) -> Detections:
  """People of a list of AlphaPose records."""
  if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
    raise InputError(f'{path}: AlphaPose results are a list of records; write them with the default --format')
  return people.collect(
    _people(records, path), source=path, n_frames=n_frames, skeleton=skeleton, first_frame=first_frame
  )


def write_alphapose(path: pathlib.Path, detections: Detections) -> None:
  """Writes one record a person, as AlphaPose does for a video."""
  files.write_json(
    path,
    [
      {
        'image_id': f'{int(detections.frame[row])}.jpg',
        'category_id': _PERSON,
        'keypoints': people.flatten(detections.keypoints[row]),
        'score': float(detections.scores[row]),
        'box': people.box_to_xywh(detections.boxes[row]),
        'idx': int(detections.ids[row]),
      }
      for row in range(len(detections))
    ],
  )


def _people(records: list[JSON], path: pathlib.Path) -> Iterator[people.Person]:
  for at, record in enumerate(records):
    where = f'record {at}'
    missing = [key for key in ('image_id', 'keypoints') if key not in record]
    if missing:
      raise InputError(f'{path}: {where} has no {missing[0]}; AlphaPose writes image_id and keypoints for each person')
    yield people.Person(
      frame=people.frame_number(record['image_id'], where, path),
      keypoints=people.flat_keypoints(record['keypoints'], where, path),
      where=where,
      box=people.box_from_xywh(record['box'], where, path) if 'box' in record else None,
      score=people.number(record['score'], 'score', where, path) if 'score' in record else None,
      id=_id(record.get('idx', -1), where, path),
    )


def _id(told: Any, where: str, path: pathlib.Path) -> int:
  """Without a tracker AlphaPose nests the index in lists and counts the people of the frame."""
  while isinstance(told, list):
    told = told[0] if told else -1
  return int(people.number(told, 'idx', where, path))
