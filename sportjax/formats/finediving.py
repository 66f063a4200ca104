"""FineDiving's annotations: dives with their type, difficulty, scores, and the step of every frame."""

from __future__ import annotations

import dataclasses
import itertools
import pathlib
from typing import Any

from sportjax.errors import InputError
from sportjax.formats import files, restricted_pickle
from sportjax.formats.actions import Action, Counts

COUNTS = Counts(splits={'train': 2251, 'test': 749}, n_classes=52)
COARSE, FINE, STEPS = 'FineDiving_coarse_annotation', 'FineDiving_fine-grained_annotation', 'Sub_action_Types_Table'


@dataclasses.dataclass(frozen=True)
class Dive:
  """What the judges and the annotators say of one dive."""

  action: Action
  difficulty: float
  score: float
  judges: tuple[float, ...]
  steps: tuple[str, ...]  # of every frame, the sub-action

  @property
  def transitions(self) -> tuple[int, ...]:
    """The last frame of every step but the last.

    Not the file's own list: in six dives it has -1 or frames outside the dive, where the steps are right.
    """
    return tuple(i for i, (step, after) in enumerate(itertools.pairwise(self.steps)) if step != after)


def read_finediving(folder: pathlib.Path) -> list[Dive]:
  """Dives of the annotation folder, its files as released (.pkl) or as JSON of the same names.

  A dive is `(competition, number)`; its id and video are `competition__number`, its frames count from its own first.

  Raises:
    InputError: a file is absent, or a dive of a split is without annotation.
  """
  coarse, fine = (_by_dive(_read(folder, name), folder / name) for name in (COARSE, FINE))
  steps = {int(number): str(name) for number, name in _read(folder, STEPS).items()}
  out = []
  for split in ('train', 'test'):
    for at, dive in enumerate(_read(folder, f'{split}_split')):
      key = _name(dive)
      try:
        out.append(_dive(key, split, coarse[key], fine[key], steps))
      except (KeyError, TypeError, ValueError) as error:
        raise InputError(f'{folder}/{split}_split: record {at}, {key}: no annotation or not all of it ({error});'
                         ' copy the folder again') from error  # fmt: skip
  return out


def _dive(key: str, split: str, coarse: dict[str, Any], fine: dict[str, Any], steps: dict[int, str]) -> Dive:
  labels = fine['frames_labels']
  action = Action(key, key, 0, len(labels), str(fine['action_type']), split, key.rpartition('__')[0])
  return Dive(
    action,
    float(fine['difficulty']),
    float(fine['dive_score']),
    tuple(float(score) for score in coarse['judge_scores']),
    tuple(steps[int(label)] for label in labels),
  )


def _read(folder: pathlib.Path, name: str) -> Any:
  given = folder / f'{name}.json'
  return files.read_json(given) if given.exists() else restricted_pickle.read_pickle(folder / f'{name}.pkl')


def _by_dive(table: Any, path: pathlib.Path) -> dict[str, Any]:
  if not isinstance(table, dict):
    raise InputError(f'{path}: not a table of dives; copy it again')
  return {_name(key.split('|') if isinstance(key, str) else key): value for key, value in table.items()}


def _name(dive: Any) -> str:
  competition, number = dive
  return f'{competition}__{number}'
