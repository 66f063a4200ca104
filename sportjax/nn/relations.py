"""Temporal relations at several scales: pairs, triples, ... of frames, each scale read by its own small network.

Source: Zhou et al. 2018 (TRN, arXiv 1711.08496), with the layers of its released code.
"""

from __future__ import annotations

import functools
import math

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx
from jaxtyping import Array, Float

from sportjax.nn import initial
from sportjax.typing import Int

_DRAWN = 3  # relations of each scale, but the largest, which has one


class Layers(nnx.Module):
  """Weights of dense layers side by side, each within its own limit at the start."""

  def __init__(self, kernel: tuple[int, int, int], of_kernel: np.ndarray, of_bias: np.ndarray, *, rngs: nnx.Rngs):
    start = initial.uniform(rngs.params(), kernel, 1.0) * of_kernel[:, None, None]
    self.kernel = nnx.Param(start, logical_axes=(None, 'embed', 'mlp'))
    start = initial.uniform(rngs.params(), (len(of_bias), kernel[-1]), 1.0) * of_bias[:, None]
    self.bias = nnx.Param(start, logical_axes=(None, 'mlp'))


class Relations(nnx.Module):
  """Features of ordered frames to class scores, summed over scales and over three relations of each.

  Training draws the three anew for every batch. Departure: evaluation takes them evenly spaced among all in order of
  frames, where the released code draws them too, so that the same clip has the same scores.

  A relation of n frames has n places. Those of all scales lie in one row, each with its part of the kernel of its
  scale's first layer, so that there is one product for all.
  """

  def __init__(self, width: int, frames: int, classes: int, *, hidden: int = 256, rngs: nnx.Rngs):
    sizes = np.array(scales(frames))
    limits = ((sizes * width) ** -0.5).astype(np.float32)
    kernel = (int(sizes.sum()), width, hidden)
    self.enter = Layers(kernel, np.repeat(limits, sizes), limits, rngs=rngs)
    limits = np.full(len(sizes), hidden**-0.5, np.float32)
    self.out = Layers((len(sizes), hidden, classes), limits, limits, rngs=rngs)
    self.stream = rngs['dropout'].fork()
    self.frames = frames

  def __call__(self, x: Float[Array, 'b t d'], *, train: bool) -> Float[Array, 'b k']:
    rows = drawn(self.stream(), self.frames) if train else spaced(self.frames)
    read = jnp.einsum('rpt,btd->prbd', _one_hot(rows, self.frames), jax.nn.relu(x))
    each = jnp.einsum('prbd,pdh->prbh', read, self.enter.kernel[...])
    sizes = scales(self.frames)
    of_scale = np.repeat(np.eye(len(sizes), dtype=np.float32), sizes, axis=1)
    hidden = jnp.einsum('sp,prbh->srbh', of_scale, each) + self.enter.bias[...][:, None, None]
    scores = jnp.einsum('srbh,shk->srbk', jax.nn.relu(hidden), self.out.kernel[...])
    scores += self.out.bias[...][:, None, None]
    counts = np.minimum(_counts(self.frames), _DRAWN)
    return jnp.einsum('sr,srbk->bk', (np.arange(_DRAWN) < counts[:, None]).astype(np.float32), scores)


def scales(frames: int) -> tuple[int, ...]:
  """Frames of a relation of each scale."""
  return tuple(range(frames, 1, -1))


def drawn(key: Array, frames: int) -> Int[Array, 'r p']:
  """The frame at each place of three relations at random, ascending; of few relations all there are."""
  sizes, frame = np.array(scales(frames)), np.arange(frames)
  value = jax.random.uniform(key, (_DRAWN, len(sizes), frames))
  mine, other = value[..., None], value[..., None, :]
  before = (other < mine) | ((other == mine) & (frame < frame[:, None])[None, None])
  chosen = before.sum(-1) < sizes[None, :, None]  # the smallest values
  order = jnp.repeat(jnp.where(chosen, chosen.cumsum(-1) - 1, -1), sizes, axis=1, total_repeat_length=sizes.sum())
  place = np.concatenate([np.arange(size) for size in sizes])
  rows = ((order == place[None, :, None]) * frame[None, None]).sum(-1)
  return jnp.where(np.repeat(_counts(frames) > _DRAWN, sizes)[None], rows, spaced(frames))


@functools.lru_cache(32)
def spaced(frames: int) -> Int[np.ndarray, 'r p']:
  """The frame at each place of three relations that are evenly spaced among all; of fewer, some are there again."""
  found = []
  for size, count in zip(scales(frames), _counts(frames), strict=True):
    numbers = np.linspace(0, count - 1, min(_DRAWN, count)).astype(int)
    found.append([relation(frames, size, numbers[min(r, len(numbers) - 1)]) for r in range(_DRAWN)])
  return np.concatenate(found, axis=1)


def _counts(frames: int) -> Int[np.ndarray, 's']:
  return np.array([math.comb(frames, size) for size in scales(frames)])


def _one_hot(rows: Int[Array | np.ndarray, 'r p'], frames: int) -> Float[Array, 'r p t']:
  return jnp.asarray(rows[..., None] == np.arange(frames)[None, None], jnp.float32)


def relation(frames: int, scale: int, number: int) -> Int[np.ndarray, 's']:
  """The subset of that number, from 0, of all of that size in lexicographic order."""
  found, first = [], 0
  for left in range(scale - 1, -1, -1):
    while number >= (skipped := math.comb(frames - first - 1, left)):
      number, first = number - skipped, first + 1
    found.append(first)
    first += 1
  return np.array(found)
