"""Which frames a student trains on, and the grain pipelines that deliver them."""

from __future__ import annotations

import collections
import concurrent.futures
import dataclasses
import pathlib
from collections.abc import Callable, Iterable, Mapping

import grain
import numpy as np
import tqdm
from absl import logging

from sportjax.data.order import BatchOrder
from sportjax.data.tracks import FrameTable, TrackRecords, decode_frames, targets
from sportjax.errors import InputError
from sportjax.typing import Bool, Float, Float32, Int, UInt8

Within = Mapping[str, Float[np.ndarray, 'n 2']]  # [start_ms, end_ms) by track


@dataclasses.dataclass(frozen=True)
class FrameConfig:
  """Frame selection as in the VPD paper, section 3.3 and supplement A, and how frames are read."""

  batch_size: int = 100
  min_score: float = 0.5  # frames whose teacher is less sure than this are left out
  held_out: float = 0.2  # fraction of the kept frames that validate
  seed: int = 0
  resident_gib: float = 4.0  # decoded frames up to this size live on the device; 0 always reads from disk
  frames_per_read: int = 1  # frames taken from a record at each visit: more spare a slow disk, 1 mixes best
  read_threads: int = 2

  def __post_init__(self):
    if not 0 <= self.min_score <= 1:
      raise InputError(f'min_score={self.min_score}: must lie in 0..1')
    if not 0 < self.held_out < 1:
      raise InputError(f'held_out={self.held_out}: must lie between 0 and 1')
    if self.batch_size < 1 or self.frames_per_read < 1 or self.read_threads < 1:
      raise InputError('batch_size, frames_per_read and read_threads must be at least 1')


@dataclasses.dataclass(frozen=True)
class FrameSplit:
  """Rows of a frame table for training and for validation."""

  train: Int[np.ndarray, 't']
  val: Int[np.ndarray, 't']
  counts: dict[str, int]


def split_frames(table: FrameTable, config: FrameConfig, within: Within | None = None) -> FrameSplit:
  """Keeps frames with a sure teacher and a previous frame; holds some out at random, frame by frame, as the paper does.

  `within` keeps those of its intervals alone: the paper's ablation of a student of the actions, without what is between.

  Raises:
    InputError: fewer than two frames are left.
  """
  there = np.ones(len(table), bool) if within is None else shown(table, within)
  sure = there & (table.score >= config.min_score)
  kept = np.flatnonzero(sure & table.has_delta)
  counts = {
    'frames': int(there.sum()),
    'below_min_score': int((there & ~sure).sum()),
    'without_previous': int((sure & ~table.has_delta).sum()),
    'kept': len(kept),
  }
  if len(kept) < 2:
    raise InputError(
      f'only {len(kept)} of {there.sum()} frames have a teacher score of {config.min_score} or more;'
      ' lower --config.frames.min_score'
    )
  order = np.random.default_rng([config.seed, 0x5A11]).permutation(len(kept))
  n_val = min(max(1, round(config.held_out * len(kept))), len(kept) - 1)
  return FrameSplit(np.sort(kept[order[n_val:]]), np.sort(kept[order[:n_val]]), counts)


def shown(table: FrameTable, within: Within) -> Bool[np.ndarray, 't']:
  """Which frames lie in an interval of their track."""
  out = np.zeros(len(table), bool)
  for number, name in enumerate(table.tracks):
    of_track = table.track == number
    for start_ms, end_ms in within.get(name, ()):
      out |= of_track & (start_ms <= table.t_ms) & (table.t_ms < end_ms)
  return out


class FrameReader:
  """Reads and decodes groups of frames of one record each; threads may share it."""

  def __init__(self, directory: pathlib.Path, split: str, table: FrameTable):
    """Opens the dataset. Raises InputError where it is not one."""
    self._records, self._table = TrackRecords(directory, split), table

  def __call__(self, rows: Int[np.ndarray, 't']) -> dict[str, np.ndarray]:
    """Frames and targets of table rows that share a record."""
    record = self._records.sampled(int(self._table.record[rows[0]]))
    positions = self._table.position[rows].tolist()
    return {'frames': decode_frames(record, positions), 'target': targets(record, positions)}


def stream(
  reader: FrameReader, table: FrameTable, rows: np.ndarray, config: FrameConfig, *, shard: tuple[int, int] = (0, 1)
) -> grain.IterDataset:
  """Endless shuffled batches {'frames': uint8 (b, h, w, 6), 'target': float32 (b, v, 2d)} read from disk.

  Args:
    reader: decodes.
    table: of the split.
    rows: the table's rows to draw from.
    config: batch size of this process, frames taken at each visit of a record, threads and seed.
    shard: this process's index and the number of processes; each reads its own part of every batch.
  """
  order = BatchOrder(len(rows), config.batch_size, config.seed, shard, table.record[rows], config.frames_per_read)
  dataset = grain.MapDataset.source(order).map(lambda places: read_rows(reader, table, rows[places]))
  return dataset.to_iter_dataset(grain.ReadOptions(config.read_threads, prefetch_buffer_size=2 * config.read_threads))


@dataclasses.dataclass(frozen=True)
class DecodedFrames:
  """Frames of a split decoded into memory, in the order of the rows asked for."""

  frames: UInt8[np.ndarray, 't h w 6']
  target: Float32[np.ndarray, 't v e']


def decode_all(reader: FrameReader, table: FrameTable, rows: np.ndarray, threads: int) -> DecodedFrames:
  """Decodes the given rows once, in several threads (the decoders release Python's lock)."""
  with concurrent.futures.ThreadPoolExecutor(threads) as pool:

    def each(fill: Callable, runs: list[np.ndarray]) -> Iterable:
      return tqdm.tqdm(pool.map(fill, runs), total=len(runs), desc='decode', disable=None, leave=False)

    return DecodedFrames(**_read(reader, table, rows, each))


def read_rows(reader: FrameReader, table: FrameTable, rows: np.ndarray) -> dict[str, np.ndarray]:
  """Frames and targets of any table rows, in their order."""
  return _read(reader, table, rows, map)


def _read(reader: FrameReader, table: FrameTable, rows: np.ndarray, each: Callable) -> dict[str, np.ndarray]:
  """Visits each record once, with `each` as the map over records; writes frames where they belong in the result."""
  order = np.argsort(table.record[rows], kind='stable')
  runs = np.split(order, np.flatnonzero(np.diff(table.record[rows][order])) + 1)
  first = reader(rows[runs[0]])
  out = {name: np.empty((len(rows), *value.shape[1:]), value.dtype) for name, value in first.items()}

  def put(places: np.ndarray, part: dict[str, np.ndarray]) -> None:
    for name, value in part.items():
      out[name][places] = value

  put(runs[0], first)
  collections.deque(each(lambda places: put(places, reader(rows[places])), runs[1:]), maxlen=0)
  return out


def resident_bytes(n: int, size: int, width: int) -> int:
  """Memory of `n` decoded frames of `size` pixels square and their targets, in bytes."""
  return n * (size * size * 6 + 2 * 2 * width * 4)


def log_split(split: FrameSplit) -> None:
  """Says what was kept and why the rest was not."""
  c = split.counts
  logging.info(
    'frames: %d, kept %d (%d below the score, %d without a previous frame); train %d, validation %d',
    c['frames'], c['kept'], c['below_min_score'], c['without_previous'], len(split.train), len(split.val),
  )  # fmt: skip
