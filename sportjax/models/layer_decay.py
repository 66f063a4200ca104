"""Learning rates that fall from the head down to the patches, block by block.

Source: Bao et al. 2022 (arXiv:2106.08254), as VideoMAE and InternVideo2 are fine-tuned.
"""

from __future__ import annotations

from typing import Any

import jax
import optax
from jaxtyping import PyTree

# What stands before the blocks: patches, tokens and tables.
_INPUTS = frozenset({'patches', 'class_token', 'positions', 'times', 'embedding', 'distances', 'pre_norm', 'stem'})


def depths(params: PyTree, blocks: int) -> PyTree:
  """Each parameter's place: 0 for what stands before the blocks, i + 1 in block i, blocks + 1 behind them."""

  def depth(path: tuple[Any, ...], _: jax.Array) -> int:
    names = [str(getattr(entry, 'key', getattr(entry, 'name', getattr(entry, 'idx', '')))) for entry in path]
    if 'pool' in names or 'pooler' in names:  # pools have blocks of their own
      return blocks + 1
    if 'blocks' in names:
      return int(names[names.index('blocks') + 1]) + 1
    return 0 if _INPUTS.intersection(names) else blocks + 1

  return jax.tree_util.tree_map_with_path(depth, params)


def scale_by_depth(decay: float, blocks: int) -> optax.GradientTransformation:
  """Multiplies updates by decay to the power of how far below the head they are; chain it behind the optimizer."""

  def update(updates: PyTree, state: optax.EmptyState, params: PyTree = None) -> tuple[PyTree, optax.EmptyState]:
    del params
    scales = jax.tree.map(lambda depth: decay ** (blocks + 1 - depth), depths(updates, blocks))
    return jax.tree.map(lambda u, s: u * s, updates, scales), state

  # optax's protocol knows no states of one kind.
  return optax.GradientTransformation(lambda params: optax.EmptyState(), update)  # ty: ignore[invalid-argument-type]
