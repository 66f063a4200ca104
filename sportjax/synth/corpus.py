"""Named corpora of the simulated world: which athlete does what in which video, by seed alone."""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Iterator

import numpy as np

from sportjax.errors import InputError
from sportjax.synth import skills, takes
from sportjax.synth.athletes import sample_athlete
from sportjax.synth.filming.scenery import Place
from sportjax.synth.filming.shots import Shot
from sportjax.synth.filming.truth import Frame
from sportjax.synth.motion import Motion

WORLD_VERSION = 1
PLACES: dict[str, Place] = {
  'basketball': 'court',
  'diving': 'pool',
  'football': 'pitch',
  'golf': 'pitch',
  'gymnastics': 'hall',
  'skating': 'rink',
  'tennis': 'court',
  'weightlifting': 'gym',
}


@dataclasses.dataclass(frozen=True)
class CorpusSpec:
  """A corpus of one sport: every athlete performs every class `repeats` times, one performance a video."""

  sport: str
  classes: int  # the first so many of the sport's
  athletes: int
  repeats: int = 1
  test_athletes: int = 0  # the last so many are held out
  seed: int = 0

  def __post_init__(self):
    if not 0 <= self.test_athletes < self.athletes or min(self.classes, self.repeats) < 1:
      raise InputError('corpus: classes and repeats must be at least 1, and some athletes left to train on')


@dataclasses.dataclass(frozen=True)
class Take:
  """One video to film."""

  name: str
  sport: str
  label: str
  athlete: str
  split: str
  athlete_seed: tuple[int, ...]
  seed: tuple[int, ...]

  def film(self, folder: pathlib.Path) -> dict[str, int]:
    """Writes the take's files; returns counts."""
    motion, shot, frames = shoot(self)
    about = takes.About(self.name, 'fine', self.sport, self.athlete, self.split)
    return takes.write_filmed(folder, about, motion.actions, frames, crf=shot.crf)


def plan(spec: CorpusSpec) -> tuple[Take, ...]:
  """The takes of a corpus, in an order that does not tell the class.

  Raises:
    InputError: the sport is unknown or has fewer classes.
  """
  classes = skills.classes(spec.sport)
  if spec.classes > len(classes):
    raise InputError(f'corpus.classes={spec.classes}: {spec.sport} has {len(classes)} classes')
  world = (WORLD_VERSION, spec.seed, takes.seed_of(spec.sport))
  planned = []
  for athlete in range(spec.athletes):
    split = 'test' if athlete >= spec.athletes - spec.test_athletes else 'train'
    order = np.random.default_rng([*world, 1, athlete]).permutation(spec.classes * spec.repeats)
    for n, k in enumerate(order.tolist()):
      planned.append(
        Take(
          name=f'{spec.sport}_a{athlete:03d}_{n:03d}',
          sport=spec.sport,
          label=classes[k % spec.classes],
          athlete=f'a{athlete:03d}',
          split=split,
          athlete_seed=(*world, 2, athlete),
          seed=(*world, 3, athlete, n),
        )
      )
  return tuple(planned)


def shoot(take: Take) -> tuple[Motion, Shot, Iterator[Frame]]:
  """The motion, the shot and its frames; all by the take's seeds."""
  athlete = sample_athlete(np.random.default_rng(take.athlete_seed))
  motion = skills.perform(take.sport, athlete, take.label, np.random.default_rng([*take.seed, 0]))
  shot, frames = takes.shoot(motion, PLACES[take.sport], take.seed)
  return motion, shot, frames
