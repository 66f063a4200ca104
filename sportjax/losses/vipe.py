"""The losses of VIPE*: views of one pose lie together, different poses apart, and 3D can be read out."""

from __future__ import annotations

from collections.abc import Sequence

import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

_TINY = 1e-12  # under the root of a distance, whose gradient at 0 would not be finite


def distance(a: Float[Array, 'b d'], b: Float[Array, 'b d']) -> Float[Array, 'b']:
  """L2 distance, not squared."""
  return jnp.sqrt(jnp.maximum(jnp.square(a - b).sum(-1), _TINY))


def contrastive(
  one: Float[Array, 'b d'], other: Float[Array, 'b d'], negative: Float[Array, 'b d'], valid: Bool[Array, 'b']
) -> Float[Array, 'b']:
  """Distance of two views of a pose, and what a different pose lacks of a distance of 1; `valid` where there is one.

  Source: VPD (arXiv 2109.01305), supplement G: the distance as it is, as in its reference implementation.
  """
  return distance(one, other) + jnp.where(valid, jnp.maximum(0.0, 1 - distance(one, negative)), 0.0)


def lifting(
  predicted: Sequence[Float[Array, 'b f']], target: Float[Array, 'b g'], source: Int[Array, 'b']
) -> Float[Array, 'b']:
  """Squared error of the 3D features, summed, each row by the head of its own data set.

  Targets are as wide as the widest skeleton's; what lies beyond a head's width is not looked at.
  """
  total = jnp.zeros(len(target))
  for head, values in enumerate(predicted):
    error = jnp.square(values - target[:, : values.shape[1]]).sum(-1)
    total = total + jnp.where(source == head, error, 0.0)
  return total
