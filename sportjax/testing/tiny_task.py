"""A task of milliseconds for tests of the loop: an MLP with BatchNorm and dropout learns a random linear map."""

from __future__ import annotations

import dataclasses

import grain
import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import nnx
from jax.sharding import Mesh
from jaxtyping import Array, Float

from sportjax.dist import arrays
from sportjax.train.optim import OptimConfig, make_optimizer
from sportjax.train.task import Batch, Input, Metrics


class TinyModel(nnx.Module):
  """Linear, BatchNorm, ReLU, dropout, linear."""

  def __init__(self, inputs: int, width: int, outputs: int, dropout: float, rngs: nnx.Rngs):
    init = nnx.initializers.lecun_normal()
    wide, narrow = (nnx.with_metadata(init, logical_axes=a) for a in (('embed', 'mlp'), ('mlp', 'embed')))
    self.wide = nnx.Linear(inputs, width, kernel_init=wide, rngs=rngs)
    self.norm = nnx.BatchNorm(width, rngs=rngs)
    self.dropout = nnx.Dropout(dropout, rngs=rngs)
    self.narrow = nnx.Linear(width, outputs, kernel_init=narrow, rngs=rngs)

  def __call__(self, x: Float[Array, 'b d']) -> Float[Array, 'b k']:
    """The prediction."""
    return self.narrow(self.dropout(nnx.relu(self.norm(self.wide(x)))))


@dataclasses.dataclass(frozen=True)
class TinyTask:
  """Regression; `val` has 20 rows, which no batch size of 8 or 16 divides."""

  mesh: Mesh
  batch_size: int = 16
  width: int = 32
  dropout: float = 0.1
  optim: OptimConfig = OptimConfig(learning_rate=1e-2)
  poison_step: int | None = None  # the step whose batch holds a NaN

  def init(self, rngs: nnx.Rngs) -> nnx.Module:
    """A small module with parameters, statistics and a random stream."""
    return TinyModel(8, self.width, 4, self.dropout, rngs)

  def loss(self, model: nnx.Module, batch: Batch, key: jax.Array, *, train: bool) -> tuple[Float[Array, ''], Metrics]:
    """Mean squared error over valid rows; training adds noise to the input, from `key`."""
    if train:
      model.train()
    else:
      model.eval()
    x = batch['x'] + (0.01 * jax.random.normal(key, batch['x'].shape) if train else 0.0)
    error = jnp.square(model(x) - batch['y']).mean(-1)
    valid = batch['valid'].astype(error.dtype) if 'valid' in batch else jnp.ones_like(error)
    mean = (error * valid).sum() / jnp.maximum(valid.sum(), 1.0)
    return mean, {'rms': jnp.sqrt(mean)}

  def optimizer(self) -> optax.GradientTransformation:
    """From the config."""
    return make_optimizer(self.optim)

  def input(self, split: str, *, train: bool) -> Input:
    """Grain over rows in memory. Each process takes its part of the same global batch, so their number is no matter."""
    data = grain.MapDataset.source(_rows(64 if split == 'train' else 20, seed=0 if split == 'train' else 1))
    if train:
      data = data.seed(7).shuffle().repeat().batch(self.batch_size).map_with_index(self._poisoned)
    else:
      data = data.batch(self.batch_size).map(lambda batch: arrays.pad_batch(batch, self.batch_size))
    local = arrays.local_batch_size(self.batch_size)
    mine = slice(jax.process_index() * local, (jax.process_index() + 1) * local)
    data = data.map(lambda batch: {name: x[mine] for name, x in batch.items()})
    return Input(iter(data.to_iter_dataset()), lambda batch: arrays.put_batch(batch, self.mesh))

  def _poisoned(self, index: int, batch: Batch) -> Batch:
    return batch | {'x': batch['x'] * np.float32(np.nan)} if index == self.poison_step else batch


def _rows(count: int, seed: int) -> list[dict[str, np.ndarray]]:
  x = np.random.default_rng(seed).normal(size=(count, 8)).astype(np.float32)
  y = x @ np.random.default_rng(99).normal(size=(8, 4)).astype(np.float32)
  return [{'x': a, 'y': b} for a, b in zip(x, y, strict=True)]
