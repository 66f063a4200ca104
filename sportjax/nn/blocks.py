"""Equal blocks run as one loop: one block is compiled, however many there are, and only its weights are whole."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

import jax
import jax.numpy as jnp
from flax import nnx
from jaxtyping import Array, PyTree

BlockT = TypeVar('BlockT', bound=nnx.Module)
StateT = TypeVar('StateT')


class Placement(Protocol):
  """Where variables lie on a mesh, said inside a jitted function; `dist.rules.Placement` is one."""

  def keep(self, state: StateT) -> StateT:
    """The variables as they are kept, divided over devices."""
    ...

  def gather(self, state: StateT) -> StateT:
    """The variables as they are used."""
    ...

  def rows(self, x: Array) -> Array:
    """An activation, its rows divided over devices as a batch is."""
    ...


@dataclasses.dataclass(frozen=True)
class _Anywhere:
  def keep(self, state: StateT) -> StateT:
    return state

  def gather(self, state: StateT) -> StateT:
    return state

  def rows(self, x: Array) -> Array:
    return x


ANYWHERE = _Anywhere()  # no mesh: everything stays as it is


def scan_blocks(
  blocks: Sequence[BlockT],
  run: Callable[[BlockT, Array, PyTree], Array],
  x: Array,
  each: PyTree,
  placement: Placement = ANYWHERE,
) -> Array:
  """What comes out behind the last block, where block i does `run(block, x, each[i])`.

  The backward pass keeps what goes from block to block and computes the rest again. Random streams move on as they do
  where the blocks are called one by one. The weights are laid beside each other first, which takes their memory once
  more; with `placement` they stay divided and each block's are gathered when its turn comes, in either pass.
  """
  graphdefs, rngs, rests = zip(*(nnx.split(block, nnx.RngState, ...) for block in blocks), strict=True)
  if any(graphdef != graphdefs[0] for graphdef in graphdefs):
    raise ValueError('the blocks are not equal: the same layers of each must have updates')
  rng, rest = _stacked(rngs), jax.vmap(placement.keep)(_stacked(rests))

  def step(x: Array, inputs: tuple[nnx.State, nnx.State, PyTree]) -> tuple[Array, nnx.State]:
    rng, rest, one = inputs
    block = nnx.merge(graphdefs[0], rng, placement.gather(rest), copy=True)
    return run(block, placement.rows(x), one), nnx.state(block, nnx.RngState)

  x, rng = jax.lax.scan(jax.checkpoint(step, prevent_cse=False), x, (rng, rest, each))
  for i, block in enumerate(blocks):
    nnx.update(block, jax.tree.map(lambda value, i=i: value[i], rng))
  return x


def _stacked(states: Sequence[nnx.State]) -> nnx.State:
  return jax.tree.map(lambda *values: jnp.stack(values), *states)
