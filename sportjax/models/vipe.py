"""VIPE*: 2D joints of any view to an embedding of the pose, and the heads that teach it 3D, one a skeleton."""

from __future__ import annotations

import dataclasses
import pathlib
from typing import Literal

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx
from jaxtyping import Array, Float

from sportjax.errors import InputError
from sportjax.formats import torch_file
from sportjax.nn import weights_file
from sportjax.nn.conv import BatchNorm, Dense

INPUT_DIM = 39  # 13 joints: x, y and confidence
_TRAINED_ONLY = ('decoder',)


@dataclasses.dataclass(frozen=True)
class VipeConfig:
  """The embedding and its decoder. `residual='subtract'` is that of VPD's code, which its weights need."""

  d: int = 64
  hidden: int = 1024
  blocks: int = 2
  dropout: float = 0.2
  decoder_hidden: int = 512
  residual: Literal['add', 'subtract'] = 'add'

  def __post_init__(self):
    if min(self.d, self.hidden, self.decoder_hidden) < 1 or self.blocks < 0 or not 0 <= self.dropout < 1:
      raise InputError('vipe: d, hidden and decoder_hidden must be at least 1, blocks 0 or more, dropout below 1')


PRESETS = {'vipe_64': VipeConfig(), 'vipe_32': VipeConfig(d=32), 'vipe_small': VipeConfig(d=32, hidden=256)}


class Block(nnx.Module):
  """Twice dense-BatchNorm-ReLU-dropout, and what came in."""

  def __init__(self, config: VipeConfig, *, rngs: nnx.Rngs):
    self.layers = nnx.List([Dense(config.hidden, config.hidden, axes=('embed', 'mlp'), rngs=rngs) for _ in range(2)])
    self.norms = nnx.List([BatchNorm(config.hidden) for _ in range(2)])
    self.dropouts = nnx.List([nnx.Dropout(config.dropout, rngs=rngs) for _ in range(2)])
    self.sign = 1.0 if config.residual == 'add' else -1.0

  def __call__(self, x: Float[Array, 'b w'], *, train: bool) -> Float[Array, 'b w']:
    y = x
    for layer, norm, dropout in zip(self.layers, self.norms, self.dropouts, strict=True):
      y = norm(layer(y)[:, None, None], train=train)[:, 0, 0]
      y = dropout(jax.nn.relu(y), deterministic=not train)
    return y + self.sign * x


class Decoder(nnx.Module):
  """3D features from an embedding: two layers shared by all skeletons and an output layer for each; training only."""

  def __init__(self, config: VipeConfig, heads: tuple[int, ...], *, rngs: nnx.Rngs):
    sizes = (config.d, config.decoder_hidden, config.decoder_hidden)
    pairs = zip(sizes[:-1], sizes[1:], strict=True)
    self.layers = nnx.List([Dense(i, o, axes=('embed', 'mlp'), rngs=rngs) for i, o in pairs])
    self.heads = nnx.List([Dense(sizes[-1], width, axes=('mlp', 'embed'), rngs=rngs) for width in heads])

  def __call__(self, x: Float[Array, 'b d']) -> list[Float[Array, 'b f']]:
    for layer in self.layers:
      x = jax.nn.relu(layer(x))
    return [head(x) for head in self.heads]


class Vipe(nnx.Module):
  """The embedding, and with `heads` (widths of the 3D features of each data set) the decoder.

  Source: VPD (arXiv 2109.01305), supplement G, sizes of its code; Martinez et al. 2017 (arXiv 1705.03098).
  """

  def __init__(self, config: VipeConfig, heads: tuple[int, ...] = (), *, rngs: nnx.Rngs):
    self.config = config
    self.enter = Dense(INPUT_DIM, config.hidden, axes=('embed', 'mlp'), rngs=rngs)
    self.blocks = nnx.List([Block(config, rngs=rngs) for _ in range(config.blocks)])
    self.leave = Dense(config.hidden, config.d, axes=('mlp', 'embed'), rngs=rngs)
    self.decoder = Decoder(config, heads, rngs=rngs) if heads else None

  def __call__(self, x: Float[Array, 'b 39'], *, train: bool) -> Float[Array, 'b d']:
    x = jax.nn.relu(self.enter(x))
    for block in self.blocks:
      x = block(x, train=train)
    return self.leave(x)


@nnx.jit
def embed(model: Vipe, poses: Float[Array | np.ndarray, 'b 39']) -> Float[Array, 'b d']:
  """Embeddings of normalised poses."""
  return model(jnp.asarray(poses), train=False)


def save(path: pathlib.Path, model: Vipe) -> None:
  """Writes the embedding's weights, with the config beside them; the decoder is for training only."""
  weights_file.save(path, model, model.config, without=_TRAINED_ONLY)


def load(path: pathlib.Path) -> Vipe:
  """The embedding that `save` wrote.

  Raises:
    InputError: the file is not one, or does not hold exactly this network's tensors.
  """
  return weights_file.load(path, VipeConfig, lambda config: Vipe(config, rngs=nnx.Rngs(0)), what='a VIPE* embedding')[1]


def load_reference(path: pathlib.Path, residual: Literal['add', 'subtract'] = 'subtract') -> Vipe:
  """The encoder of a checkpoint of VPD's code (`subtract`) or of its author's later code (`add`).

  Raises:
    InputError: the file is not torch's, or its tensors are not those of this network.
  """
  theirs = torch_file.read_state_dict(path)
  blocks = sum(name.endswith('block.0.weight') for name in theirs)
  first, last = 'layers.0.weight', f'layers.{2 + blocks}.weight'
  if first not in theirs or last not in theirs:
    raise InputError(f'{path}: has no {first} and {last}; give the encoder of VIPE*, best_epoch.encoder.pt')
  (hidden, _), (d, _) = theirs[first].shape, theirs[last].shape
  config = VipeConfig(d=d, hidden=hidden, blocks=blocks, residual=residual)
  model = Vipe(config, rngs=nnx.Rngs(0))
  tensors = {}
  for name in weights_file.variables(model):
    source = _reference_name(name, blocks)
    if source not in theirs:
      raise InputError(f'{path}: has no {source}; give the encoder of VIPE*, best_epoch.encoder.pt')
    value = np.asarray(theirs[source].map())
    tensors[name] = value.T if name.endswith('kernel') else value
  return weights_file.fill(path, model, tensors)


_TORCH = {
  'kernel': 'weight', 'bias': 'bias', 'scale': 'weight', 'mean': 'running_mean', 'var': 'running_var',
}  # fmt: skip


def _reference_name(name: str, blocks: int) -> str:
  """blocks.1.norms.0.scale -> layers.3.block.1.weight."""
  *where, leaf = name.split('.')
  if where[0] != 'blocks':
    return f'layers.{0 if where[0] == "enter" else 2 + blocks}.{_TORCH[leaf]}'
  block, kind, nth = int(where[1]), where[2], int(where[3])
  return f'layers.{2 + block}.block.{4 * nth + (kind == "norms")}.{_TORCH[leaf]}'
