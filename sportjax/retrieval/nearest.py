"""The k nearest so far, as integers that sort by distance and then by position: one partition merges, ties included."""

from __future__ import annotations

import numpy as np

from sportjax.typing import Float, Int

NONE = np.uint64(2**64 - 1)  # no reference: behind all others
_SIGN = np.uint32(2**31)

Keys = np.ndarray  # uint64


def encode(distance: Float[np.ndarray, 'q r'], position: Int[np.ndarray, 'r']) -> Keys:
  """Keys of distances; infinite ones and NaN have none."""
  bits = (np.asarray(distance, np.float32) + np.float32(0)).view(np.uint32)  # + 0: of the two zeros only one is kept
  # The bits of a float count upwards with it when positive, downwards when negative.
  ordered = np.where(bits & _SIGN, ~bits, bits | _SIGN).astype(np.uint64)
  return np.where(np.isfinite(distance), ordered << np.uint64(32) | position.astype(np.uint64), NONE)


def decode(keys: Keys) -> tuple[Int[np.ndarray, 'q k'], Float[np.ndarray, 'q k']]:
  """Positions and distances; -1 and +inf where there is none."""
  ordered = (keys >> np.uint64(32)).astype(np.uint32)
  distance = np.where(ordered & _SIGN, ordered ^ _SIGN, ~ordered).view(np.float32)
  position = (keys & np.uint64(2**32 - 1)).astype(np.int64)
  return np.where(keys == NONE, -1, position), np.where(keys == NONE, np.float32(np.inf), distance)


def promising(best: Keys, distance: Float[np.ndarray, 'q r']) -> Int[np.ndarray, 'c']:
  """Columns in which some distance is not farther than all that its query has; late in a search few are left."""
  _, worst = decode(best.max(axis=1, keepdims=True))
  worst = np.minimum(worst, np.finfo(np.float32).max)  # infinite distances promise nothing
  return np.flatnonzero((distance <= worst).any(axis=0))


def merge(best: Keys, new: Keys) -> Keys:
  """The smallest of both, as many as `best` holds, in no order."""
  k = best.shape[1]
  return np.partition(np.concatenate([best, new], axis=1), k - 1, axis=1)[:, :k]
