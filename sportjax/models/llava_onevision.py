"""LLaVA-OneVision on video: SigLIP's patches, projected and pooled frame by frame, in the prompt of Qwen2.

Source: Li et al. 2024 (arXiv:2408.03326); weights by Hugging Face's names. Only its way for video is built, in which
each frame is seen whole; images in tiles of any resolution are not.
"""

from __future__ import annotations

import dataclasses

import jax.numpy as jnp
from flax import nnx
from jaxtyping import Array, Bool, Float, Int

from sportjax.models import hf_config, siglip, tower_names
from sportjax.models.checkpoints.name_map import NameMap, Rule
from sportjax.models.lm import load as lm_load
from sportjax.models.lm.config import LMConfig, Rope
from sportjax.models.lm.hf_config import parse_config
from sportjax.models.lm.model import LanguageModel
from sportjax.models.multimodal import Projector, inject
from sportjax.nn.blocks import ANYWHERE, Placement
from sportjax.nn.positions import resize
from sportjax.typing import JSON


@dataclasses.dataclass(frozen=True)
class LLaVAConfig:
  """The image tower, whose last block's states are read, and the language model."""

  image: siglip.ImageConfig
  text: LMConfig
  video_token: int = 151647

  @property
  def frame_tokens(self) -> int:
    """Soft tokens a frame; a video has one more, which ends it."""
    return -((-self.image.side // 2) ** 2)


def _qwen2(width: int, layers: int, heads: int, kv_heads: int, mlp_width: int, vocab: int, tied: bool) -> LMConfig:
  return LMConfig(
    'qwen2', vocab, width, layers, heads, kv_heads, width // heads, mlp_width, rope=Rope(1e6), qkv_bias=True, tied=tied
  )


_IMAGE = siglip.ImageConfig(dataclasses.replace(siglip.SO400M, depth=26), 384, 14)
PRESETS = {
  'llava_onevision_0.5b': LLaVAConfig(_IMAGE, _qwen2(896, 24, 14, 2, 4864, 152000, True)),
  'llava_onevision_7b': LLaVAConfig(_IMAGE, _qwen2(3584, 28, 28, 4, 18944, 152128, False)),
}


class LLaVAOneVision(nnx.Module):
  """Frames and a prompt to the hidden states of the language model, which takes `remat` and `placement`."""

  def __init__(self, config: LLaVAConfig, *, remat: bool = False, placement: Placement = ANYWHERE, rngs: nnx.Rngs):
    self.image = siglip.ImageTower(config.image, pool=False, rngs=rngs)
    self.projector = Projector(config.image.transformer.width, config.text.width, rngs=rngs)
    self.newline = nnx.Param(jnp.zeros(config.text.width))
    self.text = LanguageModel(config.text, remat=remat, placement=placement, rngs=rngs)
    self.config = config

  def soft_tokens(self, video: Float[Array, 'b t h w c']) -> Float[Array, 'b m d']:
    """What stands for a video in a prompt: each frame's tokens, pooled to half a side, and one that ends the video."""
    b, frames, side = len(video), video.shape[1], self.config.image.side
    x = self.projector(self.image.states(video.reshape(-1, *video.shape[2:])))
    half = -(-side // 2)
    by_place = x.swapaxes(0, 1).reshape(side * side, -1)  # a table over the grid, of all frames beside each other
    pooled = resize(by_place, (side, side), (half, half), 'linear').reshape(half * half, b * frames, -1)
    x = pooled.swapaxes(0, 1).reshape(b, frames * half * half, -1)
    end = jnp.broadcast_to(self.newline[...][None, None].astype(x.dtype), (b, 1, x.shape[-1]))
    return jnp.concatenate([x, end], axis=1)

  def embed(self, ids: Int[Array, 'b l'], video: Float[Array, 'b t h w c']) -> Float[Array, 'b l d']:
    """The prompt's embeddings with the video's soft tokens at its placeholders; they are all a decoder needs."""
    return inject(self.text.embed(ids), ids, self.soft_tokens(video), self.config.video_token)

  def __call__(
    self,
    ids: Int[Array, 'b l'],
    video: Float[Array, 'b t h w c'],
    there: Bool[Array, 'b l'] | None = None,
    *,
    train: bool = False,
  ) -> Float[Array, 'b l d']:
    """Hidden states; `text.logits` makes scores of them."""
    return self.text(self.embed(ids, video), there, train=train)


def name_map(config: LLaVAConfig, tower: str = 'vision_tower.vision_model') -> NameMap:
  """Weights of LlavaOnevisionForConditionalGeneration as they are published; transformers 5 saves `vision_tower`."""
  image, text = config.image, lm_load.name_map(config.text)
  return NameMap(
    (
      *tower_names.patches(
        f'{tower}.embeddings.patch_embedding', 'image.patches', image.transformer.width, image.patch_px
      ),
      *siglip.image_rules(image.transformer, tower, pool=False),
      *tower_names.affine('multi_modal_projector.linear_1', 'projector.layer1'),
      *tower_names.affine('multi_modal_projector.linear_2', 'projector.layer2'),
      Rule('image_newline', 'newline'),
      *(_within(rule) for rule in text.rules),
    ),
    ignored=tuple(f'language_model.{pattern}' for pattern in text.ignored),
  )


def _within(rule: Rule) -> Rule:
  assert isinstance(rule.theirs, str), rule
  assert isinstance(rule.ours, str), rule
  return Rule(f'language_model.{rule.theirs}', f'text.{rule.ours}', rule.operations)


def from_hf(raw: JSON) -> LLaVAConfig:
  """The config of a Hugging Face folder's config.json.

  Raises:
    InputError: it is of another model, or asks for what is not built.
  """
  hf_config.check_type(raw, 'llava_onevision')
  fixed = {
    'vision_feature_layer': -1, 'vision_feature_select_strategy': 'full', 'projector_hidden_act': 'gelu',
    'multimodal_projector_bias': True,
  }  # fmt: skip
  found = hf_config.values(raw, {'video_token_index': 151647}, fixed)
  text, image = hf_config.section(raw, 'text_config'), hf_config.section(raw, 'vision_config')
  hf_config.check_type(image, 'siglip_vision_model')
  return LLaVAConfig(siglip.image_from_hf(image), parse_config(text), found['video_token_index'])
