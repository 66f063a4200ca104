"""FineGym99's annotations: timestamps of elements, their classes, and the floor exercise (FX35) among them."""

from __future__ import annotations

import math
import pathlib
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from sportjax.errors import InputError
from sportjax.formats import files
from sportjax.formats.actions import Action, Counts, VideoMeta, read_labelled_lines

FX = 'FX'
# Version 1.1. Source: Hong et al. 2021 (VPD), section 4 (7,634 actions, 35 classes); the split is of the label files.
FX35_COUNTS = Counts(splits={'train': 5408, 'test': 2226}, n_classes=35)
ANNOTATIONS, CATEGORIES = 'finegym_annotation_info_v1.1.json', 'gym99_categories_abrv.txt'
SPLITS = {'train': 'gym99_train_element_v1.1.txt', 'test': 'gym99_val_element.txt'}
_CATEGORY = re.compile(r'Clabel:\s*(\d+); set:\s*(\d+); Glabel:\s*(\d+); \((\w+)\)\s*(.+)')
_ID = re.compile(r'(?P<youtube>.{11})_(?P<event>E_\d+_\d+)_(?P<action>A_\d+_\d+)')


class Category(NamedTuple):
  """A class of elements: its number among the 99, its event (VT, FX, BB or UB) and its name."""

  number: int
  event: str
  name: str


def read_categories(path: pathlib.Path) -> dict[int, Category]:
  """The 99 classes by number. Raises InputError for a line that is none."""
  out = {}
  for at, line in enumerate(files.read_text(path).splitlines(), start=1):
    match = _CATEGORY.fullmatch(line.strip())
    if match is None:
      raise InputError(f'{path}: line {at} is not "Clabel: n; set: n; Glabel: n; (event) name"; copy the file again')
    out[int(match[1])] = Category(int(match[1]), match[4], match[5])
  return out


def read_finegym(
  folder: pathlib.Path, videos: Mapping[str, VideoMeta], *, event: str = FX, before_s: float = 0.25
) -> list[Action]:
  """Elements of one event, from `before_s` before their start, whose recordings are in `videos`.

  FineGym's files do not tell an element's event but by its class; a recording of another event has other classes.

  Raises:
    InputError: a file is absent or damaged, an element has no timestamp, or its recording is not in `videos`.
  Source: Hong et al. 2021 (VPD), supplement F; the end frame is included, as in the reference.
  """
  categories = read_categories(folder / CATEGORIES)
  annotations = files.read_json(folder / ANNOTATIONS)
  out = []
  for split, name in SPLITS.items():
    path = folder / name
    for identity, label in read_labelled_lines(path):
      category = categories.get(int(label)) if label.isdigit() else None
      if category is None:
        raise InputError(f'{path}: {identity} is of class {label!r}, which {CATEGORIES} does not have')
      if category.event == event:
        start_s, end_s = _timestamps(annotations, identity, path)
        video = identity.partition('_A_')[0]
        if video not in videos:
          raise InputError(f'{path}: recording {video} of {identity} is not in the metadata; give that of all {event}')
        fps = videos[video].fps
        frames = (math.floor(max(start_s - before_s, 0.0) * fps), math.ceil(end_s * fps) + 1)
        out.append(Action(identity, video, *frames, category.name, split, video))
  return out


def _timestamps(annotations: Any, identity: str, path: pathlib.Path) -> tuple[float, float]:
  match = _ID.fullmatch(identity)
  if match is None:
    raise InputError(f'{path}: {identity!r} is not <video>_E_<start>_<end>_A_<start>_<end>; copy the file again')
  try:
    segments = annotations[match['youtube']][match['event']]['segments']
    start_s, end_s = (float(value) for value in segments[match['action']]['timestamps'][0])
  except (KeyError, IndexError, TypeError, ValueError) as error:
    raise InputError(f'{path}: {identity} has no timestamps in {ANNOTATIONS}; take both of one version') from error
  if not 0 <= start_s < end_s:
    raise InputError(f'{path}: {identity} lasts from {start_s} to {end_s} s; copy {ANNOTATIONS} again')
  return start_s, end_s
