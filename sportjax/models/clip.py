"""CLIP's image and text towers. Source: Radford et al. 2021 (arXiv:2103.00020); weights by Hugging Face's names."""

from __future__ import annotations

import dataclasses

import jax.numpy as jnp
from flax import nnx
from jaxtyping import Array, Bool, Float, Int, PRNGKeyArray

from sportjax.errors import InputError
from sportjax.models import hf_config, tower_names
from sportjax.models.checkpoints.name_map import NameMap, Rule
from sportjax.nn.attention_pool import l2_normalise
from sportjax.nn.patches import Patches
from sportjax.nn.positions import resize
from sportjax.nn.vit import INIT, Encoded, Transformer, TransformerConfig, linear, make_norm
from sportjax.typing import JSON


@dataclasses.dataclass(frozen=True)
class ImageConfig:
  """The image tower, whose position table is for square images of `size_px`."""

  transformer: TransformerConfig
  size_px: int = 224
  patch_px: int = 16


@dataclasses.dataclass(frozen=True)
class TextConfig:
  """The text tower. The token that ends a sentence is the one of the highest id where `end_token` is None."""

  transformer: TransformerConfig
  vocab: int = 49408
  length: int = 77
  end_token: int | None = None


@dataclasses.dataclass(frozen=True)
class CLIPConfig:
  """Both towers and the width of the space they meet in."""

  image: ImageConfig
  text: TextConfig
  projection: int = 512


def _preset(image: tuple[int, int, int], text: tuple[int, int], size_px: int, patch_px: int) -> CLIPConfig:
  def stack(width: int, depth: int, heads: int) -> TransformerConfig:
    return TransformerConfig(width, depth, heads, 4 * width, activation='quick_gelu', epsilon=1e-5)

  towers = ImageConfig(stack(*image), size_px, patch_px), TextConfig(stack(text[0], 12, text[1]))
  return CLIPConfig(*towers, projection=text[0])


PRESETS = {
  'clip_vit_b32': _preset((768, 12, 12), (512, 8), 224, 32),
  'clip_vit_b16': _preset((768, 12, 12), (512, 8), 224, 16),
  'clip_vit_l14': _preset((1024, 24, 16), (768, 12), 224, 14),
  'clip_vit_l14_336': _preset((1024, 24, 16), (768, 12), 336, 14),
}


class ImageTower(nnx.Module):
  """A vision transformer with a class token, which is pooled; norms before and after."""

  def __init__(self, config: ImageConfig, *, rngs: nnx.Rngs):
    stack = config.transformer
    self.patches = Patches(stack.width, config.patch_px, bias=False, dtype=stack.dtype, rngs=rngs)
    self.class_token = nnx.Param(INIT(rngs.params(), (stack.width,)))
    side = config.size_px // config.patch_px
    self.positions = nnx.Param(INIT(rngs.params(), (side**2 + 1, stack.width)), logical_axes=(None, 'embed'))
    self.pre_norm = make_norm('layer', stack.width, epsilon=stack.epsilon, dtype=stack.dtype, rngs=rngs)
    self.transformer = Transformer(stack, rngs=rngs)
    self.config = config

  def __call__(self, images: Float[Array, 'b h w c'], *, key: PRNGKeyArray | None = None) -> Encoded:
    """Normed tokens, the class token first. The position table is interpolated to images of other sizes."""
    x, (_, rows, columns) = self.patches(images[:, None])
    side = self.config.size_px // self.config.patch_px
    table = resize(self.positions[1:], (side, side), (rows, columns), 'cubic')
    first = jnp.broadcast_to((self.class_token[...] + self.positions[0])[None, None], (len(x), 1, x.shape[-1]))
    x = jnp.concatenate([first.astype(x.dtype), x + table[None].astype(x.dtype)], axis=1)
    tokens = self.transformer(self.pre_norm(x), key=key)
    return Encoded(tokens, tokens[:, 0])


class TextTower(nnx.Module):
  """A causal transformer whose end token is pooled."""

  def __init__(self, config: TextConfig, *, rngs: nnx.Rngs):
    width = config.transformer.width
    self.embedding = nnx.Param(INIT(rngs.params(), (config.vocab, width)), logical_axes=('vocab', 'embed'))
    self.positions = nnx.Param(INIT(rngs.params(), (config.length, width)), logical_axes=(None, 'embed'))
    self.transformer = Transformer(config.transformer, rngs=rngs)
    self.config = config

  def __call__(
    self, ids: Int[Array, 'b l'], mask: Bool[Array, 'b l'] | None = None, *, key: PRNGKeyArray | None = None
  ) -> Encoded:
    """Features of sentences, each with its end token; masked tokens are seen by none.

    Raises:
      InputError: the sentences are longer than the model's table.
    """
    length = ids.shape[1]
    if length > self.config.length:
      raise InputError(f'{length} tokens are more than the {self.config.length} of this text tower: truncate the text')
    x = self.embedding[...][ids] + self.positions[:length][None]
    seen = jnp.tril(jnp.ones((length, length), bool))[None, None]
    seen = seen if mask is None else seen & mask[:, None, None]
    tokens = self.transformer(x, mask=seen, key=key)
    end = self.config.end_token
    at = ids.argmax(1) if end is None else (ids == end).argmax(1)
    return Encoded(tokens, jnp.take_along_axis(tokens, at[:, None, None], axis=1)[:, 0])


class CLIP(nnx.Module):
  """Images and sentences in one space."""

  def __init__(self, config: CLIPConfig, *, rngs: nnx.Rngs):
    self.image, self.text = ImageTower(config.image, rngs=rngs), TextTower(config.text, rngs=rngs)
    for_image, for_text = config.image.transformer, config.text.transformer
    layer = {'axes': ('embed', None), 'bias': False, 'rngs': rngs}
    self.image_projection = linear(for_image.width, config.projection, dtype=for_image.dtype, **layer)
    self.text_projection = linear(for_text.width, config.projection, dtype=for_text.dtype, **layer)
    self.log_scale = nnx.Param(jnp.asarray(2.6592))
    self.config = config

  def embed_images(self, images: Float[Array, 'b h w c']) -> Float[Array, 'b d']:
    """Unit vectors."""
    return l2_normalise(self.image_projection(self.image(images).pooled))

  def embed_text(self, ids: Int[Array, 'b l'], mask: Bool[Array, 'b l'] | None = None) -> Float[Array, 'b d']:
    """Unit vectors."""
    return l2_normalise(self.text_projection(self.text(ids, mask).pooled))

  def logits(self, images: Float[Array, 'b d'], text: Float[Array, 'n d']) -> Float[Array, 'b n']:
    """Scaled cosines of embedded images and sentences."""
    return jnp.exp(self.log_scale[...]) * images @ text.T


def name_map(config: CLIPConfig) -> NameMap:
  """Weights of CLIPModel."""
  width = config.image.transformer.width
  return NameMap(
    (
      Rule('vision_model.embeddings.class_embedding', 'image.class_token'),
      *tower_names.patches(
        'vision_model.embeddings.patch_embedding', 'image.patches', width, config.image.patch_px, bias=False
      ),
      Rule('vision_model.embeddings.position_embedding.weight', 'image.positions'),
      *tower_names.norm('vision_model.pre_layrnorm', 'image.pre_norm'),  # their spelling
      *tower_names.huggingface_encoder('vision_model', 'image.transformer'),
      *tower_names.norm('vision_model.post_layernorm', 'image.transformer.norm'),
      Rule('text_model.embeddings.token_embedding.weight', 'text.embedding'),
      Rule('text_model.embeddings.position_embedding.weight', 'text.positions'),
      *tower_names.huggingface_encoder('text_model', 'text.transformer'),
      *tower_names.norm('text_model.final_layer_norm', 'text.transformer.norm'),
      *tower_names.affine('visual_projection', 'image_projection', bias=False),
      *tower_names.affine('text_projection', 'text_projection', bias=False),
      Rule('logit_scale', 'log_scale'),
    ),
    ignored=('*.position_ids',),
  )


def from_hf(raw: JSON) -> CLIPConfig:
  """The config of a Hugging Face folder's config.json.

  Raises:
    InputError: it is of another model, or asks for what is not built.
  """
  hf_config.check_type(raw, 'clip')
  image = hf_config.values(hf_config.section(raw, 'vision_config'), _DEFAULTS | {'image_size': 224, 'patch_size': 32})
  text = hf_config.values(hf_config.section(raw, 'text_config'), _DEFAULTS | _TEXT_DEFAULTS)
  end = None if text['eos_token_id'] == 2 else text['eos_token_id']  # 2 was written by mistake for years
  return CLIPConfig(
    ImageConfig(hf_config.transformer(image), image['image_size'], image['patch_size']),
    TextConfig(hf_config.transformer(text), text['vocab_size'], text['max_position_embeddings'], end),
    projection=raw.get('projection_dim', 512),
  )


_DEFAULTS = {
  'hidden_size': 768, 'num_hidden_layers': 12, 'num_attention_heads': 12, 'intermediate_size': 3072,
  'hidden_act': 'quick_gelu', 'layer_norm_eps': 1e-5,
}  # fmt: skip
_TEXT_DEFAULTS = {
  'hidden_size': 512, 'num_attention_heads': 8, 'intermediate_size': 2048, 'vocab_size': 49408,
  'max_position_embeddings': 77, 'eos_token_id': 49407,
}  # fmt: skip
