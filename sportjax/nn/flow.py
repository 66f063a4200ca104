"""The layers of RAFT: encoders, the recurrent update of a flow, and its way to full resolution. Channels last.

Source: Teed & Deng 2020 (RAFT, arXiv 2003.12039), with torchvision's layers.
"""

from __future__ import annotations

from typing import Literal

import jax
import jax.numpy as jnp
from flax import nnx
from jaxtyping import Array, Float

from sportjax.nn.conv import BatchNorm
from sportjax.nn.general_conv import GeneralConv

Norm = Literal['batch', 'instance', 'none']
FACTOR = 8  # of the encoders, in space
_EPSILON = 1e-5


class NormedConv(nnx.Module):
  """A convolution with a bias, and the norm after it. Batch statistics are those of the weights, never the batch's."""

  def __init__(self, inputs: int, outputs: int, size: int, stride: int = 1, *, norm: Norm, rngs: nnx.Rngs):
    self.conv = GeneralConv(inputs, outputs, (size, size), (stride, stride), rngs=rngs)
    self.norm = BatchNorm(outputs) if norm == 'batch' else None
    self.per_image = norm == 'instance'

  def __call__(self, x: Float[Array, 'b h w c']) -> Float[Array, 'b p q k']:
    x = self.conv(x)
    if self.norm is not None:
      return self.norm(x, train=False)
    return _instance_normed(x) if self.per_image else x


def _instance_normed(x: Float[Array, 'b h w c']) -> Float[Array, 'b h w c']:
  apart = x - x.mean((1, 2), keepdims=True)
  return apart * jax.lax.rsqrt(jnp.square(apart).mean((1, 2), keepdims=True) + _EPSILON)


class FlowBlock(nnx.Module):
  """Two 3x3 convolutions, or 1x1-3x3-1x1 of a quarter of the width, each with a ReLU, around a shortcut."""

  def __init__(self, inputs: int, outputs: int, stride: int, *, narrow: bool, norm: Norm, rngs: nnx.Rngs):
    shapes = [(inputs, outputs, 3, stride), (outputs, outputs, 3, 1)]  # in, out, size, stride
    if narrow:
      width = outputs // 4
      shapes = [(inputs, width, 1, 1), (width, width, 3, stride), (width, outputs, 1, 1)]
    self.layers = nnx.List([NormedConv(*shape, norm=norm, rngs=rngs) for shape in shapes])
    self.shortcut = NormedConv(inputs, outputs, 1, stride, norm=norm, rngs=rngs) if stride > 1 else None

  def __call__(self, x: Float[Array, 'b h w c']) -> Float[Array, 'b p q k']:
    shortcut = x if self.shortcut is None else self.shortcut(x)
    for layer in self.layers:
      x = jax.nn.relu(layer(x))
    return jax.nn.relu(x + shortcut)


class FlowEncoder(nnx.Module):
  """Images to maps of an eighth of their size."""

  def __init__(self, widths: tuple[int, ...], *, narrow: bool, norm: Norm, rngs: nnx.Rngs):
    self.stem = NormedConv(3, widths[0], 7, 2, norm=norm, rngs=rngs)
    self.stages = nnx.List()
    for i, (inputs, outputs) in enumerate(zip(widths[:3], widths[1:4], strict=True)):
      first = FlowBlock(inputs, outputs, 2 if i else 1, narrow=narrow, norm=norm, rngs=rngs)
      self.stages.append(nnx.List([first, FlowBlock(outputs, outputs, 1, narrow=narrow, norm=norm, rngs=rngs)]))
    self.out = GeneralConv(widths[3], widths[4], (1, 1), rngs=rngs)

  def __call__(self, x: Float[Array, 'b h w 3']) -> Float[Array, 'b p q k']:
    x = jax.nn.relu(self.stem(x))
    for stage in self.stages:
      for block in stage:
        x = block(x)
    return self.out(x)


class ConvGRU(nnx.Module):
  """A gated recurrent unit whose products are convolutions."""

  def __init__(self, inputs: int, hidden: int, size: tuple[int, int], *, rngs: nnx.Rngs):
    self.update, self.reset, self.candidate = (GeneralConv(hidden + inputs, hidden, size, rngs=rngs) for _ in range(3))

  def __call__(self, state: Float[Array, 'b h w k'], x: Float[Array, 'b h w c']) -> Float[Array, 'b h w k']:
    both = jnp.concatenate([state, x], axis=-1)
    update, reset = jax.nn.sigmoid(self.update(both)), jax.nn.sigmoid(self.reset(both))
    candidate = jnp.tanh(self.candidate(jnp.concatenate([reset * state, x], axis=-1)))
    return (1 - update) * state + update * candidate


class MotionEncoder(nnx.Module):
  """What was looked up and the flow so far, as one map with the flow itself in its last two channels."""

  def __init__(self, looked_up: int, corr: tuple[int, ...], flow: tuple[int, int], outputs: int, *, rngs: nnx.Rngs):
    sizes = zip((looked_up, *corr[:-1]), corr, (1, 3), strict=False)
    self.corr = nnx.List([GeneralConv(i, o, (size, size), rngs=rngs) for i, o, size in sizes])
    self.flow = nnx.List([GeneralConv(2, flow[0], (7, 7), rngs=rngs), GeneralConv(*flow, (3, 3), rngs=rngs)])
    self.out = GeneralConv(corr[-1] + flow[-1], outputs - 2, (3, 3), rngs=rngs)

  def __call__(self, flow: Float[Array, 'b h w 2'], found: Float[Array, 'b h w k']) -> Float[Array, 'b h w c']:
    x = flow
    for layer in self.corr:
      found = jax.nn.relu(layer(found))
    for layer in self.flow:
      x = jax.nn.relu(layer(x))
    x = jax.nn.relu(self.out(jnp.concatenate([found, x], axis=-1)))
    return jnp.concatenate([x, flow], axis=-1)


def upsample_convex(flow: Float[Array, 'b h w 2'], scores: Float[Array, 'b h w k']) -> Float[Array, 'b p q 2']:
  """Each fine pixel a weighted mean of the nine coarse ones about it, by softmax of `scores` (9 of each 8x8)."""
  count, height, width, _ = flow.shape
  weights = jax.nn.softmax(scores.reshape(count, height, width, 9, FACTOR, FACTOR), axis=3)
  padded = jnp.pad(FACTOR * flow, ((0, 0), (1, 1), (1, 1), (0, 0)))
  around = [padded[:, i : i + height, j : j + width] for i in range(3) for j in range(3)]
  fine = jnp.einsum('bhwnyx,bhwnc->bhywxc', weights, jnp.stack(around, axis=3))
  return fine.reshape(count, height * FACTOR, width * FACTOR, 2)


def upsample_bilinear(flow: Float[Array, 'b h w 2']) -> Float[Array, 'b p q 2']:
  """Corners on corners, values times eight."""
  rows, columns = (_corner_weights(size) for size in flow.shape[1:3])
  return FACTOR * jnp.einsum('yh,xw,bhwc->byxc', rows, columns, flow)


def _corner_weights(size: int) -> Float[Array, 'n m']:
  at = jnp.linspace(0.0, size - 1.0, size * FACTOR)
  return jax.nn.relu(1 - jnp.abs(at[:, None] - jnp.arange(size, dtype=at.dtype)[None]))
