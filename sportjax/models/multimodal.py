"""Soft tokens for language models: features projected into its embeddings, and put where placeholders stand."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx
from jaxtyping import Array, Float, Int

from sportjax.errors import InputError
from sportjax.nn.vit import linear


class Projector(nnx.Module):
  """Two layers with a GELU between, `mlp2x_gelu`. Source: Liu et al. 2024 (arXiv:2310.03744)."""

  def __init__(self, features: int, width: int, *, dtype: Any = 'float32', rngs: nnx.Rngs):
    self.layer1 = linear(features, width, ('mlp', 'embed'), dtype=dtype, rngs=rngs)
    self.layer2 = linear(width, width, ('embed', 'mlp'), dtype=dtype, rngs=rngs)

  def __call__(self, x: Float[Array, '*b d']) -> Float[Array, '*b k']:
    return self.layer2(jax.nn.gelu(self.layer1(x), approximate=False))


def inject(
  embeds: Float[Array, 'b l d'], ids: Int[Array, 'b l'], soft: Float[Array, 'b m d'], placeholder: int
) -> Float[Array, 'b l d']:
  """Input embeddings with a row's n-th soft token in the place of its n-th placeholder.

  How many placeholders a row has is not known under jit; `check_placeholders` is for the host.
  """
  there = ids == placeholder
  order = jnp.clip(jnp.cumsum(there, axis=1) - 1, 0, soft.shape[1] - 1)
  taken = jnp.take_along_axis(soft, order[..., None], axis=1)
  return jnp.where(there[..., None], taken.astype(embeds.dtype), embeds)


def check_placeholders(ids: Int[np.ndarray, 'b l'], placeholder: int, soft: int) -> None:
  """Whether each row has a place for each of its soft tokens.

  Raises:
    InputError: a row has more or fewer.
  """
  counts = (np.asarray(ids) == placeholder).sum(1)
  for row in np.flatnonzero(counts != soft):
    raise InputError(f'prompt {row} holds {counts[row]} placeholders of id {placeholder} for {soft} soft tokens')
