"""Convolution and its two gradients by the native kernels, in float32."""

from __future__ import annotations

import jax
import numpy as np
from jaxtyping import Array, Float32


def forward(x: Float32[Array, 'b h w c'], kernel: Float32[Array, 'y y c k'], stride: int) -> Float32[Array, 'b p q k']:
  """Cross-correlation, padded by half the kernel's size."""
  shape = (x.shape[0], -(-x.shape[1] // stride), -(-x.shape[2] // stride), kernel.shape[3])
  return _call('sportjax_conv', shape, x, kernel, stride)


def input_gradient(
  dy: Float32[Array, 'b p q k'], kernel: Float32[Array, 'y y c k'], shape: tuple[int, ...], stride: int
) -> Float32[Array, 'b h w c']:
  """The gradient by the input, whose shape is given."""
  return _call('sportjax_conv_input_gradient', shape, dy, kernel, stride)


def kernel_gradient(
  x: Float32[Array, 'b h w c'], dy: Float32[Array, 'b p q k'], size: int, stride: int
) -> Float32[Array, 'y y c k']:
  """The gradient by the kernel."""
  return _call('sportjax_conv_kernel_gradient', (size, size, x.shape[-1], dy.shape[-1]), x, dy, stride)


def _call(target: str, shape: tuple[int, ...], *operands: Array | int) -> Array:
  *arrays, stride = operands
  out = jax.ShapeDtypeStruct(shape, np.float32)
  return jax.ffi.ffi_call(target, out, vmap_method='sequential')(*arrays, stride=np.int64(stride))
