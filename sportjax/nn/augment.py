"""Random augmentation of frames on the device, by key: colour, background noise, mirror and crop.

Everything is a dense pass over the batch: colour is one 3x3 matrix an image, mirror and crop are two small
interpolation matrices an image, so nothing gathers.
"""

from __future__ import annotations

import dataclasses
from typing import Literal

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

# RGB to luma and two chroma axes (NTSC), whose rotation is a change of hue.
_YIQ = ((0.299, 0.587, 0.114), (0.5959, -0.2746, -0.3213), (0.2115, -0.5227, 0.3112))


@dataclasses.dataclass(frozen=True)
class AugmentConfig:
  """Ranges of the random changes. `noise_on` names the pixels that get noise where the mask is known.

  The paper's noise is 0.05 on the background of the standardised image.
  """

  mirror: float = 0.5  # probability
  crop_scale: tuple[float, float] = (0.5, 1.0)  # of the area
  crop_ratio: tuple[float, float] = (0.9, 1.1)  # width over height
  brightness: float = 0.2
  contrast: float = 0.2
  saturation: float = 0.05
  hue: float = 0.05  # of the full circle
  noise: float = 0.5  # probability
  noise_sd: float = 0.05
  noise_on: Literal['background', 'person'] = 'background'


REFERENCE = AugmentConfig(noise_sd=0.05**0.5, noise_on='person')  # VPD's code, which takes the mask the wrong way round


def jitter_colour(key: jax.Array, rgb: Float[Array, 'b h w 3'], config: AugmentConfig) -> Float[Array, 'b h w 3']:
  """Random brightness, contrast, saturation and hue of images in [0, 1], one draw an image.

  Source: torchvision's ColorJitter. Departures: the order is fixed, values are clipped once at the end, and hue turns
  the chroma plane of YIQ instead of HSV's circle; so the whole is one matrix and one offset an image.
  """
  spread = jnp.array([config.brightness, config.contrast, config.saturation, config.hue])
  draw = jax.random.uniform(key, (len(rgb), 4), minval=-1, maxval=1) * spread[None]
  luma = jnp.einsum('bhwc,c->b', rgb, jnp.array(_YIQ[0])) / (rgb.shape[1] * rgb.shape[2])
  brightness, contrast, saturation = (1 + draw[:, :3]).T
  matrix = brightness[:, None, None] * contrast[:, None, None] * _chroma(saturation, 2 * jnp.pi * draw[:, 3])
  offset = brightness * (1 - contrast) * luma
  return jnp.clip(jnp.einsum('bhwc,bkc->bhwk', rgb, matrix) + offset[:, None, None, None], 0, 1)


def _chroma(gain: Float[Array, 'b'], angle: Float[Array, 'b']) -> Float[Array, 'b 3 3']:
  """RGB to RGB: chroma scaled and turned, luma and greys kept."""
  to_yiq = jnp.array(_YIQ)
  c, s, one, zero = gain * jnp.cos(angle), gain * jnp.sin(angle), jnp.ones_like(gain), jnp.zeros_like(gain)
  turn = jnp.stack([one, zero, zero, zero, c, -s, zero, s, c], 1).reshape(-1, 3, 3)
  return jnp.einsum('ij,bjk,kl->bil', jnp.linalg.inv(to_yiq), turn, to_yiq)


def add_noise(
  key: jax.Array, rgb: Float[Array, 'b h w 3'], person: Bool[Array, 'b h w'], config: AugmentConfig
) -> Float[Array, 'b h w 3']:
  """Gaussian noise on the background (or the person) of a random share of the images whose mask is known.

  A mask without any person pixel is an unknown one, and its image stays as it is.
  """
  which, values = jax.random.split(key)
  drawn = (jax.random.uniform(which, (len(rgb),)) < config.noise) & person.any((1, 2))
  where = (person if config.noise_on == 'person' else ~person) & drawn[:, None, None]
  return rgb + jnp.where(where[..., None], config.noise_sd * jax.random.normal(values, rgb.shape), 0)


def crop_boxes(key: jax.Array, count: int, config: AugmentConfig) -> Float[Array, 'b 4']:
  """Random boxes (x0, y0, width, height) as fractions of the image.

  Source: torchvision's RandomResizedCrop. Departure: a side longer than the image is cut to it instead of redrawn.
  """
  scale, ratio, place = jax.random.split(key, 3)
  area = jax.random.uniform(scale, (count,), minval=config.crop_scale[0], maxval=config.crop_scale[1])
  low, high = jnp.log(jnp.array(config.crop_ratio))
  aspect = jnp.exp(jax.random.uniform(ratio, (count,), minval=low, maxval=high))
  size = jnp.minimum(jnp.sqrt(jnp.stack([area * aspect, area / aspect], 1)), 1)
  return jnp.concatenate([jax.random.uniform(place, (count, 2)) * (1 - size), size], 1)


def resample(
  planes: Float[Array, 'b h w c'], boxes: Float[Array, 'b 4'], mirror: Bool[Array, 'b'], size: int | None = None
) -> Float[Array, 'b y x c']:
  """The boxes stretched to `size` pixels square (by default the image's), bilinear; mirrored where `mirror`."""
  rows = _interpolation(boxes[:, 1], boxes[:, 3], planes.shape[1], size or planes.shape[1])
  columns = _interpolation(boxes[:, 0], boxes[:, 2], planes.shape[2], size or planes.shape[2])
  columns = jnp.where(mirror[:, None, None], columns[:, ::-1], columns)
  return jnp.einsum('bij,bjkc,blk->bilc', rows, planes, columns)


def _interpolation(start: Float[Array, 'b'], length: Float[Array, 'b'], size: int, out: int) -> Float[Array, 'b i j']:
  """Weights of input pixel j in output pixel i, edges repeated; pixel centres lie at half integers."""
  source = (start[:, None] + length[:, None] * (jnp.arange(out) + 0.5)[None] / out) * size - 0.5
  source = jnp.clip(source, 0, size - 1)
  return jax.nn.relu(1 - jnp.abs(source[:, :, None] - jnp.arange(size, dtype=source.dtype)[None, None]))
