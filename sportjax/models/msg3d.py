"""MS-G3D: graph convolutions over several distances, in single frames and in windows of frames.

Source: Liu et al. 2020 (arXiv 2003.14111), with the layers of its released code, whose names its weights have.
"""

from __future__ import annotations

import dataclasses
from typing import Literal

import jax
import jax.numpy as jnp
from flax import nnx
from jaxtyping import Array, Float

from sportjax.models.checkpoints import torch_names as names
from sportjax.models.checkpoints.name_map import Concatenate, NameMap, Reshape, Rule, Stack, Transpose
from sportjax.nn import graph as graph_lib
from sportjax.nn.conv import BatchNorm, Dense
from sportjax.nn.multi_scale import GraphConv, TemporalConv, WindowGraphConv

_WINDOWS = (3, 5)  # frames of the two window pathways


@dataclasses.dataclass(frozen=True)
class MSG3DConfig:
  """Widths of the blocks, multiples of six; distances up to which joints are gathered, in frames and windows."""

  widths: tuple[int, ...] = (96, 192, 384)
  inputs: int = 3
  scales: int = 8
  window_scales: int = 8
  stream: Literal['joint', 'bone'] = 'joint'
  segments: int = 64  # frames that a clip is read at


PRESETS = {
  'msg3d': MSG3DConfig(),
  'msg3d_small': MSG3DConfig(widths=(24, 48, 96), scales=5, window_scales=3, segments=32),
  'msg3d_tiny': MSG3DConfig(widths=(6, 12), scales=3, window_scales=2, segments=8),
}


class Block(nnx.Module):
  """The pathway through single frames, those through windows, and a temporal convolution over their sum."""

  def __init__(self, inputs: int, outputs: int, stride: int, config: MSG3DConfig, graph: graph_lib.JointGraph, *, rngs):
    middle = _middle(inputs, outputs)
    self.windows = nnx.List(
      [
        WindowGraphConv(inputs, middle, outputs, graph, frames, config.window_scales, stride, rngs=rngs)
        for frames in _WINDOWS
      ]
    )
    self.space = GraphConv(inputs, middle, graph, 1, config.scales, rngs=rngs)
    self.time1 = TemporalConv(middle, outputs, stride, rngs=rngs)
    self.time2 = TemporalConv(outputs, outputs, rngs=rngs)
    self.time3 = TemporalConv(outputs, outputs, rngs=rngs)

  def __call__(self, x: Float[Array, 'b t j c'], *, train: bool) -> Float[Array, 'b u j k']:
    y = jax.nn.relu(self.space(x, train=train))
    y = self.time2(jax.nn.relu(self.time1(y, train=train)), train=train)
    for pathway in self.windows:
      y = y + pathway(x, train=train)
    return jax.nn.relu(self.time3(jax.nn.relu(y), train=train))


class MSG3D(nnx.Module):
  """Normalised joints, or bones, of one person to class scores."""

  def __init__(
    self, config: MSG3DConfig, classes: int, graph: graph_lib.JointGraph = graph_lib.COCO17, *, rngs: nnx.Rngs
  ):
    self.config = config
    self.norm = BatchNorm(graph.joints * config.inputs)
    self.blocks = nnx.List()
    inputs = config.inputs
    for i, width in enumerate(config.widths):
      self.blocks.append(Block(inputs, width, 2 if i else 1, config, graph, rngs=rngs))
      inputs = width
    self.head = Dense(inputs, classes, axes=('conv_out', 'embed'), rngs=rngs)

  def __call__(self, x: Float[Array, 'b t j c'], *, train: bool) -> Float[Array, 'b k']:
    x = self.norm(x.reshape(*x.shape[:2], 1, -1), train=train).reshape(x.shape)
    for block in self.blocks:
      x = block(x, train=train)
    return self.head(jnp.mean(x, (1, 2)))


def _middle(inputs: int, outputs: int) -> int:
  """The released code widens in the graph convolution where its input is coordinates, and after it elsewhere."""
  return outputs if inputs <= 3 else inputs


def name_map(config: MSG3DConfig) -> NameMap:
  """Weights of the released code."""
  rules = (*names.norm('data_bn', 'norm'), *names.dense('fc', 'head'))
  inputs = config.inputs
  for i, width in enumerate(config.widths):
    block = f'blocks.{i}'
    for w, frames in enumerate(_WINDOWS):
      rules += _window(f'gcn3d{i + 1}.gcn3d.{w}', f'{block}.windows.{w}', width, _middle(inputs, width), frames)
    rules += _graph(f'sgcn{i + 1}.0', f'{block}.space')
    for theirs, ours in ((f'sgcn{i + 1}.1', 'time1'), (f'sgcn{i + 1}.2', 'time2'), (f'tcn{i + 1}', 'time3')):
      rules += _temporal(theirs, f'{block}.{ours}', width)
    inputs = width
  return NameMap(rules, ignored=('*.num_batches_tracked',))


def _graph(theirs: str, ours: str) -> tuple[Rule, ...]:
  return (
    Rule(f'{theirs}.A_res', f'{ours}.learned'),
    *names.conv(f'{theirs}.mlp.layers.0', f'{ours}.dense'),
    *names.norm(f'{theirs}.mlp.layers.1', f'{ours}.norm'),
  )


def _window(theirs: str, ours: str, outputs: int, middle: int, frames: int) -> tuple[Rule, ...]:
  shape = (outputs, middle, 1, frames, 1)
  return (
    *_graph(f'{theirs}.gcn3d.1', f'{ours}.gather'),
    Rule(f'{theirs}.out_conv.weight', f'{ours}.kernel', (Reshape(shape, shape[:2] + (frames,)), Transpose((2, 1, 0)))),
    Rule(f'{theirs}.out_conv.bias', f'{ours}.bias'),
    *names.norm(f'{theirs}.out_bn', f'{ours}.norm'),
  )


def _temporal(theirs: str, ours: str, outputs: int) -> tuple[Rule, ...]:
  """Theirs is a module a branch; ours has one array for what several of them do alike."""
  dilated = [f'{theirs}.branches.{i}.3' for i in range(4)]
  enter = [f'{theirs}.branches.{i}' for i in range(6)]
  width = outputs // len(enter)
  weight, sides = Transpose((2, 3, 1, 0)), Concatenate(-1, (width,) * 6)
  taps = Reshape((3, width, width, 1), (3, width, width))
  norms = [*(f'{branch}.bn' for branch in dilated), f'{theirs}.branches.4.4', f'{theirs}.branches.5.1']
  return (
    Rule(tuple(f'{branch}.0.weight' for branch in enter), f'{ours}.enter.kernel', (weight, sides)),
    Rule(tuple(f'{branch}.0.bias' for branch in enter), f'{ours}.enter.bias', (sides,)),
    *names.norms([f'{branch}.1' for branch in enter[:-1]], f'{ours}.enter_norm', width),
    Rule(
      tuple(f'{branch}.conv.weight' for branch in dilated), f'{ours}.kernel', (Transpose((2, 1, 0, 3)), taps, Stack())
    ),
    Rule(tuple(f'{branch}.conv.bias' for branch in dilated), f'{ours}.bias', (Concatenate(0, (width,) * 4),)),
    *names.norms(norms, f'{ours}.norm', width),
    *names.conv(f'{theirs}.residual.conv', f'{ours}.shortcut'),
    *names.norm(f'{theirs}.residual.bn', f'{ours}.shortcut_norm'),
  )
