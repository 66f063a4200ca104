"""Frames of a `sports_tracks` dataset as a task's input: read from disk as drawn, or resident on the device."""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Callable, Iterator

import jax
import numpy as np
from absl import logging
from jax.sharding import Mesh
from jaxtyping import PyTree

from sportjax.data import frames as frames_lib
from sportjax.data.frames import FrameConfig, FrameReader, FrameSplit
from sportjax.data.tracks import FrameTable, TrackRecords
from sportjax.dist import arrays
from sportjax.train.task import Batch, Input


class FrameInput:
  """Makes the inputs of a distillation task: `make(split, train)` with split 'train' or 'val'.

  Both are frames of one split of the dataset; validation is the fraction held out of it, as in the paper.
  """

  def __init__(self, directory: pathlib.Path, config: FrameConfig, mesh: Mesh, *, split: str = 'train'):
    """Opens the dataset and chooses the frames. Raises InputError where too few are fit."""
    records = TrackRecords(directory, split)
    self.table: FrameTable = records.table()
    self.frames: FrameSplit = frames_lib.split_frames(self.table, config)
    frames_lib.log_split(self.frames)
    self._config = dataclasses.replace(config, batch_size=arrays.local_batch_size(config.batch_size))
    self._mesh = mesh
    self._reader = FrameReader(directory, split, self.table)
    kept = len(self.frames.train) + len(self.frames.val)
    gib = frames_lib.resident_bytes(kept, records[0]['size'], self.table.width) / 2**30
    self._is_resident = gib <= config.resident_gib
    self._resident: dict[str, Callable[[Batch], PyTree]] = {}
    logging.info('frames: %.2f GiB decoded, %s', gib, 'on the device' if self._is_resident else 'read as drawn')

  def make(self, split: str, train: bool) -> Input:
    """Batches {'frames', 'target'}, endless where `train`; otherwise one pass, with `valid`."""
    rows = getattr(self.frames, split)
    if self._is_resident:
      put = self._resident.get(split) or self._resident_put(split, rows)
      if train:
        return Input(iter(frames_lib.index_stream(len(rows), self._config, shard=_shard())), put)
      return Input(self._one_pass(np.arange(len(rows)), lambda part: {'index': part.astype(np.int32)}), put)
    if train:
      stream = frames_lib.stream(self._reader, self.table, rows, self._config, shard=_shard())
      return Input(iter(stream), self._put)
    return Input(self._one_pass(rows, lambda part: frames_lib.read_rows(self._reader, self.table, part)), self._put)

  def _one_pass(self, rows: np.ndarray, read: Callable[[np.ndarray], Batch]) -> Iterator[Batch]:
    """The rows once, in order: every process the same number of batches, each its own rows of each."""
    index, processes = _shard()
    size = self._config.batch_size
    for start in range(0, len(rows), size * processes):
      whole = arrays.pad_batch({'row': rows[start : start + size * processes]}, size * processes)
      mine = slice(index * size, (index + 1) * size)
      yield {**read(whole['row'][mine]), arrays.VALID: whole[arrays.VALID][mine]}

  def _put(self, batch: Batch) -> PyTree:
    return arrays.put_batch(batch, self._mesh)

  def _resident_put(self, split: str, rows: np.ndarray) -> Callable[[Batch], PyTree]:
    """Decodes the rows onto the device and returns what turns their indices into batches."""
    decoded = frames_lib.decode_all(self._reader, self.table, rows, self._config.read_threads)
    data = jax.device_put(dataclasses.asdict(decoded), arrays.replicated(self._mesh))
    sharding = arrays.batch_sharding(self._mesh)
    gather = jax.jit(lambda data, index: jax.tree.map(lambda x: x[index], data), out_shardings=sharding)

    def put(batch: Batch) -> PyTree:
      placed = self._put(batch)
      return {**gather(data, placed.pop('index')), **placed}

    self._resident[split] = put
    return put


def _shard() -> tuple[int, int]:
  return jax.process_index(), jax.process_count()
