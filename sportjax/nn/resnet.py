"""Residual networks for any number of input channels, with torch's arithmetic, and its weights by name."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping
from typing import Literal

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx
from jaxtyping import Array, Float

from sportjax.errors import InputError
from sportjax.nn import conv as conv_lib

_STEM_INITS = {'independent': conv_lib.init_fan_out, 'mean_of_rgb': conv_lib.init_mean_of_rgb}


@dataclasses.dataclass(frozen=True)
class ResNetConfig:
  """Shape of a residual network. `stages` counts blocks, `widths` their channels (a quarter of a bottleneck's output).

  `stem='pooled'` is the standard 7x7 at stride 2 with a max pool, a quarter of the input's size; 'strided' is one 3x3
  at stride 2 for small crops.
  """

  stages: tuple[int, ...]
  widths: tuple[int, ...] = (64, 128, 256, 512)
  bottleneck: bool = False
  in_channels: int = 3
  stem: Literal['pooled', 'strided'] = 'pooled'
  stem_init: Literal['independent', 'mean_of_rgb'] = 'independent'
  dtype: Literal['float32', 'bfloat16', 'float64'] = 'float32'

  @property
  def features(self) -> int:
    """Width of the pooled output."""
    return self.widths[-1] * (4 if self.bottleneck else 1)

  def map_side(self, size_px: int) -> int:
    """Side of the last feature maps of a square image."""
    for _ in range(len(self.stages) + (self.stem == 'pooled')):  # each halves, rounding up
      size_px = -(-size_px // 2)
    return size_px


PRESETS = {
  'resnet18': ResNetConfig(stages=(2, 2, 2, 2)),
  'resnet34': ResNetConfig(stages=(3, 4, 6, 3)),
  'resnet50': ResNetConfig(stages=(3, 4, 6, 3), bottleneck=True),
  'small': ResNetConfig(stages=(1, 1, 1, 1), widths=(16, 32, 64, 128), stem='strided'),
}


class Block(nnx.Module):
  """Two 3x3 convolutions, or 1x1-3x3-1x1 with the stride in the middle, around a shortcut.

  Source: He et al. 2016; the stride's place is torchvision's ("v1.5").
  """

  def __init__(self, inputs: int, width: int, *, stride: int, config: ResNetConfig, rngs: nnx.Rngs):
    outputs = width * (4 if config.bottleneck else 1)
    shapes = [(inputs, width, 1, 1), (width, width, 3, stride), (width, outputs, 1, 1)]  # in, out, size, stride
    if not config.bottleneck:
      shapes = [(inputs, width, 3, stride), (width, width, 3, 1)]
    layer = functools.partial(conv_lib.Conv, dtype=config.dtype, rngs=rngs)
    self.convs = nnx.List([layer(*shape) for shape in shapes])
    self.norms = nnx.List([conv_lib.BatchNorm(shape[1]) for shape in shapes])
    reshapes = stride != 1 or inputs != outputs
    self.shortcut_conv = layer(inputs, outputs, 1, stride) if reshapes else None
    self.shortcut_norm = conv_lib.BatchNorm(outputs) if reshapes else None

  def __call__(self, x: Float[Array, 'b h w c'], *, train: bool) -> Float[Array, 'b p q k']:
    shortcut = x
    if self.shortcut_conv is not None and self.shortcut_norm is not None:
      shortcut = self.shortcut_norm(self.shortcut_conv(x), train=train)
    for conv, norm in zip(self.convs[:-1], self.norms[:-1], strict=True):
      x = jax.nn.relu(norm(conv(x), train=train))
    return jax.nn.relu(self.norms[-1](self.convs[-1](x), train=train) + shortcut)


class ResNet(nnx.Module):
  """Images to one pooled feature each, float32."""

  def __init__(self, config: ResNetConfig, *, rngs: nnx.Rngs):
    self.config = config
    width = config.widths[0]
    self.conv = conv_lib.Conv(
      config.in_channels,
      width,
      size=7 if config.stem == 'pooled' else 3,
      stride=2,
      dtype=config.dtype,
      init=_STEM_INITS[config.stem_init],
      rngs=rngs,
    )
    self.norm = conv_lib.BatchNorm(width)
    self.stages = nnx.List()
    for s, (blocks, out) in enumerate(zip(config.stages, config.widths, strict=True)):
      stage = nnx.List()
      for i in range(blocks):
        stage.append(Block(width, out, stride=2 if s and not i else 1, config=config, rngs=rngs))
        width = out * (4 if config.bottleneck else 1)
      self.stages.append(stage)

  def __call__(self, x: Float[Array, 'b h w c'], *, train: bool) -> Float[Array, 'b d']:
    return self.maps(x, train=train).mean((1, 2), dtype=jnp.promote_types(x.dtype, jnp.float32))

  def maps(self, x: Float[Array, 'b h w c'], *, train: bool) -> Float[Array, 'b p q d']:
    """The last feature maps, before pooling."""
    x = jax.nn.relu(self.norm(self.conv(x), train=train))
    if self.config.stem == 'pooled':
      x = conv_lib.max_pool(x)
    for stage in self.stages:
      for block in stage:
        x = block(x, train=train)
    return x


def load_torch_resnet(model: ResNet, state: Mapping[str, np.ndarray]) -> None:
  """Fills `model` in place from a torchvision-named state dict without its classifier.

  Raises:
    InputError: a tensor is missing, unknown or of another shape; nothing is changed then.
  """
  variables = torch_names(model)
  given = {name for name in state if not name.endswith('.num_batches_tracked')}
  if given != set(variables):
    missing, unknown = sorted(set(variables) - given), sorted(given - set(variables))
    raise InputError(
      f'torch ResNet weights: missing {missing[:3]}, unknown {unknown[:3]}; give those of {model.config}'
    )
  arrays = {name: _from_torch(np.asarray(state[name])) for name in variables}
  for name, variable in variables.items():
    if arrays[name].shape != variable[...].shape:
      raise InputError(f'torch ResNet weights: {name} has shape {state[name].shape}, which does not fit {model.config}')
  for name, variable in variables.items():
    variable[...] = jnp.asarray(arrays[name], variable[...].dtype)


def _from_torch(x: np.ndarray) -> np.ndarray:
  return x.transpose(2, 3, 1, 0) if x.ndim == 4 else x


def torch_names(model: ResNet) -> dict[str, nnx.Variable]:
  """Every variable of the network by torchvision's name."""
  names = _layer_names('conv1', model.conv, 'bn1', model.norm)
  for s, stage in enumerate(model.stages, 1):
    for i, block in enumerate(stage):
      at = f'layer{s}.{i}'
      for k, (conv, norm) in enumerate(zip(block.convs, block.norms, strict=True), 1):
        names |= _layer_names(f'{at}.conv{k}', conv, f'{at}.bn{k}', norm)
      if block.shortcut_conv is not None:
        names |= _layer_names(f'{at}.downsample.0', block.shortcut_conv, f'{at}.downsample.1', block.shortcut_norm)
  return names


def _layer_names(conv_name, conv, norm_name, norm) -> dict[str, nnx.Variable]:
  return {
    f'{conv_name}.weight': conv.kernel,
    f'{norm_name}.weight': norm.scale,
    f'{norm_name}.bias': norm.bias,
    f'{norm_name}.running_mean': norm.mean,
    f'{norm_name}.running_var': norm.var,
  }
