"""InceptionV3 for any number of input channels, without its auxiliary classifier, and with GSM's gates.

Source: Szegedy et al. 2016 (arXiv 1512.00567), in torchvision's form. Departure of the gated one: GSM's code starts
from weights of another port of the network, which has 7x1 where torchvision has 1x7.
"""

from __future__ import annotations

import dataclasses
from typing import Literal

import jax
import jax.numpy as jnp
from flax import nnx
from jaxtyping import Array, Float

from sportjax.errors import InputError
from sportjax.models.checkpoints import torch_names as names
from sportjax.models.checkpoints.name_map import NameMap
from sportjax.models.inception_layout import BLOCKS, STEM, Branch, Layer
from sportjax.nn.conv_norm import ConvNorm
from sportjax.nn.gate_shift import GateShift
from sportjax.nn.pool import average_pool, max_pool

_EPSILON = 1e-3
# Its published weights read colours from -1 to 1; ours come standardised with ImageNet's means and deviations.
_COLOUR_MEAN, _COLOUR_SD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


@dataclasses.dataclass(frozen=True)
class InceptionConfig:
  """`share` is that of the published channels that each layer has."""

  share: float = 1.0
  in_channels: int = 3
  dtype: Literal['float32', 'bfloat16', 'float64'] = 'float32'

  def scaled(self, channels: int) -> int:
    """Channels of a layer."""
    return max(1, int(channels * self.share))

  @property
  def features(self) -> int:
    """Width of the pooled output."""
    return sum(self.scaled(channels) for branch in BLOCKS[-1].branches for channels in branch.outputs)

  def map_side(self, size_px: int) -> int:
    """Side of the last feature maps of a square image; 0 or less where it is too small for the network."""
    for reach, stride in ((3, 2), (3, 1), (3, 2), (3, 1), (3, 2), (3, 2), (3, 2)):  # all that is not padded
      size_px = (size_px - reach) // stride + 1
    return size_px


PRESETS = {'inception_v3': InceptionConfig()}


def _unit(layer: Layer, inputs: int, config: InceptionConfig, rngs: nnx.Rngs) -> ConvNorm:
  return ConvNorm(
    inputs,
    config.scaled(layer.outputs),
    layer.size,
    layer.stride,
    padding='half' if layer.padded else 'none',
    activation=jax.nn.relu,
    epsilon=_EPSILON,
    dtype=config.dtype,
    rngs=rngs,
  )


class Path(nnx.Module):
  """One branch of a block."""

  def __init__(self, branch: Branch, inputs: int, config: InceptionConfig, *, rngs: nnx.Rngs):
    self.pool = branch.pool
    self.layers = nnx.List()
    for layer in branch.layers:
      self.layers.append(_unit(layer, inputs, config, rngs))
      inputs = config.scaled(layer.outputs)
    self.ends = nnx.List([_unit(layer, inputs, config, rngs) for layer in branch.ends])

  def __call__(self, x: Float[Array, 'b h w c'], *, train: bool) -> list[Float[Array, 'b p q k']]:
    if self.pool:
      x = average_pool(x) if self.pool == 'average' else max_pool(x)
    for layer in self.layers:
      x = layer(x, train=train)
    return [end(x, train=train) for end in self.ends] or [x]


class Inception(nnx.Module):
  """Images of 75 pixels or more to one pooled feature each, float32."""

  def __init__(self, config: InceptionConfig, *, rngs: nnx.Rngs):
    inputs = config.in_channels
    self.stem, self.blocks = nnx.List(), nnx.List()
    for layer in STEM:
      self.stem.append(_unit(layer, inputs, config, rngs))
      inputs = config.scaled(layer.outputs)
    for block in BLOCKS:
      self.blocks.append(nnx.List([Path(branch, inputs, config, rngs=rngs) for branch in block.branches]))
      widths = [config.scaled(channels) for branch in block.branches for channels in branch.outputs]
      inputs = sum(widths) + (inputs if any(branch.pool == 'max' for branch in block.branches) else 0)
    self.config = config

  def __call__(self, x: Float[Array, 'b h w c'], *, train: bool) -> Float[Array, 'b d']:
    return self.maps(x, train=train).mean((1, 2), dtype=jnp.promote_types(x.dtype, jnp.float32))

  def maps(self, x: Float[Array, 'b h w c'], *, train: bool) -> Float[Array, 'b p q d']:
    """The last feature maps, before pooling. Raises InputError for images that are too small."""
    if self.config.map_side(min(x.shape[1:3])) < 1:
      raise InputError(f'InceptionV3 on {x.shape[1]} x {x.shape[2]} pixels: sides must be 75 or more')
    x = _from_minus_one(x) if x.shape[-1] == 3 else x
    for layer, told in zip(self.stem, STEM, strict=True):
      x = layer(x, train=train)
      x = max_pool(x) if told.pooled else x
    for block in self.blocks:
      x = jnp.concatenate([part for path in block for part in path(x, train=train)], axis=-1)
    return x


def _from_minus_one(x: Float[Array, 'b h w 3']) -> Float[Array, 'b h w 3']:
  mean, sd = (jnp.array(values, x.dtype)[None, None, None] for values in (_COLOUR_MEAN, _COLOUR_SD))
  return (x * sd + mean - 0.5) / 0.5


class GatedUnit(ConvNorm):
  """A layer whose convolution's output is gated and shifted before its norm.

  The first axis holds clips of `frames` frames, one after the other.
  """

  def __init__(self, unit: ConvNorm, frames: int, *, rngs: nnx.Rngs):
    self.conv, self.norm, self.activation = unit.conv, unit.norm, unit.activation
    self.shift = GateShift(unit.conv.kernel.shape[-1], rngs=rngs)
    self.frames = frames

  def __call__(self, x: Float[Array, 'b h w c'], *, train: bool) -> Float[Array, 'b p q k']:
    x = self.conv(x)
    x = self.shift(x.reshape(-1, self.frames, *x.shape[1:]), train=train).reshape(x.shape)
    return self.finish(x, train=train)


class GatedInception(Inception):
  """InceptionV3 over the frames of clips, gated as in GSM; weights of the plain network fit."""

  def __init__(self, config: InceptionConfig, frames: int, *, rngs: nnx.Rngs):
    super().__init__(config, rngs=rngs)
    for block, told in zip(self.blocks, BLOCKS, strict=True):
      if told.gated is not None:
        layers = block[told.gated].layers
        layers[0] = GatedUnit(layers[0], frames, rngs=rngs)


def name_map() -> NameMap:
  """Weights of torchvision's inception_v3, without its classifiers."""
  rules = ()
  for i, layer in enumerate(STEM):
    rules += names.conv_norm(f'{layer.name}.conv', f'{layer.name}.bn', f'stem.{i}')
  for b, block in enumerate(BLOCKS):
    for p, branch in enumerate(block.branches):
      for part, layers in (('layers', branch.layers), ('ends', branch.ends)):
        for i, layer in enumerate(layers):
          there = f'{block.name}.{layer.name}'
          rules += names.conv_norm(f'{there}.conv', f'{there}.bn', f'blocks.{b}.{p}.{part}.{i}')
  return NameMap(rules, ignored=('fc.*', 'AuxLogits.*', '*.num_batches_tracked'))
