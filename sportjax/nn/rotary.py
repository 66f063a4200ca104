"""Rotary position embedding, and the ways in which checkpoints stretch it."""

from __future__ import annotations

import dataclasses
import math
from typing import Literal

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from sportjax.errors import InputError


@dataclasses.dataclass(frozen=True)
class Rope:
  """Angles of rotation: `theta` is the base of the wavelengths, the rest says how they are stretched.

  Raises:
    InputError: a value out of range.

  Source: Su et al. 2021 (arXiv 2104.09864); 'llama3' is Llama 3.1's, which stretches long wavelengths by `factor` and
    leaves short ones, 'linear' stretches all.
  """

  theta: float = 10_000.0
  kind: Literal['default', 'linear', 'llama3'] = 'default'
  factor: float = 1.0
  low_freq_factor: float = 1.0
  high_freq_factor: float = 4.0
  original_max_position_embeddings: int = 8192

  def __post_init__(self):
    if self.kind not in ('default', 'linear', 'llama3'):
      raise InputError(f'rope type {self.kind!r} is not supported; known: default, linear, llama3')
    if self.theta <= 1 or self.factor < 1 or self.original_max_position_embeddings < 1:
      raise InputError(f'rotary embedding {self}: theta must be above 1, factor and positions at least 1')
    if self.kind == 'llama3' and not 0 < self.low_freq_factor < self.high_freq_factor:
      raise InputError(f'rotary embedding {self}: low_freq_factor must be below high_freq_factor')


def frequencies(rope: Rope, d: int) -> Float[np.ndarray, 'k']:
  """Radians a position, one for each pair of the head's `d` features."""
  plain = rope.theta ** (-np.arange(0, d, 2) / d)
  if rope.kind == 'default':
    return plain
  if rope.kind == 'linear':
    return plain / rope.factor
  turns = rope.original_max_position_embeddings * plain / (2 * math.pi)  # in the context of the first training
  keep = np.clip((turns - rope.low_freq_factor) / (rope.high_freq_factor - rope.low_freq_factor), 0, 1)
  return plain * (keep + (1 - keep) / rope.factor)


def rotation(rope: Rope, positions: Int[Array, 'b l'], d: int) -> tuple[Float[Array, 'b l k'], Float[Array, 'b l k']]:
  """Cosines and sines of each position's angles, float32."""
  angles = positions.astype(jnp.float32)[..., None] * jnp.asarray(frequencies(rope, d), jnp.float32)[None, None]
  return jnp.cos(angles), jnp.sin(angles)


def rotate(
  x: Float[Array, 'b l h d'], by: tuple[Float[Array, 'b l k'], Float[Array, 'b l k']]
) -> Float[Array, 'b l h d']:
  """Turns pairs of features, the first half of the head with the second; in float32, to the input's dtype."""
  cos, sin = (part[:, :, None] for part in by)
  first, second = jnp.split(x.astype(cos.dtype), 2, axis=-1)
  return jnp.concatenate([first * cos - second * sin, second * cos + first * sin], -1).astype(x.dtype)
