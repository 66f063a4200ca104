"""SigLIP's image and text towers, and SigLIP 2's of fixed resolution, which are of the same form.

Source: Zhai et al. 2023 (arXiv:2303.15343), Tschannen et al. 2025 (arXiv:2502.14786); weights by Hugging Face's names.
"""

from __future__ import annotations

import dataclasses

import jax.numpy as jnp
from flax import nnx
from jaxtyping import Array, Bool, Float, Int, PRNGKeyArray

from sportjax.errors import InputError
from sportjax.models import hf_config, tower_names
from sportjax.models.checkpoints.name_map import NameMap, Reshape, Rule, Split, Transpose
from sportjax.nn.attention_pool import ProbePool, l2_normalise
from sportjax.nn.patches import Patches
from sportjax.nn.positions import resize
from sportjax.nn.vit import INIT, Encoded, Transformer, TransformerConfig, linear
from sportjax.typing import JSON


@dataclasses.dataclass(frozen=True)
class ImageConfig:
  """The image tower, whose position table is for square images of `size_px`."""

  transformer: TransformerConfig
  size_px: int = 224
  patch_px: int = 16

  @property
  def side(self) -> int:
    """Patches along a side."""
    return self.size_px // self.patch_px


@dataclasses.dataclass(frozen=True)
class TextConfig:
  """The text tower. Texts are padded to `length`, as they were in training: the last token is what is pooled."""

  transformer: TransformerConfig
  vocab: int = 32000
  length: int = 64
  projection: int | None = None  # the transformer's width


@dataclasses.dataclass(frozen=True)
class SigLIPConfig:
  """Both towers."""

  image: ImageConfig
  text: TextConfig


def stack(width: int, depth: int, heads: int, mlp_width: int) -> TransformerConfig:
  """The transformer of SigLIP's towers."""
  return TransformerConfig(width, depth, heads, mlp_width, activation='gelu_tanh')


BASE, SO400M = stack(768, 12, 12, 3072), stack(1152, 27, 16, 4304)
GEMMA_VOCAB = 256000  # SigLIP 2 reads many languages

PRESETS = {
  'siglip_b16_224': SigLIPConfig(ImageConfig(BASE), TextConfig(BASE)),
  'siglip_so400m_14_384': SigLIPConfig(ImageConfig(SO400M, 384, 14), TextConfig(SO400M)),
  'siglip2_b16_224': SigLIPConfig(ImageConfig(BASE), TextConfig(BASE, GEMMA_VOCAB)),
  'siglip2_so400m_14_384': SigLIPConfig(ImageConfig(SO400M, 384, 14), TextConfig(SO400M, GEMMA_VOCAB)),
}


class ImageTower(nnx.Module):
  """A vision transformer pooled by a learned probe; `pool=False` for those who read its states only."""

  def __init__(self, config: ImageConfig, *, pool: bool = True, rngs: nnx.Rngs):
    width = config.transformer.width
    self.patches = Patches(width, config.patch_px, dtype=config.transformer.dtype, rngs=rngs)
    self.positions = nnx.Param(INIT(rngs.params(), (config.side**2, width)), logical_axes=(None, 'embed'))
    self.transformer = Transformer(config.transformer, rngs=rngs)
    self.pool = ProbePool(config.transformer, rngs=rngs) if pool else None
    self.config = config

  def states(self, images: Float[Array, 'b h w c'], *, key: PRNGKeyArray | None = None) -> Float[Array, 'b l d']:
    """One vector a patch, row by row, not normed. The position table is interpolated to images of other sizes."""
    x, grid = self.patches(images[:, None])
    table = resize(self.positions[...], (self.config.side,) * 2, grid[1:], 'cubic')
    return self.transformer.states(x + table[None].astype(x.dtype), key=key)

  def __call__(self, images: Float[Array, 'b h w c'], *, key: PRNGKeyArray | None = None) -> Encoded:
    if self.pool is None:
      raise ValueError('this image tower was built without its pooling; use states')
    tokens = self.transformer.norm(self.states(images, key=key))
    return Encoded(tokens, self.pool(tokens))


class TextTower(nnx.Module):
  """A transformer that sees the whole text."""

  def __init__(self, config: TextConfig, *, rngs: nnx.Rngs):
    width, dtype = config.transformer.width, config.transformer.dtype
    self.embedding = nnx.Param(INIT(rngs.params(), (config.vocab, width)), logical_axes=('vocab', 'embed'))
    self.positions = nnx.Param(INIT(rngs.params(), (config.length, width)), logical_axes=(None, 'embed'))
    self.transformer = Transformer(config.transformer, rngs=rngs)
    self.head = linear(width, config.projection or width, ('embed', None), dtype=dtype, rngs=rngs)
    self.config = config

  def __call__(
    self, ids: Int[Array, 'b l'], mask: Bool[Array, 'b l'] | None = None, *, key: PRNGKeyArray | None = None
  ) -> Encoded:
    """Features of texts.

    Raises:
      InputError: the texts are longer than the model's table.
    """
    if ids.shape[1] > self.config.length:
      raise InputError(
        f'{ids.shape[1]} tokens are more than the {self.config.length} of this text tower: truncate them'
      )
    x = self.embedding[...][ids] + self.positions[: ids.shape[1]][None]
    tokens = self.transformer(x, mask=None if mask is None else mask[:, None, None], key=key)
    return Encoded(tokens, self.head(tokens[:, -1]))


class SigLIP(nnx.Module):
  """Images and texts in one space, each pair judged by itself."""

  def __init__(self, config: SigLIPConfig, *, rngs: nnx.Rngs):
    self.image, self.text = ImageTower(config.image, rngs=rngs), TextTower(config.text, rngs=rngs)
    self.log_scale, self.bias = nnx.Param(jnp.log(jnp.full(1, 10.0))), nnx.Param(jnp.full(1, -10.0))
    self.config = config

  def embed_images(self, images: Float[Array, 'b h w c']) -> Float[Array, 'b d']:
    """Unit vectors."""
    return l2_normalise(self.image(images).pooled)

  def embed_text(self, ids: Int[Array, 'b l'], mask: Bool[Array, 'b l'] | None = None) -> Float[Array, 'b d']:
    """Unit vectors."""
    return l2_normalise(self.text(ids, mask).pooled)

  def logits(self, images: Float[Array, 'b d'], text: Float[Array, 'n d']) -> Float[Array, 'b n']:
    """Log-odds that an image and a text belong together, of embedded ones."""
    return jnp.exp(self.log_scale[0]) * images @ text.T + self.bias[0]


def name_map(config: SigLIPConfig) -> NameMap:
  """Weights of SiglipModel."""
  image = config.image
  patches = tower_names.patches(
    'vision_model.embeddings.patch_embedding', 'image.patches', image.transformer.width, image.patch_px
  )
  return NameMap(
    (*patches, *image_rules(image.transformer), *text_rules(), Rule('logit_scale', 'log_scale'),
     Rule('logit_bias', 'bias')),
    ignored=('*.position_ids',),
  )  # fmt: skip


def image_rules(config: TransformerConfig, theirs: str = 'vision_model', ours: str = 'image', pool: bool = True):
  """The image tower's weights but for its patches'."""
  shared = (
    Rule(f'{theirs}.embeddings.position_embedding.weight', f'{ours}.positions'),
    *tower_names.huggingface_encoder(theirs, f'{ours}.transformer'),
    *tower_names.norm(f'{theirs}.post_layernorm', f'{ours}.transformer.norm'),
  )
  if not pool:
    return shared
  names = ('query', 'key', 'value')
  attention, width = f'{theirs}.head.attention', config.width
  return (
    *shared,
    Rule(f'{theirs}.head.probe', f'{ours}.pool.probe', (Reshape((1, 1, width), (width,)),)),
    Rule(
      f'{attention}.in_proj_weight',
      tuple(f'{ours}.pool.attention.{n}.kernel' for n in names),
      (Split(0, (width,) * 3), Transpose((1, 0))),
    ),
    Rule(
      f'{attention}.in_proj_bias', tuple(f'{ours}.pool.attention.{n}.bias' for n in names), (Split(0, (width,) * 3),)
    ),
    *tower_names.affine(f'{attention}.out_proj', f'{ours}.pool.attention.out'),
    *tower_names.norm(f'{theirs}.head.layernorm', f'{ours}.pool.norm'),
    *tower_names.affine(f'{theirs}.head.mlp.fc1', f'{ours}.pool.mlp.up'),
    *tower_names.affine(f'{theirs}.head.mlp.fc2', f'{ours}.pool.mlp.down'),
  )


def text_rules() -> tower_names.Rules:
  """The text tower's weights."""
  return (
    Rule('text_model.embeddings.token_embedding.weight', 'text.embedding'),
    Rule('text_model.embeddings.position_embedding.weight', 'text.positions'),
    *tower_names.huggingface_encoder('text_model', 'text.transformer'),
    *tower_names.norm('text_model.final_layer_norm', 'text.transformer.norm'),
    *tower_names.affine('text_model.head', 'text.head'),
  )


def from_hf(raw: JSON) -> SigLIPConfig:
  """The config of a Hugging Face folder's config.json.

  Raises:
    InputError: it is of another model, or asks for what is not built.
  """
  hf_config.check_type(raw, 'siglip')
  return SigLIPConfig(
    image_from_hf(hf_config.section(raw, 'vision_config')), text_from_hf(hf_config.section(raw, 'text_config'))
  )


def image_from_hf(raw: JSON) -> ImageConfig:
  """The image tower of a config's section."""
  found = hf_config.values(raw, STACK_DEFAULTS | {'image_size': 224, 'patch_size': 16})
  return ImageConfig(hf_config.transformer(found), found['image_size'], found['patch_size'])


def text_from_hf(raw: JSON) -> TextConfig:
  """The text tower of a config's section."""
  text = hf_config.values(
    raw, STACK_DEFAULTS | {'vocab_size': 32000, 'max_position_embeddings': 64, 'projection_size': None}
  )
  return TextConfig(
    hf_config.transformer(text), text['vocab_size'], text['max_position_embeddings'], text['projection_size']
  )


STACK_DEFAULTS = {
  'hidden_size': 768, 'num_hidden_layers': 12, 'num_attention_heads': 12, 'intermediate_size': 3072,
  'hidden_act': 'gelu_pytorch_tanh', 'layer_norm_eps': 1e-6,
}  # fmt: skip
