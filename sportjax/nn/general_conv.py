"""A convolution of any rank with rectangular kernels, dilation, groups and a bias, padded as torch's networks pad."""

from __future__ import annotations

import math

import jax
from flax import nnx
from jaxtyping import Array, Float

_LAYOUTS = {2: ('NHWC', 'HWIO', 'NHWC'), 3: ('NDHWC', 'DHWIO', 'NDHWC')}


class GeneralConv(nnx.Module):
  """Channels last; padded by half of what the kernel spans, so that a stride of 1 keeps the size.

  Starts as torch's layers do: uniform in +-1 / sqrt(inputs of one output), weights and bias.
  """

  def __init__(
    self,
    inputs: int,
    outputs: int,
    size: tuple[int, ...],
    stride: tuple[int, ...] | None = None,
    dilation: tuple[int, ...] | None = None,
    *,
    groups: int = 1,
    rngs: nnx.Rngs,
  ):
    shape = (*size, inputs // groups, outputs)
    limit = (shape[-2] * math.prod(size)) ** -0.5
    start = jax.random.uniform(rngs.params(), shape, minval=-limit, maxval=limit)
    self.kernel = nnx.Param(start, logical_axes=(*(None,) * len(size), 'conv_in', 'conv_out'))
    bias = jax.random.uniform(rngs.params(), (outputs,), minval=-limit, maxval=limit)
    self.bias = nnx.Param(bias, logical_axes=('conv_out',))
    self.stride, self.dilation = stride or (1,) * len(size), dilation or (1,) * len(size)
    halves = [(s - 1) * d // 2 for s, d in zip(size, self.dilation, strict=True)]
    self.padding = [(half, half) for half in halves]
    self.groups = groups

  def __call__(self, x: Float[Array, 'b *s c']) -> Float[Array, 'b *r k']:
    y = jax.lax.conv_general_dilated(
      x,
      self.kernel[...],
      self.stride,
      self.padding,
      rhs_dilation=self.dilation,
      dimension_numbers=_LAYOUTS[x.ndim - 2],
      feature_group_count=self.groups,
    )
    return y + self.bias[...].reshape((1,) * (x.ndim - 1) + (-1,))
