"""DINOv2's image tower. Source: Oquab et al. 2023 (arXiv:2304.07193); weights by Hugging Face's names."""

from __future__ import annotations

import dataclasses

import jax.numpy as jnp
from flax import nnx
from jaxtyping import Array, Float, PRNGKeyArray

from sportjax.models import hf_config, tower_names
from sportjax.models.checkpoints.name_map import TRANSPOSED, NameMap, Rule, Split
from sportjax.nn.patches import Patches
from sportjax.nn.positions import resize
from sportjax.nn.vit import INIT, Encoded, Transformer, TransformerConfig
from sportjax.typing import JSON


@dataclasses.dataclass(frozen=True)
class DINOv2Config:
  """The tower, whose position table is for square images of `size_px`."""

  transformer: TransformerConfig
  size_px: int = 518
  patch_px: int = 14


def stack(width: int, depth: int, heads: int) -> TransformerConfig:
  """DINOv2's blocks, with layer scale."""
  return TransformerConfig(width, depth, heads, 4 * width, layer_scale=1.0)


def _gated(config: TransformerConfig) -> TransformerConfig:
  """The giant's blocks: a gated MLP with two thirds of the width, in whole eights."""
  return dataclasses.replace(config, mlp='gated', activation='silu', mlp_width=(config.mlp_width * 2 // 3 + 7) // 8 * 8)


PRESETS = {
  'dinov2_vits14': DINOv2Config(stack(384, 12, 6)),
  'dinov2_vitb14': DINOv2Config(stack(768, 12, 12)),
  'dinov2_vitl14': DINOv2Config(stack(1024, 24, 16)),
  'dinov2_vitg14': DINOv2Config(_gated(stack(1536, 40, 24))),
}


class DINOv2(nnx.Module):
  """A vision transformer with a class token, which is pooled."""

  def __init__(self, config: DINOv2Config, *, rngs: nnx.Rngs):
    stack = config.transformer
    side = config.size_px // config.patch_px
    self.patches = Patches(stack.width, config.patch_px, dtype=stack.dtype, rngs=rngs)
    self.class_token = nnx.Param(INIT(rngs.params(), (stack.width,)))
    self.positions = nnx.Param(INIT(rngs.params(), (side**2 + 1, stack.width)), logical_axes=(None, 'embed'))
    self.transformer = Transformer(stack, rngs=rngs)
    self.config = config

  def __call__(self, images: Float[Array, 'b h w c'], *, key: PRNGKeyArray | None = None) -> Encoded:
    """Normed tokens, the class token first. The position table is interpolated to images of other sizes."""
    x, grid = self.patches(images[:, None])
    side = self.config.size_px // self.config.patch_px
    table = resize(self.positions[1:], (side, side), grid[1:], 'cubic')
    first = jnp.broadcast_to((self.class_token[...] + self.positions[0])[None, None], (len(x), 1, x.shape[-1]))
    x = jnp.concatenate([first.astype(x.dtype), x + table[None].astype(x.dtype)], axis=1)
    tokens = self.transformer(x, key=key)
    return Encoded(tokens, tokens[:, 0])


def name_map(config: DINOv2Config) -> NameMap:
  """Weights of Dinov2Model."""
  stack, layer, block = config.transformer, 'encoder.layer.{}', 'transformer.blocks.{}'
  positions = (config.size_px // config.patch_px) ** 2 + 1
  pairs = zip(('query', 'key', 'value'), ('query', 'key', 'value'), strict=True)
  attention = (tower_names.affine(f'{layer}.attention.attention.{t}', f'{block}.attention.{o}') for t, o in pairs)
  return NameMap(
    (
      tower_names.squeezed('embeddings.cls_token', 'class_token', stack.width, leading=2),
      tower_names.squeezed('embeddings.position_embeddings', 'positions', positions, stack.width),
      *tower_names.patches('embeddings.patch_embeddings.projection', 'patches', stack.width, config.patch_px),
      *tower_names.norm(f'{layer}.norm1', f'{block}.norm1'),
      *sum(attention, ()),
      *tower_names.affine(f'{layer}.attention.output.dense', f'{block}.attention.out'),
      Rule(f'{layer}.layer_scale1.lambda1', f'{block}.scale1'),
      *tower_names.norm(f'{layer}.norm2', f'{block}.norm2'),
      *_mlp_rules(layer, block, stack),
      Rule(f'{layer}.layer_scale2.lambda1', f'{block}.scale2'),
      *tower_names.norm('layernorm', 'transformer.norm'),
    ),
    ignored=('embeddings.mask_token',),
  )


def _mlp_rules(layer: str, block: str, stack: TransformerConfig) -> tower_names.Rules:
  if stack.mlp == 'plain':
    return (
      *tower_names.affine(f'{layer}.mlp.fc1', f'{block}.mlp.up'),
      *tower_names.affine(f'{layer}.mlp.fc2', f'{block}.mlp.down'),
    )
  halves = Split(0, (stack.mlp_width,) * 2)
  return (
    Rule(
      f'{layer}.mlp.weights_in.weight',
      (f'{block}.mlp.gate.kernel', f'{block}.mlp.up.kernel'),
      (halves, *TRANSPOSED),
    ),
    Rule(f'{layer}.mlp.weights_in.bias', (f'{block}.mlp.gate.bias', f'{block}.mlp.up.bias'), (halves,)),
    *tower_names.affine(f'{layer}.mlp.weights_out', f'{block}.mlp.down'),
  )


def from_hf(raw: JSON) -> DINOv2Config:
  """The config of a Hugging Face folder's config.json.

  Raises:
    InputError: it is of another model, or asks for what is not built.
  """
  hf_config.check_type(raw, 'dinov2')
  found = hf_config.values(raw, _DEFAULTS, fixed={'qkv_bias': True})
  blocks = TransformerConfig(
    found['hidden_size'],
    found['num_hidden_layers'],
    found['num_attention_heads'],
    int(found['hidden_size'] * found['mlp_ratio']),
    activation=hf_config.activation(found['hidden_act']),
    epsilon=found['layer_norm_eps'],
    layer_scale=found['layerscale_value'],
  )
  blocks = _gated(blocks) if found['use_swiglu_ffn'] else blocks
  return DINOv2Config(blocks, found['image_size'], found['patch_size'])


_DEFAULTS = {
  'hidden_size': 768, 'num_hidden_layers': 12, 'num_attention_heads': 12, 'mlp_ratio': 4, 'hidden_act': 'gelu',
  'layer_norm_eps': 1e-6, 'layerscale_value': 1.0, 'use_swiglu_ffn': False, 'image_size': 224, 'patch_size': 14,
}  # fmt: skip
