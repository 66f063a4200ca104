"""Phrasings: templates with choices and slots, seeded expansion, and a fixed quarter held out for testing.

A template is a line such as `{Tuck|Pull} your {strong} knee in {|nice and }early.`: braces with bars are choices (one
may be empty), braces without are slots that the caller fills.
"""

from __future__ import annotations

import dataclasses
import itertools
import re
from collections.abc import Mapping, Sequence

import numpy as np

from sportjax.errors import InputError

SPLITS = ('train', 'test')
_HELD_OUT = 4  # every fourth template of a bank
_BRACES = re.compile(r'\{([^{}]*)\}')


@dataclasses.dataclass(frozen=True)
class Sentence:
  """Something a coach says."""

  text: str
  kind: str  # 'title', 'howto', 'praise', 'fault', 'reason', 'advice', 'level' or 'filler'
  topic: str = ''  # class, attribute or level; '' for a filler


def lines(block: str) -> tuple[str, ...]:
  """The templates of a block of text, one a line."""
  return tuple(line.strip() for line in block.splitlines() if line.strip())


def of_split(templates: Sequence[str], split: str) -> tuple[str, ...]:
  """The templates of a split; every fourth is held out for 'test'. Raises: InputError for an unknown split."""
  if split not in SPLITS:
    raise InputError(f'no split {split!r} of phrasings; known are {", ".join(SPLITS)}')
  return tuple(t for i, t in enumerate(templates) if (i % _HELD_OUT == _HELD_OUT - 1) == (split == 'test'))


def sides(left_handed: bool) -> dict[str, str]:
  """The slots `strong` and `weak`: which hand or foot is which."""
  return {'strong': 'left', 'weak': 'right'} if left_handed else {'strong': 'right', 'weak': 'left'}


def expand(template: str, rng: np.random.Generator, slots: Mapping[str, str]) -> str:
  """One sentence of a template. Raises: InputError for a slot that is not filled."""
  chosen = [part[rng.integers(len(part))] for part in _parts(template, slots)]
  return _polished(''.join(chosen))


def expansions(template: str, slots: Mapping[str, str]) -> tuple[str, ...]:
  """All sentences of a template. Raises: InputError for a slot that is not filled."""
  return tuple(dict.fromkeys(_polished(''.join(chosen)) for chosen in itertools.product(*_parts(template, slots))))


def draw(
  templates: Sequence[str], count: int, rng: np.random.Generator, slots: Mapping[str, str] | None = None
) -> tuple[str, ...]:
  """Sentences of `count` templates in random order; a template comes again only when all have been used.

  Raises:
    InputError: no templates, or a slot that is not filled.
  """
  if not templates:
    raise InputError('no phrasings to draw from; choose another split or topic')
  rounds = -(-count // len(templates))
  order = np.concatenate([rng.permutation(len(templates)) for _ in range(rounds)])[:count] if count else []
  return tuple(expand(templates[int(i)], rng, slots or {}) for i in order)


def _parts(template: str, slots: Mapping[str, str]) -> list[tuple[str, ...]]:
  """Fixed text, choices and slots in turn, each as what may stand there."""
  out = []
  for i, part in enumerate(_BRACES.split(template)):
    if i % 2 == 0:
      out.append((part,))
    elif '|' in part:
      out.append(tuple(part.split('|')))
    elif part in slots:
      out.append((slots[part],))
    else:
      raise InputError(f'the slot {{{part}}} is not filled in {template!r}; fill one of {", ".join(slots) or "none"}')
  return out


def _polished(text: str) -> str:
  """Single spaces, none before a comma or full stop, a capital at the start of every sentence."""
  text = re.sub(r'\s+([,.!?])', r'\1', ' '.join(text.split()))
  return re.sub(r'(^|[.!?] )([a-z])', lambda found: found[1] + found[2].upper(), text)
