"""A dataset that lives on the device: batches are indices on the host and a gather on the device."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import grain
import jax
import numpy as np
from jax.sharding import Mesh
from jaxtyping import PyTree

from sportjax.data.order import BatchOrder, Draws
from sportjax.dist import arrays
from sportjax.train.task import Batch, Input


class Resident:
  """Arrays of examples, whole on every device, as a task's input."""

  def __init__(self, data: dict[str, np.ndarray], mesh: Mesh):
    """Puts the arrays on the devices; they share their first axis."""
    self._mesh = mesh
    self._size = len(next(iter(data.values())))
    self._data = jax.device_put(data, arrays.replicated(mesh))
    sharding = arrays.batch_sharding(mesh)
    self._gather = jax.jit(lambda data, index: jax.tree.map(lambda x: x[index], data), out_shardings=sharding)

  def training(self, batch_size: int, seed: int, draws: Draws = 'once') -> Input:
    """Endless shuffled batches of `batch_size` examples in all, each once an epoch where it is not drawn from all."""
    shard = (jax.process_index(), jax.process_count())
    order = BatchOrder(self._size, arrays.local_batch_size(batch_size), seed, shard, draws=draws)
    dataset = grain.MapDataset.source(order).map(_as_index)
    return Input(iter(dataset.to_iter_dataset(grain.ReadOptions(num_threads=0))), self.put)

  def one_pass(self, batch_size: int) -> Input:
    """Every example once, in order; the last batch is filled up, and `valid` tells."""
    return Input(one_pass(np.arange(self._size), batch_size, _as_index), self.put)

  def put(self, batch: Batch) -> PyTree:
    """The examples of a batch of indices, divided over the mesh."""
    placed = arrays.put_batch(batch, self._mesh)
    return {**self._gather(self._data, placed.pop('index')), **placed}


def one_pass(rows: np.ndarray, batch_size: int, read: Callable[[np.ndarray], Batch]) -> Iterator[Batch]:
  """The rows once, in order: every process the same number of batches, each its own rows of each."""
  size, index = arrays.local_batch_size(batch_size), jax.process_index()
  for start in range(0, len(rows), batch_size):
    whole = arrays.pad_batch({'row': rows[start : start + batch_size]}, batch_size)
    mine = slice(index * size, (index + 1) * size)
    yield {**read(whole['row'][mine]), arrays.VALID: whole[arrays.VALID][mine]}


def _as_index(rows: np.ndarray) -> Batch:
  return {'index': rows.astype(np.int32)}
