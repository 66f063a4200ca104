"""Labelled actions as other people's datasets have them: frames of a named video, a class and a split."""

from __future__ import annotations

import collections
import dataclasses
import pathlib
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sportjax.errors import InputError
from sportjax.formats import files, restricted_pickle

_FEW_SHOT = re.compile(r'train_(\d+)_(\d+)\.ids\.txt')
Shots = tuple[int, int]  # examples a class, number of the subset


@dataclasses.dataclass(frozen=True)
class Action:
  """One labelled action, in frames of its video as they were labelled, end exclusive."""

  id: str  # as the label and few-shot files name it
  video: str  # the name of its feature and pose files
  start_frame: int
  end_frame: int
  label: str
  split: str
  group: str  # actions of one group are not independent: a recording, a match


class VideoMeta(NamedTuple):
  """What the reference keeps of a video; a tuple in this order is what its cache holds."""

  fps: float
  num_frames: int
  width: int
  height: int


@dataclasses.dataclass(frozen=True)
class Counts:
  """How many actions a dataset has; a field that is empty is not known, and not checked."""

  splits: Mapping[str, int]
  classes: Mapping[str, int] = dataclasses.field(default_factory=dict)
  n_classes: int = 0


def read_video_meta(path: pathlib.Path) -> dict[str, VideoMeta]:
  """Frame rate and size of every video, from the reference's `<set>.video_meta.pkl` or the same as JSON.

  Raises:
    InputError: not such a file, or a video without a frame rate.
  """
  if path.suffix == '.json':
    content = files.read_json(path)
  else:
    allowed = {('util.video', 'VideoMetadata'): VideoMeta}
    content = restricted_pickle.loads(files.read_bytes(path), path, allowed=allowed)
  if not isinstance(content, dict):
    raise InputError(f'{path}: not a table of videos; give <set>.video_meta.pkl of the reference')
  return {name: _video_meta(values, name, path) for name, values in content.items()}


def write_video_meta(path: pathlib.Path, videos: Mapping[str, VideoMeta]) -> None:
  """Writes the JSON that `read_video_meta` reads: by video its rate, frames, width and height."""
  files.write_json(path, {name: list(meta) for name, meta in sorted(videos.items())})


def _video_meta(values: Any, name: str, path: pathlib.Path) -> VideoMeta:
  try:
    meta = VideoMeta(*values)
    found = VideoMeta(float(meta.fps), int(meta.num_frames), int(meta.width), int(meta.height))
  except (TypeError, ValueError) as error:
    raise InputError(f'{path}: video {name!r} has no rate, frames, width and height; export it again') from error
  if not 0 < found.fps < 1e4 or found.num_frames < 1:
    raise InputError(f'{path}: video {name!r} has {found.num_frames} frames at {found.fps} a second; export it again')
  return found


def read_lines(path: pathlib.Path) -> tuple[str, ...]:
  """Names, one a line, such as action ids or the videos of a localisation split. Raises InputError for a repeat."""
  names = tuple(line.strip() for line in files.read_text(path).splitlines() if line.strip())
  repeated = [name for name, count in collections.Counter(names).items() if count > 1]
  if repeated:
    raise InputError(f'{path}: {repeated[0]!r} is listed {names.count(repeated[0])} times; copy the file again')
  return names


def read_labelled_lines(path: pathlib.Path) -> list[tuple[str, str]]:
  """Pairs of the action's id and its label, one a line. Raises InputError for another line, or an id named twice."""
  pairs = []
  for at, line in enumerate(files.read_text(path).splitlines(), start=1):
    fields = line.split()
    if fields and len(fields) != 2:
      raise InputError(f'{path}: line {at} is not an id and a label; copy the file again')
    pairs.extend([(fields[0], fields[1])] if fields else [])
  if len(dict(pairs)) < len(pairs):
    repeated = next(name for name, count in collections.Counter(name for name, _ in pairs).items() if count > 1)
    raise InputError(f'{path}: action {repeated!r} is labelled more than once; copy the file again')
  return pairs


def read_few_shot(folder: pathlib.Path) -> dict[Shots, tuple[str, ...]]:
  """The fixed subsets `train_{k}_{i}.ids.txt` of a folder, by k and i. Raises InputError where there is none."""
  found = {
    (int(match[1]), int(match[2])): path
    for path in (folder.iterdir() if folder.is_dir() else ())
    if (match := _FEW_SHOT.fullmatch(path.name))
  }
  if not found:
    raise InputError(f'{folder}: no few-shot lists (train_4_0.ids.txt, ...) in it; copy them from the reference')
  return {shots: read_lines(found[shots]) for shots in sorted(found)}


def few_shot_within(subsets: Mapping[Shots, Sequence[str]], actions: Iterable[Action]) -> dict[Shots, tuple[str, ...]]:
  """Of each subset the ids among the actions: the lists also name classes and events that a task leaves out.

  Raises:
    InputError: a subset has none of the actions, or one that is not for training.
  """
  split = {action.id: action.split for action in actions}
  kept = {shots: tuple(name for name in ids if name in split) for shots, ids in subsets.items()}
  for (k, i), ids in kept.items():
    wrong = next((name for name in ids if split[name] != 'train'), None)
    if wrong or not ids:
      told = f'action {wrong!r} is of {split[wrong]}' if wrong else 'none of its actions is labelled'
      raise InputError(f'few-shot list train_{k}_{i}: {told}; labels and lists must be of one dataset and version')
  return kept


def check_counts(name: str, actions: Iterable[Action], expected: Counts) -> None:
  """Raises InputError, in one line, where splits or classes have other counts than the dataset is known to have."""
  actions = list(actions)
  splits = collections.Counter(action.split for action in actions)
  classes = collections.Counter(action.label for action in actions)
  wrong = [*_differences(splits, expected.splits), *_differences(classes, expected.classes)]
  if expected.n_classes and len(classes) != expected.n_classes:
    wrong.append(f'{len(classes)} classes, not {expected.n_classes}')
  if wrong:
    raise InputError(f'{name}: the labels have {"; ".join(wrong)}; give its label files whole and of one version')


def _differences(found: Mapping[str, int], expected: Mapping[str, int]) -> list[str]:
  names = [*expected, *(name for name in found if name not in expected)] if expected else []
  pairs = ((name, found.get(name, 0), expected.get(name, 0)) for name in names)
  return [f'{has} {name}, not {wanted}' for name, has, wanted in pairs if has != wanted]
