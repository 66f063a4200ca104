"""What a speech recogniser makes of a spoken track: words misheard, dropped and added, cues out of step."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from sportjax.errors import InputError
from sportjax.formats.vtt import Cue
from sportjax.synth.mishearing import plain, sound_alikes
from sportjax.synth.speech import Spoken, word_starts_ms

_ADDED = ('um', 'uh', 'so', 'like', 'the', 'and', 'okay', 'well')
_GAP_MS = 1500.0  # silence that ends a cue
_LAST_WORD_MS = 300.0


@dataclasses.dataclass(frozen=True)
class Recogniser:
  """How a recogniser errs. `wer` is the expected number of wrong, missing and added words per word said."""

  wer: float = 0.1
  shares: tuple[float, float, float] = (0.6, 0.25, 0.15)  # of the errors: misheard, missing, added
  offset_ms: float = 0.0  # cues come so much later than the voice
  drift: float = 0.0  # and so much more for each unit of time
  jitter_ms: float = 0.0  # standard deviation, sentence by sentence
  cue_words: tuple[int, int] = (4, 11)  # cues break by count, not where sentences end
  written: bool = False  # with capitals and punctuation

  def __post_init__(self):
    if not 0 <= self.wer <= 1 or min(self.shares) < 0 or not np.isclose(sum(self.shares), 1):
      raise InputError('recogniser: wer must lie in [0, 1], and the shares of errors must be positive and add up to 1')
    if not 1 <= self.cue_words[0] <= self.cue_words[1] or self.drift <= -1 or self.jitter_ms < 0:
      raise InputError('recogniser: cue_words must ascend from at least 1, drift exceed -1, jitter_ms be at least 0')


def sample_recogniser(rng: np.random.Generator) -> Recogniser:
  """A video's captions: some early, some late, most of them without punctuation."""
  return Recogniser(
    wer=rng.uniform(0.03, 0.18),
    offset_ms=rng.normal(300.0, 700.0),
    drift=rng.normal(0.0, 0.004),
    jitter_ms=rng.uniform(50.0, 400.0),
    written=bool(rng.random() < 0.25),
  )


def recognise(spoken: Sequence[Spoken], settings: Recogniser, rng: np.random.Generator) -> tuple[Cue, ...]:
  """The cues that a recogniser writes for a track, in order of time, none before 0."""
  words, starts_ms, ends_ms = [], [], []
  for said in spoken:
    late_ms = settings.offset_ms + settings.jitter_ms * rng.normal()
    starts = (1 + settings.drift) * word_starts_ms(said) + late_ms
    for word, start, end in zip(
      said.sentence.text.split(), starts, [*starts[1:], (1 + settings.drift) * said.end_ms + late_ms], strict=True
    ):
      for heard in _heard(word, settings, rng):
        words.append(heard)
        starts_ms.append(start)
        ends_ms.append(end)
  # A recogniser hears words one after the other, whatever the jitter between sentences.
  starts_ms = np.maximum.accumulate(np.maximum(starts_ms, 0.0)) if words else np.zeros(0)
  return tuple(_cues(words, starts_ms, np.maximum(ends_ms, starts_ms), settings, rng))


def _heard(word: str, settings: Recogniser, rng: np.random.Generator) -> list[str]:
  """What is written for one word: itself, another, none, or one more."""
  error = rng.random()
  misheard, missing, added = settings.wer * np.cumsum(settings.shares)
  written = word if settings.written else plain(word)
  if error < misheard:
    choices = sound_alikes(plain(word))
    return [choices[int(rng.integers(len(choices)))]]
  if error < missing:
    return []
  if error < added:
    return [written, _ADDED[int(rng.integers(len(_ADDED)))]]
  return [written]


def _cues(words, starts_ms, ends_ms, settings: Recogniser, rng: np.random.Generator):
  first, count = 0, _count(settings, rng)
  for i in range(1, len(words) + 1):
    silent = i < len(words) and starts_ms[i] - ends_ms[i - 1] > _GAP_MS
    if i == len(words) or silent or i - first == count:
      end = max(float(ends_ms[i - 1]), float(starts_ms[first]) + _LAST_WORD_MS)
      yield Cue(float(np.round(starts_ms[first])), float(np.round(end)), ' '.join(words[first:i]))
      first, count = i, _count(settings, rng)


def _count(settings: Recogniser, rng: np.random.Generator) -> int:
  return int(rng.integers(settings.cue_words[0], settings.cue_words[1] + 1))
