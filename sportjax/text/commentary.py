"""Expert commentary on one performance: what is good, what should be improved and how, and the level.

It says what an expert would; attributes and levels are never named by their identifiers.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import numpy as np

from sportjax.errors import InputError
from sportjax.text import feedback, phrases
from sportjax.text.banks.frames import COMMENTARY, LEVELS
from sportjax.text.phrases import Sentence

_GOOD, _POOR = 0.7, 0.5  # proficiencies that an expert would praise, and would work on


@dataclasses.dataclass(frozen=True)
class Commentary:
  """What an expert said, and what it was about."""

  sentences: tuple[Sentence, ...]
  improve: tuple[str, ...]  # attributes, the worst first
  praised: tuple[str, ...]
  level: str

  @property
  def text(self) -> str:
    """All of it in one paragraph."""
    return ' '.join(sentence.text for sentence in self.sentences)


def comment(
  proficiency: Mapping[str, float], level: str, rng: np.random.Generator, split: str = 'train', sport: str = '',
  at_most: int = 3,
) -> Commentary:  # fmt: skip
  """Commentary on what a performance shows: `proficiency` in [0, 1] by attribute, of those that the class shows.

  Up to `at_most` attributes below the middle are to be improved, up to two good ones are praised.

  Raises:
    InputError: unknown level, attribute or split.
  """
  if level not in LEVELS:
    raise InputError(f'no level {level!r}; known are {", ".join(LEVELS)}')
  ranked = sorted(proficiency, key=lambda name: (proficiency[name], name))
  improve = tuple(name for name in ranked if proficiency[name] < _POOR)[:at_most]
  praised = tuple(name for name in reversed(ranked) if proficiency[name] >= _GOOD)[: int(rng.integers(0, 3))]
  said = [*_drawn(COMMENTARY['opening'], 'cue', '', rng, split)] if rng.random() < 0.5 else []
  remark = _drawn(LEVELS[level], 'level', level, rng, split)
  first = rng.random() < 0.5
  said += remark if first else ()
  said += [s for name in praised for s in feedback.sentences(name, 'praise', 1, rng, split, sport)]
  said += _drawn(COMMENTARY['turn'], 'cue', '', rng, split) if praised and improve else ()
  for name in improve:
    said += feedback.correction(name, rng, split, sport, _kinds(rng))
  return Commentary((*said, *(() if first else remark)), improve, praised, level)


def _kinds(rng: np.random.Generator) -> tuple[str, ...]:
  """Experts do not always say why, and sometimes say at once what to do."""
  choices = (('fault', 'advice'), ('fault', 'reason', 'advice'), ('advice',), ('advice', 'reason'), ('fault',))
  return choices[int(rng.choice(len(choices), p=(0.35, 0.25, 0.2, 0.1, 0.1)))]


def _drawn(block: str, kind: str, topic: str, rng: np.random.Generator, split: str) -> tuple[Sentence, ...]:
  text = phrases.draw(phrases.of_split(phrases.lines(block), split), 1, rng)[0]
  return (Sentence(text, kind, topic),)
