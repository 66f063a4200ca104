"""The distillation loss of Video Pose Distillation."""

from __future__ import annotations

import jax.numpy as jnp
from jaxtyping import Array, Float

from sportjax.losses.mean import weighted_mean


def distil_loss(
  prediction: Float[Array, 'b k'], target: Float[Array, 'b k'], weight: Float[Array, 'b'] | None = None
) -> Float[Array, '']:
  """Squared error summed over the target's dimensions, averaged over the examples by weight; 0 where none weighs.

  A row of weight 0 contributes nothing, whatever its target holds (NaN included).

  Source: VPD (arXiv 2109.01305), equation 1. Departure: a mean over the batch, not a sum, so that batches of any size
  share one scale; Adam's step does not change with it.
  """
  if weight is not None:
    target = jnp.where((weight > 0)[:, None], target, prediction)
  return weighted_mean(jnp.square(prediction - target).sum(1), weight)
