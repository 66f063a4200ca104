"""Labelled clips of videos: the CSV that users write and the simulated world writes too."""

from __future__ import annotations

import collections
import csv
import dataclasses
import hashlib
import math
import pathlib
from collections.abc import Iterable, Sequence

from sportjax.errors import InputError

_REQUIRED = ('video', 'start_ms', 'end_ms', 'label')
_COLUMNS = (*_REQUIRED, 'athlete', 'split')
SPLITS = ('train', 'test')
MIN_FRAMES = 4  # of a clip; with fewer there is nothing to align


@dataclasses.dataclass(frozen=True)
class Clip:
  """One labelled stretch of one video, end exclusive."""

  video: str
  start_ms: float
  end_ms: float
  label: str
  athlete: str
  split: str

  @property
  def id(self) -> str:
    """Video and time; clips of one video and the same whole milliseconds share it."""
    return f'{self.video}@{self.start_ms:.0f}-{self.end_ms:.0f}'


def read_labels(path: pathlib.Path) -> tuple[Clip, ...]:
  """Reads `video,start_ms,end_ms,label[,athlete][,split]`; without athlete, each video is its own athlete's.

  A clip without a split takes its athlete's: three athletes in ten are held out, chosen by the hash of their name.

  Raises:
    InputError: the file cannot be read or lacks a column or rows, or a row (with its number) does not make sense.
  """
  try:
    with path.open(newline='', encoding='utf-8-sig') as file:
      reader = csv.DictReader(file)
      missing = [name for name in _REQUIRED if name not in (reader.fieldnames or ())]
      if missing:
        raise InputError(f'{path}: no column {", ".join(missing)}; the first line must be {",".join(_COLUMNS)}')
      clips = tuple(_clip(path, reader.line_num, row) for row in reader)
  except (OSError, UnicodeDecodeError, csv.Error) as error:
    raise InputError(f'{path}: cannot be read as CSV ({error}); export it as UTF-8 CSV') from error
  if not clips:
    raise InputError(f'{path}: no labelled clips in it; add rows or leave --config.labels unset')
  _refuse_repeats(path, clips)
  return clips


def _refuse_repeats(path: pathlib.Path, clips: Sequence[Clip]) -> None:
  repeated = [name for name, count in collections.Counter(clip.id for clip in clips).items() if count > 1]
  if repeated:
    raise InputError(f'{path}: {repeated[0]} ms is labelled more than once; give each interval one label')


def write_labels(path: pathlib.Path, clips: Sequence[Clip]) -> None:
  """Writes what `read_labels` reads."""
  with path.open('w', newline='', encoding='utf-8') as file:
    writer = csv.DictWriter(file, _COLUMNS)
    writer.writeheader()
    writer.writerows({name: getattr(clip, name) for name in _COLUMNS} for clip in clips)


def _clip(path: pathlib.Path, line: int, row: dict[str, str]) -> Clip:
  try:
    start_ms, end_ms = float(row['start_ms']), float(row['end_ms'])
  except (TypeError, ValueError) as error:
    raise InputError(f'{path} line {line}: start_ms and end_ms must be numbers of milliseconds') from error
  if not (math.isfinite(start_ms) and math.isfinite(end_ms) and 0 <= start_ms < end_ms):
    raise InputError(f'{path} line {line}: start_ms={start_ms:g} must lie before end_ms={end_ms:g}')
  if not row['label'] or not row['video']:
    raise InputError(f'{path} line {line}: video and label must not be empty')
  athlete = row.get('athlete') or row['video']
  split = row.get('split') or held_out(athlete)
  if split not in SPLITS:
    raise InputError(f'{path} line {line}: split={split!r} must be one of {", ".join(SPLITS)}')
  return Clip(pathlib.Path(row['video']).stem, start_ms, end_ms, row['label'], athlete, split)


def held_out(athlete: str) -> str:
  """The split an athlete falls in by the hash of the name: three in ten are for testing."""
  return 'test' if hashlib.sha256(athlete.encode()).digest()[0] % 10 < 3 else 'train'


def splits_of(videos: Iterable[str], clips: Sequence[Clip]) -> dict[str, str]:
  """Each video's split: that of its labelled clips; a video without labels trains.

  Raises:
    InputError: clips of one video are in different splits.
  """
  found: dict[str, str] = {}
  for clip in clips:
    if found.setdefault(clip.video, clip.split) != clip.split:
      raise InputError(f'video {clip.video!r} has clips in train and in test; give all clips of a video one split')
  return {name: found.get(name, 'train') for name in videos}
