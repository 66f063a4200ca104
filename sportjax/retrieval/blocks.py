"""Distances of queries to references, block by block over the devices: what ranking and matrices both stand on."""

from __future__ import annotations

import collections
import concurrent.futures
import dataclasses
from collections.abc import Iterable, Iterator, Sequence

import jax
import numpy as np

from sportjax.align import dtw, pack, patterns
from sportjax.errors import InputError
from sportjax.retrieval.corpus import Corpus, Tiles, lay_out, tiles
from sportjax.retrieval.flips import Flip, arrange
from sportjax.typing import Float, Int

SHORT = 24  # frames: queries are grouped up to this length, and up to each of its doubles, which share programs
AHEAD = 2  # groups of references under way on a device: one is aligned while the next is read


@dataclasses.dataclass(frozen=True)
class Metric:
  """How two clips are compared."""

  pattern: patterns.Pattern
  flip: Flip
  cost: str


@dataclasses.dataclass(frozen=True)
class Batch:
  """Queries that enter the device together; `size` of them, the last repeated, so that all batches have one shape."""

  rows: Int[np.ndarray, 'q']
  size: int


@dataclasses.dataclass(frozen=True)
class Block:
  """Distances between rows of queries and rows of references; +inf without a path."""

  queries: Int[np.ndarray, 'q']
  references: Int[np.ndarray, 'r']
  distance: Float[np.ndarray, 'q r']


def batches(queries: Corpus) -> list[Batch]:
  """All queries, short ones first; the batches of a group of lengths have one size. 12 groups reach 49,152 frames."""
  power = np.ceil(np.log2(np.maximum(queries.lengths / SHORT, 1))).astype(int)
  found = []
  for bucket in np.unique(power):
    rows = np.flatnonzero(power == bucket)
    parts = np.array_split(rows, -(-len(rows) // dtw.QUERIES))
    found += [Batch(part, len(parts[0])) for part in parts]
  return found


def blocks(
  queries: Corpus,
  asked: Sequence[Batch],
  references: Corpus,
  rows: Int[np.ndarray, 'r'],
  metric: Metric,
  devices: Sequence[jax.Device],
) -> Iterator[tuple[int, list[Block]]]:
  """For each group of the given references its number of clips and its blocks; those without a path are left out.

  Groups are dealt to the devices in turn, one thread each, and come back in order.
  """
  groups = tiles(references, rows, tiles_at_once(devices[0]))
  jobs = ((_score, queries, asked, references, group, metric) for group in groups)
  yield from _over_devices(jobs, devices)


def all_devices() -> list[jax.Device]:
  """This process's accelerators; of a CPU one device, which uses all cores already."""
  devices = jax.local_devices()
  return devices[:1] if devices[0].platform == 'cpu' else devices


def tiles_at_once(device: jax.Device) -> int:
  """Tiles of a group: few where they should stay near the cache, many where each call costs more than its work."""
  return 4 if device.platform == 'cpu' else 32


def _over_devices(jobs: Iterable[tuple], devices: Sequence[jax.Device]) -> Iterator:
  pools = [concurrent.futures.ThreadPoolExecutor(1) for _ in devices]
  waiting: collections.deque[concurrent.futures.Future] = collections.deque()
  try:
    for i, (function, *arguments) in enumerate(jobs):
      if len(waiting) == AHEAD * len(devices):
        yield waiting.popleft().result()
      waiting.append(pools[i % len(devices)].submit(function, devices[i % len(devices)], *arguments))
    while waiting:
      yield waiting.popleft().result()
  finally:
    for pool in pools:
      pool.shutdown(wait=True, cancel_futures=True)


def _score(
  device: jax.Device, queries: Corpus, asked: Sequence[Batch], references: Corpus, group: Tiles, metric: Metric
) -> tuple[int, list[Block]]:
  reachable = [batch for batch in asked if _any_path(queries, batch, references, group, metric)]
  if not reachable:
    return len(group.rows), []
  frames, bucket = lay_out(references, group)
  found = []
  with jax.default_device(device):
    buckets = [
      dataclasses.replace(bucket, frames=jax.device_put(view.swapaxes(2, 3), device))
      for view in arrange(frames, metric.flip)
    ]
    for batch in reachable:
      views = _views(queries, batch, frames.dtype, metric.flip)
      distance = np.minimum.reduce([_align(view, one, metric) for view in views for one in buckets])
      distance = distance.reshape(batch.size, -1)[: len(batch.rows), : len(group.rows)]
      found.append(Block(batch.rows, group.rows, distance))
  return len(group.rows), found


def _any_path(queries: Corpus, batch: Batch, references: Corpus, group: Tiles, metric: Metric) -> bool:
  n, m = np.unique(queries.lengths[batch.rows]), np.unique(references.lengths[group.rows])
  return bool(metric.pattern.feasible(n[:, None], m[None]).any())


def _views(queries: Corpus, batch: Batch, dtype: np.dtype, flip: Flip) -> list[list[np.ndarray]]:
  """Clips of a batch for each view, rounded as the references are, so that a clip is at distance 0 from itself."""
  clips = []
  for row in batch.rows:
    with np.errstate(over='ignore'):  # what overflows is refused below
      clip = queries.clip(int(row)).astype(dtype, copy=False)
    if not np.isfinite(clip).all():
      raise InputError(
        f'query {queries.position[row]} leaves the range of the references, {dtype}; write the index as float32'
      )
    clips.append(arrange(clip, flip))
  clips += [clips[-1]] * (batch.size - len(clips))
  return [list(view) for view in zip(*clips, strict=True)]


def _align(view: list[np.ndarray], bucket: pack.Bucket, metric: Metric) -> Float[np.ndarray, 'q tile lane']:
  return dtw.bucket_scores(view, bucket, pattern=metric.pattern, cost=metric.cost, normalize=metric.pattern.normalized)
