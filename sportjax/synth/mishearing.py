"""What a speech recogniser takes one word for: words that sound alike, out of all that coaches say."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping

from sportjax.text import feedback, filler, howto
from sportjax.text.phrases import SPLITS

# Sounds that are mistaken for each other, as in Soundex; vowels, h, w and y do not count.
_SOUNDS = {
  letter: code for code, letters in enumerate(('bpfv', 'cgjkqsxz', 'dt', 'l', 'mn', 'r')) for letter in letters
}
_HOMOPHONES = (
  'knee me', 'knees niece', 'hips lips', 'heel heal', 'toe tow', 'toes those', 'feet feed', 'hand and', 'arm aim',
  'pike bike', 'tuck duck', 'twist test', 'back pack', 'wrist rest', 'waist waste', 'swing sting', 'foot food',
  'ball bowl', 'bar bore', 'turn term', 'jump dump', 'edge hedge', 'leg lake', 'head had', 'chin shin', 'board bored',
  'through threw', 'your you', 'for four', 'to too', 'the a', 'and an', 'it is', 'right write', 'high hi',
)  # fmt: skip


def plain(word: str) -> str:
  """A word as recognisers write it and as errors are counted: lower case, letters, digits and apostrophes."""
  return re.sub(r"[^\w']", '', word.replace('-', '').lower())


@functools.cache
def sound_alikes(word: str) -> tuple[str, ...]:
  """Words that `word` is heard as, in a fixed order, never itself."""
  known = {other for pair in map(str.split, _HOMOPHONES) if word in pair for other in pair}
  found = known | (_by_sound().get(_key(word), set()) if len(_key(word)) > 1 else set())
  out = sorted(found - {word})
  return tuple(out) or (word.removesuffix('s') if word.endswith('s') and len(word) > 2 else f'{word}s',)


def _key(word: str) -> tuple[int, ...]:
  """The consonants of a word, doubled ones once."""
  codes = [_SOUNDS[letter] for letter in word if letter in _SOUNDS]
  return tuple(code for i, code in enumerate(codes) if i == 0 or code != codes[i - 1])


@functools.cache
def _by_sound() -> Mapping[tuple[int, ...], set[str]]:
  """All words of all phrasings, by key."""
  out: dict[tuple[int, ...], set[str]] = {}
  for template in _templates():
    for word in re.split(r'[\s{}|]+', template):
      if (heard := plain(word)).isalpha() and len(heard) > 1:
        out.setdefault(_key(heard), set()).add(heard)
  return out


def _templates() -> set[str]:
  said = {t for split in SPLITS for kind in filler.KINDS for t in filler.templates(kind, split)}
  said |= {t for split in SPLITS for each in howto.known() for t in howto.templates(*each, split)}
  return said | {t for s in SPLITS for name in feedback.known() for k in feedback.KINDS
                 for t in feedback.templates(name, k, s)}  # fmt: skip
