"""Diving48's labels, versions 1 and 2: one dive a clip, its class a sequence of four stages."""

from __future__ import annotations

import pathlib
from typing import Any

from sportjax.errors import InputError
from sportjax.formats import files
from sportjax.formats.actions import Action, Counts

VOCABULARY = 'Diving48_vocab.json'
# Version 2 has 47 of its 48 classes.
COUNTS = {
  'v1': Counts(splits={'train': 16067, 'test': 2337}, n_classes=48),
  'v2': Counts(splits={'train': 15027, 'test': 1970}, n_classes=47),
}
_PREFIX = {'v1': 'Diving48', 'v2': 'Diving48_V2'}


def read_diving48(folder: pathlib.Path, version: str = 'v2') -> list[Action]:
  """Dives of `Diving48_V2_train.json` and `..._test.json` (without `_V2` in version 1).

  Raises:
    InputError: a file is absent, a record lacks a field, or its class is not in the vocabulary.
  """
  names = _vocabulary(folder / VOCABULARY)
  out = []
  for split in ('train', 'test'):
    path = folder / f'{_PREFIX[version]}_{split}.json'
    records = files.read_json(path)
    if not isinstance(records, list):
      raise InputError(f'{path}: not a list of dives; download it again')
    out.extend(_action(record, split, names, f'record {at}', path) for at, record in enumerate(records))
  return out


def _vocabulary(path: pathlib.Path) -> list[str]:
  stages = files.read_json(path)
  if not isinstance(stages, list) or not all(isinstance(each, list) for each in stages):
    raise InputError(f'{path}: not a list of lists of stages; download it again')
  return [' '.join(map(str, each)) for each in stages]


def _action(record: Any, split: str, names: list[str], where: str, path: pathlib.Path) -> Action:
  try:
    video, label = str(record['vid_name']), names[int(record['label'])]
    start, end = int(record['start_frame']), int(record['end_frame'])
  except (KeyError, IndexError, TypeError, ValueError) as error:
    raise InputError(f'{path}: {where} lacks a field or has an unknown class ({error}); download it again') from error
  if not 0 <= start < end:
    raise InputError(f'{path}: {where}: {video} lasts from frame {start} to {end}; download it again')
  return Action(video, video, start, end, label, split, video.rpartition('_')[0])
