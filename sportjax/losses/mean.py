"""The mean over a batch of which some examples count for less."""

from __future__ import annotations

import jax.numpy as jnp
from jaxtyping import Array, Float


def weighted_mean(values: Float[Array, 'b'], weight: Float[Array, 'b'] | None) -> Float[Array, '']:
  """Mean by weight, all alike where none is given; 0 where nothing weighs."""
  if weight is None:
    return values.mean()
  return (values * weight).sum() / jnp.maximum(weight.sum(), jnp.finfo(weight.dtype).tiny)
