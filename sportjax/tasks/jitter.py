"""Features of frames under small random changes: more views for a classifier to learn from, or a steadier mean."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from typing import Literal

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx
from jaxtyping import Array, Float, Int, UInt8, UInt32

from sportjax.errors import InputError
from sportjax.models import vpd
from sportjax.nn.augment import AugmentConfig
from sportjax.tasks.distil import prepare

_SPREAD = 2654435761  # Knuth's multiplier: a pixel's weight depends on its place

Predict = Callable[[UInt8[Array | np.ndarray, 'b h w 6']], Float[Array, 'b v d']]


@dataclasses.dataclass(frozen=True)
class Jitter:
  """How often a frame is changed, and how: its colours, or its crop too, each as much as in training.

  `keep='apart'` gives, after the frame as filmed and mirrored, each change as filmed and mirrored; 'mean' gives the two
  views, each the mean over the frame and its changes.
  """

  count: int = 0
  of: Literal['colour', 'colour_and_crop'] = 'colour'
  keep: Literal['apart', 'mean'] = 'apart'
  seed: int = 0

  def __post_init__(self):
    if self.count < 0:
      raise InputError(f'jitter.count={self.count}: must be 0, for none, or more')

  @property
  def augment(self) -> AugmentConfig:
    """The changes, without noise or mirror."""
    changes = AugmentConfig(noise=0.0, mirror=0.0)
    if self.of == 'colour_and_crop':
      return changes
    return dataclasses.replace(changes, crop_scale=(1.0, 1.0), crop_ratio=(1.0, 1.0))


def jittered(model: vpd.Student, jitter: Jitter) -> Predict:
  """Features of frames and of their changes, which are drawn by what a frame shows: the same in whatever batch.

  Source: VPD reference, apply_vpd_model.py --jitter, whose changes are of colour. Departures, as it is broken there:
  colours change before they are standardised, and a mirrored frame has its own flow and place.
  """
  graph, state = nnx.split(model)
  draws = jnp.arange(-1, jitter.count)  # -1 is the frame as it is
  views = jnp.stack([jnp.repeat(draws, 2), jnp.tile(jnp.arange(2), len(draws))], axis=1)

  @jax.jit
  def apply(state: nnx.State, frames: UInt8[Array, 'b h w 6']) -> Float[Array, 'b v d']:
    merged = nnx.merge(graph, state)
    shown = functools.partial(_shown, frames, model.config, jitter)
    found = jax.lax.map(lambda view: merged(shown(*view), train=False), views)  # one program for all of them
    if jitter.keep == 'mean':
      found = found.reshape(len(draws), 2, *found.shape[1:]).mean(0)
    return found.transpose(1, 0, 2)

  return lambda frames: apply(state, jnp.asarray(frames))


def _shown(
  frames: UInt8[Array, 'b h w 6'],
  student: vpd.StudentConfig,
  jitter: Jitter,
  draw: Int[Array, ''],
  mirrored: Int[Array, ''],
) -> Float[Array, 'b h w c']:
  """The network's input: a change of each frame, mirrored or not."""
  key = jax.random.fold_in(jax.random.key(jitter.seed), draw)
  keys = jax.vmap(lambda number: jax.random.fold_in(key, number))(_fingerprint(frames))
  augment = dataclasses.replace(jitter.augment, mirror=mirrored)
  changed = jax.vmap(lambda frame, key: prepare(frame[None], student, augment, key)[0][0])(frames, keys)
  plain = vpd.normalise(frames, student)
  return jnp.where(draw < 0, jnp.where(mirrored, vpd.mirror(plain), plain), changed)


def _fingerprint(frames: UInt8[Array, 'b h w 6']) -> UInt32[Array, 'b']:
  """A number of what a frame shows."""
  flat = frames.reshape(len(frames), -1).astype(jnp.uint32)
  return (flat * (jnp.arange(1, flat.shape[1] + 1, dtype=jnp.uint32) * jnp.uint32(_SPREAD))[None]).sum(1)
