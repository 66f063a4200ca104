"""Named corpora of the simulated world: which athlete does what in which video, by seed alone."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import pathlib
from collections.abc import Iterator

import numpy as np

from sportjax.errors import InputError
from sportjax.synth import skills
from sportjax.synth.athletes import sample_athlete
from sportjax.synth.filming.appearance import sample_appearance
from sportjax.synth.filming.scenery import Place
from sportjax.synth.filming.shoot import film
from sportjax.synth.filming.shots import Shot, sample_shot
from sportjax.synth.filming.take import write_take
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


def plan(spec: CorpusSpec) -> tuple[Take, ...]:
  """The takes of a corpus, in an order that does not tell the class.

  Raises:
    InputError: the sport is unknown or has fewer classes.
  """
  classes = skills.classes(spec.sport)
  if spec.classes > len(classes):
    raise InputError(f'corpus.classes={spec.classes}: {spec.sport} has {len(classes)} classes')
  world = (WORLD_VERSION, spec.seed, _number(spec.sport))
  takes = []
  for athlete in range(spec.athletes):
    split = 'test' if athlete >= spec.athletes - spec.test_athletes else 'train'
    order = np.random.default_rng([*world, 1, athlete]).permutation(spec.classes * spec.repeats)
    for n, k in enumerate(order.tolist()):
      takes.append(
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
  return tuple(takes)


def shoot(take: Take) -> tuple[Motion, Shot, Iterator[Frame]]:
  """The motion, the shot and its frames; all by the take's seeds."""
  # Streams of their own: what is done can tell nothing of how it is filmed, whatever either draws.
  moving, dressing, filming = (np.random.default_rng([*take.seed, stream]) for stream in range(3))
  athlete = sample_athlete(np.random.default_rng(take.athlete_seed))
  motion = skills.perform(take.sport, athlete, take.label, moving)
  place = PLACES[take.sport]
  shot = sample_shot(filming, place)
  return motion, shot, film(motion, sample_appearance(dressing, 'target', place), shot, filming)


def film_take(take: Take, folder: pathlib.Path) -> dict[str, int]:
  """Writes `<name>.mp4`, `truth.npz` and `actions.json`; returns counts."""
  motion, shot, frames = shoot(take)
  n = write_take(folder / f'{take.name}.mp4', frames, crf=shot.crf)
  (folder / 'actions.json').write_text(json.dumps([dataclasses.asdict(action) for action in motion.actions]))
  return {'frames': n}


def _number(text: str) -> int:
  return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], 'big')
