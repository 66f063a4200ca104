"""Which motion capture the world films: where each recording lies, who is recorded, and what they do in it."""

from __future__ import annotations

import dataclasses
import pathlib

import numpy as np

from sportjax.errors import InputError
from sportjax.formats import files
from sportjax.formats.motion_asf_amc import read_amc, read_asf
from sportjax.formats.motion_deepmimic import read_deepmimic
from sportjax.formats.motion_markers import read_markers
from sportjax.formats.trc import Markers
from sportjax.synth.motion import Action


@dataclasses.dataclass(frozen=True)
class Recording:
  """One file of motion capture."""

  name: str
  path: pathlib.Path
  source: str  # of mocap.SOURCES
  person: str
  label: str  # of the whole recording; empty where `labels` is given
  measured: pathlib.Path  # the recording that this person's proportions are taken from: the same in all of them
  skeleton: pathlib.Path | None = None
  labels: pathlib.Path | None = None  # a number per tenth of a second

  def read(self, path: pathlib.Path) -> Markers:
    """The points of `path` or `measured`. Raises: InputError where the file is absent or damaged."""
    if self.source == 'acclaim':
      assert self.skeleton is not None, 'joint angles need the skeleton that they turn'
      return read_amc(path, read_asf(self.skeleton))
    return read_deepmimic(path) if self.source == 'deepmimic' else read_markers(path)

  def actions(self, end_ms: float) -> tuple[Action, ...]:
    """What is done until `end_ms`. Raises: InputError for a label file that is not as it should be."""
    if self.labels is None:
      return (Action(self.label, 0.0, end_ms, 'mocap'),)
    shown = [action for action in _runs(self.labels) if action.start_ms < end_ms]
    return tuple(dataclasses.replace(action, end_ms=min(action.end_ms, end_ms)) for action in shown)


UI_PRMD_EXERCISES = (
  'deep_squat', 'hurdle_step', 'inline_lunge', 'side_lunge', 'sit_to_stand', 'leg_raise', 'shoulder_abduction',
  'shoulder_extension', 'shoulder_rotation', 'shoulder_scaption',
)  # fmt: skip
UI_PRMD_PEOPLE, UI_PRMD_REPETITIONS = 10, 3
_UI_PRMD = pathlib.Path('ui_prmd_vicon')
_UI_PRMD_ABSENT = (3, 3)  # exercise and person that were never published
_KINDS = (('', 'Segmented Movements', ''), ('_incorrect', 'Incorrect Segmented Movements', '_inc'))


def ui_prmd(folder: pathlib.Path, exercises: int, people: int, repetitions: int) -> tuple[Recording, ...]:
  """Recordings of UI-PRMD, correct and incorrect, of the first exercises, people and repetitions.

  Raises:
    InputError: the folder lacks one of them.
  Source: Vakanski et al., A Data Set of Human Body Movements for Physical Rehabilitation Exercises, Data 2018.
  """
  root = _inside(folder, _UI_PRMD, "UI-PRMD's folders 'Segmented Movements' and 'Incorrect Segmented Movements'")
  out = []
  for person in range(1, people + 1):
    measured = root / _ui_prmd_file(1, person, 1, *_KINDS[0][1:])
    for exercise in range(1, exercises + 1):
      if (exercise, person) == _UI_PRMD_ABSENT:
        continue
      for kind, folder_name, ending in _KINDS:
        for repetition in range(1, repetitions + 1):
          file = root / _ui_prmd_file(exercise, person, repetition, folder_name, ending)
          name = f'm{exercise:02d}_s{person:02d}_e{repetition:02d}{kind}'
          label = f'{UI_PRMD_EXERCISES[exercise - 1]}{kind or "_correct"}'
          out.append(Recording(name, file, 'plug_in_gait', f's{person:02d}', label, measured))
  return _present(out)


def _ui_prmd_file(exercise: int, person: int, repetition: int, folder: str, ending: str) -> pathlib.Path:
  name = f'm{exercise:02d}_s{person:02d}_e{repetition:02d}_positions{ending}.txt.gz'
  return pathlib.Path(folder, 'Vicon', 'Positions', name)


_EXERCISES = (  # cmu_mocap6's numbers, from 1
  'jump_jack', 'jog', 'squat', 'knee_raise', 'arm_circle', 'twist', 'side_reach', 'box', 'up_down',
  'toe_touch_one_hand', 'side_bend', 'toe_touch_two_hands',
)  # fmt: skip
_SUBJECT02 = (  # cmu_subject02's recordings, from 1
  'walk', 'walk', 'run', 'jump_and_balance', 'punch_and_strike', 'bend_and_scoop', 'swordplay', 'swordplay',
  'swordplay', 'wash',
)  # fmt: skip
_MOCAP6 = ('13_29', '13_30', '13_31', '14_14', '14_20')


def several(folder: pathlib.Path) -> tuple[Recording, ...]:
  """Whole recordings of everyday and athletic movement: DeepMimic's clips, CMU's subjects 02, 13 and 14.

  Subjects 13 and 14 have the bones of subject 02: their own skeletons are not with their angles.

  Raises:
    InputError: the folder lacks one of them.
  """
  return _present([*_deepmimic(folder), *_cmu(folder)])


def _deepmimic(folder: pathlib.Path) -> list[Recording]:
  root = _inside(folder, pathlib.Path('deepmimic_motions'), "DeepMimic's folder data/motions") / 'data' / 'motions'
  paths = sorted(root.glob('humanoid3d_*.txt'))
  if not paths:
    raise InputError(f'{root}: no humanoid3d_*.txt in it; copy the files of that folder of DeepMimic')
  measured = root / 'humanoid3d_walk.txt'
  labels = [path.stem.removeprefix('humanoid3d_') for path in paths]
  return [
    Recording(f'deepmimic_{label}', path, 'deepmimic', 'humanoid', label, measured)
    for label, path in zip(labels, paths, strict=True)
  ]


def _cmu(folder: pathlib.Path) -> list[Recording]:
  subject02 = _inside(folder, pathlib.Path('cmu_subject02'), "CMU's folder data/cmu/02") / 'data' / 'cmu' / '02'
  mocap6 = _inside(folder, pathlib.Path('cmu_mocap6'), "mocap6dataset's folders amc and truelabels")
  measured, skeleton = subject02 / '02_01.amc', subject02 / '02.asf'
  out = [
    Recording(f'cmu_02_{n:02d}', subject02 / f'02_{n:02d}.amc', 'acclaim', 's02', label, measured, skeleton)
    for n, label in enumerate(_SUBJECT02, start=1)
  ]
  for name in _MOCAP6:
    path, labels = mocap6 / 'amc' / f'{name}.amc', mocap6 / 'truelabels' / f'{name}.txt'
    person = f's{name.partition("_")[0]}'
    out.append(Recording(f'cmu_{name}', path, 'acclaim', person, '', measured, skeleton, labels))
  return out


def _inside(folder: pathlib.Path, name: pathlib.Path, holding: str) -> pathlib.Path:
  if not (folder / name).is_dir():
    raise InputError(f'{folder}: no folder {name} in it; the recordings must lie in {folder / name}: {holding}')
  return folder / name


def _present(recordings: list[Recording]) -> tuple[Recording, ...]:
  for recording in recordings:
    for path in (recording.path, recording.measured, recording.skeleton, recording.labels):
      if path is not None and not path.is_file():
        raise InputError(f'{path}: no such file; the set films it, so put it back or film a smaller size')
  return tuple(recordings)


def _runs(path: pathlib.Path) -> list[Action]:
  """Labelled stretches from a label per tenth of a second."""
  try:
    numbers = np.array([int(field) for field in files.read_text(path).split()])
  except ValueError as error:
    raise InputError(f'{path}: not whole numbers; take it from its source again') from error
  if not len(numbers) or not 1 <= numbers.min() <= numbers.max() <= len(_EXERCISES):
    raise InputError(f'{path}: labels must be from 1 to {len(_EXERCISES)}; take it from its source again')
  edges = [0, *(np.flatnonzero(np.diff(numbers)) + 1).tolist(), len(numbers)]
  pairs = zip(edges[:-1], edges[1:], strict=True)
  return [Action(_EXERCISES[numbers[a] - 1], 100.0 * a, 100.0 * b, 'mocap') for a, b in pairs]
