"""The script of a lesson: what is shown in turn and what is said about it, as coaches teach on video."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Iterator
from typing import Literal

import numpy as np

from sportjax.synth.mistakes import Mistake
from sportjax.text import feedback, filler, howto
from sportjax.text.phrases import Sentence

Shown = Literal['talk', 'right', 'replay', 'wrong', 'correction']
_MISTAKEN = 0.55  # share of rounds that show a mistake
_FILLED, _REPLAYED = 0.55, 0.35
_DECK = 40  # sentences drawn at a time, more than most lessons use


@dataclasses.dataclass(frozen=True)
class Beat:
  """One thing that is shown, what is said meanwhile, and of which demonstration each sentence speaks."""

  shown: Shown
  said: tuple[tuple[Sentence, int], ...] = ()  # how many demonstrations on: 0 this one or none, -1 the last, 1 the next
  mistake: Mistake | None = None
  spills: bool = True  # talk may go on over what comes next


@dataclasses.dataclass(frozen=True)
class Speech:
  """Where a coach's sentences come from; nothing is said twice before all else has been said."""

  sport: str
  label: str
  split: str
  words: np.random.Generator
  howtos: Iterator[Sentence]
  fillers: Iterator[Sentence]
  greeting: Sentence
  farewell: Sentence

  def cue(self, kind: str) -> Sentence:
    """Points at a demonstration."""
    return feedback.cues(kind, 1, self.words, self.split, self.label)[0]

  def on(self, mistake: Mistake, kind: str, count: int = 1) -> tuple[Sentence, ...]:
    """Says something of a mistake."""
    return feedback.sentences(mistake.attribute, kind, count, self.words, self.split, self.sport)


def prepare_speech(
  sport: str, label: str, split: str, left_handed: bool, words: np.random.Generator, fillers: np.random.Generator
) -> Speech:
  """A coach's sentences on a class; the fillers' stream sees nothing of the class."""
  return Speech(
    sport, label, split, words,
    howtos=_endless(lambda: howto.sentences(sport, label, _DECK, words, split, left_handed)),
    fillers=_endless(lambda: filler.sentences(_DECK, fillers, split)),
    greeting=filler.sentences(1, fillers, split, ('greeting',))[0],
    farewell=filler.sentences(1, fillers, split, ('farewell',))[0],
  )  # fmt: skip


def _endless(draw: Callable[[], tuple[Sentence, ...]]) -> Iterator[Sentence]:
  while True:
    yield from draw()


def opening(speech: Speech, rng: np.random.Generator) -> tuple[Beat, ...]:
  """Greets, names what is taught, says how it is done and shows it."""
  said = [speech.greeting]
  said += [howto.topic(speech.sport, speech.label, speech.words, speech.split), *_fillers(speech, rng)]
  return Beat('talk', tuple((sentence, 0) for sentence in said)), *_right(speech, rng)


def rounds(speech: Speech, mistakes: tuple[Mistake, ...], rng: np.random.Generator) -> Iterator[tuple[Beat, ...]]:
  """Mistakes with their corrections and further demonstrations, without end; the first is a mistake."""
  order: list[int] = []
  mistaken = True
  while True:
    if mistaken:
      order = order or rng.permutation(len(mistakes)).tolist()
      yield _wrong(speech, mistakes[order.pop()], rng)
    else:
      yield _right(speech, rng)
    mistaken = rng.random() < _MISTAKEN


def closing(speech: Speech, rng: np.random.Generator) -> tuple[Beat, ...]:
  """Takes leave."""
  said = (*_fillers(speech, rng), speech.farewell)
  return (Beat('talk', tuple((sentence, 0) for sentence in said), spills=False),)


def _fillers(speech: Speech, rng: np.random.Generator) -> list[Sentence]:
  return [next(speech.fillers)] if rng.random() < _FILLED else []


def _right(speech: Speech, rng: np.random.Generator) -> tuple[Beat, ...]:
  """How-to before, while and after a demonstration; maybe once more."""
  count = int(rng.integers(2, 5))
  before, during, after = _divided(tuple(itertools.islice(speech.howtos, count)), rng)
  talk = [(sentence, 0) for sentence in _fillers(speech, rng)] + [(sentence, 1) for sentence in before]
  talk += [(speech.cue('right'), 1)] if rng.random() < 0.6 else []
  beats = [Beat('talk', tuple(talk)), Beat('right', tuple((sentence, 0) for sentence in during))]
  if rng.random() < _REPLAYED:
    beats.append(Beat('replay', tuple((sentence, 0) for sentence in after)))
  elif after:
    beats.append(Beat('talk', tuple((sentence, -1) for sentence in after)))
  return tuple(beats)


def _wrong(speech: Speech, mistake: Mistake, rng: np.random.Generator) -> tuple[Beat, ...]:
  """Shows a mistake, says what is wrong and why, how to mend it, and shows it done right."""
  _, during, after = _divided(speech.on(mistake, 'fault', int(rng.integers(1, 3))), rng, before=0.0)
  talk = [(sentence, 0) for sentence in _fillers(speech, rng)] + [(speech.cue('wrong'), 1)]
  then = [(sentence, -1) for sentence in (*after, *(speech.on(mistake, 'reason') if rng.random() < 0.6 else ()))]
  then += [(speech.cue('fix'), 1)] if rng.random() < 0.8 else []
  before, along, later = _divided(speech.on(mistake, 'advice', int(rng.integers(1, 4))), rng)
  then += [(sentence, 1) for sentence in before]
  beats = [
    Beat('talk', tuple(talk)),
    Beat('wrong', tuple((sentence, 0) for sentence in during), mistake),
    Beat('talk', tuple(then)),
    Beat('correction', tuple((sentence, 0) for sentence in along), mistake),
  ]
  return (*beats, *((Beat('talk', tuple((sentence, -1) for sentence in later)),) if later else ()))


def _divided(
  sentences: tuple[Sentence, ...], rng: np.random.Generator, before: float = 0.35
) -> tuple[list[Sentence], list[Sentence], list[Sentence]]:
  """Which sentences come before, while and after what they speak of is seen."""
  out: tuple[list[Sentence], list[Sentence], list[Sentence]] = ([], [], [])
  for sentence in sentences:
    out[int(rng.choice(3, p=(before, 0.7 - before, 0.3)))].append(sentence)
  return out
