"""A small top-down pose network: one person's crop to 17 heatmaps, whose peaks are its own confidence."""

from __future__ import annotations

import dataclasses
import pathlib

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx
from jaxtyping import Array, Float, Num

from sportjax.nn import conv as conv_lib
from sportjax.nn import weights_file
from sportjax.nn.resnet import Block, ResNetConfig


@dataclasses.dataclass(frozen=True)
class PoseNetConfig:
  """A pyramid of residual blocks, read out at a quarter of the crop's resolution."""

  size_px: int = 64
  joints: int = 17
  widths: tuple[int, ...] = (16, 48, 96, 128)  # at 1/2, 1/4, 1/8 and 1/16 of the crop
  blocks: tuple[int, ...] = (0, 1, 2, 2)

  @property
  def stride(self) -> int:
    """Crop pixels a heatmap cell."""
    return 4


class PoseNet(nnx.Module):
  """Down a residual pyramid and up again, as in a feature pyramid network.

  Source: Lin et al. 2017 (FPN) and Xiao et al. 2018 (Simple Baselines), much reduced.
  """

  def __init__(self, config: PoseNetConfig, *, rngs: nnx.Rngs):
    self.config = config
    shape = ResNetConfig(stages=config.blocks, widths=config.widths)
    self.stem = conv_lib.Conv(3, config.widths[0], 3, 2, rngs=rngs)
    self.stem_norm = conv_lib.BatchNorm(config.widths[0])
    self.stages = nnx.List()
    inputs = config.widths[0]
    for s, (blocks, width) in enumerate(zip(config.blocks, config.widths, strict=True)):
      stage = nnx.List()
      for i in range(blocks):
        stage.append(Block(inputs, width, stride=2 if s and not i else 1, config=shape, rngs=rngs))
        inputs = width
      self.stages.append(stage)
    middle = config.widths[1]
    self.lateral = nnx.List([conv_lib.Conv(width, middle, 1, rngs=rngs) for width in config.widths[1:]])
    self.fuse = Block(middle, middle, stride=1, config=shape, rngs=rngs)
    self.head = conv_lib.Dense(middle, config.joints, axes=('conv_out', 'embed'), rngs=rngs)

  def __call__(self, images: Num[Array, 'b h w 3'], *, train: bool) -> Float[Array, 'b y x j']:
    """Logits of each joint being in each cell; images hold 0..255."""
    x = images.astype(jnp.float32) / 127.5 - 1
    x = jax.nn.relu(self.stem_norm(self.stem(x), train=train))
    levels = []
    for stage in self.stages:
      for block in stage:
        x = block(x, train=train)
      levels.append(x)
    up = self.lateral[-1](levels[-1])
    for lateral, level in zip(self.lateral[-2::-1], levels[-2:0:-1], strict=True):
      up = jnp.repeat(jnp.repeat(up, 2, axis=1), 2, axis=2) + lateral(level)
    x = self.fuse(up, train=train)
    logits = self.head(x.reshape(-1, x.shape[-1]))
    return logits.reshape(*x.shape[:-1], self.config.joints)


def decode(logits: Float[Array, 'b y x j'], stride: int) -> Float[Array, 'b j 3']:
  """Joints in crop pixels and their scores: the peak's probability, its place between cells by a parabola.

  The parabola goes through the log-probabilities of the peak and its neighbours, which is exact for the Gaussian that
  training aims at.
  """
  height, width = logits.shape[1:3]
  log_probability = jax.nn.log_sigmoid(logits)
  flat = log_probability.reshape(len(logits), height * width, -1)
  peak = flat.argmax(1)
  row, column = peak // width, peak % width

  def at(y: Array, x: Array) -> Array:
    cell = jnp.clip(y, 0, height - 1) * width + jnp.clip(x, 0, width - 1)
    return jnp.take_along_axis(flat, cell[:, None], axis=1)[:, 0]

  def between(before: Array, after: Array) -> Array:
    bend = before - 2 * at(row, column) + after
    return jnp.clip(0.5 * (before - after) / jnp.minimum(bend, -1e-6), -0.5, 0.5)

  x = column + between(at(row, column - 1), at(row, column + 1))
  y = row + between(at(row - 1, column), at(row + 1, column))
  score = jnp.exp(flat.max(1))
  return jnp.stack([(x + 0.5) * stride - 0.5, (y + 0.5) * stride - 0.5, score], axis=-1)


def save(path: pathlib.Path, model: PoseNet) -> None:
  """Writes the weights, in half precision, with the config beside them."""
  weights_file.save(path, model, model.config, dtype=np.float16)


def load(path: pathlib.Path) -> PoseNet:
  """The network of a file that `save` wrote.

  Raises:
    InputError: the file is not one, or does not hold exactly this network's tensors.
  """
  return weights_file.load(
    path, PoseNetConfig, lambda config: PoseNet(config, rngs=nnx.Rngs(0)), what='a pose network'
  )[1]
