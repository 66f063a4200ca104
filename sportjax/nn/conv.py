"""Convolution, torch's batch normalisation, pooling and the dense layer, channels last."""

from __future__ import annotations

import functools
from typing import Literal, get_args

import jax
import jax.numpy as jnp
from flax import nnx
from jax import lax
from jaxtyping import Array, Float

from sportjax.native import implementation
from sportjax.nn import initial
from sportjax.nn.native import conv as native
from sportjax.nn.native import kernels

Implementation = Literal['auto', 'jax', 'native']


def conv2d(
  x: Float[Array, 'b h w c'], kernel: Float[Array, 'y y c k'], stride: int = 1, *, impl: Implementation = 'auto'
) -> Float[Array, 'b p q k']:
  """Cross-correlation with an odd square kernel and torch's symmetric padding of size // 2.

  `impl='auto'` is the native kernel for float32 on one CPU device where there is a compiler, else XLA's convolution:
  its partitioner would gather a divided batch before a kernel that it cannot look into.

  Raises:
    InputError: `impl` is unknown or cannot run here.
  """
  able = ('native',) if x.dtype == kernel.dtype == jnp.float32 and (impl == 'native' or jax.device_count() == 1) else ()
  return _conv2d(x, kernel, stride, implementation.choose(impl, get_args(Implementation), able, kernels.KERNELS))


@functools.partial(jax.custom_vjp, nondiff_argnums=(2, 3))
def _conv2d(x, kernel, stride, impl):
  as_xla = functools.partial(_convolve, stride=stride)
  return _on_cpu(impl, functools.partial(native.forward, stride=stride), as_xla, as_xla)(x, kernel)


def _convolve(x, kernel, stride):
  pad = ((kernel.shape[0] // 2,) * 2,) * 2
  return lax.conv_general_dilated(x, kernel, (stride, stride), pad, dimension_numbers=('NHWC', 'HWIO', 'NHWC'))


def _on_cpu(impl, native_form, cpu_form, default):
  """The form for the platform that is compiled for, which need not be the one that compiles."""
  cpu = native_form if impl == 'native' else cpu_form
  return default if cpu is default else functools.partial(lax.platform_dependent, cpu=cpu, default=default)


def _forward(x, kernel, stride, impl):
  return _conv2d(x, kernel, stride, impl), (x, kernel)


def _backward(stride, impl, saved, dy):
  """In pure JAX the kernel's gradient on a CPU is a matrix product over pixels.

  XLA's own form, a convolution with the image as window, first transposes both operands to batch-minor, and fuses the
  layers before into that strided copy.
  """
  x, kernel = saved
  size = kernel.shape[0]

  def input_as_convolution(dy, kernel):
    return jax.linear_transpose(lambda x: _convolve(x, kernel, stride), x)(dy)[0]

  def kernel_as_convolution(x, dy):
    return jax.linear_transpose(lambda kernel: _convolve(x, kernel, stride), kernel)(dy)[0]

  native_input = functools.partial(native.input_gradient, shape=x.shape, stride=stride)
  native_kernel = functools.partial(native.kernel_gradient, size=size, stride=stride)
  as_products = functools.partial(_kernel_gradient, size=size, stride=stride)
  dx = _on_cpu(impl, native_input, input_as_convolution, input_as_convolution)(dy, kernel)
  return dx, _on_cpu(impl, native_kernel, as_products, kernel_as_convolution)(x, dy)


_conv2d.defvjp(_forward, _backward)


def _kernel_gradient(x, dy, *, size: int, stride: int):
  """All taps along a row lie side by side in `x`; those along a column in `dy`, or one product each where strided."""
  pad, (height, width), (c, k) = size // 2, dy.shape[1:3], (x.shape[-1], dy.shape[-1])
  rows = pad if stride > 1 else 0
  x = jnp.pad(x, ((0, 0), (rows, rows), (pad, pad), (0, 0)))
  x = jnp.concatenate([x[:, :, j : j + stride * (width - 1) + 1 : stride] for j in range(size)], -1)
  if stride == 1:
    dy = jnp.pad(dy, ((0, 0), (pad, pad), (0, 0), (0, 0)))
    dy = jnp.concatenate([dy[:, size - 1 - i : size - 1 - i + height] for i in range(size)], -1)
    return _product(x, dy).reshape(size, c, size, k).transpose(2, 0, 1, 3)
  taps = [_product(x[:, i : i + stride * (height - 1) + 1 : stride], dy) for i in range(size)]
  return jnp.stack(taps).reshape(size, size, c, k)


def _product(x, dy):
  return x.reshape(-1, x.shape[-1]).T @ dy.reshape(-1, dy.shape[-1])


def max_pool(x: Float[Array, 'b h w c']) -> Float[Array, 'b p q c']:
  """3x3 maximum at stride 2, padded by 1; slices, since XLA's pooling differentiates into a slow scatter on a CPU."""
  x = jnp.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)), constant_values=-jnp.inf)
  height, width = x.shape[1] - 2, x.shape[2] - 2
  x = functools.reduce(jnp.maximum, [x[:, i : i + height : 2] for i in range(3)])
  return functools.reduce(jnp.maximum, [x[:, :, j : j + width : 2] for j in range(3)])


def init_fan_out(key: jax.Array, shape: tuple[int, ...]) -> Float[Array, 'y x c k']:
  """Normal of variance 2 / (kernel area x output channels). Source: He et al. 2015, backward form."""
  return initial.normal(key, shape) * jnp.sqrt(2 / (shape[0] * shape[1] * shape[-1]))


def init_mean_of_rgb(key: jax.Array, shape: tuple[int, ...]) -> Float[Array, 'y x c k']:
  """Every input channel starts as the mean of three random ones: the reference's first layer.

  Source: the VPD reference's five-channel ResNet; the paper does not mention it.
  """
  rgb = init_fan_out(key, (*shape[:2], 3, shape[3]))
  return jnp.broadcast_to(rgb.mean(2, keepdims=True), shape)


class Conv(nnx.Module):
  """A convolution without bias; computes in `dtype`, keeps its kernel in float32."""

  def __init__(
    self, inputs: int, outputs: int, size: int, stride: int = 1, *, dtype='float32', init=init_fan_out, rngs
  ):
    self.kernel = nnx.Param(
      init(rngs.params(), (size, size, inputs, outputs)), logical_axes=(None, None, 'conv_in', 'conv_out')
    )
    self.stride = stride
    self.dtype = dtype

  def __call__(self, x: Float[Array, 'b h w c']) -> Float[Array, 'b p q k']:
    return conv2d(x.astype(self.dtype), self.kernel[...].astype(self.dtype), self.stride)


class BatchNorm(nnx.Module):
  """Normalisation over batch and space as torch does it: biased variance here, unbiased in the running average.

  Statistics, scale and shift are float32 whatever comes in; the result has the input's dtype. On a sharded batch the
  mean is the global batch's.

  Source: Ioffe & Szegedy 2015.
  """

  def __init__(self, features: int, *, momentum: float = 0.1, epsilon: float = 1e-5):
    self.scale = nnx.Param(jnp.ones(features), logical_axes=('conv_out',))
    self.bias = nnx.Param(jnp.zeros(features), logical_axes=('conv_out',))
    self.mean = nnx.BatchStat(jnp.zeros(features), logical_axes=('conv_out',))
    self.var = nnx.BatchStat(jnp.ones(features), logical_axes=('conv_out',))
    self.momentum = momentum
    self.epsilon = epsilon

  def __call__(self, x: Float[Array, 'b h w c'], *, train: bool) -> Float[Array, 'b h w c']:
    mean, var = self._statistics(x) if train else (self.mean[...], self.var[...])
    factor = self.scale[...] * lax.rsqrt(var + self.epsilon)
    shift = self.bias[...] - mean * factor
    return (x * _channels(factor) + _channels(shift)).astype(x.dtype)

  def _statistics(self, x):
    count = x.size // x.shape[-1]
    if count < 2:
      raise ValueError(f'batch statistics need more than one value a channel, got an input of shape {x.shape}')
    x = x.astype(jnp.promote_types(x.dtype, jnp.float32))
    mean = x.mean((0, 1, 2))
    var = jnp.square(x - _channels(mean)).mean((0, 1, 2))
    keep = 1 - self.momentum
    self.mean[...] = keep * self.mean[...] + self.momentum * lax.stop_gradient(mean)
    self.var[...] = keep * self.var[...] + self.momentum * lax.stop_gradient(var) * (count / (count - 1))
    return mean, var


class Dense(nnx.Module):
  """An affine layer with torch's default start: uniform in +-1 / sqrt(inputs), weight and bias."""

  def __init__(self, inputs: int, outputs: int, *, axes: tuple[str, str] = ('embed', 'mlp'), rngs):
    limit = inputs**-0.5
    kernel = initial.uniform(rngs.params(), (inputs, outputs), limit)
    bias = initial.uniform(rngs.params(), (outputs,), limit)
    self.kernel = nnx.Param(kernel, logical_axes=axes)
    self.bias = nnx.Param(bias, logical_axes=axes[1:])

  def __call__(self, x: Float[Array, 'b d']) -> Float[Array, 'b k']:
    return x @ self.kernel[...] + self.bias[...][None]


def _channels(x: Float[Array, 'c']) -> Float[Array, '1 1 1 c']:
  return x[None, None, None]
