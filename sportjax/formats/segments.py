"""Which parts of whole recordings are routines: FSJump6's segments.csv and FineGym's annotations."""

from __future__ import annotations

import csv
import io
import math
import pathlib
from typing import Any, NamedTuple

from sportjax.errors import InputError
from sportjax.formats import files

EVENTS = {'VT': 1, 'FX': 2, 'BB': 3, 'UB': 4}  # FineGym's numbers
_FS_COLUMNS = {'video', 'start', 'end'}


class Segment(NamedTuple):
  """A part of a recording, end exclusive."""

  video: str
  start_s: float
  end_s: float
  name: str  # of the part; {start} and {end} stand for its frames


def read_fs_segments(path: pathlib.Path) -> list[Segment]:
  """The routines of figure skating, to the second, the last one included, numbered within a recording.

  Raises:
    InputError: a column is absent, or a line has no times.
  Source: VPD reference, recut_fs_video.py.
  """
  reader = csv.DictReader(io.StringIO(files.read_text(path)))
  if not set(reader.fieldnames or ()) >= _FS_COLUMNS:
    raise InputError(
      f'{path}: columns {", ".join(sorted(_FS_COLUMNS))} are needed; give action_dataset/fs/segments.csv'
    )
  out: list[Segment] = []
  for row in reader:
    number = 1 + sum(segment.video == row['video'] for segment in out)
    start_s, end_s = (_seconds(row[name], reader.line_num, path) for name in ('start', 'end'))
    name = f'{row["video"]}_{number:02d}_{{start:08d}}_{{end:08d}}'
    out.append(_checked(Segment(row['video'], start_s, end_s + 1, name), path))
  return out


def read_finegym_segments(path: pathlib.Path, event: str) -> list[Segment]:
  """The routines of one event of FineGym.

  Raises:
    InputError: the event is unknown, or a routine has other than one pair of times.
  Source: VPD reference, recut_finegym_video.py.
  """
  if event not in EVENTS:
    raise InputError(f'event {event!r} is none of {", ".join(EVENTS)}')
  out: list[Segment] = []
  content: Any = files.read_json(path)
  for video, routines in content.items() if isinstance(content, dict) else ():
    for name, about in routines.items():
      try:
        number, ((start_s, end_s),) = int(about['event']), about['timestamps']
      except (KeyError, TypeError, ValueError) as error:
        raise InputError(f'{path}: {video} {name} has no event and one pair of times; copy the file again') from error
      if number == EVENTS[event]:
        out.append(_checked(Segment(video, float(start_s), float(end_s), f'{video}_{name}'), path))
  if not out:
    raise InputError(f'{path}: no routine of {event} in it; give finegym_annotation_info_v1.1.json')
  return out


def _seconds(text: str | None, line: int, path: pathlib.Path) -> float:
  try:
    hours, minutes, seconds = (int(part) for part in (text or '').split(':'))
  except ValueError as error:
    raise InputError(f'{path}: line {line}: {text!r} is not h:mm:ss; copy the file again') from error
  return float(3600 * hours + 60 * minutes + seconds)


def _checked(segment: Segment, path: pathlib.Path) -> Segment:
  if not 0 <= segment.start_s < segment.end_s or not math.isfinite(segment.end_s):
    raise InputError(
      f'{path}: {segment.video} has a part from {segment.start_s:g} to {segment.end_s:g} s; mend the file'
    )
  return segment
