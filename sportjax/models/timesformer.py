"""TimeSformer: attention over time, then over space. Source: Bertasius et al. 2021 (arXiv:2102.05095)."""

from __future__ import annotations

import dataclasses
import functools

import jax
import jax.numpy as jnp
from flax import nnx
from jaxtyping import Array, Float, PRNGKeyArray

from sportjax.models import hf_config, tower_names
from sportjax.models.checkpoints.name_map import NameMap
from sportjax.nn.patches import Grid, Patches
from sportjax.nn.positions import resize
from sportjax.nn.vit import (
  INIT,
  Attention,
  Encoded,
  Mlp,
  TransformerConfig,
  drop_path,
  linear,
  make_norm,
  run_blocks,
)  # fmt: skip
from sportjax.typing import JSON


@dataclasses.dataclass(frozen=True)
class TimeSformerConfig:
  """The tower; its tables are for `frames` frames of `size_px`, and stretched to others by repeating the nearest."""

  transformer: TransformerConfig
  frames: int = 8
  size_px: int = 224
  patch_px: int = 16

  @property
  def side(self) -> int:
    """Patches along a side."""
    return self.size_px // self.patch_px


BASE = TransformerConfig(768, 12, 12, 3072)
PRESETS = {
  'timesformer_b16': TimeSformerConfig(BASE),
  'timesformer_b16_96': TimeSformerConfig(BASE, frames=96),
  'timesformer_b16_hr': TimeSformerConfig(BASE, frames=16, size_px=448),
}


class DividedBlock(nnx.Module):
  """Each patch attends to its own place in other frames, then to the others of its frame, the class token to all."""

  def __init__(self, config: TransformerConfig, *, rngs: nnx.Rngs):
    norm = functools.partial(make_norm, 'layer', config.width, epsilon=config.epsilon, dtype=config.dtype, rngs=rngs)
    self.norm_time, self.norm1, self.norm2 = norm(), norm(), norm()
    self.attention_time, self.attention = Attention(config, rngs=rngs), Attention(config, rngs=rngs)
    self.dense_time = linear(config.width, config.width, ('embed', None), dtype=config.dtype, rngs=rngs)
    self.mlp = Mlp(config, rngs=rngs)

  def __call__(
    self, x: Float[Array, 'b l d'], *, grid: Grid, rate: float = 0.0, key: PRNGKeyArray | None = None
  ) -> Float[Array, 'b l d']:
    keys = (None,) * 3 if key is None else jax.random.split(key, 3)
    first, rest = x[:, :1], x[:, 1:]
    rest = rest + self._over_time(rest, grid, rate, keys[0])
    x = jnp.concatenate([first, rest], axis=1) + self._over_space(first, rest, grid, rate, keys[1])
    return x + drop_path(self.mlp(self.norm2(x)), rate, keys[2])

  def _over_time(self, x: Array, grid: Grid, rate: float, key: PRNGKeyArray | None) -> Array:
    b, d, frames, places = len(x), x.shape[-1], grid[0], grid[1] * grid[2]
    x = x.reshape(b, frames, places, d).swapaxes(1, 2).reshape(b * places, frames, d)
    x = self.dense_time(drop_path(self.attention_time(self.norm_time(x)), rate, key))
    return x.reshape(b, places, frames, d).swapaxes(1, 2).reshape(b, frames * places, d)

  def _over_space(self, first: Array, rest: Array, grid: Grid, rate: float, key: PRNGKeyArray | None) -> Array:
    b, d, frames, places = len(rest), rest.shape[-1], grid[0], grid[1] * grid[2]
    copies = jnp.broadcast_to(first[:, None], (b, frames, 1, d))
    x = jnp.concatenate([copies, rest.reshape(b, frames, places, d)], axis=2).reshape(b * frames, 1 + places, d)
    x = drop_path(self.attention(self.norm1(x)), rate, key).reshape(b, frames, 1 + places, d)
    return jnp.concatenate([x[:, :, 0].mean(1, keepdims=True), x[:, :, 1:].reshape(b, frames * places, d)], axis=1)


class TimeSformer(nnx.Module):
  """Video to tokens, the class token first and pooled; then frame by frame, row by row."""

  def __init__(self, config: TimeSformerConfig, *, rngs: nnx.Rngs):
    stack = config.transformer
    self.patches = Patches(stack.width, config.patch_px, dtype=stack.dtype, rngs=rngs)
    self.class_token = nnx.Param(INIT(rngs.params(), (stack.width,)))
    self.positions = nnx.Param(INIT(rngs.params(), (config.side**2 + 1, stack.width)), logical_axes=(None, 'embed'))
    self.times = nnx.Param(jnp.zeros((config.frames, stack.width)), logical_axes=(None, 'embed'))
    self.blocks = nnx.List([DividedBlock(stack, rngs=rngs) for _ in range(stack.depth)])
    self.norm = make_norm('layer', stack.width, epsilon=stack.epsilon, dtype=stack.dtype, rngs=rngs)
    self.config = config

  def __call__(self, video: Float[Array, 'b t h w c'], *, key: PRNGKeyArray | None = None) -> Encoded:
    x, grid = self.patches(video)
    places = resize(self.positions[1:], (self.config.side,) * 2, grid[1:], 'nearest')
    times = resize(self.times[...], (self.config.frames,), grid[:1], 'nearest')
    x = x + (times[:, None] + places[None]).reshape(1, *x.shape[1:]).astype(x.dtype)
    first = jnp.broadcast_to((self.class_token[...] + self.positions[0])[None, None], (len(x), 1, x.shape[-1]))
    x = jnp.concatenate([first.astype(x.dtype), x], axis=1)
    tokens = self.norm(run_blocks(self.blocks, x, self.config.transformer, key, grid=grid))
    return Encoded(tokens, tokens[:, 0])


def name_map(config: TimeSformerConfig) -> NameMap:
  """Weights of TimesformerForVideoClassification, without the classifier."""
  stack, start = config.transformer, 'timesformer.embeddings'
  layer, block = 'timesformer.encoder.layer.{}', 'blocks.{}'
  return NameMap(
    (
      tower_names.squeezed(f'{start}.cls_token', 'class_token', stack.width, leading=2),
      tower_names.squeezed(f'{start}.position_embeddings', 'positions', config.side**2 + 1, stack.width),
      tower_names.squeezed(f'{start}.time_embeddings', 'times', config.frames, stack.width),
      *tower_names.patches(f'{start}.patch_embeddings.projection', 'patches', stack.width, config.patch_px),
      *tower_names.norm(f'{layer}.temporal_layernorm', f'{block}.norm_time'),
      *tower_names.norm(f'{layer}.layernorm_before', f'{block}.norm1'),
      *tower_names.norm(f'{layer}.layernorm_after', f'{block}.norm2'),
      *_attention(f'{layer}.temporal_attention', f'{block}.attention_time', stack),
      *_attention(f'{layer}.attention', f'{block}.attention', stack),
      *tower_names.affine(f'{layer}.temporal_dense', f'{block}.dense_time'),
      *tower_names.affine(f'{layer}.intermediate.dense', f'{block}.mlp.up'),
      *tower_names.affine(f'{layer}.output.dense', f'{block}.mlp.down'),
      *tower_names.norm('timesformer.layernorm', 'norm'),
    ),
    ignored=('classifier.*',),
  )


def _attention(theirs: str, ours: str, stack: TransformerConfig) -> tower_names.Rules:
  qkv = tower_names.fused_attention(f'{theirs}.attention', ours, stack, out=None)
  return (*qkv, *tower_names.affine(f'{theirs}.output.dense', f'{ours}.out'))


def from_hf(raw: JSON) -> TimeSformerConfig:
  """The config of a Hugging Face folder's config.json.

  Raises:
    InputError: it is of another model, or asks for what is not built.
  """
  hf_config.check_type(raw, 'timesformer')
  found = hf_config.values(raw, _DEFAULTS, fixed={'attention_type': 'divided_space_time', 'qkv_bias': True})
  return TimeSformerConfig(hf_config.transformer(found), found['num_frames'], found['image_size'], found['patch_size'])


_DEFAULTS = hf_config.VIT_DEFAULTS | {'num_frames': 8, 'layer_norm_eps': 1e-6}
