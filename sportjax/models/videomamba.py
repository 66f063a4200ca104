"""VideoMamba: bidirectional state spaces over all frames' patches. Source: Li et al. 2024 (arXiv:2403.06977).

Weights by the names of its repository.
"""

from __future__ import annotations

import dataclasses
from typing import Literal

import jax.numpy as jnp
from flax import nnx
from jaxtyping import Array, Float, PRNGKeyArray

from sportjax.models import tower_names
from sportjax.models.checkpoints.name_map import NameMap, Reshape, Rule, Transpose
from sportjax.nn.patches import Patches
from sportjax.nn.positions import resize
from sportjax.nn.state_space import Mamba
from sportjax.nn.vit import INIT, Encoded, TransformerConfig, drop_path, make_norm, run_blocks


@dataclasses.dataclass(frozen=True)
class VideoMambaConfig:
  """The tower; its tables are for `frames` frames of `size_px`, and interpolated to others."""

  width: int
  depth: int
  frames: int = 8
  size_px: int = 224
  patch_px: int = 16
  tubelet: int = 1
  drop_path: float = 0.0
  remat: int = 0
  dtype: Literal['float32', 'bfloat16', 'float64'] = 'float32'

  @property
  def side(self) -> int:
    """Patches along a side."""
    return self.size_px // self.patch_px

  @property
  def times(self) -> int:
    """Entries of the table of times."""
    return self.frames // self.tubelet


PRESETS = {
  'videomamba_t16': VideoMambaConfig(192, 24),
  'videomamba_s16': VideoMambaConfig(384, 24),
  'videomamba_m16': VideoMambaConfig(576, 32),
}


class MambaBlock(nnx.Module):
  """A mixer behind a norm, beside a shortcut that stays in float32."""

  def __init__(self, config: VideoMambaConfig, *, rngs: nnx.Rngs):
    self.norm = make_norm('rms', config.width, epsilon=1e-5, dtype=config.dtype, rngs=rngs)
    self.mixer = Mamba(config.width, dtype=config.dtype, rngs=rngs)

  def __call__(self, x: Float[Array, 'b l d'], *, rate: float = 0.0, key: PRNGKeyArray | None = None) -> Array:
    return x + drop_path(self.mixer(self.norm(x)), rate, key).astype(x.dtype)


class VideoMamba(nnx.Module):
  """Video to tokens, the class token first and pooled; then frame by frame, row by row."""

  def __init__(self, config: VideoMambaConfig, *, rngs: nnx.Rngs):
    width = config.width
    self.patches = Patches(width, config.patch_px, frames=config.tubelet, dtype=config.dtype, rngs=rngs)
    self.class_token = nnx.Param(INIT(rngs.params(), (width,)))
    self.positions = nnx.Param(INIT(rngs.params(), (config.side**2 + 1, width)), logical_axes=(None, 'embed'))
    self.times = nnx.Param(jnp.zeros((config.times, width)), logical_axes=(None, 'embed'))
    self.blocks = nnx.List([MambaBlock(config, rngs=rngs) for _ in range(config.depth)])
    self.norm = make_norm('rms', width, epsilon=1e-5, dtype=config.dtype, rngs=rngs)
    self.config = config

  def __call__(self, video: Float[Array, 'b t h w c'], *, key: PRNGKeyArray | None = None) -> Encoded:
    x, grid = self.patches(video)
    x = x.astype(jnp.promote_types(x.dtype, jnp.float32))
    places = resize(self.positions[1:], (self.config.side,) * 2, grid[1:], 'cubic')
    times = resize(self.times[...], (self.config.times,), grid[:1], 'linear')
    x = x + (times[:, None] + places[None]).reshape(1, *x.shape[1:])
    first = jnp.broadcast_to((self.class_token[...] + self.positions[0])[None, None], (len(x), 1, x.shape[-1]))
    x = run_blocks(self.blocks, jnp.concatenate([first, x], axis=1), self._schedule(), key)
    tokens = self.norm(x)
    return Encoded(tokens, tokens[:, 0])

  def _schedule(self) -> TransformerConfig:
    """Drop path and recomputation of the blocks, in the form that all towers share."""
    config = self.config
    return TransformerConfig(config.width, config.depth, 1, 0, drop_path=config.drop_path, remat=config.remat)


def name_map(config: VideoMambaConfig, prefix: str = '') -> NameMap:
  """Weights of the fine-tuned model (`video_sm`), without the classifier."""
  layer, block = f'{prefix}layers.{{}}', 'blocks.{}'
  ways = (('', 'forward'), ('_b', 'backward'))
  directions = (_direction(f'{layer}.mixer', f'{block}.mixer.{ours}', way, 2 * config.width) for way, ours in ways)
  return NameMap(
    (
      tower_names.squeezed(f'{prefix}cls_token', 'class_token', config.width, leading=2),
      tower_names.squeezed(f'{prefix}pos_embed', 'positions', config.side**2 + 1, config.width),
      tower_names.squeezed(f'{prefix}temporal_pos_embedding', 'times', config.times, config.width),
      *tower_names.patches(
        f'{prefix}patch_embed.proj', 'patches', config.width, config.patch_px, frames=config.tubelet
      ),
      *tower_names.norm(f'{layer}.norm', f'{block}.norm', bias=False),
      *tower_names.affine(f'{layer}.mixer.in_proj', f'{block}.mixer.inputs', bias=False),
      *sum(directions, ()),
      *tower_names.affine(f'{layer}.mixer.out_proj', f'{block}.mixer.out', bias=False),
      *tower_names.norm(f'{prefix}norm_f', 'norm', bias=False),
    ),
    ignored=(f'{prefix}head.*',),
  )  # fmt: skip


def _direction(mixer: str, ours: str, way: str, inner: int) -> tower_names.Rules:
  conv = (Reshape((inner, 1, 4), (inner, 4)), Transpose((1, 0)))
  decay = 'A_b_log' if way else 'A_log'
  return (
    Rule(f'{mixer}.conv1d{way}.weight', f'{ours}.conv_kernel', conv),
    Rule(f'{mixer}.conv1d{way}.bias', f'{ours}.conv_bias'),
    *tower_names.affine(f'{mixer}.x_proj{way}', f'{ours}.select', bias=False),
    *tower_names.affine(f'{mixer}.dt_proj{way}', f'{ours}.step', bias=False),
    Rule(f'{mixer}.dt_proj{way}.bias', f'{ours}.step_bias'),
    Rule(f'{mixer}.{decay}', f'{ours}.log_decay'),
    Rule(f'{mixer}.D{way}', f'{ours}.skip'),
  )
