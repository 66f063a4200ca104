"""Residual networks over video, R3D-18 and R(2+1)D-18. Source: Tran et al. 2018 (arXiv:1711.11248).

Weights by torchvision's names.
"""

from __future__ import annotations

import dataclasses
from typing import Literal

import jax
from flax import nnx
from jaxtyping import Array, Float, PRNGKeyArray

from sportjax.models.checkpoints.name_map import NameMap, Rule, Transpose
from sportjax.nn.attention_pool import mean_tokens
from sportjax.nn.conv import BatchNorm
from sportjax.nn.vit import Encoded

Size = tuple[int, int, int]  # time, height, width


@dataclasses.dataclass(frozen=True)
class R3DConfig:
  """Depth and widths; a 'factored' convolution is one in space, then one in time, of as many weights together."""

  form: Literal['full', 'factored']
  stages: tuple[int, ...] = (2, 2, 2, 2)
  widths: tuple[int, ...] = (64, 128, 256, 512)
  stem: int = 45  # channels between the two convolutions of a factored stem
  dtype: Literal['float32', 'bfloat16', 'float64'] = 'float32'


PRESETS = {'r3d_18': R3DConfig('full'), 'r2plus1d_18': R3DConfig('factored')}


class Conv3D(nnx.Module):
  """A convolution without bias, padded to half its size; channels last."""

  def __init__(self, inputs: int, outputs: int, size: Size, stride: Size, *, dtype: str, rngs: nnx.Rngs):
    init = jax.nn.initializers.variance_scaling(2.0, 'fan_out', 'normal')
    self.kernel = nnx.Param(
      init(rngs.params(), (*size, inputs, outputs)), logical_axes=(None, None, None, 'conv_in', 'conv_out')
    )
    self.stride, self.padding, self.dtype = stride, [(s // 2, s // 2) for s in size], dtype

  def __call__(self, x: Float[Array, 'b t h w c']) -> Float[Array, 'b u p q k']:
    layout = ('NDHWC', 'DHWIO', 'NDHWC')
    kernel = self.kernel[...].astype(self.dtype)
    return jax.lax.conv_general_dilated(
      x.astype(self.dtype), kernel, self.stride, self.padding, dimension_numbers=layout
    )


def normed(norm: BatchNorm, x: Float[Array, 'b t h w c'], *, train: bool) -> Float[Array, 'b t h w c']:
  """Batch statistics over batch, time and space."""
  return norm(x.reshape(-1, *x.shape[2:]), train=train).reshape(x.shape)


class Step(nnx.Module):
  """A convolution, full or factored, and the norm after it. A factored one has a norm and a ReLU within."""

  def __init__(
    self, inputs: int, outputs: int, size: Size, stride: Size, *, middle: int | None, dtype: str, rngs: nnx.Rngs
  ):
    if middle is None:
      self.convs = nnx.List([Conv3D(inputs, outputs, size, stride, dtype=dtype, rngs=rngs)])
    else:
      in_space = Conv3D(inputs, middle, (1, *size[1:]), (1, *stride[1:]), dtype=dtype, rngs=rngs)
      in_time = Conv3D(middle, outputs, (size[0], 1, 1), (stride[0], 1, 1), dtype=dtype, rngs=rngs)
      self.convs = nnx.List([in_space, in_time])
    self.norms = nnx.List([BatchNorm(conv.kernel.shape[-1]) for conv in self.convs])

  def __call__(self, x: Float[Array, 'b t h w c'], *, train: bool) -> Float[Array, 'b u p q k']:
    for i, (conv, norm) in enumerate(zip(self.convs, self.norms, strict=True)):
      x = normed(norm, conv(jax.nn.relu(x) if i else x), train=train)
    return x


class Block(nnx.Module):
  """Two steps around a shortcut."""

  def __init__(self, inputs: int, outputs: int, stride: int, config: R3DConfig, *, rngs: nnx.Rngs):
    # As many weights as a full convolution of this block's first has; the second keeps the same width in the middle.
    middle = inputs * outputs * 27 // (9 * inputs + 3 * outputs) if config.form == 'factored' else None
    size, there = (3, 3, 3), (stride, stride, stride)
    self.step1 = Step(inputs, outputs, size, there, middle=middle, dtype=config.dtype, rngs=rngs)
    self.step2 = Step(outputs, outputs, size, (1, 1, 1), middle=middle, dtype=config.dtype, rngs=rngs)
    reshapes = stride != 1 or inputs != outputs
    self.shortcut = (
      Step(inputs, outputs, (1, 1, 1), there, middle=None, dtype=config.dtype, rngs=rngs) if reshapes else None
    )

  def __call__(self, x: Float[Array, 'b t h w c'], *, train: bool) -> Float[Array, 'b u p q k']:
    shortcut = x if self.shortcut is None else self.shortcut(x, train=train)
    x = self.step2(jax.nn.relu(self.step1(x, train=train)), train=train)
    return jax.nn.relu(x + shortcut)


class R3D(nnx.Module):
  """Video to the last maps' cells and their mean."""

  def __init__(self, config: R3DConfig, *, rngs: nnx.Rngs):
    width, middle = config.widths[0], config.stem if config.form == 'factored' else None
    self.stem = Step(3, width, (3, 7, 7), (1, 2, 2), middle=middle, dtype=config.dtype, rngs=rngs)
    self.stages = nnx.List()
    for s, (blocks, outputs) in enumerate(zip(config.stages, config.widths, strict=True)):
      stage = nnx.List()
      for i in range(blocks):
        stage.append(Block(width, outputs, 2 if s and not i else 1, config, rngs=rngs))
        width = outputs
      self.stages.append(stage)
    self.config = config

  def __call__(
    self, video: Float[Array, 'b t h w c'], *, train: bool = False, key: PRNGKeyArray | None = None
  ) -> Encoded:
    """With `train`, batch statistics are taken and kept; there is nothing random that would need the key."""
    del key
    x = jax.nn.relu(self.stem(video, train=train))
    for stage in self.stages:
      for block in stage:
        x = block(x, train=train)
    tokens = x.reshape(len(x), -1, x.shape[-1])
    return Encoded(tokens, mean_tokens(tokens))


def name_map(config: R3DConfig) -> NameMap:
  """Weights of torchvision.models.video's r3d_18 and r2plus1d_18, without the classifier."""
  factored = config.form == 'factored'
  rules = _step('stem', 'stem', ('0', '3') if factored else ('0',), ('1', '4') if factored else ('1',))
  convs, norms = (('0.0', '0.3'), ('0.1', '1')) if factored else (('0',), ('1',))
  for s in range(len(config.stages)):
    layer, block = f'layer{s + 1}.{{}}', f'stages.{s}.{{}}'
    rules += _step(f'{layer}.conv1', f'{block}.step1', convs, norms)
    rules += _step(f'{layer}.conv2', f'{block}.step2', convs, norms)
    rules += _step(f'{layer}.downsample', f'{block}.shortcut', ('0',), ('1',))
  return NameMap(rules, ignored=('fc.*', '*.num_batches_tracked'))


def _step(theirs: str, ours: str, convs: tuple[str, ...], norms: tuple[str, ...]) -> tuple[Rule, ...]:
  names = (('weight', 'scale'), ('bias', 'bias'), ('running_mean', 'mean'), ('running_var', 'var'))
  return (
    *(
      Rule(f'{theirs}.{conv}.weight', f'{ours}.convs.{i}.kernel', (Transpose((2, 3, 4, 1, 0)),))
      for i, conv in enumerate(convs)
    ),
    *(Rule(f'{theirs}.{n}.{t}', f'{ours}.norms.{i}.{o}') for i, n in enumerate(norms) for t, o in names),
  )
