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

from sportjax.data.order import BatchOrder, Draws
from sportjax.data.tracks import FrameTable, TrackRecords, decode_frames, targets
from sportjax.errors import InputError
from sportjax.typing import Bool, Float, Float32, Int, UInt8

Within = Mapping[str, Float[np.ndarray, 'n 2']]  # [start_ms, end_ms) by track


@dataclasses.dataclass(frozen=True)
class FrameConfig:
  """Frame selection as in the VPD paper, section 3.3 and supplement A, and how frames are read."""

  batch_size: int = 100  # examples
  window: int = 1  # frames of an example: that many of a track in a row, which train or validate together
  min_score: float = 0.5  # frames whose teacher is less sure than this are left out
  held_out: float = 0.2  # fraction of the kept frames that validate
  seed: int = 0
  draws: Draws = 'once'
  resident_gib: float = 4.0  # decoded frames up to this size live on the device; 0 always reads from disk
  frames_per_read: int = 1  # frames taken from a record at each visit: more spare a slow disk, 1 mixes best
  read_threads: int = 2

  def __post_init__(self):
    if not 0 <= self.min_score <= 1:
      raise InputError(f'min_score={self.min_score}: must lie in 0..1')
    if not 0 < self.held_out < 1:
      raise InputError(f'held_out={self.held_out}: must lie between 0 and 1')
    if min(self.batch_size, self.window, self.frames_per_read, self.read_threads) < 1:
      raise InputError('batch_size, window, frames_per_read and read_threads must be at least 1')

  @property
  def example(self) -> tuple[int, ...]:
    """The axes that an example's frames have of their own."""
    return (self.window,) if self.window > 1 else ()


@dataclasses.dataclass(frozen=True)
class FrameSplit:
  """Rows of a frame table for training and for validation: one for each example, or the window of each."""

  train: Int[np.ndarray, 't *window']
  val: Int[np.ndarray, 't *window']
  counts: dict[str, int]


def split_frames(table: FrameTable, config: FrameConfig, within: Within | None = None) -> FrameSplit:
  """Keeps frames with a sure teacher and a previous frame; holds examples out at random, which the paper's are frames.

  `within` keeps those of its intervals alone: the paper's ablation of a student of the actions, not of what is between.

  Raises:
    InputError: fewer than two examples are left.
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
  if config.window > 1:
    kept = _windows(table, kept, config.window)
    counts['in_windows'] = kept.size
    if len(kept) < 2:
      raise InputError(
        f'only {len(kept)} windows of {config.window} frames in a row among {counts["kept"]} frames;'
        ' lower --config.frames.window'
      )
  order = np.random.default_rng([config.seed, 0x5A11]).permutation(len(kept))
  n_val = min(max(1, round(config.held_out * len(kept))), len(kept) - 1)
  return FrameSplit(kept[np.sort(order[n_val:])], kept[np.sort(order[:n_val])], counts)


def _windows(table: FrameTable, kept: Int[np.ndarray, 't'], window: int) -> Int[np.ndarray, 'w window']:
  """Runs of kept rows, each frame the next of its track, cut into windows; what is left of a run is left out."""
  follows = (np.diff(table.track[kept]) == 0) & (np.diff(table.frame[kept]) == 1)
  runs = np.split(kept, np.flatnonzero(~follows) + 1)
  whole = [run[: len(run) // window * window].reshape(-1, window) for run in runs]
  return np.concatenate(whole)


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

  Where examples are windows, both have their frames as a second axis.

  Args:
    reader: decodes.
    table: of the split.
    rows: the table's rows to draw from.
    config: batch size of this process, frames taken at each visit of a record, threads and seed.
    shard: this process's index and the number of processes; each reads its own part of every batch.
  """
  record = table.record[rows.reshape(len(rows), -1)[:, 0]]
  order = BatchOrder(len(rows), config.batch_size, config.seed, shard, record, config.frames_per_read, config.draws)
  dataset = grain.MapDataset.source(order).map(lambda places: read_rows(reader, table, rows[places]))
  return dataset.to_iter_dataset(grain.ReadOptions(config.read_threads, prefetch_buffer_size=2 * config.read_threads))


@dataclasses.dataclass(frozen=True)
class DecodedFrames:
  """Frames of a split decoded into memory, in the order of the rows asked for."""

  frames: UInt8[np.ndarray, 't *window h w 6']
  target: Float32[np.ndarray, 't *window v e']


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
  shape, rows = rows.shape, rows.ravel()
  order = np.argsort(table.record[rows], kind='stable')
  runs = np.split(order, np.flatnonzero(np.diff(table.record[rows][order])) + 1)
  first = reader(rows[runs[0]])
  out = {name: np.empty((len(rows), *value.shape[1:]), value.dtype) for name, value in first.items()}

  def put(places: np.ndarray, part: dict[str, np.ndarray]) -> None:
    for name, value in part.items():
      out[name][places] = value

  put(runs[0], first)
  collections.deque(each(lambda places: put(places, reader(rows[places])), runs[1:]), maxlen=0)
  return {name: value.reshape(*shape, *value.shape[1:]) for name, value in out.items()}


def resident_bytes(n: int, size: int, width: int) -> int:
  """Memory of `n` decoded frames of `size` pixels square and their targets, in bytes."""
  return n * (size * size * 6 + 2 * 2 * width * 4)


def log_split(split: FrameSplit) -> None:
  """Says what was kept and why the rest was not."""
  c = split.counts
  logging.info(
    'frames: %d, kept %d (%d below the score, %d without a previous frame); train %d, validation %d',
    c['frames'], c['kept'], c['below_min_score'], c['without_previous'], split.train.size, split.val.size,
  )  # fmt: skip
