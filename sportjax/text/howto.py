"""How-to sentences: how a class of a sport is done, in a coach's words."""

from __future__ import annotations

from types import ModuleType

import numpy as np

from sportjax.errors import InputError
from sportjax.text import phrases
from sportjax.text.banks import (
  basketball,
  diving,
  football,
  frames,
  golf,
  gymnastics,
  skating,
  tennis,
  weightlifting,
)
from sportjax.text.phrases import Sentence

_BANKS = {
  'diving': diving,
  'gymnastics': gymnastics,
  'skating': skating,
  'tennis': tennis,
  'golf': golf,
  'basketball': basketball,
  'football': football,
  'weightlifting': weightlifting,
}


def known() -> tuple[tuple[str, str], ...]:
  """Sports and classes that there are words for."""
  return tuple((sport, label) for sport, bank in _BANKS.items() for label in bank.NAMES)


def names(sport: str, label: str) -> tuple[str, ...]:
  """What people call a class. Raises: InputError for an unknown sport or class."""
  bank = _bank(sport)
  if label not in bank.NAMES:
    raise InputError(f'no words for {sport} {label!r}; there are words for {", ".join(bank.NAMES)}')
  return bank.NAMES[label]


def templates(sport: str, label: str, split: str = 'train') -> tuple[str, ...]:
  """The phrasings for a class: those of each of its aspects, such as direction, position and twist.

  Raises:
    InputError: unknown sport, class or split.
  """
  names(sport, label)
  bank = _bank(sport)
  blocks = (phrases.lines(bank.HOWTO[aspect]) for aspect in bank.ASPECTS[label])
  return tuple(template for block in blocks for template in phrases.of_split(block, split))


def sentences(
  sport: str, label: str, count: int, rng: np.random.Generator, split: str = 'train', left_handed: bool = False
) -> tuple[Sentence, ...]:
  """What a coach says of how a class is done. Raises: InputError as `templates`."""
  slots = slots_of(sport, label, rng, left_handed)
  drawn = phrases.draw(templates(sport, label, split), count, rng, slots)
  return tuple(Sentence(text, 'howto', label) for text in drawn)


def title(sport: str, label: str, rng: np.random.Generator, split: str = 'train') -> Sentence:
  """A title such as people give a video that teaches a class. Raises: InputError as `templates`."""
  return _named(frames.TITLES, 'title', sport, label, rng, split)


def topic(sport: str, label: str, rng: np.random.Generator, split: str = 'train') -> Sentence:
  """The sentence that says what a lesson is about. Raises: InputError as `templates`."""
  return _named(frames.TOPIC, 'topic', sport, label, rng, split)


def slots_of(sport: str, label: str, rng: np.random.Generator, left_handed: bool) -> dict[str, str]:
  """What fills the slots of a class's phrasings. Raises: InputError for an unknown sport or class."""
  known = names(sport, label)
  return phrases.sides(left_handed) | {'skill': known[int(rng.integers(len(known)))]}


def _named(block: str, kind: str, sport: str, label: str, rng: np.random.Generator, split: str) -> Sentence:
  slots = slots_of(sport, label, rng, left_handed=False)
  return Sentence(phrases.draw(phrases.of_split(phrases.lines(block), split), 1, rng, slots)[0], kind, label)


def _bank(sport: str) -> ModuleType:
  if sport not in _BANKS:
    raise InputError(f'no words for sport {sport!r}; there are words for {", ".join(_BANKS)}')
  return _BANKS[sport]
