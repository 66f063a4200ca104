"""Corpora for coaching: athletes with a proficiency in every attribute and a level, and mistakes to name."""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Mapping

import numpy as np

from sportjax.errors import InputError
from sportjax.synth import skills, takes
from sportjax.synth.athletes import sample_athlete
from sportjax.synth.attributes import LEVELS, sample_proficiency, sport_attributes
from sportjax.synth.corpus import PLACES, WORLD_VERSION
from sportjax.synth.mistakes import get_mistake
from sportjax.synth.world import World

_MISTAKEN = 0.5  # share of performances with a mistake, at every level: its presence does not tell the level


@dataclasses.dataclass(frozen=True)
class CoachingSpec:
  """A corpus of several sports: athletes of every level show `repeats` actions; every third athlete is held out."""

  sports: tuple[str, ...]
  athletes: int  # of each sport
  repeats: int = 1
  permuted: bool = False  # the world in which an attribute means another movement in every sport
  seed: int = 0

  def __post_init__(self):
    if not self.sports or min(self.athletes, self.repeats) < 1:
      raise InputError('coaching: give at least one sport, and athletes and repeats of at least 1')


@dataclasses.dataclass(frozen=True)
class CoachingTake:
  """One performance to film. The same seeds make the same people and draws in either world."""

  name: str
  sport: str
  label: str
  athlete: str
  split: str
  level: str
  proficiency: Mapping[str, float]
  mistake: str  # empty: none
  permuted: bool
  athlete_seed: tuple[int, ...]
  seed: tuple[int, ...]

  def film(self, folder: pathlib.Path) -> dict[str, int]:
    """Writes the take's files; returns counts."""
    world = World(self.permuted)
    athlete = sample_athlete(np.random.default_rng(self.athlete_seed))
    mistake = get_mistake(self.mistake) if self.mistake else None
    moving = np.random.default_rng([*self.seed, 0])
    motion = world.perform(self.sport, athlete, self.label, moving, self.proficiency, mistake)
    shot, frames = takes.shoot(motion, PLACES[self.sport], self.seed)
    about = takes.About(
      self.name,
      'coaching',
      self.sport,
      self.athlete,
      self.split,
      proficiency=self.proficiency,
      shown=world.class_attributes(self.sport, self.label),
      level=self.level,
    )
    return takes.write_filmed(folder, about, motion.actions, frames, crf=shot.crf)


def plan(spec: CoachingSpec) -> tuple[CoachingTake, ...]:
  """The takes of a corpus; one with more athletes begins, in each sport, with those of a smaller one.

  Raises:
    InputError: a sport is unknown.
  """
  return tuple(
    take for sport in spec.sports for athlete in range(spec.athletes) for take in _of_athlete(spec, sport, athlete)
  )


def _of_athlete(spec: CoachingSpec, sport: str, athlete: int) -> list[CoachingTake]:
  """All that one athlete shows: the proficiency is a person's, the class and the mistake a performance's."""
  world = (WORLD_VERSION, spec.seed, takes.seed_of(f'{sport} coaching'))
  drawing = np.random.default_rng([*world, 1, athlete])
  level = LEVELS[athlete % len(LEVELS)]
  proficiency = sample_proficiency(drawing, level, sport_attributes(sport))
  out = []
  for n in range(spec.repeats):
    label = str(drawing.choice(skills.classes(sport)))
    out.append(
      CoachingTake(
        name=f'{sport}_coaching_a{athlete:03d}_{n:03d}',
        sport=sport,
        label=label,
        athlete=f'{sport}_a{athlete:03d}',
        split=takes.held_out(athlete),
        level=level,
        proficiency=proficiency,
        mistake=_mistake(World(spec.permuted), sport, label, drawing),
        permuted=spec.permuted,
        athlete_seed=(*world, 2, athlete),
        seed=(*world, 3, athlete, n),
      )
    )
  return out


def _mistake(world: World, sport: str, label: str, rng: np.random.Generator) -> str:
  made, which = rng.random(2)
  possible = world.class_mistakes(sport, label)
  return possible[int(which * len(possible))].name if made < _MISTAKEN else ''
