"""Bidirectional recurrent layers over sequences of any length: GRU and LSTM."""

from __future__ import annotations

from typing import Any, Literal

import jax
import jax.numpy as jnp
from flax import nnx
from jaxtyping import Array, Bool, Float

Cell = Literal['gru', 'lstm']


class _Layer(nnx.Module):
  """One direction, by time steps; a masked step passes its state on. torch's start: uniform in +-1 / sqrt(hidden)."""

  gates: int
  states_kept: int

  def __init__(self, d: int, hidden: int, *, rngs: nnx.Rngs):
    def init(key: Array, shape: tuple[int, ...], dtype: Any = jnp.float32, **_: Any) -> Array:
      return jax.random.uniform(key, shape, dtype, -(hidden**-0.5), hidden**-0.5)

    self.inputs = nnx.Linear(d, self.gates * hidden, kernel_init=init, bias_init=init, rngs=rngs)
    self.states = nnx.Linear(hidden, self.gates * hidden, kernel_init=init, bias_init=init, rngs=rngs)
    self.hidden = hidden

  def advance(self, gate: Float[Array, 'b g'], kept: tuple[Array, ...]) -> tuple[Array, ...]:
    """The states after a step; the first of them is the output."""
    raise NotImplementedError

  def __call__(
    self, x: Float[Array, 'b t d'], mask: Bool[Array, 'b t'], *, reverse: bool = False
  ) -> Float[Array, 'b t h']:
    gates = self.inputs(x).swapaxes(0, 1)

    def step(kept: tuple[Array, ...], now: tuple[Array, Array]) -> tuple[tuple[Array, ...], Array]:
      gate, there = now
      pairs = zip(self.advance(gate, kept), kept, strict=True)
      kept = tuple(jnp.where(there[:, None], after, before) for after, before in pairs)
      return kept, kept[0]

    start = (jnp.zeros((x.shape[0], self.hidden), gates.dtype),) * self.states_kept
    _, states = jax.lax.scan(step, start, (gates, mask.T), reverse=reverse)
    return states.swapaxes(0, 1)


class GRULayer(_Layer):
  """Source: Cho et al., arXiv 1406.1078, in the form of cuDNN and torch: the reset gate comes after the product."""

  gates, states_kept = 3, 1

  def advance(self, gate: Float[Array, 'b g'], kept: tuple[Array, ...]) -> tuple[Array, ...]:
    """The next state."""
    (state,) = kept
    reset_x, update_x, new_x = jnp.split(gate, 3, axis=-1)
    reset_h, update_h, new_h = jnp.split(self.states(state), 3, axis=-1)
    update = nnx.sigmoid(update_x + update_h)
    new = jnp.tanh(new_x + nnx.sigmoid(reset_x + reset_h) * new_h)
    return ((1 - update) * new + update * state,)


class LSTMLayer(_Layer):
  """Source: Hochreiter & Schmidhuber 1997 with forget gates (Gers et al. 2000), gates in torch's order."""

  gates, states_kept = 4, 2

  def advance(self, gate: Float[Array, 'b g'], kept: tuple[Array, ...]) -> tuple[Array, ...]:
    """The next output and cell."""
    state, cell = kept
    enter, forget, new, leave = jnp.split(gate + self.states(state), 4, axis=-1)
    cell = nnx.sigmoid(forget) * cell + nnx.sigmoid(enter) * jnp.tanh(new)
    return nnx.sigmoid(leave) * jnp.tanh(cell), cell


_LAYERS: dict[Cell, type[_Layer]] = {'gru': GRULayer, 'lstm': LSTMLayer}


class BiRNN(nnx.Module):
  """Layers in both directions; outputs of masked steps are not defined.

  From the end of a padded clip the backward state stays 0 until its last frame, so no clip sees its padding.
  """

  def __init__(self, cell: Cell, d: int, hidden: int, layers: int, *, rngs: nnx.Rngs):
    widths = [d] + [2 * hidden] * (layers - 1)
    self.forward = nnx.List([_LAYERS[cell](width, hidden, rngs=rngs) for width in widths])
    self.backward = nnx.List([_LAYERS[cell](width, hidden, rngs=rngs) for width in widths])

  def __call__(
    self, x: Float[Array, 'b t d'], mask: Bool[Array, 'b t']
  ) -> tuple[Float[Array, 'b t h2'], Float[Array, 'b s']]:
    """Outputs of the last layer, and the last states of all layers and directions side by side."""
    last = []
    for forward, backward in zip(self.forward, self.backward, strict=True):
      there, back = forward(x, mask), backward(x, mask, reverse=True)
      last += [there[:, -1], back[:, 0]]
      x = jnp.concatenate([there, back], axis=-1)
    return x, jnp.concatenate(last, axis=-1)
