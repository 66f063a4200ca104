"""Soft-DTW and the expected alignment by the native kernel, a matrix to a lane."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int


def values(
  cost_matrix: Float[Array, 'b n m'], n: Int[Array, 'b'], m: Int[Array, 'b'], gamma: Float[Array, '']
) -> Float[Array, 'b']:
  """Soft-DTW of each matrix."""
  return _call('sportjax_soft_dtw', _value(cost_matrix))(*_operands(cost_matrix, n, m, gamma))


def values_and_masses(
  cost_matrix: Float[Array, 'b n m'], n: Int[Array, 'b'], m: Int[Array, 'b'], gamma: Float[Array, '']
) -> tuple[Float[Array, 'b'], Float[Array, 'b n m']]:
  """Soft-DTW of each matrix, and the probability of passing each cell."""
  mass = jax.ShapeDtypeStruct(cost_matrix.shape, cost_matrix.dtype)
  value, mass = _call('sportjax_soft_dtw_mass', (_value(cost_matrix), mass))(*_operands(cost_matrix, n, m, gamma))
  return value, mass


def _call(target: str, results):
  return jax.ffi.ffi_call(target, results, vmap_method='broadcast_all')


def _value(cost_matrix: Array) -> jax.ShapeDtypeStruct:
  return jax.ShapeDtypeStruct(cost_matrix.shape[:1], cost_matrix.dtype)


def _operands(cost_matrix: Array, n: Array, m: Array, gamma: Array) -> tuple[Array, ...]:
  lengths = (side.astype(jnp.int32) for side in (n, m))
  return cost_matrix, jnp.broadcast_to(gamma.astype(cost_matrix.dtype), n.shape), *lengths
