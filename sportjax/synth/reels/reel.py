"""Sets of reels: which player is seen for how long, by seed alone; filmed with the truth of every possession."""

from __future__ import annotations

import dataclasses
import json
import pathlib
from collections.abc import Iterator

import numpy as np

from sportjax.errors import InputError
from sportjax.synth import takes
from sportjax.synth.athletes import Athlete, sample_athlete
from sportjax.synth.corpus import WORLD_VERSION
from sportjax.synth.filming.appearance import sample_appearance
from sportjax.synth.filming.camera import Operator
from sportjax.synth.filming.shoot import film
from sportjax.synth.filming.shots import Shot, sample_shot
from sportjax.synth.filming.truth import Frame
from sportjax.synth.motion import Motion, cut_together
from sportjax.synth.reels.abilities import levels, sample_skills
from sportjax.synth.reels.possessions import Possession, sample_possessions
from sportjax.synth.reels.scenes import sample_cast
from sportjax.synth.reels.staging import stage_reel

POSSESSIONS = 'possessions.json'
_PLACE = 'court'
_SHORTEST_S = 5.2


@dataclasses.dataclass(frozen=True)
class ReelSpec:
  """A set of reels, one a player."""

  players: int
  seconds: tuple[float, float] = (480.0, 600.0)  # the shortest and the longest reel
  test_players: int = 0  # the last so many are held out
  size: tuple[int, int] = (256, 256)  # width and height
  seed: int = 0

  def __post_init__(self):
    if not 0 <= self.test_players < self.players:
      raise InputError(f'reels: {self.test_players} of {self.players} players held out; leave at least one to train on')
    if not _SHORTEST_S <= self.seconds[0] <= self.seconds[1]:
      raise InputError(f'reels.seconds={self.seconds}: give the shortest and the longest, at least {_SHORTEST_S} s')


@dataclasses.dataclass(frozen=True)
class ReelTake:
  """One reel to film."""

  name: str
  athlete: str
  split: str
  seconds: float
  size: tuple[int, int]
  player_seed: tuple[int, ...]
  seed: tuple[int, ...]
  sport: str = 'basketball'

  def film(self, folder: pathlib.Path) -> dict[str, int]:
    """Writes the reel's files, `possessions.json` with skills and events among them; returns counts."""
    motion, shot, frames = shoot(self)
    skills, events = skills_of(self), possessions_of(self)
    about = takes.About(
      self.name, 'reel', self.sport, self.athlete, self.split, skills=levels(skills), abilities=skills,
      events=tuple(map(_event, events)),
    )  # fmt: skip
    counts = takes.write_filmed(folder, about, motion.actions, frames, crf=shot.crf)
    truth = {'skills': skills, 'levels': levels(skills), 'possessions': [dataclasses.asdict(e) for e in events]}
    (folder / POSSESSIONS).write_text(json.dumps(truth, indent=1))
    return counts | {'possessions': len(events)}


def _event(seen: Possession) -> takes.Event:
  return takes.Event(
    seen.kind, seen.start_ms, seen.end_ms, seen.outcome, about=seen.label, contested=seen.contested, points=seen.points
  )


def plan(spec: ReelSpec) -> tuple[ReelTake, ...]:
  """The reels of a set, one a player."""
  world = (WORLD_VERSION, spec.seed, takes.seed_of('reels'))
  planned = []
  for player in range(spec.players):
    length = np.random.default_rng([*world, 1, player]).uniform(*spec.seconds)
    planned.append(
      ReelTake(
        name=f'reel_p{player:04d}',
        athlete=f'p{player:04d}',
        split='test' if player >= spec.players - spec.test_players else 'train',
        seconds=round(float(length), 2),
        size=spec.size,
        player_seed=(*world, 2, player),
        seed=(*world, 3, player),
      )
    )
  return tuple(planned)


def skills_of(take: ReelTake) -> dict[str, float]:
  """The latent skills of a reel's player."""
  return sample_skills(np.random.default_rng([*take.player_seed, 0]))


def athlete_of(take: ReelTake) -> Athlete:
  """The body of a reel's player, drawn without looking at the skills."""
  return sample_athlete(np.random.default_rng([*take.player_seed, 1]))


def possessions_of(take: ReelTake) -> tuple[Possession, ...]:
  """What happens in a reel."""
  return sample_possessions(skills_of(take), take.seconds, np.random.default_rng([*take.seed, 0]))


def motion_of(take: ReelTake) -> Motion:
  """The possessions of a reel, cut together."""
  cast = sample_cast(np.random.default_rng([*take.seed, 4]))
  acting = np.random.default_rng([*take.seed, 3])
  return cut_together(stage_reel(possessions_of(take), athlete_of(take), cast, acting))


def shoot(take: ReelTake) -> tuple[Motion, Shot, Iterator[Frame]]:
  """The motion, the shot and its frames; all by the take's seeds."""
  # Streams of their own: skills can tell nothing of clothes and cameras, whatever either draws.
  motion = motion_of(take)
  dressing, filming = (np.random.default_rng([*take.seed, stream]) for stream in (1, 2))
  shot = shot_of(take, motion, filming)
  return motion, shot, film(motion, sample_appearance(dressing, 'target', _PLACE), shot, filming)


def shot_of(take: ReelTake, motion: Motion, rng: np.random.Generator) -> Shot:
  """A camera in the stands for every possession, far enough back to see player and hoop."""
  shot = sample_shot(rng, _PLACE, cuts_s=tuple(ms / 1000 for ms in motion.cuts_ms))
  operators = tuple(_in_the_stands(operator, rng) for operator in shot.operators)
  return dataclasses.replace(shot, operators=operators, behind=0, in_front=0, posts=0, size=take.size)


def _in_the_stands(operator: Operator, rng: np.random.Generator) -> Operator:
  return dataclasses.replace(
    operator,
    azimuth=rng.uniform(-30, 30),
    distance_m=rng.uniform(10, 14),
    height_m=rng.uniform(0.3, 2.8),
    fill=rng.uniform(0.21, 0.25),
    shake=0.4 * operator.shake,
  )
