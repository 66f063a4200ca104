"""A spoken track: who said what when, at a speaking rate."""

from __future__ import annotations

import dataclasses

import numpy as np

from sportjax.errors import InputError
from sportjax.text.phrases import Sentence
from sportjax.typing import Float


@dataclasses.dataclass(frozen=True)
class Voice:
  """How fast a person speaks, and how long they stop between sentences."""

  words_per_s: float = 2.6
  pause_s: tuple[float, float] = (0.25, 0.9)

  def __post_init__(self):
    if self.words_per_s <= 0 or not 0 <= self.pause_s[0] <= self.pause_s[1]:
      raise InputError('voice: words_per_s must be above 0 and pause_s two ascending times')


@dataclasses.dataclass(frozen=True)
class Spoken:
  """One sentence with its true times."""

  sentence: Sentence
  start_ms: float
  end_ms: float
  action: int = -1  # which action of the motion it speaks of; -1: of none in particular


def sample_voice(rng: np.random.Generator) -> Voice:
  """A person's way of speaking."""
  shortest = rng.uniform(0.15, 0.4)
  return Voice(rng.uniform(2.1, 3.2), (shortest, shortest + rng.uniform(0.3, 0.9)))


def speaking_s(text: str, voice: Voice) -> float:
  """How long a text takes to say."""
  return len(text.split()) / voice.words_per_s


def word_starts_ms(spoken: Spoken) -> Float[np.ndarray, 'w']:
  """When each word of a sentence starts: long words take longer."""
  lengths = np.array([len(word) + 2 for word in spoken.sentence.text.split()], float)
  share = np.cumsum([0.0, *lengths[:-1]]) / lengths.sum()
  return spoken.start_ms + share * (spoken.end_ms - spoken.start_ms)
