"""Clean films with one trouble at a time, at several strengths: what a pose estimator is tried with."""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Mapping, Sequence

import numpy as np

from sportjax.synth import skills, takes
from sportjax.synth.athletes import sample_athlete
from sportjax.synth.corpus import PLACES, WORLD_VERSION
from sportjax.synth.filming.appearance import sample_appearance
from sportjax.synth.filming.shoot import film
from sportjax.synth.filming.shots import Shot, sample_shot

# Strengths of each trouble, the first of which is none.
TROUBLES: Mapping[str, tuple[float, ...]] = {
  'camera turned, degrees': (0, 30, 60, 90, 120, 150, 180),
  'exposure, frames': (0.1, 0.5, 1, 2, 4),
  'posts in front': (0, 1, 2, 4, 8),
}
_INSTANTS = 25  # of a long exposure, so that it smears and does not repeat


@dataclasses.dataclass(frozen=True)
class TrialTake:
  """One film with one trouble; the same person, movement and place at every strength."""

  name: str
  sport: str
  label: str
  athlete: str
  trouble: str
  strength: float
  seed: tuple[int, ...]
  split: str = 'test'

  def film(self, folder: pathlib.Path) -> dict[str, int]:
    """Writes the take's files; returns counts."""
    streams = [np.random.default_rng([*self.seed, stream]) for stream in range(4)]
    motion = skills.perform(self.sport, sample_athlete(streams[3]), self.label, streams[0])
    place = PLACES[self.sport]
    shot = _troubled(sample_shot(streams[2], place, 'clean'), self.trouble, self.strength)
    frames = film(motion, sample_appearance(streams[1], 'target', place), shot, streams[2])
    about = takes.About(self.name, 'trial', self.sport, self.athlete, self.split)
    return takes.write_filmed(folder, about, motion.actions, frames, crf=shot.crf)


def plan(sports: Sequence[str], each: int, seed: int) -> tuple[TrialTake, ...]:
  """`each` performances of every sport, filmed with every trouble at every strength."""
  return tuple(
    TrialTake(
      name=f'{sport}_{n:02d}_{list(TROUBLES).index(trouble)}_{level}',
      sport=sport,
      label=skills.classes(sport)[(n * 5 + 1) % len(skills.classes(sport))],
      athlete=f'{sport}_{n:02d}',
      trouble=trouble,
      strength=strength,
      seed=(WORLD_VERSION, seed, takes.seed_of(f'{sport} trials'), n),
    )
    for sport in sports
    for n in range(each)
    for trouble, strengths in TROUBLES.items()
    for level, strength in enumerate(strengths)
  )


def _troubled(shot: Shot, trouble: str, strength: float) -> Shot:
  if trouble.startswith('camera'):
    operators = tuple(dataclasses.replace(one, roll=one.roll + strength) for one in shot.operators)
    return dataclasses.replace(shot, operators=operators)
  if trouble.startswith('exposure'):
    return dataclasses.replace(shot, shutter=strength, sub_frames=_INSTANTS)
  return dataclasses.replace(shot, posts=round(strength))
