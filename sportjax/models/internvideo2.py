"""InternVideo2: RMS norms, normed queries and keys, layer scale, and pooling by attention.

Source: Wang et al. 2024 (arXiv:2403.15377); weights by the names of its repository.
"""

from __future__ import annotations

import dataclasses

import jax.numpy as jnp
from flax import nnx
from jaxtyping import Array, Float, PRNGKeyArray

from sportjax.models import tower_names
from sportjax.models.checkpoints.name_map import NameMap, Rule
from sportjax.nn.attention_pool import MeanPool
from sportjax.nn.patches import Patches
from sportjax.nn.positions import resize, sincos_video
from sportjax.nn.vit import INIT, Block, Encoded, TransformerConfig, make_norm, run_blocks


@dataclasses.dataclass(frozen=True)
class InternVideo2Config:
  """The tower; its table is for `frames` frames of `size_px`, and interpolated to others."""

  transformer: TransformerConfig
  frames: int = 8
  size_px: int = 224
  patch_px: int = 14
  pool_heads: int = 16
  features: int = 768

  @property
  def side(self) -> int:
    """Patches along a side."""
    return self.size_px // self.patch_px


def stack(width: int, depth: int, heads: int, mlp_width: int) -> TransformerConfig:
  """InternVideo2's blocks."""
  return TransformerConfig(
    width, depth, heads, mlp_width, norm='rms', biases=('out', 'mlp'), qk_norm=True, layer_scale=1e-5
  )


PRESETS = {
  'internvideo2_1b': InternVideo2Config(stack(1408, 40, 16, 6144)),
  'internvideo2_6b': InternVideo2Config(stack(3200, 48, 25, 12800)),
}


class InternVideo2(nnx.Module):
  """Video to tokens, the class token first, then frame by frame; and the normed vector that attention pools."""

  def __init__(self, config: InternVideo2Config, *, rngs: nnx.Rngs):
    stack = config.transformer
    self.patches = Patches(stack.width, config.patch_px, dtype=stack.dtype, rngs=rngs)
    self.class_token = nnx.Param(INIT(rngs.params(), (stack.width,)))
    start = sincos_video(config.frames, config.side, stack.width).astype('float32')
    self.positions = nnx.Param(jnp.pad(start, ((1, 0), (0, 0))), logical_axes=(None, 'embed'))
    self.blocks = nnx.List([Block(stack, rngs=rngs) for _ in range(stack.depth)])
    pool = dataclasses.replace(stack, heads=config.pool_heads, biases=('q', 'k', 'v', 'out'), qk_norm=False)
    self.pool = MeanPool(pool, config.features, rngs=rngs)
    self.norm = make_norm('layer', config.features, epsilon=1e-5, dtype=stack.dtype, rngs=rngs)
    self.config = config

  def __call__(self, video: Float[Array, 'b t h w c'], *, key: PRNGKeyArray | None = None) -> Encoded:
    x, grid = self.patches(video)
    made_for = (self.config.frames, self.config.side, self.config.side)
    in_space = resize(self.positions[1:], made_for, (made_for[0], *grid[1:]), 'cubic')
    table = resize(in_space, (made_for[0], *grid[1:]), grid, 'linear')
    first = jnp.broadcast_to((self.class_token[...] + self.positions[0])[None, None], (len(x), 1, x.shape[-1]))
    x = jnp.concatenate([first.astype(x.dtype), x + table[None].astype(x.dtype)], axis=1)
    tokens = run_blocks(self.blocks, x, self.config.transformer, key)
    return Encoded(tokens, self.norm(self.pool(tokens)))


def name_map(config: InternVideo2Config, prefix: str = '') -> NameMap:
  """Weights of the fine-tuned model (`single_modality`), without the classifier."""
  stack, layer, block = config.transformer, f'{prefix}blocks.{{}}', 'blocks.{}'
  positions = config.frames * config.side**2 + 1
  return NameMap(
    (
      tower_names.squeezed(f'{prefix}cls_token', 'class_token', stack.width, leading=2),
      tower_names.squeezed(f'{prefix}pos_embed', 'positions', positions, stack.width),
      *tower_names.patches(f'{prefix}patch_embed.proj', 'patches', stack.width, config.patch_px, frames=1),
      *tower_names.norm(f'{layer}.norm1', f'{block}.norm1', bias=False),
      *tower_names.norm(f'{layer}.norm2', f'{block}.norm2', bias=False),
      *tower_names.fused_attention(f'{layer}.attn', f'{block}.attention', stack, bias=False),
      *tower_names.norm(f'{layer}.attn.q_norm', f'{block}.attention.query_norm', bias=False),
      *tower_names.norm(f'{layer}.attn.k_norm', f'{block}.attention.key_norm', bias=False),
      *tower_names.affine(f'{layer}.mlp.fc1', f'{block}.mlp.up'),
      *tower_names.affine(f'{layer}.mlp.fc2', f'{block}.mlp.down'),
      Rule(f'{layer}.ls1.gamma', f'{block}.scale1'),
      Rule(f'{layer}.ls2.gamma', f'{block}.scale2'),
      *_pool_rules(f'{prefix}clip_projector'),
      *tower_names.norm(f'{prefix}fc_norm', 'norm'),
    ),
    ignored=(f'{prefix}head.*',),
  )


def _pool_rules(theirs: str) -> tower_names.Rules:
  cross, ours = f'{theirs}.cross_attn', 'pool.attention'
  pairs = (('q', 'query'), ('k', 'key'), ('v', 'value'))
  kernels = (tower_names.affine(f'{cross}.{t}', f'{ours}.{o}', bias=False) for t, o in pairs)
  biases = tuple(Rule(f'{cross}.{t}_bias', f'{ours}.{o}.bias') for t, o in pairs)
  norms = (tower_names.norm(f'{theirs}.norm1_{t}', f'pool.{o}_norm') for t, o in pairs)
  return (*sum(kernels, ()), *biases, *sum(norms, ()), *tower_names.affine(f'{cross}.proj', f'{ours}.out'))
