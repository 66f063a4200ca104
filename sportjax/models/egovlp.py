"""EgoVLPv2's video tower: TimeSformer as Frozen in Time has it, whose time attention starts as nothing.

Source: Pramanick et al. 2023 (arXiv:2307.05463), after Bain et al. 2021 (arXiv:2104.00650). Its blocks' attention to
text, which only its fused form uses, is not built.
"""

from __future__ import annotations

import dataclasses
import functools

import jax
import jax.numpy as jnp
from flax import nnx
from jaxtyping import Array, Float, PRNGKeyArray

from sportjax.errors import InputError
from sportjax.models import tower_names
from sportjax.models.checkpoints.name_map import NameMap
from sportjax.nn.patches import Grid, Patches
from sportjax.nn.positions import resize
from sportjax.nn.vit import INIT, Attention, Encoded, Mlp, TransformerConfig, drop_path, make_norm, run_blocks


@dataclasses.dataclass(frozen=True)
class EgoVLPConfig:
  """The tower, for at most `frames` frames."""

  transformer: TransformerConfig
  frames: int = 4
  size_px: int = 224
  patch_px: int = 16

  @property
  def side(self) -> int:
    """Patches along a side."""
    return self.size_px // self.patch_px


BASE = TransformerConfig(768, 12, 12, 3072, epsilon=1e-5)
PRESETS = {'egovlpv2_b16': EgoVLPConfig(BASE), 'egovlpv2_b16_16': EgoVLPConfig(BASE, frames=16)}


class GroupedAttention(Attention):
  """Patches attend within groups and to the class token, which attends to all of them."""

  def over(self, x: Float[Array, 'b l d'], grid: Grid, *, time: bool) -> Float[Array, 'b l d']:
    """Groups of one place each over time, or of one frame each over space."""
    b, frames, places = len(x), grid[0], grid[1] * grid[2]
    query, key, value = self.project(x)

    def group(y: Array) -> Array:
      y = y[:, 1:].reshape(b, frames, places, *y.shape[2:])
      return (y.swapaxes(1, 2) if time else y).reshape(-1, frames if time else places, *y.shape[3:])

    def with_first(y: Array) -> Array:
      groups = group(y)
      return jnp.concatenate([jnp.repeat(y[:, :1], len(groups) // b, axis=0), groups], axis=1)

    first = self.attend(query[:, :1], key, value)
    rest = self.attend(group(query), with_first(key), with_first(value))
    rest = rest.reshape(b, *((places, frames) if time else (frames, places)), *rest.shape[2:])
    rest = (rest.swapaxes(1, 2) if time else rest).reshape(b, frames * places, *rest.shape[3:])
    return self.merge(jnp.concatenate([first, rest], axis=1))


class SpaceTimeBlock(nnx.Module):
  """Space attention sees what time attention adds, but only its own result joins the shortcut."""

  def __init__(self, config: TransformerConfig, *, rngs: nnx.Rngs):
    norm = functools.partial(make_norm, 'layer', config.width, epsilon=config.epsilon, dtype=config.dtype, rngs=rngs)
    self.norm_time, self.norm1, self.norm2 = norm(), norm(), norm()
    self.attention_time, self.attention = GroupedAttention(config, rngs=rngs), GroupedAttention(config, rngs=rngs)
    self.mlp = Mlp(config, rngs=rngs)
    for layer in (self.attention_time.query, self.attention_time.key, self.attention_time.value):
      layer.kernel[...] = jnp.zeros_like(layer.kernel[...])
    if self.attention_time.out is not None:  # with ones here the zeros above still have a gradient
      self.attention_time.out.kernel[...] = jnp.ones_like(self.attention_time.out.kernel[...])

  def __call__(
    self, x: Float[Array, 'b l d'], *, grid: Grid, rate: float = 0.0, key: PRNGKeyArray | None = None
  ) -> Float[Array, 'b l d']:
    key1, key2 = (None, None) if key is None else jax.random.split(key)
    timed = x + self.attention_time.over(self.norm_time(x), grid, time=True)
    x = x + drop_path(self.attention.over(self.norm1(timed), grid, time=False), rate, key1)
    return x + drop_path(self.mlp(self.norm2(x)), rate, key2)


class EgoVLP(nnx.Module):
  """Video to tokens, the class token first and pooled; then frame by frame, row by row."""

  def __init__(self, config: EgoVLPConfig, *, rngs: nnx.Rngs):
    stack = config.transformer
    self.patches = Patches(stack.width, config.patch_px, dtype=stack.dtype, rngs=rngs)
    self.class_token = nnx.Param(INIT(rngs.params(), (stack.width,)))
    self.positions = nnx.Param(INIT(rngs.params(), (config.side**2 + 1, stack.width)), logical_axes=(None, 'embed'))
    self.times = nnx.Param(jnp.zeros((config.frames, stack.width)), logical_axes=(None, 'embed'))
    self.blocks = nnx.List([SpaceTimeBlock(stack, rngs=rngs) for _ in range(stack.depth)])
    self.norm = make_norm('layer', stack.width, epsilon=stack.epsilon, dtype=stack.dtype, rngs=rngs)
    self.config = config

  def __call__(self, video: Float[Array, 'b t h w c'], *, key: PRNGKeyArray | None = None) -> Encoded:
    """Features of clips; fewer frames than the table has take its first.

    Raises:
      InputError: there are more frames than that.
    """
    if video.shape[1] > self.config.frames:
      raise InputError(f'{video.shape[1]} frames, but this tower has times of {self.config.frames}: sample fewer')
    x, grid = self.patches(video)
    places = resize(self.positions[1:], (self.config.side,) * 2, grid[1:], 'cubic')
    x = x + (self.times[: grid[0], None] + places[None]).reshape(1, *x.shape[1:]).astype(x.dtype)
    first = jnp.broadcast_to((self.class_token[...] + self.positions[0])[None, None], (len(x), 1, x.shape[-1]))
    x = jnp.concatenate([first.astype(x.dtype), x], axis=1)
    tokens = self.norm(run_blocks(self.blocks, x, self.config.transformer, key, grid=grid))
    return Encoded(tokens, tokens[:, 0])


def name_map(config: EgoVLPConfig, prefix: str = 'video_model.') -> NameMap:
  """Weights of the published checkpoint's `state_dict`, whose other models and attention to text are left aside."""
  stack, layer, block = config.transformer, f'{prefix}blocks.{{}}', 'blocks.{}'
  return NameMap(
    (
      tower_names.squeezed(f'{prefix}cls_token', 'class_token', stack.width, leading=2),
      tower_names.squeezed(f'{prefix}pos_embed', 'positions', config.side**2 + 1, stack.width),
      tower_names.squeezed(f'{prefix}temporal_embed', 'times', config.frames, stack.width),
      *tower_names.patches(f'{prefix}patch_embed.proj', 'patches', stack.width, config.patch_px),
      *tower_names.norm(f'{layer}.norm3', f'{block}.norm_time'),
      *tower_names.norm(f'{layer}.norm1', f'{block}.norm1'),
      *tower_names.norm(f'{layer}.norm2', f'{block}.norm2'),
      *tower_names.fused_attention(f'{layer}.timeattn', f'{block}.attention_time', stack),
      *tower_names.fused_attention(f'{layer}.attn', f'{block}.attention', stack),
      *tower_names.affine(f'{layer}.mlp.fc1', f'{block}.mlp.up'),
      *tower_names.affine(f'{layer}.mlp.fc2', f'{block}.mlp.down'),
      *tower_names.norm(f'{prefix}norm', 'norm'),
    ),
    # Beside `video_model.` lie the text model, projections and heads, none of whose names starts with `video`.
    ignored=('[!v]*', 'vid_*', f'{prefix}blocks.*i2t*', f'{prefix}head.*'),
  )
