"""Attention of queries over keys, whose heads may be fewer, and the masks of language models."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

_NEVER = -0.7 * float(jnp.finfo(jnp.float32).max)  # finite, so that a query with nothing to see makes no NaN


def attend(
  query: Float[Array, 'b l h d'],
  key: Float[Array, 'b m k d'],
  value: Float[Array, 'b m k d'],
  mask: Bool[Array, 'b l m'] | None = None,
  *,
  scale: float,
  softcap: float | None = None,
) -> Float[Array, 'b l h d']:
  """Softmax attention, the softmax in float32; h / k query heads share a head of keys and values.

  Args:
    query: rotated already, where positions are.
    key: as `query`; `k` divides `h`.
    value: of the keys.
    mask: True where a query may see a key, its first two axes may be 1; None for everywhere. What a query that sees no
      key gets is not defined, but finite.
    scale: factor on the scores.
    softcap: bound of the scores, by softcap * tanh(score / softcap); Gemma 2's.
  """
  shape, groups = query.shape, key.shape[2]
  query = query.reshape(*shape[:2], groups, -1, shape[-1])
  scores = jnp.einsum('blkgd,bmkd->bkglm', query, key, preferred_element_type=jnp.float32) * scale
  if softcap is not None:
    scores = softcap * jnp.tanh(scores / softcap)
  if mask is not None:
    scores = jnp.where(mask[:, None, None], scores, _NEVER)
  weights = jax.nn.softmax(scores, axis=-1).astype(value.dtype)
  return jnp.einsum('bkglm,bmkd->blkgd', weights, value).reshape(*shape[:3], value.shape[-1])


def causal_mask(
  queries: Int[Array, 'l'], keys: Int[Array, 'm'], there: Bool[Array, 'b m'], window: int | None = None
) -> Bool[Array, 'b l m']:
  """Which keys a query sees: those that are there, not later than it, and among the last `window` with itself.

  `queries` and `keys` are places in the padded sequence; padding on the left shifts both alike.
  """
  back = queries[:, None] - keys[None]
  seen = back >= 0 if window is None else (back >= 0) & (back < window)
  return seen[None] & there[:, None]
