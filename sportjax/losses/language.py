"""The loss of a language model, without the scores of all tokens at once."""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int


def token_cross_entropy(
  scores_of: Callable[[Float[Array, 'b l d']], Float[Array, 'b l v']],
  hidden: Float[Array, 'b l d'],
  targets: Int[Array, 'b l'],
  weights: Float[Array, 'b l'],
  *,
  chunk: int = 256,
) -> Float[Array, '']:
  """Mean negative log-probability of the targets, by weight; 0 where all weights are.

  Scores over a large vocabulary outweigh the model's own memory, so they are made for `chunk` places at a time, and
  again in the backward pass.

  Args:
    scores_of: such as `LanguageModel.logits`.
    hidden: states that predict `targets`: those of the places before.
    targets: the next token of each place.
    weights: 0 for places that do not count, such as the prompt and padding.
    chunk: places of a row at a time.
  """
  chunk = min(chunk, targets.shape[1])
  spare = -targets.shape[1] % chunk

  def pieces(x: Array) -> Array:
    x = jnp.pad(x, [(0, 0), (0, spare)] + [(0, 0)] * (x.ndim - 2))
    return x.reshape(x.shape[0], -1, chunk, *x.shape[2:]).swapaxes(0, 1)

  @jax.checkpoint
  def add(total: Array, piece: tuple[Array, Array, Array]) -> tuple[Array, None]:
    hidden, target, weight = piece
    scores = scores_of(hidden).astype(jnp.float32)
    of_target = jnp.take_along_axis(scores, target[..., None], axis=-1)[..., 0]
    return total + ((jax.nn.logsumexp(scores, axis=-1) - of_target) * weight).sum(), None

  weights = weights.astype(jnp.float32)
  total, _ = jax.lax.scan(add, jnp.zeros(()), (pieces(hidden), pieces(targets), pieces(weights)))
  return total / jnp.maximum(weights.sum(), 1e-6)
