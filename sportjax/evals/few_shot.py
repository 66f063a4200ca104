"""Recognition from a few labels a class: the subsets, and the nearest neighbour under alignment."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sportjax.errors import InputError
from sportjax.typing import Float, Int


def few_shot_subsets(
  labels: np.ndarray, groups: np.ndarray | None = None, *, shots: int = 8, n_subsets: int = 5, seed: int = 0
) -> list[Int[np.ndarray, 'b']]:
  """Indices of `shots` training examples a class, for each subset; fixed by the seed alone.

  With `groups` (athletes) a class is filled from as many of them as there are before any is used twice. A class with
  fewer examples gives all it has, as in VPD's lists.

  Raises:
    InputError: there are no labels, or groups are not one for each of them.
  """
  labels = np.asarray(labels)
  groups = np.arange(len(labels)) if groups is None else np.asarray(groups)
  if not len(labels) or labels.shape != groups.shape:
    raise InputError(f'few-shot subsets of {labels.shape} labels in groups {groups.shape}: one group for each label')
  streams = np.random.SeedSequence(seed).spawn(n_subsets)
  return [_subset(labels, groups, shots, np.random.default_rng(stream)) for stream in streams]


def listed_subsets(ids: Sequence[str], lists: Sequence[Sequence[str]]) -> list[Int[np.ndarray, 'b']]:
  """Indices of the examples that fixed lists name, such as VPD's few-shot files; each name counts once.

  Raises:
    InputError: a list names none, or an example that is not there.
  """
  at = {name: i for i, name in enumerate(ids)}
  for number, names in enumerate(lists):
    absent = [name for name in names if name not in at]
    if absent or not names:
      what = f'names {absent[0]!r}, which is no example' if absent else 'is empty'
      raise InputError(f'few-shot list {number} {what}; give the lists of these examples')
  return [np.unique([at[name] for name in names]) for names in lists]


def _subset(labels: np.ndarray, groups: np.ndarray, shots: int, rng: np.random.Generator) -> np.ndarray:
  chosen = []
  for label in np.unique(labels):
    members = rng.permutation(np.flatnonzero(labels == label))
    chosen.append(members[np.argsort(_turn(groups[members]), kind='stable')[:shots]])
  return np.sort(np.concatenate(chosen))


def _turn(groups: np.ndarray) -> np.ndarray:
  """How often the group of each entry has come before it."""
  seen: dict = {}
  turns = []
  for group in groups.tolist():
    turns.append(seen.get(group, 0))
    seen[group] = turns[-1] + 1
  return np.array(turns)


def nearest_neighbour(
  distances: Float[np.ndarray, 'q r'],
  labels: np.ndarray,
  subset: Int[np.ndarray, 'b'],
  fallback: Float[np.ndarray, 'q r'] | None = None,
) -> np.ndarray:
  """The label of the nearest example of the subset; ties go to the first.

  `fallback` are the distances (of symmetric2) for queries that no example of the subset can be aligned with.
  Source: VPD's reference implementation, which falls back only where every candidate is infeasible.

  Raises:
    InputError: a query cannot be aligned with any example and there is no fallback.
  """
  near = distances[:, subset]
  lost = ~np.any(np.isfinite(near), axis=1)
  if lost.any():
    if fallback is None:
      raise InputError(f'{lost.sum()} queries have no path to any of {len(subset)} examples; give symmetric2 distances')
    near = np.where(lost[:, None], fallback[:, subset], near)
  return np.asarray(labels)[subset][np.argmin(near, axis=1)]
