"""Corpora of recorded people: motion capture with its own proportions, dressed and filmed by seed."""

from __future__ import annotations

import dataclasses
import pathlib
from typing import Literal

import numpy as np

from sportjax.errors import InputError
from sportjax.formats.trc import Markers
from sportjax.synth import mocap_recordings, takes
from sportjax.synth.corpus import WORLD_VERSION
from sportjax.synth.filming.scenery import Place
from sportjax.synth.mocap import landmarks, retarget
from sportjax.synth.mocap_person import recorded_athlete
from sportjax.synth.mocap_recordings import Recording
from sportjax.synth.placing import anywhere

SPORT = 'mocap'
_PLACE: Place = 'gym'
# UI-PRMD: three of ten, as with simulated athletes. CMU: a subject with labelled exercises that subject 13 shows too.
_HELD_OUT = {'ui_prmd': ('s03', 's06', 's09'), 'several': ('s14',)}


@dataclasses.dataclass(frozen=True)
class MocapSpec:
  """Which recordings, each filmed `views` times: other clothes, other camera, another place in the picture."""

  source: Literal['ui_prmd', 'several']
  exercises: int = len(mocap_recordings.UI_PRMD_EXERCISES)  # of UI-PRMD, as people and repetitions
  people: int = mocap_recordings.UI_PRMD_PEOPLE
  repetitions: int = mocap_recordings.UI_PRMD_REPETITIONS
  names: tuple[str, ...] = ()  # of `several`; all where empty
  until_s: float = 600.0  # longer recordings are filmed up to here
  views: int = 1
  seed: int = 0

  def __post_init__(self):
    if min(self.exercises, self.people, self.repetitions, self.views) < 1 or self.until_s <= 0:
      raise InputError('motion capture: exercises, people, repetitions and views must be at least 1, until_s above 0')


@dataclasses.dataclass(frozen=True)
class MocapTake:
  """One recording to film."""

  name: str
  sport: str
  athlete: str
  split: str
  recording: Recording
  until_s: float
  athlete_seed: tuple[int, ...]
  seed: tuple[int, ...]

  def film(self, folder: pathlib.Path) -> dict[str, int]:
    """Writes the take's files; returns counts. Raises: InputError for a recording that cannot be read."""
    source = self.recording.source
    measured = landmarks(self.recording.read(self.recording.measured), source)
    athlete = recorded_athlete(measured, np.random.default_rng(self.athlete_seed))
    markers = _until(self.recording.read(self.recording.path), self.until_s)
    # Laboratories have one way to face: seen from either side, it tells neither the person nor the exercise.
    motion = anywhere(
      retarget(markers, source, athlete, self.recording.label, SPORT), np.random.default_rng([*self.seed, 0])
    )
    actions = self.recording.actions(motion.actions[0].end_ms)
    shot, frames = takes.shoot(motion, _PLACE, self.seed)
    about = takes.About(self.name, 'mocap', self.sport, self.athlete, self.split, recording=self.recording.path.name)
    return takes.write_filmed(folder, about, actions, frames, crf=shot.crf)


def plan(spec: MocapSpec, folder: pathlib.Path) -> tuple[MocapTake, ...]:
  """The takes of a corpus from the recordings in a folder. Raises: InputError where one of them is absent."""
  if spec.source == 'ui_prmd':
    found = mocap_recordings.ui_prmd(folder, spec.exercises, spec.people, spec.repetitions)
  else:
    found = mocap_recordings.several(folder)
  unknown = sorted(set(spec.names) - {recording.name for recording in found})
  if unknown:
    raise InputError(f'{folder}: no recording {unknown[0]!r} among {len(found)}; put it back')
  chosen = [recording for recording in found if not spec.names or recording.name in spec.names]
  return tuple(_take(spec, recording, view) for view in range(spec.views) for recording in chosen)


def _take(spec: MocapSpec, recording: Recording, view: int) -> MocapTake:
  world = (WORLD_VERSION, spec.seed, takes.seed_of(spec.source))
  return MocapTake(
    name=f'{recording.name}_v{view:02d}',
    sport=SPORT,
    athlete=recording.person,
    split='test' if recording.person in _HELD_OUT[spec.source] else 'train',
    recording=recording,
    until_s=spec.until_s,
    athlete_seed=(*world, 2, takes.seed_of(recording.person)),
    seed=(*world, 3, takes.seed_of(recording.name), view),
  )


def _until(markers: Markers, until_s: float) -> Markers:
  kept = markers.t_ms <= 1000 * until_s
  return Markers(markers.name, markers.t_ms[kept], markers.xyz_m[kept])
