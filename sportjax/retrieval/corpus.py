"""Clips as one run of frames, short clips first: in memory, mapped from disk, or on a device."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterator, Sequence

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from sportjax.align import pack
from sportjax.errors import InputError
from sportjax.typing import Float, Int

Clips = Sequence[Float[np.ndarray, 't d'] | Float[np.ndarray, 't v d']]

_HASHED = 1 << 16  # frames hashed at a time


@dataclasses.dataclass(frozen=True)
class Corpus:
  """Clips of any length. A row is a clip's place here, a position its place in the list the corpus was made of."""

  frames: Float[np.ndarray | Array, 'frame v d']
  lengths: Int[np.ndarray, 'r']
  position: Int[np.ndarray, 'r']
  starts: Int[np.ndarray, 'r']
  digest: str = ''  # of the content, where it was taken when the corpus was written

  def __len__(self) -> int:
    return len(self.lengths)

  @property
  def rows(self) -> Int[np.ndarray, 'r']:
    """The row of each position."""
    rows = np.empty(len(self), np.int64)
    rows[self.position] = np.arange(len(self))
    return rows

  def clip(self, row: int) -> Float[np.ndarray, 't v d']:
    """The frames of one clip."""
    return np.asarray(self.frames[self.starts[row] : self.starts[row] + self.lengths[row]])

  def alone(self, row: int) -> Corpus:
    """A corpus of one clip."""
    clip = self.clip(row)
    return Corpus(clip, np.array([len(clip)]), np.zeros(1, np.int64), np.zeros(1, np.int64))

  def key(self) -> str:
    """A digest of the content, the same in every run."""
    if self.digest:
      return self.digest
    parts = (self.frames[i : i + _HASHED] for i in range(0, len(self.frames), _HASHED))
    return digest(self.lengths, self.position, *parts)


def of_clips(clips: Clips, name: str = 'clip') -> Corpus:
  """A corpus in memory.

  Raises:
    InputError: a clip is empty, not finite, neither (t, d) nor (t, v, d), or unlike the first; the message names it.
  """
  for i, clip in enumerate(clips):
    if clip.ndim not in (2, 3) or clip.shape[1:-1] != clips[0].shape[1:-1] or not len(clip):
      raise InputError(
        f'{name} {i} has shape {clip.shape}; expected (t, d) or (t, v, d) with at least one frame, '
        f'like {name} 0: {clips[0].shape}'
      )
  pack.check_clips([clip.reshape(len(clip), -1) for clip in clips], name)
  lengths = np.array([len(clip) for clip in clips], np.int64)
  position = np.argsort(lengths, kind='stable')
  views = [clips[i] if clips[i].ndim == 3 else clips[i][:, None] for i in position]
  frames = np.concatenate(views) if views else np.zeros((0, 1, 0), np.float32)
  return Corpus(frames, lengths[position], position, starts_of(lengths[position]))


def starts_of(lengths: Int[np.ndarray, 'r']) -> Int[np.ndarray, 'r']:
  """The first frame of each row."""
  return np.cumsum(lengths) - lengths


def digest(*arrays: np.ndarray | Array) -> str:
  """A short hash of arrays, with their dtypes and shapes."""
  found = hashlib.blake2b(digest_size=16)
  for array in map(np.asarray, arrays):
    found.update(f'{array.dtype}{array.shape}'.encode())
    found.update(np.ascontiguousarray(array).data)
  return found.hexdigest()


def resident(corpus: Corpus, device: jax.Device) -> Corpus:
  """The corpus with its frames on a device, from where searches gather them; it must fit there.

  It is for answering: queries are read clip by clip, so ask with a corpus on the host.
  """
  return dataclasses.replace(corpus, frames=jax.device_put(np.asarray(corpus.frames), device))


def unit(frames: Float[np.ndarray, '*b d']) -> Float[np.ndarray, '*b d']:
  """Each frame's feature divided by its length, as the VPD reference's --norm does; frames of zeros stay so."""
  return frames / np.maximum(np.linalg.norm(frames, axis=-1, keepdims=True), 1e-6)


@dataclasses.dataclass(frozen=True)
class Tiles:
  """References that enter the device together: rows of about one length, laid out in a fixed number of tiles."""

  rows: Int[np.ndarray, 'c']
  size: int  # frames that each has room for
  count: int
  lanes: int


def tiles(corpus: Corpus, rows: Int[np.ndarray, 'c'], at_most: int) -> Iterator[Tiles]:
  """The given rows (increasing), in groups of one padded length and of so many tiles; those of a length have one shape.

  Numbers of tiles are powers of two up to the most, so that searches of any size share a few programs.
  """
  lanes = min(pack.LANES, pack.padded_length(max(len(rows), 1)))
  begin, lengths = 0, corpus.lengths[rows]
  while begin < len(rows):
    size = pack.padded_length(int(lengths[begin]))
    end = int(np.searchsorted(lengths, size, 'right'))
    count = min(at_most, 1 << (-(-(end - begin) // lanes) - 1).bit_length())
    for first in range(begin, end, count * lanes):
      yield Tiles(rows[first : min(first + count * lanes, end)], size, count, lanes)
    begin = end


def lay_out(corpus: Corpus, group: Tiles) -> tuple[Float[np.ndarray | Array, 'tile m lane v d'], pack.Bucket]:
  """The frames of a group, and their bucket without them.

  Clips go on with their last frame to the end of the tile, and empty lanes hold some clip. None of that is read into
  a score.
  """
  slots = np.full(group.count * group.lanes, -1, np.int64)
  slots[: len(group.rows)] = group.rows
  taken = np.where(slots < 0, group.rows[0], slots).reshape(group.count, 1, group.lanes)
  lengths = corpus.lengths[taken]
  time = np.arange(group.size)[:, None]
  frames = _take(corpus.frames, corpus.starts[taken] + np.minimum(time, lengths - 1))
  index = slots.reshape(group.count, group.lanes).astype(np.int32)
  return frames, pack.Bucket(np.empty(0), np.where(index < 0, 1, lengths[:, 0]).astype(np.int32), index)


def _take(frames: np.ndarray | Array, where: Int[np.ndarray, 'tile m lane']) -> np.ndarray | Array:
  if isinstance(frames, np.ndarray):
    return np.take(frames, where, axis=0)
  return _take_on_device(frames, where.astype(np.int32))


@jax.jit
def _take_on_device(frames: Array, where: Array) -> Array:
  return jnp.take(frames, where, axis=0)
