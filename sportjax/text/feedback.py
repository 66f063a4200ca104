"""Feedback on an attribute of skill and on its mistake: praise, what is wrong, why it matters, how to mend it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sportjax.errors import InputError
from sportjax.text import phrases
from sportjax.text.banks import feedback_carriage, feedback_sport, feedback_swing, frames
from sportjax.text.phrases import Sentence

_BANK = feedback_swing.FEEDBACK | feedback_carriage.FEEDBACK
KINDS = ('praise', 'fault', 'reason', 'advice')
MENDING = KINDS[1:]  # what is said of a mistake


def known() -> tuple[str, ...]:
  """Attributes that there are words for."""
  return tuple(_BANK)


def templates(attribute: str, kind: str, split: str = 'train', sport: str = '') -> tuple[str, ...]:
  """The phrasings of one kind for an attribute; advice has some in a sport's own words too.

  Raises:
    InputError: unknown attribute, kind or split.
  """
  if attribute not in _BANK or kind not in KINDS:
    raise InputError(f'no feedback {kind!r} on {attribute!r}; there are {", ".join(KINDS)} on {", ".join(_BANK)}')
  out = phrases.of_split(phrases.lines(_BANK[attribute][kind]), split)
  own = feedback_sport.ADVICE.get(sport, {}).get(attribute, '') if kind == 'advice' else ''
  return out + phrases.of_split(phrases.lines(own), split)


def sentences(
  attribute: str, kind: str, count: int, rng: np.random.Generator, split: str = 'train', sport: str = ''
) -> tuple[Sentence, ...]:
  """What a coach says on an attribute. Raises: InputError as `templates`."""
  drawn = phrases.draw(templates(attribute, kind, split, sport), count, rng)
  return tuple(Sentence(text, kind, attribute) for text in drawn)


def cues(
  kind: str, count: int, rng: np.random.Generator, split: str = 'train', topic: str = ''
) -> tuple[Sentence, ...]:
  """What is said to point at a demonstration: 'right', 'wrong' or 'fix'. Raises: InputError for another."""
  if kind not in frames.CUES:
    raise InputError(f'no cue {kind!r}; known are {", ".join(frames.CUES)}')
  drawn = phrases.draw(phrases.of_split(phrases.lines(frames.CUES[kind]), split), count, rng)
  return tuple(Sentence(text, 'cue', topic) for text in drawn)


def correction(
  attribute: str, rng: np.random.Generator, split: str = 'train', sport: str = '', kinds: Sequence[str] = MENDING
) -> tuple[Sentence, ...]:
  """One sentence of each kind: what is wrong, why, how to mend it. Raises: InputError as `templates`."""
  return tuple(sentence for kind in kinds for sentence in sentences(attribute, kind, 1, rng, split, sport))
