"""Events at single frames, in the JSON of jhong93/spot (E2E-Spot): figure skating, tennis, FineDiving, FineGym."""

from __future__ import annotations

import dataclasses
import pathlib
from typing import Any

from sportjax.errors import InputError
from sportjax.formats import files

SPLITS = ('train', 'val', 'test')


@dataclasses.dataclass(frozen=True)
class Event:
  """Something that happens at one frame."""

  frame: int
  label: str
  comment: str  # a finer label, where there is one


@dataclasses.dataclass(frozen=True)
class EventVideo:
  """A video's events in order of time."""

  video: str
  n_frames: int
  fps: float  # 0 where the file does not know it
  size: tuple[int, int]  # width, height in pixels
  events: tuple[Event, ...]


def read_spot(path: pathlib.Path) -> list[EventVideo]:
  """Videos of one split. Raises InputError for another layout, or an event outside its video."""
  content = files.read_json(path)
  if not isinstance(content, list):
    raise InputError(f'{path}: not a list of videos; the layout is [{{"video": ..., "events": [...]}}, ...]')
  return [_video(record, f'record {at}', path) for at, record in enumerate(content)]


def read_spot_classes(path: pathlib.Path) -> tuple[str, ...]:
  """The classes of `class.txt` in their order, which gives them their numbers."""
  return tuple(line.strip() for line in files.read_text(path).splitlines() if line.strip())


def write_spot(path: pathlib.Path, videos: list[EventVideo]) -> None:
  """Writes what `read_spot` and E2E-Spot read; an unknown frame rate is written as theirs, -1."""
  files.write_json(path, [_record(video) for video in videos])


def _video(record: Any, where: str, path: pathlib.Path) -> EventVideo:
  try:
    events = tuple(
      Event(int(each['frame']), str(each['label']), str(each.get('comment', ''))) for each in record['events']
    )
    n_frames, size = int(record['num_frames']), (int(record['width']), int(record['height']))
    video = EventVideo(str(record['video']), n_frames, max(float(record['fps']), 0.0), size, events)
  except (KeyError, TypeError, ValueError, AttributeError) as error:
    raise InputError(f'{path}: {where} is not a video with events ({error}); export it again') from error
  outside = [event.frame for event in events if not 0 <= event.frame < n_frames]
  if outside:
    raise InputError(f'{path}: {where}: {video.video} has {n_frames} frames, but an event at {outside[0]}')
  return dataclasses.replace(video, events=tuple(sorted(events, key=lambda event: event.frame)))


def _record(video: EventVideo) -> dict[str, Any]:
  return {
    'video': video.video,
    'num_frames': video.n_frames,
    'num_events': len(video.events),
    'events': [dataclasses.asdict(event) for event in video.events],
    'fps': video.fps or -1,
    'width': video.size[0],
    'height': video.size[1],
  }
