"""Ragged clips laid out for the device: sorted by length, padded to a few lengths, clips in the lanes of tiles."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from sportjax.errors import InputError
from sportjax.typing import Float, Int

LANES = 128  # clips in a tile; a tile's costs then stay in the cache of a CPU core, and fill a TPU's vector registers


@dataclasses.dataclass(frozen=True)
class Bucket:
  """Clips of about one length, in tiles of lanes.

  Lanes are the last axis of `frames`, as vector units want it: a frame of all clips is one matrix of a GEMM. What
  stands behind a clip's last frame is never read into a score, because a path only looks back.
  """

  frames: Float[np.ndarray, 'tile m d lane']
  lengths: Int[np.ndarray, 'tile lane']  # 1 in empty lanes
  index: Int[np.ndarray, 'tile lane']  # position in the list of clips; -1 in empty lanes


def padded_length(length: int) -> int:
  """The bucket of a length: 8, 12, 16, 24, 32, 48, ... so that few programs are compiled."""
  power = 8
  while power * 2 <= length:
    power *= 2
  return next(size for size in (power, power * 3 // 2, power * 2) if length <= size)


def check_clips(clips: Sequence[np.ndarray], name: str) -> None:
  """Every clip is (t, d) float with t > 0, one d for all, and finite.

  Raises:
    InputError: a clip is not; the message names it.
  """
  for i, clip in enumerate(clips):
    if clip.ndim != 2 or not len(clip):
      raise InputError(f'{name} {i} has shape {clip.shape}; expected (t, d) with at least one frame')
    if clip.shape[1] != clips[0].shape[1]:
      raise InputError(f'{name} {i} has {clip.shape[1]} features a frame, {name} 0 has {clips[0].shape[1]}')
    if not np.isfinite(np.sum(clip, dtype=np.float64)):
      raise InputError(f'{name} {i} has NaN or infinite features; leave it out or mend its extraction')


def pack(clips: Sequence[Float[np.ndarray, 't d']], lanes: int = LANES) -> list[Bucket]:
  """Buckets that hold every clip once, short ones first.

  Raises:
    InputError: a clip is empty, not finite, or of another width.
  """
  check_clips(clips, 'clip')
  lengths = np.array([len(clip) for clip in clips], np.int64)
  order = np.argsort(lengths, kind='stable')
  sizes = np.array([padded_length(length) for length in lengths[order]])
  lanes = min(lanes, padded_length(len(clips)))
  return [_bucket(clips, order[sizes == size], int(size), lanes) for size in np.unique(sizes)]


def _bucket(clips: Sequence[np.ndarray], members: np.ndarray, size: int, lanes: int) -> Bucket:
  tiles = -(-len(members) // lanes)
  dtype = np.result_type(*{clips[i].dtype for i in members})
  frames = np.zeros((tiles, size, clips[members[0]].shape[1], lanes), dtype)
  lengths, index = np.ones((tiles, lanes), np.int32), np.full((tiles, lanes), -1, np.int32)
  for position, member in enumerate(members):
    tile, lane = divmod(position, lanes)
    clip = clips[member]
    frames[tile, : len(clip), :, lane] = clip
    lengths[tile, lane], index[tile, lane] = len(clip), member
  return Bucket(frames, lengths, index)
