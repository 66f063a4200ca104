"""Corpora of routines: one video a routine, its actions labelled in time, with what happens between them."""

from __future__ import annotations

import dataclasses
import pathlib

import numpy as np

from sportjax.errors import InputError
from sportjax.synth import skills, takes
from sportjax.synth.athletes import sample_athlete
from sportjax.synth.corpus import PLACES, WORLD_VERSION
from sportjax.synth.routine import routine

# Mean seconds from one action's start to the next's, as measured: by these a length becomes a number of actions.
_ACTION_S = {
  'basketball': 9.4, 'diving': 9.7, 'football': 9.9, 'golf': 10.1, 'gymnastics': 10.6, 'skating': 5.9, 'tennis': 10.0,
  'weightlifting': 6.9,
}  # fmt: skip


@dataclasses.dataclass(frozen=True)
class RoutineSpec:
  """A corpus of one sport: every athlete shows `repeats` routines; every third athlete is held out."""

  sport: str
  classes: int  # the first so many of the sport's
  athletes: int
  repeats: int = 1
  shortest_s: float = 60.0  # routines are about between these two long
  longest_s: float = 240.0
  seed: int = 0

  def __post_init__(self):
    if min(self.classes, self.athletes, self.repeats) < 1 or not 0 < self.shortest_s <= self.longest_s:
      raise InputError('routines: classes, athletes and repeats must be at least 1, and 0 < shortest_s <= longest_s')


@dataclasses.dataclass(frozen=True)
class RoutineTake:
  """One routine to film."""

  name: str
  sport: str
  athlete: str
  split: str
  labels: tuple[str, ...]
  athlete_seed: tuple[int, ...]
  seed: tuple[int, ...]

  def film(self, folder: pathlib.Path) -> dict[str, int]:
    """Writes the take's files; returns counts."""
    athlete = sample_athlete(np.random.default_rng(self.athlete_seed))
    motion = routine(self.sport, athlete, self.labels, np.random.default_rng([*self.seed, 0]))
    shot, frames = takes.shoot(motion, PLACES[self.sport], self.seed)
    about = takes.About(self.name, 'routine', self.sport, self.athlete, self.split)
    return takes.write_filmed(folder, about, motion.actions, frames, crf=shot.crf)


def plan(spec: RoutineSpec) -> tuple[RoutineTake, ...]:
  """The takes of a corpus; one with more athletes begins with those of a smaller one.

  Raises:
    InputError: the sport is unknown or has fewer classes.
  """
  classes = skills.classes(spec.sport)
  if spec.classes > len(classes):
    raise InputError(f'routines.classes={spec.classes}: {spec.sport} has {len(classes)} classes')
  world = (WORLD_VERSION, spec.seed, takes.seed_of(f'{spec.sport} routines'))
  planned = []
  for athlete in range(spec.athletes):
    rng = np.random.default_rng([*world, 1, athlete])
    for n in range(spec.repeats):
      count = max(2, round(rng.uniform(spec.shortest_s, spec.longest_s) / _ACTION_S[spec.sport]))
      planned.append(
        RoutineTake(
          name=f'{spec.sport}_routine_a{athlete:03d}_{n:03d}',
          sport=spec.sport,
          athlete=f'a{athlete:03d}',
          split=takes.held_out(athlete),
          labels=_dealt(classes[: spec.classes], count, rng),
          athlete_seed=(*world, 2, athlete),
          seed=(*world, 3, athlete, n),
        )
      )
  return tuple(planned)


def _dealt(classes: tuple[str, ...], count: int, rng: np.random.Generator) -> tuple[str, ...]:
  """Shuffled decks of all classes, so that none is rare even where there are few routines."""
  decks = [rng.permutation(len(classes)) for _ in range(-(-count // len(classes)))]
  return tuple(classes[k] for k in np.concatenate(decks)[:count])
