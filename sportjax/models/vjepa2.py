"""V-JEPA 2's encoder and attentive pooler. Source: Assran et al. 2025 (arXiv:2506.09985)."""

from __future__ import annotations

import dataclasses

import jax.numpy as jnp
from flax import nnx
from jaxtyping import Array, Float, PRNGKeyArray

from sportjax.models import hf_config, tower_names
from sportjax.models.checkpoints.name_map import NameMap
from sportjax.nn.attention_pool import mean_tokens
from sportjax.nn.patches import Patches
from sportjax.nn.positions import rotary_video
from sportjax.nn.vit import INIT, Attention, Block, Encoded, Mlp, Transformer, TransformerConfig, make_norm
from sportjax.typing import JSON


@dataclasses.dataclass(frozen=True)
class VJEPA2Config:
  """The encoder, with `pooler` self-attention blocks before its pooling; None for the mean of tokens instead."""

  transformer: TransformerConfig
  patch_px: int = 16
  tubelet: int = 2
  pooler: int | None = None


def stack(width: int, depth: int, heads: int, mlp_width: int | None = None) -> TransformerConfig:
  """V-JEPA 2's blocks."""
  return TransformerConfig(width, depth, heads, mlp_width or 4 * width)


PRESETS = {
  'vjepa2_l16': VJEPA2Config(stack(1024, 24, 16)),
  'vjepa2_h16': VJEPA2Config(stack(1280, 32, 16)),
  'vjepa2_g16': VJEPA2Config(stack(1408, 40, 22, 6144)),
  'vjepa2_l16_pooled': VJEPA2Config(stack(1024, 24, 16), pooler=3),
}


class Pooler(nnx.Module):
  """Blocks of self-attention, then a learned query that attends to all tokens, without an output projection."""

  def __init__(self, config: TransformerConfig, depth: int, *, rngs: nnx.Rngs):
    self.blocks = nnx.List([Block(config, rngs=rngs) for _ in range(depth)])
    self.query = nnx.Param(INIT(rngs.params(), (config.width,)))
    self.norm1, self.norm2 = (
      make_norm('layer', config.width, epsilon=config.epsilon, dtype=config.dtype, rngs=rngs) for _ in range(2)
    )
    self.attention = Attention(config, outputs=0, rngs=rngs)
    self.mlp = Mlp(config, rngs=rngs)

  def __call__(self, tokens: Float[Array, 'b l d']) -> Float[Array, 'b d']:
    for block in self.blocks:
      tokens = block(tokens)
    query = jnp.broadcast_to(self.query[...].astype(tokens.dtype), (len(tokens), 1, tokens.shape[-1]))
    context = self.norm1(tokens)
    x = query + self.attention(query, context=(context, context))
    return (x + self.mlp(self.norm2(x)))[:, 0]


class VJEPA2(nnx.Module):
  """Video to normed tokens, tubelet by tubelet and row by row, and one vector."""

  def __init__(self, config: VJEPA2Config, *, rngs: nnx.Rngs):
    stack = config.transformer
    self.patches = Patches(stack.width, config.patch_px, frames=config.tubelet, dtype=stack.dtype, rngs=rngs)
    self.transformer = Transformer(stack, rngs=rngs)
    # The pooler's MLPs are four times as wide as its tokens, whatever the encoder's are.
    pooler = dataclasses.replace(stack, mlp_width=4 * stack.width, drop_path=0.0)
    self.pooler = None if config.pooler is None else Pooler(pooler, config.pooler, rngs=rngs)
    self.config = config

  def __call__(self, video: Float[Array, 'b t h w c'], *, key: PRNGKeyArray | None = None) -> Encoded:
    x, grid = self.patches(video)
    stack = self.config.transformer
    tokens = self.transformer(x, rotary=rotary_video(*grid, stack.width // stack.heads), key=key)
    return Encoded(tokens, mean_tokens(tokens) if self.pooler is None else self.pooler(tokens))


def name_map(config: VJEPA2Config) -> NameMap:
  """Weights of VJEPA2Model, without the predictor; with a pooler those of VJEPA2ForVideoClassification."""
  start = 'encoder' if config.pooler is None else 'vjepa2.encoder'
  layer, block = f'{start}.layer.{{}}', 'transformer.blocks.{}'
  rules = (
    *tower_names.patches(
      f'{start}.embeddings.patch_embeddings.proj', 'patches', config.transformer.width, config.patch_px,
      frames=config.tubelet,
    ),
    *_block(layer, block, ('norm1', 'norm2')),
    *tower_names.separate_attention(f'{layer}.attention', f'{block}.attention', ('query', 'key', 'value', 'proj')),
    *tower_names.norm(f'{start}.layernorm', 'transformer.norm'),
  )  # fmt: skip
  if config.pooler is None:
    return NameMap(rules, ignored=('predictor.*',))
  return NameMap((*rules, *_pooler_rules(config)), ignored=('vjepa2.predictor.*', 'classifier.*'))


def _pooler_rules(config: VJEPA2Config) -> tower_names.Rules:
  layer, block = 'pooler.self_attention_layers.{}', 'pooler.blocks.{}'
  cross, names = 'pooler.cross_attention_layer', ('q_proj', 'k_proj', 'v_proj', 'out_proj')
  width = config.transformer.width
  return (
    *_block(layer, block, ('layer_norm1', 'layer_norm2')),
    *tower_names.separate_attention(f'{layer}.self_attn', f'{block}.attention', names),
    tower_names.squeezed('pooler.query_tokens', 'pooler.query', width, leading=2),
    *_block(cross, 'pooler', ('layer_norm1', 'layer_norm2')),
    *tower_names.separate_attention(f'{cross}.cross_attn', 'pooler.attention', names),
  )


def _block(theirs: str, ours: str, norms: tuple[str, str]) -> tower_names.Rules:
  return (
    *tower_names.norm(f'{theirs}.{norms[0]}', f'{ours}.norm1'),
    *tower_names.norm(f'{theirs}.{norms[1]}', f'{ours}.norm2'),
    *tower_names.affine(f'{theirs}.mlp.fc1', f'{ours}.mlp.up'),
    *tower_names.affine(f'{theirs}.mlp.fc2', f'{ours}.mlp.down'),
  )


def from_hf(raw: JSON) -> VJEPA2Config:
  """The config of a Hugging Face folder's config.json; of a classifier, with its pooler.

  Raises:
    InputError: it is of another model, or asks for what is not built.
  """
  hf_config.check_type(raw, 'vjepa2')
  found = hf_config.values(raw, _DEFAULTS, fixed={'qkv_bias': True})
  found['intermediate_size'] = int(found['hidden_size'] * found['mlp_ratio'])
  classifies = 'VJEPA2ForVideoClassification' in (raw.get('architectures') or ())
  pooler = found['num_pooler_layers'] if classifies else None
  return VJEPA2Config(hf_config.transformer(found), found['patch_size'], found['tubelet_size'], pooler)


_DEFAULTS = {
  'hidden_size': 1024, 'num_hidden_layers': 24, 'num_attention_heads': 16, 'mlp_ratio': 4.0, 'hidden_act': 'gelu',
  'layer_norm_eps': 1e-6, 'patch_size': 16, 'tubelet_size': 2, 'num_pooler_layers': 3,
}  # fmt: skip
