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

from sportjax.nn.conv import Dense
from sportjax.typing import Int

_DRAWN = 3  # relations of each scale, but the largest, which has one


class Relations(nnx.Module):
  """Features of ordered frames to class scores, summed over scales and over three relations of each.

  Training draws the three anew for every batch. Departure: evaluation takes them evenly spaced among all in order of
  frames, where the released code draws them too, so that the same clip has the same scores.
  """

  def __init__(self, width: int, frames: int, classes: int, *, hidden: int = 256, rngs: nnx.Rngs):
    self.scales = tuple(range(frames, 1, -1))
    self.enter = nnx.List([Dense(scale * width, hidden, rngs=rngs) for scale in self.scales])
    self.out = nnx.List([Dense(hidden, classes, axes=('mlp', 'embed'), rngs=rngs) for _ in self.scales])
    self.stream = rngs['dropout'].fork()
    self.frames = frames

  def __call__(self, x: Float[Array, 'b t d'], *, train: bool) -> Float[Array, 'b k']:
    keys = jax.random.split(self.stream(), len(self.scales)) if train else (None,) * len(self.scales)
    scores = []
    for scale, enter, out, key in zip(self.scales, self.enter, self.out, keys, strict=True):
      rows = drawn(key, self.frames, scale)
      read = jnp.concatenate([x[:, rows[:, i]] for i in range(scale)], axis=-1)  # b relation scale*d
      hidden = jax.nn.relu(enter(jax.nn.relu(read).reshape(-1, read.shape[-1])))
      scores.append(out(hidden).reshape(len(x), len(rows), -1).sum(1))
    return functools.reduce(jnp.add, scores)


def drawn(key: Array | None, frames: int, scale: int) -> Int[Array, 'r s']:
  """Frames of the relations of a scale, each in ascending order: at random, or where no key is given evenly spaced."""
  count = math.comb(frames, scale)
  few = min(_DRAWN, count)
  if key is None:
    return jnp.asarray(np.stack([relation(frames, scale, n) for n in np.linspace(0, count - 1, few).astype(int)]))
  rows = jax.vmap(lambda k: jnp.sort(jax.random.permutation(k, frames)[:scale]))(jax.random.split(key, few))
  return rows if few < count else jnp.asarray(np.stack([relation(frames, scale, n) for n in range(count)]))


def relation(frames: int, scale: int, number: int) -> Int[np.ndarray, 's']:
  """The subset of that number, from 0, of all of that size in lexicographic order."""
  found, first = [], 0
  for left in range(scale - 1, -1, -1):
    while number >= (skipped := math.comb(frames - first - 1, left)):
      number, first = number - skipped, first + 1
    found.append(first)
    first += 1
  return np.array(found)
