"""Alignment as a loss: sequences of different lengths and tempo pulled together, or matched against each other."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from sportjax.align import costs, soft_dtw
from sportjax.losses.mean import weighted_mean


def alignment_loss(
  predicted: Float[Array, 'b n d'],
  target: Float[Array, 'b m d'],
  n: Int[Array, 'b'] | None = None,
  m: Int[Array, 'b'] | None = None,
  *,
  weight: Float[Array, 'b'] | None = None,
  gamma: float = 0.1,
  cost: str | costs.Cost = 'squared_l2',
) -> Float[Array, '']:
  """Mean soft-DTW divergence of aligned pairs, each divided by n + m so that long clips do not outweigh short ones.

  A pair of weight 0 contributes nothing, whatever its target holds (NaN included).

  Source: Blondel, Mensch and Vert, arXiv 2010.08354; the division by the lengths is ours.
  """
  if weight is not None:
    target = jnp.where((weight > 0)[:, None, None], target, 0)
  value = soft_dtw.divergence(predicted, target, gamma, n, m, cost=cost)
  lengths = (predicted.shape[1] if n is None else n) + (target.shape[1] if m is None else m)
  return weighted_mean(value / lengths, weight)


def contrastive_alignment_loss(
  x: Float[Array, 'b n d'],
  y: Float[Array, 'b m d'],
  n: Int[Array, 'b'],
  m: Int[Array, 'b'],
  *,
  weight: Float[Array, 'b'] | None = None,
  gamma: float = 0.1,
  temperature: float = 0.1,
  cost: str | costs.Cost = 'squared_l2',
) -> Float[Array, '']:
  """InfoNCE over a batch: the similarity of two sequences is minus their soft-DTW over n + m and temperature.

  Both directions count, x among the y and y among the x. A pair of weight 0 is not among the others either.
  Source: InfoNCE, van den Oord et al., arXiv 1807.03748; soft-DTW as the similarity, Haresh et al., arXiv 2103.17260.
  """
  b = len(x)
  rows, columns = jnp.repeat(jnp.arange(b), b), jnp.tile(jnp.arange(b), b)
  value = soft_dtw.soft_dtw_features(x[rows], y[columns], gamma, n[rows], m[columns], cost=cost)
  logits = (-value / ((n[rows] + m[columns]) * temperature)).reshape(b, b)
  own = jnp.diagonal(logits)
  if weight is not None:
    there = weight > 0
    logits = jnp.where(there[:, None] & there[None], logits, -jnp.inf)
    own, logits = jnp.where(there, own, 0), logits.at[jnp.diag_indices(b)].set(jnp.where(there, own, 0))
  total = sum(jax.nn.logsumexp(logits, axis=axis) for axis in (0, 1))
  return weighted_mean(0.5 * total - own, weight)
