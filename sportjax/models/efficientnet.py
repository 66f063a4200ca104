"""EfficientNet B0 to B4 for any number of input channels, with torchvision's arithmetic or TensorFlow's.

Source: Tan & Le 2019 (arXiv 1905.11946).
"""

from __future__ import annotations

import dataclasses
import functools
import math
from typing import Literal

import jax
import jax.numpy as jnp
from flax import nnx
from jaxtyping import Array, Float

from sportjax.models.checkpoints import torch_names as names
from sportjax.models.checkpoints.name_map import NameMap, Rule
from sportjax.nn.conv_norm import ConvNorm
from sportjax.nn.general_conv import GeneralConv

_DIVISOR = 8  # of all widths
_SQUEEZE = 4  # inputs of a block for each channel that its gate squeezes to
# Momentum and epsilon of the norms, and the padding. torch counts what is new of a running average, TensorFlow the old.
_ARITHMETIC = {
  'torchvision': {'momentum': 0.1, 'epsilon': 1e-5, 'padding': 'half'},
  'tensorflow': {'momentum': 0.01, 'epsilon': 1e-3, 'padding': 'tensorflow'},
}


@dataclasses.dataclass(frozen=True)
class Stage:
  """Blocks alike but for the first, which has the stride: how much wider they are within, their kernel, output."""

  expand: int
  kernel: int
  stride: int
  outputs: int
  blocks: int


B0 = (
  Stage(1, 3, 1, 16, 1),
  Stage(6, 3, 2, 24, 2),
  Stage(6, 5, 2, 40, 2),
  Stage(6, 3, 2, 80, 3),
  Stage(6, 5, 1, 112, 3),
  Stage(6, 5, 2, 192, 4),
  Stage(6, 3, 1, 320, 1),
)


@dataclasses.dataclass(frozen=True)
class EfficientNetConfig:
  """B0's stages, `width` times as wide and `depth` times as deep.

  `arithmetic='tensorflow'` is that of the published weights and of the package efficientnet_pytorch, on sides that 32
  divides. `dropout` is of the pooled feature, `drop_path` of the last block's residual.
  """

  width: float = 1.0
  depth: float = 1.0
  dropout: float = 0.2
  drop_path: float = 0.2
  stages: tuple[Stage, ...] = B0
  stem: int = 32
  head: int = 1280
  in_channels: int = 3
  arithmetic: Literal['torchvision', 'tensorflow'] = 'torchvision'
  dtype: Literal['float32', 'bfloat16', 'float64'] = 'float32'

  def scaled(self, channels: int) -> int:
    """Channels at this width: a multiple of 8, and no less than 0.9 of what was asked for."""
    wanted = channels * self.width
    found = max(_DIVISOR, int(wanted + _DIVISOR / 2) // _DIVISOR * _DIVISOR)
    return found if found >= 0.9 * wanted else found + _DIVISOR

  @property
  def features(self) -> int:
    """Width of the pooled output."""
    return self.scaled(self.head)

  def map_side(self, size_px: int) -> int:
    """Side of the last feature maps of a square image."""
    up = self.arithmetic == 'torchvision'
    for _ in range(1 + sum(stage.stride == 2 for stage in self.stages)):
      size_px = (size_px + up) // 2
    return size_px

  def blocks(self) -> list[tuple[int, Stage]]:
    """Of every block its inputs and what its stage says of it, both at this width."""
    found, inputs = [], self.scaled(self.stem)
    for stage in self.stages:
      here = dataclasses.replace(stage, outputs=self.scaled(stage.outputs))
      for _ in range(math.ceil(stage.blocks * self.depth)):
        found.append((inputs, here))
        inputs, here = here.outputs, dataclasses.replace(here, stride=1)
    return found


_SCALES = {'b0': (1.0, 1.0, 0.2), 'b1': (1.0, 1.1, 0.2), 'b2': (1.1, 1.2, 0.3), 'b3': (1.2, 1.4, 0.3),
  'b4': (1.4, 1.8, 0.4)}  # fmt: skip
# `tf_` as in timm: the same network with TensorFlow's arithmetic.
PRESETS: dict[str, EfficientNetConfig] = {
  f'{prefix}efficientnet_{name}': EfficientNetConfig(*scale, arithmetic=arithmetic)
  for prefix, arithmetic in (('', 'torchvision'), ('tf_', 'tensorflow'))
  for name, scale in _SCALES.items()
}


class Gate(nnx.Module):
  """Squeeze and excitation: each channel by a factor that all channels' means decide. Source: Hu et al. 2018."""

  def __init__(self, channels: int, squeezed: int, *, rngs: nnx.Rngs):
    self.reduce = GeneralConv(channels, squeezed, (1, 1), rngs=rngs)
    self.expand = GeneralConv(squeezed, channels, (1, 1), rngs=rngs)

  def __call__(self, x: Float[Array, 'b h w c']) -> Float[Array, 'b h w c']:
    mean = x.mean((1, 2), keepdims=True, dtype=jnp.promote_types(x.dtype, jnp.float32))
    return x * jax.nn.sigmoid(self.expand(jax.nn.silu(self.reduce(mean)))).astype(x.dtype)


class Block(nnx.Module):
  """MBConv: wider by 1x1, each channel by itself, gated, and narrow again; around a shortcut where nothing changes."""

  def __init__(self, inputs: int, stage: Stage, drop: float, config: EfficientNetConfig, *, rngs: nnx.Rngs):
    wide, kernel = inputs * stage.expand, (stage.kernel, stage.kernel)
    unit = functools.partial(ConvNorm, dtype=config.dtype, rngs=rngs, **_ARITHMETIC[config.arithmetic])
    self.expand = unit(inputs, wide, (1, 1), activation=jax.nn.silu) if stage.expand > 1 else None
    self.depthwise = unit(wide, wide, kernel, stage.stride, groups=wide, activation=jax.nn.silu)
    self.gate = Gate(wide, max(1, inputs // _SQUEEZE), rngs=rngs)
    self.project = unit(wide, stage.outputs, (1, 1))
    self.shortcut = stage.stride == 1 and inputs == stage.outputs
    self.drop = nnx.Dropout(drop, broadcast_dims=(1, 2, 3), rngs=rngs)

  def __call__(self, x: Float[Array, 'b h w c'], *, train: bool) -> Float[Array, 'b p q k']:
    y = x if self.expand is None else self.expand(x, train=train)
    y = self.project(self.gate(self.depthwise(y, train=train)), train=train)
    return x + self.drop(y, deterministic=not train) if self.shortcut else y


class EfficientNet(nnx.Module):
  """Images to one pooled feature each, float32."""

  def __init__(self, config: EfficientNetConfig, *, rngs: nnx.Rngs):
    unit = functools.partial(
      ConvNorm, dtype=config.dtype, activation=jax.nn.silu, rngs=rngs, **_ARITHMETIC[config.arithmetic]
    )
    blocks = config.blocks()
    self.stem = unit(config.in_channels, blocks[0][0], (3, 3), 2)
    self.blocks = nnx.List(
      [Block(*block, config.drop_path * i / len(blocks), config, rngs=rngs) for i, block in enumerate(blocks)]
    )
    self.head = unit(blocks[-1][1].outputs, config.features, (1, 1))
    self.dropout = nnx.Dropout(config.dropout, rngs=rngs)
    self.config = config

  def __call__(self, x: Float[Array, 'b h w c'], *, train: bool) -> Float[Array, 'b d']:
    pooled = self.maps(x, train=train).mean((1, 2), dtype=jnp.promote_types(x.dtype, jnp.float32))
    return self.dropout(pooled, deterministic=not train)

  def maps(self, x: Float[Array, 'b h w c'], *, train: bool) -> Float[Array, 'b p q d']:
    """The last feature maps, before pooling."""
    x = self.stem(x, train=train)
    for block in self.blocks:
      x = block(x, train=train)
    return self.head(x, train=train)


def name_map(config: EfficientNetConfig) -> NameMap:
  """Weights of torchvision's efficientnet_b0 to b4, or with TensorFlow's arithmetic of efficientnet_pytorch's.

  Without the classifier.
  """
  if config.arithmetic == 'tensorflow':
    return NameMap(_package_rules(), ignored=('_fc.*', '*.num_batches_tracked'))
  return NameMap(_torchvision_rules(config), ignored=('classifier.*', '*.num_batches_tracked'))


def _package_rules() -> tuple[Rule, ...]:
  rules = names.conv_norm('_conv_stem', '_bn0', 'stem') + names.conv_norm('_conv_head', '_bn1', 'head')
  for i, (conv, ours) in enumerate((('_expand', 'expand'), ('_depthwise', 'depthwise'), ('_project', 'project'))):
    rules += names.conv_norm(f'_blocks.{{}}.{conv}_conv', f'_blocks.{{}}._bn{i}', f'blocks.{{}}.{ours}')
  for part in ('reduce', 'expand'):
    rules += names.conv(f'_blocks.{{}}._se_{part}', f'blocks.{{}}.gate.{part}')
  return rules


def _torchvision_rules(config: EfficientNetConfig) -> tuple[Rule, ...]:
  first, last = 'features.0', f'features.{len(config.stages) + 1}'
  rules = names.conv_norm(f'{first}.0', f'{first}.1', 'stem') + names.conv_norm(f'{last}.0', f'{last}.1', 'head')
  number = 0
  for s, stage in enumerate(config.stages, 1):
    for i in range(math.ceil(stage.blocks * config.depth)):
      there, here = f'features.{s}.{i}.block', f'blocks.{number}'
      parts = ('expand', 'depthwise', 'gate', 'project')[stage.expand == 1 :]  # nothing is made wider by 1
      for k, part in enumerate(parts):
        if part == 'gate':
          rules += names.conv(f'{there}.{k}.fc1', f'{here}.gate.reduce')
          rules += names.conv(f'{there}.{k}.fc2', f'{here}.gate.expand')
        else:
          rules += names.conv_norm(f'{there}.{k}.0', f'{there}.{k}.1', f'{here}.{part}')
      number += 1
  return rules
