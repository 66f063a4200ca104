"""Normalisation over the last axis, in float32 whatever comes in."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from flax import nnx
from jaxtyping import Array, Float


class RMSNorm(nnx.Module):
  """x / rms(x), scaled; with `unit_offset` by 1 + scale, as Gemma keeps it. The result has the input's dtype.

  Source: Zhang & Sennrich 2019 (arXiv 1910.07467).
  """

  def __init__(self, features: int, *, epsilon: float = 1e-6, unit_offset: bool = False, axis: str | None = 'embed'):
    start = jnp.zeros(features) if unit_offset else jnp.ones(features)
    self.scale = nnx.Param(start, logical_axes=(axis,))
    self.epsilon = epsilon
    self.unit_offset = unit_offset

  def __call__(self, x: Float[Array, '*b d']) -> Float[Array, '*b d']:
    y = x.astype(jnp.promote_types(x.dtype, jnp.float32))
    y = y * jax.lax.rsqrt(jnp.square(y).mean(-1, keepdims=True) + self.epsilon)
    scale = self.scale[...].astype(y.dtype).reshape((1,) * (x.ndim - 1) + (-1,))
    return (y * (1 + scale if self.unit_offset else scale)).astype(x.dtype)
