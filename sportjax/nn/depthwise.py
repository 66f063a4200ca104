"""A convolution of each channel by itself."""

from __future__ import annotations

import functools
import operator

import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Float

Pairs = tuple[tuple[int, int], ...]


def depthwise(
  x: Float[Array, 'b h w c'], kernel: Float[Array, 'y x 1 c'], stride: tuple[int, ...], padding: Pairs
) -> Float[Array, 'b p q c']:
  """Cross-correlation with one kernel a channel.

  On CPUs the sum over its taps, which XLA fuses into one pass over the image; its grouped convolution takes ten times
  as long there, and its gradient more.
  """
  taps, grouped = (functools.partial(form, stride=stride, padding=padding) for form in (_taps, _grouped))
  return lax.platform_dependent(x, kernel, cpu=taps, default=grouped)


def _taps(x: Array, kernel: Array, *, stride: tuple[int, ...], padding: Pairs) -> Array:
  x = lax.pad(x, jnp.zeros((), x.dtype), ((0, 0, 0), *((a, b, 0) for a, b in padding), (0, 0, 0)))
  height, width = (
    (size - taps) // step * step + 1 for size, taps, step in zip(x.shape[1:3], kernel.shape, stride, strict=False)
  )
  taps = (
    x[:, i : i + height : stride[0], j : j + width : stride[1]] * kernel[i, j, 0][None, None, None]
    for i in range(kernel.shape[0])
    for j in range(kernel.shape[1])
  )
  return functools.reduce(operator.add, taps)


def _grouped(x: Array, kernel: Array, *, stride: tuple[int, ...], padding: Pairs) -> Array:
  layout = ('NHWC', 'HWIO', 'NHWC')
  return lax.conv_general_dilated(x, kernel, stride, padding, dimension_numbers=layout, feature_group_count=x.shape[-1])
