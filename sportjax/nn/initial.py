"""Random starting values of parameters.

XLA compiles a generator for every shape that is drawn, which takes a CPU a sixth of a second. Here a draw is the
beginning of one whose length is a power of two, so that a network of fifty shapes compiles a few generators.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import jax
from jaxtyping import Array, Float

_LARGEST = 2**20  # values; a longer draw is one of its own shape, of which each device may draw its part


def uniform(key: Array, shape: tuple[int, ...], limit: float) -> Float[Array, '*shape']:
  """In +-limit; to the bit what `jax.random.uniform` draws of that shape."""
  return _first(lambda shape: jax.random.uniform(key, shape, minval=-limit, maxval=limit), shape)


def normal(key: Array, shape: tuple[int, ...]) -> Float[Array, '*shape']:
  """Of mean 0 and variance 1; to the bit what `jax.random.normal` draws of that shape."""
  return _first(lambda shape: jax.random.normal(key, shape), shape)


def _first(draw: Callable[[tuple[int, ...]], Array], shape: tuple[int, ...]) -> Array:
  """A value depends on its place in the flattened draw alone, and not on how many come after it."""
  size = math.prod(shape)
  if size > _LARGEST:
    return draw(shape)
  return draw((1 << max(size - 1, 0).bit_length(),))[:size].reshape(shape)
