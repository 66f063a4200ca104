"""Between each process's NumPy arrays and arrays over the whole mesh."""

from __future__ import annotations

import jax
import numpy as np
from jax.experimental import multihost_utils
from jax.sharding import Mesh, NamedSharding, PartitionSpec
from jaxtyping import PyTree

from sportjax.dist.rules import BATCH
from sportjax.errors import InputError

VALID = 'valid'  # key of a batch: Bool (b,), False for rows that only fill the batch


def replicated(mesh: Mesh) -> NamedSharding:
  """The whole array on every device."""
  return NamedSharding(mesh, PartitionSpec())


def batch_sharding(mesh: Mesh) -> NamedSharding:
  """The first axis over the devices that divide a batch."""
  return NamedSharding(mesh, PartitionSpec(BATCH))


def put_batch(batch: PyTree, mesh: Mesh) -> PyTree:
  """This process's rows of a batch -> arrays of the global batch, divided over the mesh.

  Raises:
    InputError: the rows do not divide evenly over the devices.
  """
  sharding = batch_sharding(mesh)
  devices = max(mesh.shape['data'] * mesh.shape['fsdp'] // jax.process_count(), 1)
  rows = {len(x) for x in jax.tree.leaves(batch)}
  if len(rows) != 1 or next(iter(rows)) % devices:
    raise InputError(f'a batch of {sorted(rows)} rows on this process does not divide over its {devices} devices')
  return jax.tree.map(lambda x: jax.make_array_from_process_local_data(sharding, x), batch)


def to_host(tree: PyTree) -> PyTree:
  """Arrays over the mesh -> the whole of each, as NumPy, on every process. All processes must call it."""
  if jax.process_count() == 1:
    return jax.device_get(tree)
  return multihost_utils.process_allgather(tree, tiled=True)


def local_batch_size(global_size: int, processes: int | None = None) -> int:
  """The rows each process loads.

  Raises:
    InputError: the global batch does not divide over the processes.
  """
  processes = processes or jax.process_count()
  if global_size < 1 or global_size % processes:
    raise InputError(f'batch size {global_size} does not divide over {processes} processes: choose a multiple')
  return global_size // processes


def pad_batch(batch: dict[str, np.ndarray], size: int) -> dict[str, np.ndarray]:
  """The batch filled up to `size` rows with copies of its last row, and `valid`, which tells them apart.

  Every process then evaluates batches of one shape. Copies, not zeros: a row of zeros can make NaN in a normalisation,
  and NaN times a mask of 0 is NaN.
  """
  rows = len(next(iter(batch.values())))
  if not 0 < rows <= size:
    raise ValueError(f'{rows} rows cannot be padded to {size}')
  take = np.minimum(np.arange(size), rows - 1)
  return {key: x[take] for key, x in batch.items()} | {VALID: np.arange(size) < rows}
