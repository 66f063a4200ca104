"""All-pairs correlation of two feature maps at several resolutions, read about where the flow points.

Source: Teed & Deng 2020 (RAFT, arXiv 2003.12039), section 3.2.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float


def pyramid(
  first: Float[Array, 'b h w c'], second: Float[Array, 'b h w c'], levels: int
) -> list[Float[Array, 'n p q']]:
  """The product of every place of `first` with all of `second` (n = b h w), each level at half the one before."""
  _, height, width, channels = first.shape
  found = [jnp.einsum('bhwc,bpqc->bhwpq', first, second).reshape(-1, height, width) / channels**0.5]
  for _ in range(levels - 1):
    found.append(_halved(found[-1]))
  return found


def _halved(x: Float[Array, 'n p q']) -> Float[Array, 'n r s']:
  """Means of 2x2; an odd last row or column is left out, as torch's pooling does."""
  height, width = x.shape[1] // 2, x.shape[2] // 2
  return x[:, : 2 * height, : 2 * width].reshape(-1, height, 2, width, 2).mean((2, 4))


def look_up(
  levels: list[Float[Array, 'n p q']], places: Float[Array, 'b h w 2'], radius: int
) -> Float[Array, 'b h w k']:
  """Bilinear values in a square about each place (x, y in the finest level), level by level, columns first.

  Nothing lies beyond the edges. The sampling is two small interpolation matrices a place, so that nothing gathers.
  """
  offset = jnp.arange(-radius, radius + 1, dtype=places.dtype)
  flat = places.reshape(-1, 2)
  found = []
  for i, level in enumerate(levels):
    around = flat[:, :, None] / 2**i + offset[None, None]  # n xy side
    columns = _weights(around[:, 0], level.shape[2])
    rows = _weights(around[:, 1], level.shape[1])
    # The released code adds its first offset to x: columns run slowest.
    found.append(jnp.einsum('nxq,nyp,npq->nxy', columns, rows, level).reshape(*places.shape[:3], -1))
  return jnp.concatenate(found, axis=-1)


def _weights(at: Float[Array, 'n s'], size: int) -> Float[Array, 'n s p']:
  """Weight of pixel p for a sample at a coordinate."""
  return jax.nn.relu(1 - jnp.abs(at[:, :, None] - jnp.arange(size, dtype=at.dtype)[None, None]))
