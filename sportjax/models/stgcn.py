"""ST-GCN: convolutions over joints and time, by the names of its published weights.

Source: Yan et al. 2018 (arXiv 1801.07455), with the layers of its released code.
"""

from __future__ import annotations

import dataclasses
from typing import Literal

import jax
import jax.numpy as jnp
from flax import nnx
from jaxtyping import Array, Float

from sportjax.models.checkpoints import torch_names as names
from sportjax.models.checkpoints.name_map import NameMap, Rule
from sportjax.nn import graph as graph_lib
from sportjax.nn.conv import BatchNorm
from sportjax.nn.general_conv import GeneralConv


@dataclasses.dataclass(frozen=True)
class STGCNConfig:
  """Output width and temporal stride of each block."""

  widths: tuple[int, ...] = (64, 64, 64, 64, 128, 128, 128, 256, 256, 256)
  strides: tuple[int, ...] = (1, 1, 1, 1, 2, 1, 1, 2, 1, 1)
  inputs: int = 3  # x, y, confidence
  frames: int = 9  # of a temporal convolution
  dropout: float = 0.5
  stream: Literal['joint', 'bone'] = 'joint'
  segments: int = 64  # frames that a clip is read at


PRESETS = {
  'stgcn': STGCNConfig(),
  'stgcn_small': STGCNConfig(widths=(32, 32, 64, 64), strides=(1, 1, 2, 1), segments=32),
  'stgcn_tiny': STGCNConfig(widths=(8, 8, 16), strides=(1, 1, 2), segments=8),
}


class Block(nnx.Module):
  """A convolution over the three sets of neighbours, one over time, and what came in."""

  def __init__(
    self, inputs: int, outputs: int, stride: int, config: STGCNConfig, *, residual: bool, sets: int, rngs: nnx.Rngs
  ):
    self.space = GeneralConv(inputs, sets * outputs, (1, 1), rngs=rngs)
    self.norms = nnx.List([BatchNorm(outputs) for _ in range(2)])
    self.time = GeneralConv(outputs, outputs, (config.frames, 1), (stride, 1), rngs=rngs)
    self.dropout = nnx.Dropout(config.dropout if residual else 0.0, rngs=rngs)
    reshapes = residual and (inputs != outputs or stride != 1)
    self.shortcut = GeneralConv(inputs, outputs, (1, 1), (stride, 1), rngs=rngs) if reshapes else None
    self.shortcut_norm = BatchNorm(outputs) if reshapes else None
    self.residual = residual

  def __call__(
    self, x: Float[Array, 'b t j c'], weights: Float[Array, 's j j'], *, train: bool
  ) -> Float[Array, 'b u j k']:
    shortcut = x
    if self.shortcut is not None and self.shortcut_norm is not None:
      shortcut = self.shortcut_norm(self.shortcut(x), train=train)
    y = self.space(x)
    y = y.reshape(*y.shape[:3], len(weights), -1)
    y = jnp.einsum('btvsc,svw->btwc', y, weights)
    y = self.time(jax.nn.relu(self.norms[0](y, train=train)))
    y = self.dropout(self.norms[1](y, train=train), deterministic=not train)
    return jax.nn.relu(y + shortcut if self.residual else y)


class STGCN(nnx.Module):
  """Normalised joints of one person to class scores."""

  def __init__(
    self, config: STGCNConfig, classes: int, graph: graph_lib.JointGraph = graph_lib.COCO17, *, rngs: nnx.Rngs
  ):
    self.config = config
    self.graph = graph
    sets = len(graph_lib.spatial_partitions(graph))
    self.norm = BatchNorm(graph.joints * config.inputs)
    self.blocks, self.importance = nnx.List(), nnx.List()
    inputs = config.inputs
    for i, (width, stride) in enumerate(zip(config.widths, config.strides, strict=True)):
      self.blocks.append(Block(inputs, width, stride, config, residual=i > 0, sets=sets, rngs=rngs))
      ones = jnp.ones((sets, graph.joints, graph.joints))
      self.importance.append(nnx.Param(ones, logical_axes=(None, None, None)))
      inputs = width
    self.head = GeneralConv(inputs, classes, (1, 1), rngs=rngs)

  def __call__(self, x: Float[Array, 'b t j c'], *, train: bool) -> Float[Array, 'b k']:
    x = self.norm(x.reshape(*x.shape[:2], 1, -1), train=train).reshape(x.shape)
    adjacency = jnp.asarray(graph_lib.spatial_partitions(self.graph))
    for block, importance in zip(self.blocks, self.importance, strict=True):
      x = block(x, adjacency * importance[...], train=train)
    return self.head(x.mean((1, 2), keepdims=True))[:, 0, 0]


def name_map() -> NameMap:
  """Weights of the released code, whose last layer is a convolution."""
  there, here = 'st_gcn_networks.{}', 'blocks.{}'
  rules = (
    *names.norm('data_bn', 'norm'),
    *names.conv(f'{there}.gcn.conv', f'{here}.space'),
    *names.norm(f'{there}.tcn.0', f'{here}.norms.0'),
    *names.conv(f'{there}.tcn.2', f'{here}.time'),
    *names.norm(f'{there}.tcn.3', f'{here}.norms.1'),
    *names.conv(f'{there}.residual.0', f'{here}.shortcut'),
    *names.norm(f'{there}.residual.1', f'{here}.shortcut_norm'),
    Rule('edge_importance.{}', 'importance.{}'),
    *names.conv('fcn', 'head'),
  )
  return NameMap(rules, ignored=('A', '*.num_batches_tracked'))
