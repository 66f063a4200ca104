"""The order in which frames are drawn: endless, anew every epoch, and known for any batch without a search."""

from __future__ import annotations

import functools
import sys
from typing import Literal

import numpy as np

from sportjax.typing import Int

Draws = Literal['once', 'replaced']  # every place once an epoch, or each draw from all of them, as VPD's code


class BatchOrder:
  """Random access to batches of 0..n-1: a source for grain, whose iterators then resume at any batch."""

  def __init__(
    self,
    n: int,
    batch_size: int,
    seed: int,
    shard: tuple[int, int] = (0, 1),
    record: Int[np.ndarray, 'n'] | None = None,
    run: int = 1,
    draws: Draws = 'once',
  ):
    """Shuffles single places or, given the record that each lies in, runs of at most `run` places of one record.

    Args:
      n: places in an epoch. Batches follow each other across epochs, so none is short and no place is left out.
      batch_size: of this process.
      seed: of all epochs.
      shard: this process's index and the number of processes, whose batches are parts of one global batch.
      record: of each place.
      run: places that stand side by side in a batch, so that one visit of their record serves them all.
      draws: with 'replaced', single places that may come again.
    """
    self._n, self._batch_size, self._seed, self._shard = n, batch_size, seed, shard
    self._record, self._run, self._draws = record, run, draws
    self._epoch = functools.lru_cache(2)(self._shuffled)  # a batch may lie across two

  def __len__(self) -> int:
    return sys.maxsize

  def __getitem__(self, index: int) -> Int[np.ndarray, 'b']:
    shard, count = self._shard
    start = (index * count + shard) * self._batch_size
    epoch, place = np.divmod(np.arange(start, start + self._batch_size), self._n)
    return np.concatenate([self._epoch(e)[place[epoch == e]] for e in range(epoch[0], epoch[-1] + 1)])

  def _shuffled(self, epoch: int) -> Int[np.ndarray, 'n']:
    rng = np.random.default_rng([self._seed, 0x0D, epoch])
    if self._draws == 'replaced':
      return rng.integers(self._n, size=self._n)
    order = rng.permutation(self._n)
    if self._record is None or self._run == 1:
      return order
    order = order[np.argsort(self._record[order], kind='stable')]  # by record, at random within each
    record = self._record[order]
    within = np.arange(self._n) - np.searchsorted(record, record)
    run = np.cumsum(within % self._run == 0) - 1
    return order[np.argsort(rng.permutation(run[-1] + 1)[run], kind='stable')]
