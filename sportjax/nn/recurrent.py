"""A bidirectional GRU over sequences of any length, and the head that reads a class off it."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from flax import nnx
from jaxtyping import Array, Bool, Float, Int


class GRULayer(nnx.Module):
  """One direction of a GRU, by time steps; a masked step passes its state on.

  Source: Cho et al., arXiv 1406.1078, in the form of cuDNN and torch, whose reset gate is applied after the product.
  """

  def __init__(self, d: int, hidden: int, *, rngs: nnx.Rngs):
    init = nnx.initializers.variance_scaling(1 / 3, 'fan_out', 'uniform')
    self.inputs = nnx.Linear(d, 3 * hidden, kernel_init=init, rngs=rngs)
    self.states = nnx.Linear(hidden, 3 * hidden, kernel_init=init, rngs=rngs)
    self.hidden = hidden

  def __call__(
    self, x: Float[Array, 'b t d'], mask: Bool[Array, 'b t'], *, reverse: bool = False
  ) -> Float[Array, 'b t h']:
    gates = self.inputs(x).swapaxes(0, 1)

    def step(state: Array, now: tuple[Array, Array]) -> tuple[Array, Array]:
      gate, there = now
      reset_x, update_x, new_x = jnp.split(gate, 3, axis=-1)
      reset_h, update_h, new_h = jnp.split(self.states(state), 3, axis=-1)
      update = nnx.sigmoid(update_x + update_h)
      new = jnp.tanh(new_x + nnx.sigmoid(reset_x + reset_h) * new_h)
      state = jnp.where(there[:, None], (1 - update) * new + update * state, state)
      return state, state

    start = jnp.zeros((x.shape[0], self.hidden), gates.dtype)
    _, states = jax.lax.scan(step, start, (gates, mask.T), reverse=reverse)
    return states.swapaxes(0, 1)


class BiGRU(nnx.Module):
  """Layers of a GRU in both directions; outputs of masked steps are not defined.

  From the end of a padded clip the backward state stays 0 until its last frame, so no clip sees its padding.
  """

  def __init__(self, d: int, hidden: int, layers: int, *, rngs: nnx.Rngs):
    widths = [d] + [2 * hidden] * (layers - 1)
    self.forward = nnx.List([GRULayer(width, hidden, rngs=rngs) for width in widths])
    self.backward = nnx.List([GRULayer(width, hidden, rngs=rngs) for width in widths])

  def __call__(self, x: Float[Array, 'b t d'], mask: Bool[Array, 'b t']) -> Float[Array, 'b t h2']:
    for forward, backward in zip(self.forward, self.backward, strict=True):
      x = jnp.concatenate([forward(x, mask), backward(x, mask, reverse=True)], axis=-1)
    return x


class SequenceClassifier(nnx.Module):
  """Dropout, a two-layer BiGRU, its maximum over time, and two dense layers, each behind BatchNorm and dropout.

  Source: VPD (arXiv 2109.01305), section 5.1, with the sizes of its reference implementation.
  """

  def __init__(self, d: int, classes: int, *, hidden: int = 128, rngs: nnx.Rngs):
    self.input_dropout = nnx.Dropout(0.2, rngs=rngs)
    self.gru = BiGRU(d, hidden, 2, rngs=rngs)
    self.norm1, self.norm2 = (nnx.BatchNorm(2 * hidden, momentum=0.9, rngs=rngs) for _ in range(2))
    self.dropout1, self.dropout2 = (nnx.Dropout(0.5, rngs=rngs) for _ in range(2))
    self.dense = nnx.Linear(2 * hidden, 2 * hidden, rngs=rngs)
    self.out = nnx.Linear(2 * hidden, classes, rngs=rngs)

  def __call__(self, x: Float[Array, 'b t d'], lengths: Int[Array, 'b']) -> Float[Array, 'b k']:
    mask = jnp.arange(x.shape[1])[None] < lengths[:, None]
    states = self.gru(self.input_dropout(x), mask)
    pooled = jnp.max(jnp.where(mask[..., None], states, -jnp.inf), axis=1)
    pooled = nnx.relu(self.dense(self.dropout1(self.norm1(pooled))))
    return self.out(self.dropout2(self.norm2(pooled)))
