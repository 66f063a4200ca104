"""Talk that shows nothing: greetings, sponsors, anecdotes. It is drawn without knowing what is shown."""

from __future__ import annotations

import numpy as np

from sportjax.errors import InputError
from sportjax.text import phrases
from sportjax.text.banks.filler import FILLER
from sportjax.text.phrases import Sentence

KINDS = tuple(FILLER)
BETWEEN = tuple(kind for kind in KINDS if kind not in ('greeting', 'farewell'))  # what may come anywhere


def templates(kind: str, split: str = 'train') -> tuple[str, ...]:
  """The phrasings of one kind of filler. Raises: InputError for an unknown kind or split."""
  if kind not in FILLER:
    raise InputError(f'no filler {kind!r}; known are {", ".join(KINDS)}')
  return phrases.of_split(phrases.lines(FILLER[kind]), split)


def sentences(
  count: int, rng: np.random.Generator, split: str = 'train', kinds: tuple[str, ...] = BETWEEN
) -> tuple[Sentence, ...]:
  """Fillers of some kinds. Raises: InputError for an unknown kind or split."""
  pool = [template for kind in kinds for template in templates(kind, split)]
  return tuple(Sentence(text, 'filler') for text in phrases.draw(pool, count, rng))
