"""Selective state spaces: a linear recurrence whose coefficients depend on the input, scanned associatively."""

from __future__ import annotations

import functools
import math

import jax
import jax.numpy as jnp
from flax import nnx
from jaxtyping import Array, Float

from sportjax.nn.vit import linear


def selective_scan(
  x: Float[Array, 'b l d'],
  step: Float[Array, 'b l d'],
  decay: Float[Array, 'd n'],
  write: Float[Array, 'b l n'],
  read: Float[Array, 'b l n'],
  *,
  chunk: int = 128,
) -> Float[Array, 'b l d']:
  """The outputs of h_l = exp(step_l decay) h_{l-1} + step_l write_l x_l, read_l h_l, from h = 0, in float32.

  Tokens of a chunk are scanned associatively, chunks one after another: states exist for one chunk at a time, and the
  way back computes them again.

  Source: Gu & Dao 2023 (arXiv:2312.00752), equations 1 to 4 and algorithm 2.
  """
  b, length, d = x.shape
  size = min(chunk, length)
  pad = -length % size

  def in_chunks(y: Array) -> Array:  # a step of 0 leaves the state as it is
    y = jnp.pad(y.astype(jnp.promote_types(y.dtype, jnp.float32)), ((0, 0), (0, pad), (0, 0)))
    return y.reshape(b, -1, size, y.shape[-1]).swapaxes(0, 1)

  @jax.checkpoint
  def advance(state: Array, inputs: tuple[Array, ...]) -> tuple[Array, Array]:
    x, step, write, read = inputs
    keep = jnp.exp(step[..., None] * decay[None, None])
    new = (step * x)[..., None] * write[:, :, None]
    kept, states = jax.lax.associative_scan(_compose, (keep, new), axis=1)
    states = states + kept * state[:, None]
    return states[:, -1], jnp.einsum('bldn,bln->bld', states, read)

  start = jnp.zeros((b, d, decay.shape[1]), jnp.promote_types(x.dtype, jnp.float32))
  _, y = jax.lax.scan(advance, start, tuple(map(in_chunks, (x, step, write, read))))
  return y.swapaxes(0, 1).reshape(b, -1, d)[:, :length]


def _compose(first: tuple[Array, Array], second: tuple[Array, Array]) -> tuple[Array, Array]:
  return first[0] * second[0], second[0] * first[1] + second[1]


class Direction(nnx.Module):
  """One way through the tokens: a short causal convolution, then the scan with coefficients read off its result."""

  def __init__(self, inner: int, states: int, rank: int, width: int, *, dtype: str, rngs: nnx.Rngs):
    bound = width**-0.5
    self.conv_kernel = nnx.Param(jax.random.uniform(rngs.params(), (width, inner), minval=-bound, maxval=bound))
    self.conv_bias = nnx.Param(jnp.zeros(inner), logical_axes=('mlp',))
    self.select = linear(inner, rank + 2 * states, ('mlp', None), bias=False, dtype=dtype, rngs=rngs)
    self.step = linear(rank, inner, (None, 'mlp'), bias=False, dtype=dtype, rngs=rngs)
    self.step_bias = nnx.Param(_step_bias(rngs.params(), inner), logical_axes=('mlp',))
    self.log_decay = nnx.Param(jnp.log(jnp.tile(jnp.arange(1.0, states + 1)[None], (inner, 1))))
    self.skip = nnx.Param(jnp.ones(inner), logical_axes=('mlp',))
    self.sizes = rank, states

  def __call__(self, x: Float[Array, 'b l d']) -> Float[Array, 'b l d']:
    x = jax.nn.silu(self._convolve(x))
    rank, states = self.sizes
    low, write, read = jnp.split(self.select(x), (rank, rank + states), axis=-1)
    step = jax.nn.softplus(
      self.step(low).astype(jnp.promote_types(x.dtype, jnp.float32)) + self.step_bias[...][None, None]
    )
    y = selective_scan(x, step, -jnp.exp(self.log_decay[...]), write, read)
    return (y + self.skip[...][None, None] * x).astype(x.dtype)

  def _convolve(self, x: Array) -> Array:
    kernel, length = self.conv_kernel[...].astype(x.dtype), x.shape[1]
    x = jnp.pad(x, ((0, 0), (len(kernel) - 1, 0), (0, 0)))
    taps = [x[:, i : i + length] * kernel[i][None, None] for i in range(len(kernel))]
    return functools.reduce(jnp.add, taps) + self.conv_bias[...].astype(x.dtype)[None, None]


def _step_bias(key: Array, inner: int, low: float = 1e-3, high: float = 0.1) -> Float[Array, 'd']:
  """Steps lie evenly between `low` and `high` on a logarithmic scale at the start; the inverse of softplus."""
  step = jnp.exp(jax.random.uniform(key, (inner,), minval=math.log(low), maxval=math.log(high)))
  return step + jnp.log(-jnp.expm1(-step))


class Mamba(nnx.Module):
  """A gated mixer of tokens in both directions. Source: arXiv:2312.00752; both ways as in Vim (arXiv:2401.09417)."""

  def __init__(self, width: int, *, states: int = 16, conv: int = 4, expand: int = 2, dtype: str, rngs: nnx.Rngs):
    inner, rank = expand * width, math.ceil(width / 16)
    self.inputs = linear(width, 2 * inner, ('embed', 'mlp'), bias=False, dtype=dtype, rngs=rngs)
    self.forward = Direction(inner, states, rank, conv, dtype=dtype, rngs=rngs)
    self.backward = Direction(inner, states, rank, conv, dtype=dtype, rngs=rngs)
    self.out = linear(inner, width, ('mlp', 'embed'), bias=False, dtype=dtype, rngs=rngs)

  def __call__(self, x: Float[Array, 'b l d']) -> Float[Array, 'b l d']:
    x, gate = jnp.split(self.inputs(x), 2, axis=-1)
    y = self.forward(x) + self.backward(x[:, ::-1])[:, ::-1]
    return self.out(y * jax.nn.silu(gate))
