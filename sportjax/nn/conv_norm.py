"""The unit that image networks repeat: a convolution, batch normalisation, an activation."""

from __future__ import annotations

from collections.abc import Callable

from flax import nnx
from jaxtyping import Array, Float

from sportjax.nn.conv import BatchNorm
from sportjax.nn.general_conv import GeneralConv, Padding


class ConvNorm(nnx.Module):
  """A convolution without bias, its norm, and the activation where there is one."""

  def __init__(
    self,
    inputs: int,
    outputs: int,
    size: tuple[int, int],
    stride: int = 1,
    *,
    groups: int = 1,
    padding: Padding = 'half',
    activation: Callable[[Array], Array] | None = None,
    momentum: float = 0.1,
    epsilon: float = 1e-5,
    dtype: str = 'float32',
    rngs: nnx.Rngs,
  ):
    self.conv = GeneralConv(
      inputs, outputs, size, (stride, stride), groups=groups, padding=padding, bias=False, dtype=dtype, rngs=rngs
    )
    self.norm = BatchNorm(outputs, momentum=momentum, epsilon=epsilon)
    self.activation = activation

  def __call__(self, x: Float[Array, 'b h w c'], *, train: bool) -> Float[Array, 'b p q k']:
    return self.finish(self.conv(x), train=train)

  def finish(self, x: Float[Array, 'b p q k'], *, train: bool) -> Float[Array, 'b p q k']:
    """What comes after the convolution."""
    x = self.norm(x, train=train)
    return x if self.activation is None else self.activation(x)
