"""A mean that accumulates over batches and devices."""

from __future__ import annotations

from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Bool, Float


class Mean(NamedTuple):
  """Sum and count: a pytree, so that states travel through jit and are merged in any order."""

  total: Float[Array, '']
  count: Float[Array, '']

  @classmethod
  def zero(cls) -> Mean:
    """The mean of nothing."""
    return cls(jnp.zeros(()), jnp.zeros(()))

  @classmethod
  def of(cls, values: Float[Array, '*b'], mask: Bool[Array, '*b'] | None = None) -> Mean:
    """The state of a batch; masked values (padding) do not count."""
    mask = jnp.ones(values.shape, bool) if mask is None else mask
    return cls(jnp.sum(jnp.where(mask, values, 0), dtype=jnp.float32), jnp.sum(mask, dtype=jnp.float32))

  def merge(self, other: Mean) -> Mean:
    """The state of both together."""
    return Mean(self.total + other.total, self.count + other.count)

  def compute(self) -> Float[Array, '']:
    """The mean; NaN where nothing was counted."""
    return self.total / jnp.where(self.count > 0, self.count, jnp.nan)
