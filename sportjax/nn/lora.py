"""A low-rank update of a linear layer."""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp
from flax import nnx
from jaxtyping import Array, Float

from sportjax.errors import InputError


@dataclasses.dataclass(frozen=True)
class LoRAConfig:
  """Rank, scale and dropout of the updates, and the layers that get them by the last part of their names.

  Raises:
    InputError: a value out of range.
  """

  r: int = 8
  alpha: float = 16.0
  dropout: float = 0.0
  targets: tuple[str, ...] = ('query', 'value')

  def __post_init__(self):
    if self.r < 1 or not 0 <= self.dropout < 1 or not self.targets:
      raise InputError(f'LoRA {self}: r must be at least 1, dropout in 0..1, and targets name at least one layer')


class LoRA(nnx.Module):
  """(alpha / r) * dropout(x) @ a @ b; zero at the start, as b is. Parameters are float32.

  Source: Hu et al. 2021 (arXiv 2106.09685), started as PEFT starts it.
  """

  def __init__(self, inputs: int, outputs: int, config: LoRAConfig, *, axes: tuple[str | None, str | None], rngs):
    limit = inputs**-0.5  # torch's kaiming_uniform_ with a = sqrt(5)
    a = jax.random.uniform(rngs.params(), (inputs, config.r), minval=-limit, maxval=limit)
    self.a = nnx.Param(a, logical_axes=(axes[0], None))
    self.b = nnx.Param(jnp.zeros((config.r, outputs)), logical_axes=(None, axes[1]))
    self.config = config
    self.dropout = nnx.Dropout(config.dropout, rngs=rngs) if config.dropout else None

  def __call__(self, x: Float[Array, '*b d'], *, train: bool) -> Float[Array, '*b k']:
    if self.dropout is not None:
      x = self.dropout(x, deterministic=not train)
    low = x @ self.a[...].astype(x.dtype)
    return low @ self.b[...].astype(x.dtype) * (self.config.alpha / self.config.r)

  def delta(self) -> Float[Array, 'd k']:
    """What it adds to the kernel."""
    return self.a[...] @ self.b[...] * (self.config.alpha / self.config.r)
