"""What every kind of take of the simulated world has in common: a name, a split, and a folder of files once filmed."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import pathlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol

import numpy as np

from sportjax.errors import InputError
from sportjax.synth.filming.appearance import sample_appearance
from sportjax.synth.filming.scenery import Place
from sportjax.synth.filming.shoot import film
from sportjax.synth.filming.shots import Shot, sample_shot
from sportjax.synth.filming.take import write_take
from sportjax.synth.filming.truth import Frame
from sportjax.synth.motion import Action, Motion

ACTIONS, ABOUT = 'actions.json', 'about.json'
SET = 'set.json'  # beside the takes of a filmed set: which it is


class Take(Protocol):
  """One video to film; a frozen dataclass of seeds and settings, so that it is cheap to plan, to send and to hash."""

  @property
  def name(self) -> str: ...
  @property
  def sport(self) -> str: ...
  @property
  def athlete(self) -> str: ...
  @property
  def split(self) -> str: ...

  def film(self, folder: pathlib.Path) -> dict[str, int]:
    """Writes `<name>.mp4`, `truth.npz`, `actions.json` and `about.json`; returns counts, `frames` among them."""
    ...


@dataclasses.dataclass(frozen=True)
class Event:
  """What happens in a take beside the actions: a possession of a reel, a segment or a sentence of a lesson."""

  kind: str
  start_ms: float
  end_ms: float
  outcome: str = ''
  text: str = ''  # what is said
  about: str = ''  # which class, attribute or mistake is spoken of or shown
  action: int = -1  # number of the action it is about, where it is about one
  contested: bool = False
  points: int = 0


@dataclasses.dataclass(frozen=True)
class About:
  """What is known of a filmed take beside its frames and its actions; what a kind of take has not is empty."""

  name: str
  kind: str
  sport: str
  athlete: str
  split: str
  # Of the athlete, by attribute; a mistake is told by its action, and is that attribute at zero there and then.
  proficiency: Mapping[str, float] = dataclasses.field(default_factory=dict)
  shown: tuple[str, ...] = ()  # those of the attributes that what is done can show
  level: str = ''
  skills: Mapping[str, int] = dataclasses.field(default_factory=dict)  # rating by skill
  abilities: Mapping[str, float] = dataclasses.field(default_factory=dict)  # what the ratings are bins of
  events: tuple[Event, ...] = ()
  transcript: str = ''  # file beside the video
  recording: str = ''  # motion capture behind it


def shoot(motion: Motion, place: Place, seed: tuple[int, ...]) -> tuple[Shot, Iterator[Frame]]:
  """A motion dressed and filmed by seed."""
  # Streams of their own: what is done can tell nothing of how it is filmed, whatever either draws.
  dressing, filming = (np.random.default_rng([*seed, stream]) for stream in (1, 2))
  shot = sample_shot(filming, place)
  return shot, film(motion, sample_appearance(dressing, 'target', place), shot, filming)


def write_filmed(
  folder: pathlib.Path, about: About, actions: Iterable[Action], frames: Iterable[Frame], *, crf: int
) -> dict[str, int]:
  """Writes the files of a take; returns counts. Raises: InputError where there is no frame."""
  n = write_take(folder / f'{about.name}.mp4', frames, crf=crf)
  (folder / ACTIONS).write_text(json.dumps([dataclasses.asdict(action) for action in actions]))
  (folder / ABOUT).write_text(json.dumps(dataclasses.asdict(about), indent=1))
  return {'frames': n}


def read_actions(folder: pathlib.Path) -> tuple[Action, ...]:
  """The actions of a filmed take. Raises: InputError as `read_about`."""
  return tuple(Action(**action) for action in _read(folder / ACTIONS))


def read_about(folder: pathlib.Path) -> About:
  """What is known of a filmed take. Raises: InputError where its file is absent or no JSON."""
  record = _read(folder / ABOUT)
  record['shown'] = tuple(record['shown'])
  record['events'] = tuple(Event(**event) for event in record['events'])
  return About(**record)


def _read(path: pathlib.Path) -> Any:
  try:
    return json.loads(path.read_text())
  except (OSError, ValueError) as error:
    raise InputError(f'{path}: no record of a filmed take ({error}); film the set again') from error


def seed_of(text: str) -> int:
  """A seed of its own for a name, on every machine the same."""
  return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], 'big')


def held_out(athlete: int) -> str:
  """The split of an athlete by number: every third is held out, so that larger sets keep the split of smaller ones."""
  return 'test' if athlete % 3 == 2 else 'train'
