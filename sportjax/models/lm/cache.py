"""Keys and values of what was seen: whole, or for layers with a window a ring of its length."""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

KeyValue = tuple[Array, Array]  # of one layer, each (b, n, kv_heads, head_dim)


@jax.tree_util.register_dataclass
@dataclasses.dataclass(frozen=True)
class Cache:
  """The first `length` places are seen, where `there` with a token; `there` has all places that there is room for.

  A layer keeps all of them, or with a window below that the last ones only, place p in slot p % window.
  """

  layers: tuple[KeyValue, ...]
  there: Bool[Array, 'b m']
  length: Int[Array, '']


def slots(room: int, window: int | None) -> int:
  """Places that a layer keeps."""
  return room if window is None else min(window, room)


def seen_places(start: Int[Array, ''], new: int, room: int, window: int | None) -> Int[Array, 'n']:
  """Where each key stands that `extended` gives, negative for none, when `new` places from `start` on join."""
  kept = slots(room, window)
  if kept == room:
    return jnp.arange(room)
  if new == 1:
    return _in_ring(start + 1, kept)
  return jnp.concatenate([_in_ring(start, kept), start + jnp.arange(new)])


def extended(
  old: Float[Array, 'b n k d'], new: Float[Array, 'b l k d'], start: Int[Array, ''], room: int
) -> tuple[Float[Array, 'b s k d'], Float[Array, 'b n k d']]:
  """Keys or values to attend to, by `seen_places`, and what is kept of them."""
  kept, new = old.shape[1], new.astype(old.dtype)
  if kept == room or new.shape[1] == 1:
    whole = jax.lax.dynamic_update_slice(old, new, (0, start % kept if kept < room else start, 0, 0))
    return whole, whole
  # Several places may overwrite one slot, and what the last of them overwrites the first of them still sees.
  whole = jnp.concatenate([old, new], axis=1)
  places = _in_ring(start + new.shape[1], kept)
  return whole, whole[:, jnp.where(places < start, jnp.arange(kept), kept + places - start)]


def _in_ring(length: Int[Array, ''], kept: int) -> Int[Array, 'n']:
  """The place in each slot, negative for none, when `length` places are seen."""
  return length - 1 - (length - 1 - jnp.arange(kept)) % kept
