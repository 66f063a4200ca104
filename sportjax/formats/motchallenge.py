"""MOTChallenge text: boxes with identities, `frame,id,left,top,width,height,confidence,...`, frames from 1."""

from __future__ import annotations

import pathlib
from collections.abc import Iterator

from sportjax.errors import InputError
from sportjax.formats import files, people
from sportjax.pose.track import Detections

FIRST_FRAME = 1
_COLUMNS = 6  # confidence and the world position may be left out


def read_motchallenge(path: pathlib.Path, *, n_frames: int, first_frame: int = FIRST_FRAME) -> Detections:
  """Boxes of a MOTChallenge file, without joints. Raises InputError for lines that cannot be."""
  return people.collect(_people(path), source=path, n_frames=n_frames, first_frame=first_frame)


def write_motchallenge(path: pathlib.Path, detections: Detections) -> None:
  """Writes one line a person; values keep every digit."""
  lines = []
  for row in range(len(detections)):
    box = ','.join(map(repr, people.box_to_xywh(detections.boxes[row])))
    score = float(detections.scores[row])
    lines.append(f'{int(detections.frame[row]) + FIRST_FRAME},{int(detections.ids[row])},{box},{score!r},-1,-1,-1\n')
  files.write_text(path, ''.join(lines))


def _people(path: pathlib.Path) -> Iterator[people.Person]:
  for at, line in enumerate(files.read_text(path).splitlines(), start=1):
    if not line.strip():
      continue
    where = f'line {at}'
    values = _numbers(line, where, path)
    yield people.Person(
      frame=people.frame_number(values[0], where, path),
      keypoints=None,
      where=where,
      box=people.box_from_xywh(values[2:6], where, path),
      score=values[6] if len(values) > 6 else None,
      id=int(values[1]),
    )


def _numbers(line: str, where: str, path: pathlib.Path) -> list[float]:
  fields = line.split(',')
  try:
    values = [people.number(float(field), 'value', where, path) for field in fields]
  except ValueError as error:
    raise InputError(f'{path}: {where} is not comma-separated numbers: {line[:60]!r}; export it again') from error
  if len(values) < _COLUMNS:
    raise InputError(f'{path}: {where} has {len(values)} values, not frame,id,left,top,width,height; export it again')
  return values
