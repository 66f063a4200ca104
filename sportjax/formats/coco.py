"""COCO keypoint results, body and whole body: also what this project's stages hand to each other."""

from __future__ import annotations

import pathlib
from collections.abc import Iterator
from typing import Any

import numpy as np

from sportjax.errors import InputError
from sportjax.formats import files, people
from sportjax.pose.track import Detections
from sportjax.typing import JSON, Float

_PERSON = 1
_WHOLE_BODY_PARTS = ('keypoints', 'foot_kpts', 'face_kpts', 'lefthand_kpts', 'righthand_kpts')


def read_coco_results(
  path: pathlib.Path, *, n_frames: int, skeleton: str | None = None, first_frame: int = 0
) -> Detections:
  """People of a COCO results file; `image_id` is the frame. Raises InputError for records that cannot be."""
  return from_records(files.read_json(path), path, n_frames=n_frames, skeleton=skeleton, first_frame=first_frame)


def from_records(
  records: Any, path: pathlib.Path, *, n_frames: int, skeleton: str | None = None, first_frame: int = 0
) -> Detections:
  """People of a list of COCO results; records of other categories than person are not read."""
  if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
    raise InputError(f'{path}: COCO results are a list of records; export the results, not the annotations')
  named = {record['skeleton'] for record in records if 'skeleton' in record}
  if skeleton is None and len(named) == 1:
    skeleton = named.pop()
  return people.collect(
    _people(records, path), source=path, n_frames=n_frames, skeleton=skeleton, first_frame=first_frame
  )


def write_coco_results(path: pathlib.Path, detections: Detections) -> None:
  """Writes one record a person: box, score, keypoints, and the two keys COCO leaves open, `track_id`, `skeleton`.

  Reading it back gives the same values bit by bit (boxes: of coordinates from a thousandth to a million pixels).
  """
  records = []
  for row in range(len(detections)):
    record: JSON = {
      'image_id': int(detections.frame[row]),
      'category_id': _PERSON,
      'bbox': people.box_to_xywh(detections.boxes[row]),
      'score': float(detections.scores[row]),
    }
    if detections.keypoints.shape[1]:
      record |= {'keypoints': people.flatten(detections.keypoints[row]), 'skeleton': detections.skeleton}
    if detections.ids[row] >= 0:
      record['track_id'] = int(detections.ids[row])
    records.append(record)
  files.write_json(path, records)


def _people(records: list[JSON], path: pathlib.Path) -> Iterator[people.Person]:
  for at, record in enumerate(records):
    where = f'record {at}'
    if record.get('category_id', _PERSON) != _PERSON:
      continue
    if 'image_id' not in record:
      raise InputError(f'{path}: {where} has no image_id, so its frame is unknown; export COCO results with image_id')
    yield people.Person(
      frame=people.frame_number(record['image_id'], where, path),
      keypoints=_keypoints(record, where, path),
      where=where,
      box=people.box_from_xywh(record['bbox'], where, path) if record.get('bbox') is not None else None,
      score=people.number(record['score'], 'score', where, path) if record.get('score') is not None else None,
      id=int(people.number(record.get('track_id', -1), 'track_id', where, path)),
    )


def _keypoints(record: JSON, where: str, path: pathlib.Path) -> Float[np.ndarray, 'j 3'] | None:
  """The record's joints; the whole body comes in one list or in five, body first."""
  if record.get('keypoints') is None:
    return None
  split = [part for part in _WHOLE_BODY_PARTS if part in record]
  if 1 < len(split) < len(_WHOLE_BODY_PARTS):
    missing = next(part for part in _WHOLE_BODY_PARTS if part not in record)
    raise InputError(f'{path}: {where} has {split[1]} but no {missing}; export all five parts of the whole body')
  return np.concatenate([people.flat_keypoints(record[part], where, path) for part in split])
