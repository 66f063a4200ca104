"""Pooling over 3x3 as in Inception; slices, since XLA's windows differentiate into slow scatters on a CPU."""

from __future__ import annotations

import functools
import operator

import jax.numpy as jnp
from jaxtyping import Array, Float


def max_pool(x: Float[Array, 'b h w c']) -> Float[Array, 'b p q c']:
  """The maximum at stride 2, not padded."""
  height, width = ((side - 3) // 2 * 2 + 1 for side in x.shape[1:3])
  x = functools.reduce(jnp.maximum, [x[:, i : i + height : 2] for i in range(3)])
  return functools.reduce(jnp.maximum, [x[:, :, j : j + width : 2] for j in range(3)])


def average_pool(x: Float[Array, 'b h w c']) -> Float[Array, 'b h w c']:
  """The mean at stride 1, of zeros beyond the edges too."""
  height, width = x.shape[1:3]
  x = jnp.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
  x = functools.reduce(operator.add, [x[:, i : i + height] for i in range(3)])
  return functools.reduce(operator.add, [x[:, :, j : j + width] for j in range(3)]) / 9
