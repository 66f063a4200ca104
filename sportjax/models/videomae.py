"""VideoMAE and VideoMAE v2: a plain transformer over tubelets, pooled by the mean.

Source: Tong et al. 2022 (arXiv:2203.12602) and Wang et al. 2023 (arXiv:2303.16727). VideoMAE's weights come by Hugging
Face's names, v2's by those of its repository.
"""

from __future__ import annotations

import dataclasses

import jax.numpy as jnp
from flax import nnx
from jaxtyping import Array, Float, PRNGKeyArray

from sportjax.models import hf_config, tower_names
from sportjax.models.checkpoints.name_map import NameMap, Rule
from sportjax.nn.attention_pool import mean_tokens
from sportjax.nn.patches import Grid, Patches
from sportjax.nn.positions import resize, sinusoid
from sportjax.nn.vit import Block, Encoded, TransformerConfig, make_norm, run_blocks
from sportjax.typing import JSON


@dataclasses.dataclass(frozen=True)
class VideoMAEConfig:
  """The tower. Its sines count tokens; with `table` they count those of that grid, and are interpolated to others."""

  transformer: TransformerConfig
  patch_px: int = 16
  tubelet: int = 2
  table: Grid | None = None
  pool_epsilon: float = 1e-6


def stack(width: int, depth: int, heads: int, mlp_width: int | None = None) -> TransformerConfig:
  """VideoMAE's blocks, whose keys have no bias."""
  return TransformerConfig(width, depth, heads, mlp_width or 4 * width, biases=('q', 'v', 'out', 'mlp'))


def _huggingface(config: TransformerConfig) -> VideoMAEConfig:
  return VideoMAEConfig(dataclasses.replace(config, epsilon=1e-12), pool_epsilon=1e-5)


SMALL, BASE, LARGE, HUGE = stack(384, 12, 6), stack(768, 12, 12), stack(1024, 24, 16), stack(1280, 32, 16)
PRESETS = {
  'videomae_s16': _huggingface(SMALL),
  'videomae_b16': _huggingface(BASE),
  'videomae_l16': _huggingface(LARGE),
  'videomae_h16': _huggingface(HUGE),
  'videomaev2_s16': VideoMAEConfig(SMALL),
  'videomaev2_b16': VideoMAEConfig(BASE),
  'videomaev2_g14': VideoMAEConfig(stack(1408, 40, 16, 6144), patch_px=14),
}


class VideoMAE(nnx.Module):
  """Video to tokens, tubelet by tubelet and row by row, and their normed mean."""

  def __init__(self, config: VideoMAEConfig, *, rngs: nnx.Rngs):
    stack = config.transformer
    self.patches = Patches(stack.width, config.patch_px, frames=config.tubelet, dtype=stack.dtype, rngs=rngs)
    self.blocks = nnx.List([Block(stack, rngs=rngs) for _ in range(stack.depth)])
    self.norm = make_norm('layer', stack.width, epsilon=config.pool_epsilon, dtype=stack.dtype, rngs=rngs)
    self.config = config

  def __call__(self, video: Float[Array, 'b t h w c'], *, key: PRNGKeyArray | None = None) -> Encoded:
    x, grid = self.patches(video)
    x = x + self.positions(grid)[None].astype(x.dtype)
    tokens = run_blocks(self.blocks, x, self.config.transformer, key)
    return Encoded(tokens, self.norm(mean_tokens(tokens)))

  def positions(self, grid: Grid) -> Float[Array, 'l d']:
    """The sines of a grid's tokens."""
    made_for = self.config.table or grid
    table = jnp.asarray(sinusoid(made_for[0] * made_for[1] * made_for[2], self.config.transformer.width))
    in_space = resize(table, made_for, (made_for[0], *grid[1:]), 'cubic')
    return resize(in_space, (made_for[0], *grid[1:]), grid, 'linear')


def name_map(config: VideoMAEConfig) -> NameMap:
  """Weights of VideoMAEForVideoClassification, without the classifier."""
  stack, layer, block = config.transformer, 'videomae.encoder.layer.{}', 'blocks.{}'
  attention = f'{layer}.attention.attention'
  names = ('query', 'key', 'value')
  kernels = (tower_names.affine(f'{attention}.{n}', f'{block}.attention.{n}', bias=False) for n in names)
  return NameMap(
    (
      *tower_names.patches(
        'videomae.embeddings.patch_embeddings.projection', 'patches', stack.width, config.patch_px,
        frames=config.tubelet,
      ),
      *tower_names.norm(f'{layer}.layernorm_before', f'{block}.norm1'),
      *tower_names.norm(f'{layer}.layernorm_after', f'{block}.norm2'),
      *sum(kernels, ()),
      Rule(f'{attention}.q_bias', f'{block}.attention.query.bias'),
      Rule(f'{attention}.v_bias', f'{block}.attention.value.bias'),
      *tower_names.affine(f'{layer}.attention.output.dense', f'{block}.attention.out'),
      *tower_names.affine(f'{layer}.intermediate.dense', f'{block}.mlp.up'),
      *tower_names.affine(f'{layer}.output.dense', f'{block}.mlp.down'),
      *tower_names.norm('fc_norm', 'norm'),
    ),
    ignored=('classifier.*',),
  )  # fmt: skip


def original_name_map(config: VideoMAEConfig, prefix: str = '') -> NameMap:
  """Weights of a model fine-tuned with VideoMAE v2's repository, or with that of Unmasked Teacher."""
  stack, layer, block = config.transformer, f'{prefix}blocks.{{}}', 'blocks.{}'
  return NameMap(
    (
      *tower_names.patches(
        f'{prefix}patch_embed.proj', 'patches', stack.width, config.patch_px, frames=config.tubelet
      ),
      *tower_names.norm(f'{layer}.norm1', f'{block}.norm1'),
      *tower_names.norm(f'{layer}.norm2', f'{block}.norm2'),
      *tower_names.fused_attention(f'{layer}.attn', f'{block}.attention', stack, bias=False),
      Rule(f'{layer}.attn.q_bias', f'{block}.attention.query.bias'),
      Rule(f'{layer}.attn.v_bias', f'{block}.attention.value.bias'),
      *tower_names.affine(f'{layer}.mlp.fc1', f'{block}.mlp.up'),
      *tower_names.affine(f'{layer}.mlp.fc2', f'{block}.mlp.down'),
      *tower_names.norm(f'{prefix}fc_norm', 'norm'),
    ),
    ignored=(f'{prefix}head.*', f'{prefix}pos_embed'),
  )  # fmt: skip


def from_hf(raw: JSON) -> VideoMAEConfig:
  """The config of a Hugging Face folder's config.json.

  Raises:
    InputError: it is of another model, or asks for what is not built.
  """
  hf_config.check_type(raw, 'videomae')
  defaults = hf_config.VIT_DEFAULTS | {'tubelet_size': 2}
  found = hf_config.values(raw, defaults, fixed={'qv_bias': True, 'use_mean_pooling': True})
  blocks = dataclasses.replace(hf_config.transformer(found), biases=BASE.biases)
  return VideoMAEConfig(blocks, found['patch_size'], found['tubelet_size'], pool_epsilon=1e-5)
