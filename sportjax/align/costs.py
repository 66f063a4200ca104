"""Costs between frames, as functions of a product and two squared norms so that one GEMM serves them all."""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from sportjax.errors import InputError

# (x.y, |x|^2, |y|^2) -> cost, elementwise. Norms are always those of the operands as rounded, never assumed to be 1:
# with bfloat16 features 2 - 2 x.y puts identical frames 1e-2 apart, |x|^2 + |y|^2 - 2 x.y only 3e-4.
Cost = Callable[[Array, Array, Array], Array]


def squared_l2(dot: Array, xx: Array, yy: Array) -> Array:
  """|x - y|^2, without the factor 1/2 some libraries put in front."""
  return unrounded(xx + yy - 2 * dot)


@jax.custom_jvp
def unrounded(x: Array) -> Array:
  """Numbers that only rounding can make negative, which become 0; the gradient is that without rounding."""
  return jnp.maximum(x, 0)


@unrounded.defjvp
def _unrounded_jvp(primals: tuple[Array], tangents: tuple[Array]) -> tuple[Array, Array]:
  # Had it to know where x > 0, a second matrix would lie beside the costs while they are aligned.
  return unrounded(primals[0]), tangents[0]


@jax.custom_jvp
def root(x: Array) -> Array:
  """Square root whose gradient at 0 is 0, not infinite."""
  return jnp.sqrt(x)


@root.defjvp
def _root_jvp(primals: tuple[Array], tangents: tuple[Array]) -> tuple[Array, Array]:
  # A `where` in the value itself would do the same at four times the cost of the whole alignment on CPU.
  y = root(primals[0])
  return y, tangents[0] * jnp.where(y > 0, 0.5 / jnp.where(y > 0, y, 1), 0)


def l2(dot: Array, xx: Array, yy: Array) -> Array:
  """|x - y|; the gradient at distance 0 is 0."""
  return root(squared_l2(dot, xx, yy))


def cosine(dot: Array, xx: Array, yy: Array) -> Array:
  """1 - cos(x, y); a frame of zeros is at distance 1 from everything."""
  product = xx * yy
  empty = product <= 1e-24  # not so for NaN, which stays NaN
  return 1 - jnp.where(empty, 0, dot * jax.lax.rsqrt(jnp.where(empty, 1, product)))


COSTS: dict[str, Cost] = {'l2': l2, 'squared_l2': squared_l2, 'cosine': cosine}


def find(cost: str | Cost) -> Cost:
  """The cost of that name; a function is returned as it is.

  Raises:
    InputError: no cost has that name.
  """
  if not isinstance(cost, str):
    return cost
  if cost not in COSTS:
    raise InputError(f'cost {cost!r} is unknown; choose one of {", ".join(COSTS)}')
  return COSTS[cost]


def accumulator(x: Array | np.ndarray) -> jnp.dtype:
  """The dtype costs are computed in: float32 for 16-bit operands, the operands' own otherwise."""
  return jnp.promote_types(x.dtype, jnp.float32)


def squared_norms(x: Float[Array | np.ndarray, '*b d']) -> Float[Array, '*b']:
  """|x|^2 of the rows, accumulated in at least float32."""
  x = x.astype(accumulator(x))
  return jnp.sum(x * x, axis=-1)


def pairwise(
  x: Float[Array | np.ndarray, '*b n d'], y: Float[Array | np.ndarray, '*b m d'], cost: str | Cost = 'l2'
) -> Float[Array, '*b n m']:
  """The cost of every frame of x against every frame of y; 16-bit operands give float32 costs."""
  dot = jnp.einsum('...nd,...md->...nm', x, y, precision='highest', preferred_element_type=accumulator(x))
  return find(cost)(dot, squared_norms(x)[..., :, None], squared_norms(y)[..., None, :])
