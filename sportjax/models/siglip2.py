"""SigLIP 2 for images of any aspect (NaFlex): patches come as a padded list, with each image's rows and columns.

Source: Tschannen et al. 2025 (arXiv:2502.14786); weights by Hugging Face's names. SigLIP 2 of fixed resolution is of
SigLIP's form and lives in siglip.py.
"""

from __future__ import annotations

import dataclasses
import math

import jax.numpy as jnp
from flax import nnx
from jaxtyping import Array, Float, Int, PRNGKeyArray

from sportjax.errors import InputError
from sportjax.models import hf_config, siglip, tower_names
from sportjax.models.checkpoints.name_map import NameMap, Rule
from sportjax.nn.attention_pool import ProbePool, l2_normalise
from sportjax.nn.positions import smooth_to_shapes
from sportjax.nn.vit import INIT, Encoded, Transformer, TransformerConfig, linear
from sportjax.typing import JSON


@dataclasses.dataclass(frozen=True)
class ImageConfig:
  """The image tower; `positions` is the number of entries of its square table."""

  transformer: TransformerConfig
  patch_px: int = 16
  positions: int = 256


@dataclasses.dataclass(frozen=True)
class SigLIP2Config:
  """Both towers."""

  image: ImageConfig
  text: siglip.TextConfig


PRESETS = {
  'siglip2_b16_naflex': SigLIP2Config(ImageConfig(siglip.BASE), siglip.TextConfig(siglip.BASE, siglip.GEMMA_VOCAB)),
  'siglip2_so400m_16_naflex': SigLIP2Config(
    ImageConfig(siglip.SO400M), siglip.TextConfig(siglip.SO400M, siglip.GEMMA_VOCAB)
  ),
}


class ImageTower(nnx.Module):
  """A vision transformer over lists of patches, pooled by a learned probe."""

  def __init__(self, config: ImageConfig, *, rngs: nnx.Rngs):
    width, dtype = config.transformer.width, config.transformer.dtype
    self.patches = linear(3 * config.patch_px**2, width, (None, 'embed'), dtype=dtype, rngs=rngs)
    self.positions = nnx.Param(INIT(rngs.params(), (config.positions, width)), logical_axes=(None, 'embed'))
    self.transformer = Transformer(config.transformer, rngs=rngs)
    self.pool = ProbePool(config.transformer, rngs=rngs)

  def __call__(
    self, patches: Float[Array, 'b l p'], shapes: Int[Array, 'b 2'], *, key: PRNGKeyArray | None = None
  ) -> Encoded:
    """Patches of images, row by row, of which the first rows x columns of `shapes` are there and the rest padding."""
    side = math.isqrt(len(self.positions[...]))
    table = self.positions[...].reshape(side, side, -1)
    x = self.patches(patches)
    x = x + smooth_to_shapes(table, shapes, patches.shape[1]).astype(x.dtype)
    there = jnp.arange(patches.shape[1])[None] < shapes.prod(1, keepdims=True)
    tokens = self.transformer(x, mask=there[:, None, None], key=key)
    return Encoded(tokens, self.pool(tokens, there))


class SigLIP2(nnx.Module):
  """Images of any aspect and texts in one space."""

  def __init__(self, config: SigLIP2Config, *, rngs: nnx.Rngs):
    self.image, self.text = ImageTower(config.image, rngs=rngs), siglip.TextTower(config.text, rngs=rngs)
    self.log_scale, self.bias = nnx.Param(jnp.log(jnp.full(1, 10.0))), nnx.Param(jnp.full(1, -10.0))
    self.config = config

  def embed_images(self, patches: Float[Array, 'b l p'], shapes: Int[Array, 'b 2']) -> Float[Array, 'b d']:
    """Unit vectors."""
    return l2_normalise(self.image(patches, shapes).pooled)

  def embed_text(self, ids: Int[Array, 'b l']) -> Float[Array, 'b d']:
    """Unit vectors."""
    return l2_normalise(self.text(ids).pooled)


def patch_list(
  images: Float[Array, 'b h w c'], patch_px: int, length: int
) -> tuple[Float[Array, 'b l p'], Int[Array, 'b 2']]:
  """Images of one size as the tower takes them, padded to `length` patches.

  Raises:
    InputError: an image has more patches than that.
  """
  rows, columns = images.shape[1] // patch_px, images.shape[2] // patch_px
  if rows * columns > length:
    raise InputError(f'images of {rows}x{columns} patches do not fit {length}: scale them down')
  x = images[:, : rows * patch_px, : columns * patch_px].reshape(len(images), rows, patch_px, columns, patch_px, -1)
  x = x.transpose(0, 1, 3, 2, 4, 5).reshape(len(images), rows * columns, -1)
  padded = jnp.pad(x, ((0, 0), (0, length - rows * columns), (0, 0)))
  return padded, jnp.broadcast_to(jnp.array([[rows, columns]]), (len(images), 2))


def name_map(config: SigLIP2Config) -> NameMap:
  """Weights of Siglip2Model."""
  rules = (
    *tower_names.affine('vision_model.embeddings.patch_embedding', 'image.patches'),
    *siglip.image_rules(config.image.transformer),
    *siglip.text_rules(),
    Rule('logit_scale', 'log_scale'),
    Rule('logit_bias', 'bias'),
  )
  return NameMap(rules, ignored=('*.position_ids',))


def from_hf(raw: JSON) -> SigLIP2Config:
  """The config of a Hugging Face folder's config.json.

  Raises:
    InputError: it is of another model, or asks for what is not built.
  """
  hf_config.check_type(raw, 'siglip2')
  image = hf_config.values(
    hf_config.section(raw, 'vision_config'), siglip.STACK_DEFAULTS | {'patch_size': 16, 'num_patches': 256}
  )
  return SigLIP2Config(
    ImageConfig(hf_config.transformer(image), image['patch_size'], image['num_patches']),
    siglip.text_from_hf(hf_config.section(raw, 'text_config')),
  )
