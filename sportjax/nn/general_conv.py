"""A convolution of any rank with rectangular kernels, dilation, groups and a bias, padded as torch or TensorFlow do."""

from __future__ import annotations

import math
from typing import Literal

import jax
from flax import nnx
from jaxtyping import Array, Float

from sportjax.nn import initial
from sportjax.nn.depthwise import depthwise

_LAYOUTS = {2: ('NHWC', 'HWIO', 'NHWC'), 3: ('NDHWC', 'DHWIO', 'NDHWC')}
Padding = Literal['half', 'none', 'tensorflow']


class GeneralConv(nnx.Module):
  """Channels last; computes in `dtype` where one is given.

  `padding='half'` is half of what the kernel spans, so that a stride of 1 keeps the size; 'tensorflow' is what a stride
  leaves of it, the larger part at the end: its SAME of sizes that the stride divides.

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
    padding: Padding = 'half',
    bias: bool = True,
    dtype: str | None = None,
    rngs: nnx.Rngs,
  ):
    shape = (*size, inputs // groups, outputs)
    limit = (shape[-2] * math.prod(size)) ** -0.5
    start = initial.uniform(rngs.params(), shape, limit)
    self.kernel = nnx.Param(start, logical_axes=(*(None,) * len(size), 'conv_in', 'conv_out'))
    start = initial.uniform(rngs.params(), (outputs,), limit) if bias else None
    self.bias = None if start is None else nnx.Param(start, logical_axes=('conv_out',))
    self.stride, self.dilation = stride or (1,) * len(size), dilation or (1,) * len(size)
    each = zip(size, self.stride, self.dilation, strict=True)
    self.padding = tuple(_sides(padding, (s - 1) * d, stride) for s, stride, d in each)
    self.groups, self.dtype = groups, dtype
    self.depthwise = len(size) == 2 and inputs == outputs == groups > 1 and set(self.dilation) == {1}

  def __call__(self, x: Float[Array, 'b *s c']) -> Float[Array, 'b *r k']:
    kernel = self.kernel[...]
    if self.dtype is not None:
      x, kernel = x.astype(self.dtype), kernel.astype(self.dtype)
    y = depthwise(x, kernel, self.stride, self.padding) if self.depthwise else self._convolve(x, kernel)
    return y if self.bias is None else y + self.bias[...].astype(y.dtype).reshape((1,) * (x.ndim - 1) + (-1,))

  def _convolve(self, x: Float[Array, 'b *s c'], kernel: Array) -> Float[Array, 'b *r k']:
    return jax.lax.conv_general_dilated(
      x,
      kernel,
      self.stride,
      self.padding,
      rhs_dilation=self.dilation,
      dimension_numbers=_LAYOUTS[x.ndim - 2],
      feature_group_count=self.groups,
    )


def _sides(padding: Padding, reach: int, stride: int) -> tuple[int, int]:
  """Before and after an axis on which the kernel reaches so far beyond its first tap."""
  if padding == 'none':
    return 0, 0
  if padding == 'half':
    return reach // 2, reach // 2
  whole = max(reach + 1 - stride, 0)
  return whole // 2, whole - whole // 2
