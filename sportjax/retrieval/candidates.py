"""Search in two stages: candidates by one vector a clip, then exact alignment of the query with these alone.

The answer is approximate: `recall` says how much of the exact one it holds.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Sequence

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from sportjax.errors import InputError
from sportjax.retrieval import blocks
from sportjax.retrieval.corpus import Corpus
from sportjax.retrieval.flips import Flip, arrange
from sportjax.retrieval.pooling import pool
from sportjax.retrieval.search import Found, Request, search
from sportjax.typing import Bool, Float, Int

BLOCK = 1 << 16  # vectors compared together


def vectors(corpus: Corpus) -> Float[np.ndarray, 'r v p']:
  """The pooled vectors of a corpus in memory, by row; those of an index lie beside it."""
  return np.stack([pool(corpus.clip(row)) for row in range(len(corpus))])


class Shortlist:
  """Nearest pooled vectors, by exact comparison on a device, where they stay."""

  def __init__(self, pooled: Float[np.ndarray, 'r v p'], flip: Flip, device: jax.Device | None = None):
    """Copies the vectors to the device, block by block."""
    device = device or jax.local_devices()[0]
    self.flip: Flip = flip
    self._count, self._dtype, self._blocks = len(pooled), pooled.dtype, []
    dtype = np.dtype(np.float32) if device.platform == 'cpu' else pooled.dtype  # CPUs have no products of 16 bits
    for begin in range(0, len(pooled), BLOCK):
      views = np.stack(arrange(np.asarray(pooled[begin : begin + BLOCK]).astype(dtype), flip))
      filled = np.pad(views, ((0, 0), (0, min(BLOCK, _size(len(pooled))) - views.shape[1]), (0, 0)))
      norms = np.sum(np.square(filled, dtype=np.float32), axis=-1)
      self._blocks.append(jax.device_put((filled, norms), device))

  def __len__(self) -> int:
    return self._count

  def rows(self, query: Float[np.ndarray, 'v p'], count: int, allowed: Bool[np.ndarray, 'r']) -> Int[np.ndarray, 'c']:
    """The rows of up to `count` vectors nearest to the query's among those allowed, in no order.

    Raises:
      InputError: the query's vector is of another width.
    """
    first = self._blocks[0][0]
    asked = np.stack(arrange(query.astype(self._dtype), self.flip)).astype(first.dtype)
    if asked.shape[1] != first.shape[2]:
      raise InputError(f'the pooled query has {asked.shape[1]} features, those of the index {first.shape[2]}')
    if allowed.sum() <= count:
      return np.flatnonzero(allowed)
    found = []
    for i, (block, norms) in enumerate(self._blocks):
      part = allowed[i * BLOCK : (i + 1) * BLOCK]
      here = np.pad(part, (0, block.shape[1] - len(part)))
      found.append(_nearest(asked, block, norms, here, count=min(count, block.shape[1])))
    distance, row = (np.concatenate([np.asarray(part[j]) for part in found]) for j in (0, 1))
    row = row + np.repeat(np.arange(len(found)) * BLOCK, [len(part[1]) for part in found])
    chosen = np.argsort(distance, kind='stable')[:count]
    return row[chosen[np.isfinite(distance[chosen])]]


def _size(count: int) -> int:
  """Room for a number of vectors, a power of two, so that few programs are compiled."""
  return 1 << max(count - 1, 0).bit_length()


@functools.partial(jax.jit, static_argnames='count')
def _nearest(query: Array, block: Array, norms: Array, allowed: Array, *, count: int) -> tuple[Array, Array]:
  """The smallest distances over all pairs of views, and where they are."""
  # The many vectors come first: as the second operand they cost a CPU 16 times as much.
  dot = jnp.einsum('brp,ap->bra', block, query, precision='highest', preferred_element_type=jnp.float32)
  distance = norms[..., None] - 2 * dot + jnp.sum(jnp.square(query.astype(jnp.float32)), axis=-1)[None, None]
  distance, row = jax.lax.top_k(jnp.where(allowed, -jnp.min(distance, axis=(0, 2)), -jnp.inf), count)
  return -distance, row


def search_in_two_stages(
  request: Request,
  pooled: Float[np.ndarray, 'r v p'] | Shortlist,
  *,
  candidates: int = 2000,
  devices: Sequence[jax.Device] | None = None,
) -> Found:
  """`search`, but only among each query's `candidates` with the nearest pooled vectors.

  Candidates are references with a path to the query, as far as there are k of them. With a `Shortlist` made before, the
  vectors need not be copied to the device for each search.

  Raises:
    InputError: fewer candidates than k, pooled vectors that are not one for each reference, or made for another flip.
  """
  if candidates < request.k:
    raise InputError(f'candidates={candidates} are fewer than k={request.k}; ask for more candidates')
  if len(pooled) != len(request.corpus):
    raise InputError(f'{len(pooled)} pooled vectors for {len(request.corpus)} references; write the index again')
  if not isinstance(pooled, Shortlist):
    pooled = Shortlist(pooled, request.flip, (devices or blocks.all_devices())[0])
  if pooled.flip != request.flip:
    raise InputError(f'a shortlist for flip={pooled.flip!r} cannot serve flip={request.flip!r}; make another')
  asking = enumerate(request.queries.rows)
  found = [_one(request, i, request.queries.alone(row), pooled, candidates, devices) for i, row in asking]
  if not found:
    return search(request, devices=devices)
  return Found(*(np.concatenate(parts) for parts in zip(*found, strict=True)))


def _one(
  request: Request,
  position: int,
  query: Corpus,
  shortlist: Shortlist,
  candidates: int,
  devices: Sequence[jax.Device] | None,
) -> Found:
  """The answer to one query, which has that position."""
  corpus = request.corpus
  allowed = request.allowed[corpus.position] & ~request.barred(np.array([position]), corpus.position)[0]
  by_length = request.metric.pattern.feasible(query.lengths[0], np.arange(corpus.lengths[-1] + 1))
  feasible = allowed & by_length[corpus.lengths]
  enough = feasible.sum() >= request.k
  rows = shortlist.rows(pool(query.clip(0)), candidates, feasible if enough else allowed)
  only = np.zeros(len(corpus), bool)
  only[corpus.position[rows]] = True
  if not enough:
    only[corpus.position[feasible]] = True
  return search(dataclasses.replace(request, queries=query, only=only, apart=None), devices=devices)


def recall(found: Found, exact: Found) -> Float[np.ndarray, 'q']:
  """Share of each query's exact answer, as far as it has a path, that was found; NaN where nothing has a path."""
  real = np.isfinite(exact.distance)
  hits = np.stack([np.isin(e, f) for e, f in zip(exact.index, found.index, strict=True)])
  return np.sum(hits & real, axis=1) / np.where(real.any(1), real.sum(1), np.nan)
