"""The layers of MS-G3D: joints gathered over several distances, frames over several dilations. Channels last.

Source: Liu et al. 2020 (MS-G3D, arXiv 2003.14111), sections 3.2 to 3.4, with the layers of its released code.
"""

from __future__ import annotations

import functools

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx
from jaxtyping import Array, Float

from sportjax.nn import graph as graph_lib
from sportjax.nn import initial
from sportjax.nn.conv import BatchNorm
from sportjax.nn.general_conv import GeneralConv
from sportjax.nn.graph import JointGraph

_DILATIONS = (1, 2, 3, 4)
_TAPS = 3  # of a dilated convolution
_START = 1e-6  # of the learned part of the adjacency


class GraphConv(nnx.Module):
  """One dense layer over what each joint of a window of frames gathers from every distance, and its norm.

  The adjacency of each distance is fixed, and a learned one of the same shape is added to it. Nothing follows the norm.
  """

  def __init__(self, inputs: int, outputs: int, graph: JointGraph, frames: int, scales: int, *, rngs: nnx.Rngs):
    nodes = frames * graph.joints
    start = initial.uniform(rngs.params(), (scales * nodes, nodes), _START)
    self.learned = nnx.Param(start, logical_axes=(None, None))
    self.dense = GeneralConv(scales * inputs, outputs, (1, 1), rngs=rngs)
    self.norm = BatchNorm(outputs)
    self.graph, self.frames, self.scales = graph, frames, scales

  def __call__(self, x: Float[Array, 'b t w c'], *, train: bool) -> Float[Array, 'b t w k']:
    fixed = _fixed(self.graph, self.frames, self.scales)
    gathered = jnp.einsum('swu,btuc->btwsc', fixed + self.learned[...].reshape(fixed.shape), x)
    return self.norm(self.dense(gathered.reshape(*gathered.shape[:3], -1)), train=train)


@functools.lru_cache(32)
def _fixed(graph: JointGraph, frames: int, scales: int) -> Float[np.ndarray, 's w w']:
  return graph_lib.disentangled(graph_lib.over_window(graph, frames), scales)


class WindowGraphConv(nnx.Module):
  """Joints gathered from all frames of a window about every `stride`-th frame, the window then collapsed."""

  def __init__(
    self, inputs: int, middle: int, outputs: int, graph: JointGraph, frames: int, scales: int, stride: int, *, rngs
  ):
    self.gather = GraphConv(inputs, middle, graph, frames, scales, rngs=rngs)
    limit = (frames * middle) ** -0.5
    start = initial.uniform(rngs.params(), (frames, middle, outputs), limit)
    self.kernel = nnx.Param(start, logical_axes=(None, 'conv_in', 'conv_out'))
    bias = initial.uniform(rngs.params(), (outputs,), limit)
    self.bias = nnx.Param(bias, logical_axes=('conv_out',))
    self.norm = BatchNorm(outputs)
    self.frames, self.stride = frames, stride

  def __call__(self, x: Float[Array, 'b t j c'], *, train: bool) -> Float[Array, 'b u j k']:
    joints = x.shape[2]
    x = jax.nn.relu(self.gather(windows(x, self.frames, self.stride), train=train))
    x = x.reshape(*x.shape[:2], self.frames, joints, -1)
    x = jnp.einsum('btfjc,fck->btjk', x, self.kernel[...]) + self.bias[...][None, None, None]
    return self.norm(x, train=train)


def windows(x: Float[Array, 'b t j c'], frames: int, stride: int) -> Float[Array, 'b u w c']:
  """The joints of the `frames` frames about every `stride`-th one, frame by frame; zeros beyond either end."""
  starts = range(0, x.shape[1], stride)
  x = jnp.pad(x, ((0, 0), (frames // 2,) * 2, (0, 0), (0, 0)))
  parts = [x[:, i : i + starts[-1] + 1 : stride] for i in range(frames)]
  return jnp.concatenate(parts, axis=2)


class TemporalConv(nnx.Module):
  """Four dilated convolutions over time, a maximum over time and a dense layer, side by side, and what came in.

  What all six branches do alike is one operation on all their channels: the layer that they enter by, and their norms.
  Nothing follows the sum.
  """

  def __init__(self, inputs: int, outputs: int, stride: int = 1, *, rngs: nnx.Rngs):
    width, left = divmod(outputs, len(_DILATIONS) + 2)
    assert not left, 'every branch has the same width'
    self.enter = GeneralConv(inputs, outputs, (1, 1), rngs=rngs)
    self.enter_norm = BatchNorm(outputs - width)  # the dense branch has no other layer
    count, limit = len(_DILATIONS), (_TAPS * width) ** -0.5
    start = initial.uniform(rngs.params(), (count, _TAPS, width, width), limit)
    self.kernel = nnx.Param(start, logical_axes=(None, None, 'conv_in', 'conv_out'))
    self.bias = nnx.Param(initial.uniform(rngs.params(), (count * width,), limit), logical_axes=('conv_out',))
    self.norm = BatchNorm(outputs)
    reshapes = inputs != outputs or stride != 1
    self.shortcut = GeneralConv(inputs, outputs, (1, 1), (stride, 1), rngs=rngs) if reshapes else None
    self.shortcut_norm = BatchNorm(outputs) if reshapes else None
    self.stride = stride

  def __call__(self, x: Float[Array, 'b t j c'], *, train: bool) -> Float[Array, 'b u j k']:
    shortcut = x
    if self.shortcut is not None and self.shortcut_norm is not None:
      shortcut = self.shortcut_norm(self.shortcut(x), train=train)
    width = self.kernel.shape[-1]
    entered = self.enter(x)
    opened = jax.nn.relu(self.enter_norm(entered[..., :-width], train=train))
    highest, dense = maximum(opened[..., -width:], self.stride), entered[:, :: self.stride, :, -width:]
    branches = [self._dilated(opened[..., :-width]), highest, dense]
    return self.norm(jnp.concatenate(branches, axis=-1), train=train) + shortcut

  def _dilated(self, x: Float[Array, 'b t j c']) -> Float[Array, 'b u j c']:
    """Each dilation on its own channels: what is read is gathered as over joints, by a product with a fixed matrix."""
    x = x.reshape(*x.shape[:3], len(_DILATIONS), -1)
    read = jnp.einsum('dfut,btjdc->dbujfc', shifts(x.shape[1], self.stride), x)
    y = jnp.einsum('dbujfc,dfck->bujdk', read, self.kernel[...])
    return y.reshape(*y.shape[:3], -1) + self.bias[...][None, None, None]


@functools.lru_cache(32)
def shifts(frames: int, stride: int) -> Float[np.ndarray, 'd f u t']:
  """1 where the tap of a dilation about every `stride`-th frame reads a frame; beyond either end there is nothing."""
  centre, frame = np.arange(0, frames, stride), np.arange(frames)
  away = np.multiply.outer(_DILATIONS, np.arange(_TAPS) - _TAPS // 2)
  return (centre[:, None] + away[..., None, None] == frame).astype(np.float32)


def maximum(x: Float[Array, 'b t j c'], stride: int) -> Float[Array, 'b u j c']:
  """Over three frames; slices, whose gradient is no scatter."""
  frames = x.shape[1]
  x = jnp.pad(x, ((0, 0), (1, 1), (0, 0), (0, 0)), constant_values=-jnp.inf)
  return functools.reduce(jnp.maximum, [x[:, i : i + frames : stride] for i in range(3)])
