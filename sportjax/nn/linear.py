"""The linear layer of pretrained towers, which may carry a low-rank update, and the gated MLP made of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import jax
import jax.numpy as jnp
from flax import nnx
from jaxtyping import Array, Float

from sportjax.nn.lora import LoRA


def gelu_tanh(x: Float[Array, '*b d']) -> Float[Array, '*b d']:
  """GELU in its tanh form."""
  return jax.nn.gelu(x, approximate=True)


ACTIVATIONS: Mapping[str, Callable[[jax.Array], jax.Array]] = MappingProxyType(
  {'silu': jax.nn.silu, 'gelu_tanh': gelu_tanh}
)


class Linear(nnx.Module):
  """x @ kernel + bias in the input's dtype, plus what `lora` adds to it.

  `axes` are the logical names of the kernel's axes. Parameters start in float32, normal of deviation 0.02.
  """

  def __init__(self, inputs: int, outputs: int, *, axes: tuple[str | None, str | None], bias: bool = False, rngs):
    self.kernel = nnx.Param(0.02 * jax.random.normal(rngs.params(), (inputs, outputs)), logical_axes=axes)
    self.bias = nnx.Param(jnp.zeros(outputs), logical_axes=axes[1:]) if bias else None
    self.lora: LoRA | None = nnx.data(None)

  def __call__(self, x: Float[Array, '*b d'], *, train: bool = False) -> Float[Array, '*b k']:
    y = x @ self.kernel[...].astype(x.dtype)
    if self.bias is not None:
      y = y + self.bias[...].astype(x.dtype).reshape((1,) * (y.ndim - 1) + (-1,))
    return y if self.lora is None else y + self.lora(x, train=train)


class GatedMLP(nnx.Module):
  """down(activation(gate(x)) * up(x)). Source: Shazeer 2020 (arXiv 2002.05202)."""

  def __init__(self, d: int, width: int, *, activation: str, bias: bool = False, rngs):
    self.gate = Linear(d, width, axes=('embed', 'mlp'), bias=bias, rngs=rngs)
    self.up = Linear(d, width, axes=('embed', 'mlp'), bias=bias, rngs=rngs)
    self.down = Linear(width, d, axes=('mlp', 'embed'), bias=bias, rngs=rngs)
    self.activation = activation

  def __call__(self, x: Float[Array, '*b d'], *, train: bool = False) -> Float[Array, '*b d']:
    gate = ACTIVATIONS[self.activation](self.gate(x, train=train))
    return self.down(gate * self.up(x, train=train), train=train)
