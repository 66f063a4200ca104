"""Frames of a `sports_tracks` dataset as a task's input: read from disk as drawn, or resident on the device."""

from __future__ import annotations

import dataclasses
import functools
import pathlib

import jax
import numpy as np
from absl import logging
from jax.sharding import Mesh
from jaxtyping import PyTree

from sportjax.data import frames as frames_lib
from sportjax.data.frames import FrameConfig, FrameReader, FrameSplit
from sportjax.data.tracks import FrameTable, TrackRecords
from sportjax.dist import arrays
from sportjax.tasks.resident import Resident, one_pass
from sportjax.train.task import Batch, Input


class FrameInput:
  """Makes the inputs of a distillation task: `make(split, train)` with split 'train' or 'val'.

  Both are frames of one split of the dataset; validation is the fraction held out of it, as in the paper.
  """

  def __init__(
    self,
    directory: pathlib.Path,
    config: FrameConfig,
    mesh: Mesh,
    *,
    split: str = 'train',
    within: frames_lib.Within | None = None,
  ):
    """Opens the dataset and chooses the frames, of all or some intervals. Raises InputError where too few are fit."""
    records = TrackRecords(directory, split)
    self.table: FrameTable = records.table()
    self.size_px: int = records[0]['size']
    self.frames: FrameSplit = frames_lib.split_frames(self.table, config, within)
    frames_lib.log_split(self.frames)
    self._config, self._mesh = config, mesh
    self._reader = FrameReader(directory, split, self.table)
    kept = self.frames.train.size + self.frames.val.size
    gib = frames_lib.resident_bytes(kept, self.size_px, self.table.width) / 2**30
    self._is_resident = gib <= config.resident_gib
    self._resident = functools.cache(self._decode)
    logging.info('frames: %.2f GiB decoded, %s', gib, 'on the device' if self._is_resident else 'read as drawn')

  def make(self, split: str, train: bool) -> Input:
    """Batches {'frames', 'target'}, endless where `train`; otherwise one pass, with `valid`."""
    config, rows = self._config, getattr(self.frames, split)
    if self._is_resident:
      resident = self._resident(split)
      return (
        resident.training(config.batch_size, config.seed, config.draws)
        if train
        else resident.one_pass(config.batch_size)
      )
    if not train:
      read = functools.partial(frames_lib.read_rows, self._reader, self.table)
      return Input(one_pass(rows, config.batch_size, read), self._put)
    local = dataclasses.replace(config, batch_size=arrays.local_batch_size(config.batch_size))
    shard = (jax.process_index(), jax.process_count())
    return Input(iter(frames_lib.stream(self._reader, self.table, rows, local, shard=shard)), self._put)

  def _decode(self, split: str) -> Resident:
    rows: np.ndarray = getattr(self.frames, split)
    decoded = frames_lib.decode_all(self._reader, self.table, rows, self._config.read_threads)
    return Resident({'frames': decoded.frames, 'target': decoded.target}, self._mesh)

  def _put(self, batch: Batch) -> PyTree:
    return arrays.put_batch(batch, self._mesh)
