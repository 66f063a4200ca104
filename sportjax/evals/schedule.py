"""How a classifier's learning rate and weight decay go: the paper's cosine, or its code's warm restarts."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from typing import Literal

import jax
import jax.numpy as jnp
import optax
from jaxtyping import Array, Float, Int

from sportjax.errors import InputError

_LOWEST_RATE = 1e-7


@dataclasses.dataclass(frozen=True)
class Schedule:
  """AdamW over `epochs` of batches, all parameters decayed as in torch.

  `cosine` falls from the rate to 0 once, with constant weight decay. `restarts` is VPD's code: cosine periods, the
  first a tenth of the epochs and each twice as long as the one before, to a lowest rate of 1e-7; weight decay follows
  the cosine too, times sqrt(batch / (examples x epochs of the period)).

  Source: VPD (arXiv 2109.01305), supplement B1; Loshchilov & Hutter 2019 (arXiv 1711.05101), appendix B, with restarts.
  """

  epochs: int = 500
  batch: int = 50
  learning_rate: float = 1e-3
  weight_decay: float = 0.01
  kind: Literal['cosine', 'restarts', 'constant'] = 'cosine'

  def __post_init__(self):
    if min(self.epochs, self.batch) < 1:
      raise InputError(f'epochs={self.epochs} and batch={self.batch} must be at least 1')

  def steps(self, examples: int) -> int:
    """Updates in all."""
    return self.epochs * self.steps_per_epoch(examples)

  def steps_per_epoch(self, examples: int) -> int:
    """Batches that hold all examples."""
    return -(-examples // self.batch)

  def optimizer(self, examples: int) -> optax.GradientTransformation:
    """AdamW for an epoch of so many examples, mirrored ones included."""
    if self.kind == 'restarts':
      rate, decay = self._restarts(examples)
    else:
      decay = optax.constant_schedule(self.weight_decay)
      falling = optax.cosine_decay_schedule(self.learning_rate, self.steps(examples))
      rate = falling if self.kind == 'cosine' else optax.constant_schedule(self.learning_rate)
    return optax.chain(
      optax.scale_by_adam(), optax.add_decayed_weights(decay), optax.scale_by_learning_rate(rate)
    )  # fmt: skip

  def _restarts(self, examples: int) -> tuple[Callable, Callable]:
    period = math.ceil(self.epochs // 10 or 1)

    def rate(step: Int[Array, '']) -> Float[Array, '']:
      return _LOWEST_RATE + (self.learning_rate - _LOWEST_RATE) * self._phase(step, examples, period)[0]

    def decay(step: Int[Array, '']) -> Float[Array, '']:
      cosine, length = self._phase(step, examples, period)
      return self.weight_decay * cosine * jnp.sqrt(self.batch / (examples * length))

    return rate, decay

  def _phase(self, step: Int[Array, ''], examples: int, first: int) -> tuple[jax.Array, jax.Array]:
    """Height of the cosine at a step and the length of its period in epochs.

    A step at the end of one period and the start of the next is at the end, as in the reference's scheduler.
    """
    at = jnp.asarray(step, jnp.float32) / self.steps_per_epoch(examples)
    restarts = jnp.ceil(jnp.log2(jnp.maximum(at / first + 1, 1)) - 1e-6) - 1
    restarts = jnp.maximum(restarts, 0)
    length = first * 2.0**restarts
    start = first * (2.0**restarts - 1)
    return 0.5 * (1 + jnp.cos(jnp.pi * (at - start) / length)), length
