"""Canonical 3D poses in sequences, and the pairs of different poses that VIPE* is trained on."""

from __future__ import annotations

import dataclasses
import pathlib
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from sportjax.data.filmed_views import FilmedViews
from sportjax.errors import InputError
from sportjax.pose import canonical
from sportjax.pose.bodies import BODIES, Body
from sportjax.typing import Bool, Float32, Int

_TRIES = 10  # for a pose that differs, in one sequence; its source: VPD's reference implementation


@dataclasses.dataclass(frozen=True)
class PoseSequences:
  """One data set: sequences of canonical poses one after the other."""

  body: Body
  xyz: Float32[np.ndarray, 't j 3']
  starts: Int[np.ndarray, 's']  # of each sequence; sorted, the first 0
  filmed: FilmedViews | None = None

  @classmethod
  def join(cls, body: Body, sequences: Sequence[np.ndarray], filmed: FilmedViews | None = None) -> PoseSequences:
    """From poses in world coordinates, z up, and what cameras saw of them, pose by pose.

    Raises:
      InputError: there are none, or their joints are not the body's.
    """
    if not sequences or min(map(len, sequences)) < 1:
      raise InputError(f'{body.name}: no sequences of 3D poses, or one of them is empty')
    xyz = canonical.canonicalise(np.concatenate(sequences), body).astype(np.float32)
    return cls(body, xyz, np.cumsum([0, *map(len, sequences)])[:-1], filmed)

  def save(self, path: pathlib.Path) -> None:
    """Writes one file."""
    filmed = {} if self.filmed is None else {'joints': self.filmed.joints, 'ends': self.filmed.ends}
    with path.open('wb') as file:
      np.savez(file, allow_pickle=False, body=np.array(self.body.name), xyz=self.xyz, starts=self.starts, **filmed)

  @classmethod
  def load(cls, path: pathlib.Path) -> PoseSequences:
    """Reads what `save` wrote."""
    with np.load(path, allow_pickle=False) as stored:
      filmed = FilmedViews(stored['joints'], stored['ends']) if 'joints' in stored else None
      return cls(BODIES[str(stored['body'])], stored['xyz'], stored['starts'], filmed)


class PairBatches:
  """Random access to batches of poses, each with a different one of its sequence: a source for grain.

  A sequence is drawn, then one of its frames, so that long recordings do not drown short ones. Whether a pose is
  mirrored is drawn for it and for its negative.
  """

  def __init__(
    self,
    sources: Mapping[str, PoseSequences],
    shares: Mapping[str, float],
    width: int,
    batch_size: int,
    seed: int,
    shard: tuple[int, int] = (0, 1),
    movement: int = 0,
    angle: canonical.Angle = 'turns',
  ):
    """Batches divided over the data sets by `shares`.

    Args:
      sources: data sets by name.
      shares: how much of a batch each has, in any unit; their order is that of the decoder's heads.
      width: of the features, the widest head's.
      batch_size: of all processes together.
      seed: of all batches.
      shard: this process's index and the number of processes, whose batches are parts of one global batch.
      movement: poses that come with each one: itself and those after it, fewer where the sequence ends.
      angle: how the features tell it.

    Raises:
      InputError: a data set has no share.
    """
    missing = sorted(set(sources) - set(shares))
    if missing:
      raise InputError(f'3D poses: {missing[0]!r} has no share of the batches; set one')
    self._sources = [(list(shares).index(name), source) for name, source in sources.items()]
    self._size, self._seed, self._shard, self._width = batch_size, seed, shard, width
    self._movement, self._angle = movement, angle
    self._filmed = any(source.filmed is not None for source in sources.values())
    wanted = np.array([shares[name] for name in sources], np.float64)
    self._share = wanted / wanted.sum()

  def __len__(self) -> int:
    return sys.maxsize

  def __getitem__(self, index: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng([self._seed, 0x3D, index])
    edges = np.round(np.cumsum([0, *self._share]) * self._size).astype(int)
    parts = [
      self._draw(source, number, count, rng)
      for (number, source), count in zip(self._sources, np.diff(edges), strict=True)
      if count
    ]
    whole = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    mine = slice(*(self._size * (self._shard[0] + i) // self._shard[1] for i in (0, 1)))
    return {name: values[mine] for name, values in whole.items()}

  def _draw(self, source: PoseSequences, number: int, count: int, rng: np.random.Generator) -> dict[str, Any]:
    ends = np.append(source.starts[1:], len(source.xyz))
    sequence = rng.integers(len(ends), size=count)
    frame = rng.integers(source.starts[sequence], ends[sequence])
    mirrored = rng.random(count) < 0.5
    shown = _mirrored(source, frame, mirrored)
    negative, flipped, valid = _negatives(source, shown, source.starts[sequence], ends[sequence], rng)
    features = np.zeros((count, self._width), np.float32)
    features[:, : source.body.features] = canonical.describe(shown, source.body, self._angle)
    return (
      self._moved(source, frame, ends[sequence])
      | self._seen(source, frame, negative, rng)
      | {
        'xyz': canonical.coco13(source.xyz[frame], source.body).astype(np.float32),
        'mirrored': mirrored,
        'features': features,
        'negative': canonical.coco13(source.xyz[negative], source.body).astype(np.float32),
        'negative_mirrored': flipped,
        'negative_valid': valid,
        'source': np.full(count, number, np.int32),
      }
    )

  def _seen(
    self, source: PoseSequences, frame: np.ndarray, negative: np.ndarray, rng: np.random.Generator
  ) -> dict[str, np.ndarray]:
    if not self._filmed:
      return {}
    filmed = source.filmed or FilmedViews.of([[]] * len(source.xyz))
    return {'filmed': filmed.draw(frame, rng), 'negative_filmed': filmed.draw(negative, rng)[:, 0]}

  def _moved(self, source: PoseSequences, frame: np.ndarray, end: np.ndarray) -> dict[str, np.ndarray]:
    if not self._movement:
      return {}
    row = np.minimum(frame[:, None] + np.arange(self._movement), end[:, None] - 1)
    return {
      'movement': canonical.coco13(source.xyz[row], source.body).astype(np.float32),
      'movement_length': np.minimum(self._movement, end - frame).astype(np.int32),
    }


def _negatives(
  source: PoseSequences,
  shown: np.ndarray,
  first: Int[np.ndarray, 'b'],
  end: Int[np.ndarray, 'b'],
  rng: np.random.Generator,
) -> tuple[Int[np.ndarray, 'b'], Bool[np.ndarray, 'b'], Bool[np.ndarray, 'b']]:
  """A frame of the same sequence whose pose differs, whether it is mirrored, and whether one was found."""
  frames, flips = (rng.integers(first, end, size=(_TRIES, len(first))), rng.random((_TRIES, len(first))) < 0.5)
  tried = np.stack([_mirrored(source, f, m) for f, m in zip(frames, flips, strict=True)])
  good = canonical.different(tried, shown[None], source.body)
  taken = good.argmax(0), np.arange(len(first))
  return frames[taken], flips[taken], np.any(good, axis=0)


def _mirrored(source: PoseSequences, frame: Int[np.ndarray, 'b'], mirrored: Bool[np.ndarray, 'b']) -> np.ndarray:
  xyz = source.xyz[frame]
  return np.where(mirrored[:, None, None], canonical.mirror(xyz, source.body), xyz)
