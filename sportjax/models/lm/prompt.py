"""Prompts of different lengths as one batch: padded on the left, to one of a few lengths."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Num

from sportjax.errors import InputError

SHORTEST = 16


@dataclasses.dataclass(frozen=True)
class Prompt:
  """Tokens (b, l) or input embeddings (b, l, d), and where they are: False in the padding, which is on the left."""

  inputs: Num[Array, 'b l *d']
  there: Bool[Array, 'b l']

  @property
  def is_tokens(self) -> bool:
    """Whether the inputs are tokens."""
    return self.inputs.ndim == 2


def pad_left(rows: Sequence[np.ndarray]) -> Prompt:
  """One batch of rows of tokens (l,) or embeddings (l, d), as long as the next power of two, so that shapes are few.

  Raises:
    InputError: there are no rows, or one is empty.
  """
  if not rows or min(map(len, rows)) < 1:
    raise InputError('a prompt is empty: give at least one token, such as the beginning-of-sequence token')
  length = places(max(map(len, rows)))
  inputs = np.stack([np.concatenate([np.zeros((length - len(row), *row.shape[1:]), row.dtype), row]) for row in rows])
  there = np.arange(length)[None] >= length - np.array([[len(row)] for row in rows])
  return Prompt(jnp.asarray(inputs), jnp.asarray(there))


def places(count: int) -> int:
  """The next power of two, at least SHORTEST."""
  return max(SHORTEST, 1 << (count - 1).bit_length())
