"""Labelled clips as networks read them end to end: a fixed number of frames each, skeletons or image planes."""

from __future__ import annotations

import pathlib
import sys
from collections.abc import Sequence
from typing import Protocol

import numpy as np

from sportjax.data import frames as frames_lib
from sportjax.data import segments as segments_lib
from sportjax.data.features import FeatureStore
from sportjax.data.labels import Clip
from sportjax.data.order import BatchOrder
from sportjax.data.tracks import TrackRecords
from sportjax.errors import InputError
from sportjax.typing import Float32, Int


class ClipSource(Protocol):
  """Clips whose frames can be read by number."""

  @property
  def lengths(self) -> Int[np.ndarray, 'b']:
    """Frames of each clip; 0 where the athlete is in none."""
    ...

  def read(self, rows: Int[np.ndarray, 'b'], positions: Int[np.ndarray, 'b s']) -> np.ndarray:
    """The frames at `positions` within the clips `rows`, (b, s, ...)."""
    ...


class SkeletonClips:
  """Joints with confidence, or bones, as filmed and mirrored, from a feature store of joints, (t, v, 3 j)."""

  def __init__(self, store: pathlib.Path, clips: Sequence[Clip], parents: Sequence[int] | None = None):
    """Opens the store; bones are read where the parent of each joint is given.

    Raises:
      InputError: there is no store, or it does not hold triples.
    """
    features = FeatureStore(store)
    self._clips = [features.clip(clip).features if clip.video in features.tracks else np.zeros(0) for clip in clips]
    self._parents = None if parents is None else np.asarray(parents)
    self.lengths = np.array([len(clip) for clip in self._clips])
    shapes = {clip.shape[1:] for clip in self._clips if len(clip)}
    if any(shape[0] != 2 or shape[-1] % 3 for shape in shapes):
      raise InputError(f'{store}: features of {shapes.pop()} a frame; give two views of x, y and confidence of joints')

  def read(self, rows: Int[np.ndarray, 'b'], positions: Int[np.ndarray, 'b s']) -> np.ndarray:
    """float32 (b, s, v, j, 3)."""
    found = np.stack([self._clips[row][at] for row, at in zip(rows.tolist(), positions, strict=True)])
    joints = np.asarray(found, np.float32).reshape(*found.shape[:3], -1, 3)
    return joints if self._parents is None else bones(joints, self._parents)


def bones(joints: Float32[np.ndarray, '*b j 3'], parents: Int[np.ndarray, 'j']) -> Float32[np.ndarray, '*b j 3']:
  """From each joint's parent to it, with the mean confidence of both. Source: pyskl (arXiv 2205.09443), bone stream."""
  parent = joints[..., parents, :]
  return np.concatenate([joints[..., :2] - parent[..., :2], (joints[..., 2:] + parent[..., 2:]) / 2], axis=-1)


class FrameClips:
  """Crops with flow from a built `sports_tracks` dataset, decoded as they are drawn."""

  def __init__(self, dataset: pathlib.Path, split: str, clips: Sequence[Clip]):
    """Opens a split. Raises InputError where it is not there."""
    self._table = TrackRecords(dataset, split).table()
    self._reader = frames_lib.FrameReader(dataset, split, self._table)
    number = {name: i for i, name in enumerate(self._table.tracks)}
    self._rows = [self._of(clip, number.get(clip.video, -1)) for clip in clips]
    self.lengths = np.array([len(rows) for rows in self._rows])

  def _of(self, clip: Clip, track: int) -> Int[np.ndarray, 't']:
    t_ms = self._table.t_ms
    return np.flatnonzero((self._table.track == track) & (t_ms >= clip.start_ms) & (t_ms < clip.end_ms))

  def read(self, rows: Int[np.ndarray, 'b'], positions: Int[np.ndarray, 'b s']) -> np.ndarray:
    """uint8 (b, s, h, w, 6)."""
    wanted = np.stack([self._rows[row][at] for row, at in zip(rows.tolist(), positions, strict=True)])
    frames = frames_lib.read_rows(self._reader, self._table, wanted.ravel())['frames']
    return frames.reshape(*wanted.shape, *frames.shape[1:])


class ClipBatches:
  """Random access to batches {'clip', 'label'} of training clips, other frames at every visit: a source for grain."""

  def __init__(
    self,
    source: ClipSource,
    rows: Int[np.ndarray, 'b'],
    labels: Int[np.ndarray, 'b'],
    segments: int,
    batch_size: int,
    seed: int,
    shard: tuple[int, int] = (0, 1),
  ):
    """Batches of a process.

    Args:
      source: the clips.
      rows: those that are trained on.
      labels: of all clips of the source.
      segments: frames of a clip.
      batch_size: of this process.
      seed: of all batches.
      shard: this process's index and the number of processes.
    """
    self._source, self._rows, self._labels, self._segments = source, rows, labels, segments
    self._order, self._seed = BatchOrder(len(rows), batch_size, seed, shard), [seed, shard[0]]

  def __len__(self) -> int:
    return sys.maxsize

  def __getitem__(self, index: int) -> dict[str, np.ndarray]:
    rows = self._rows[self._order[index]]
    rng = np.random.default_rng([*self._seed, index])
    positions = np.stack([segments_lib.drawn(length, self._segments, rng) for length in self._source.lengths[rows]])
    return {'clip': self._source.read(rows, positions), 'label': self._labels[rows].astype(np.int32)}
