"""A family's name map: which of their tensors makes which of ours, as data that is read in both directions.

  Rule('model.layers.{}.mlp.up_proj.weight', 'layers.{}.mlp.up.kernel', TRANSPOSED)
  Rule('blocks.{}.qkv.weight', ('blocks.{}.query', 'blocks.{}.key', 'blocks.{}.value'), (Split(0, (d, d, d)), T))

`{}` stands for a number, the same on both sides. Operations act on the list of a rule's arrays, theirs to ours; each
has an inverse, which export uses.
"""

from __future__ import annotations

import dataclasses
import fnmatch
import re
from collections.abc import Collection, Iterable, Sequence
from typing import Protocol

import numpy as np

from sportjax.errors import InputError

Arrays = list[np.ndarray]


class Operation(Protocol):
  """One step between their arrays and ours."""

  def forward(self, arrays: Arrays) -> Arrays: ...
  def inverse(self, arrays: Arrays) -> Arrays: ...


@dataclasses.dataclass(frozen=True)
class Transpose:
  """Axes of each array in the order given."""

  axes: tuple[int, ...]

  def forward(self, arrays: Arrays) -> Arrays:
    return [x.transpose(self.axes) for x in arrays]

  def inverse(self, arrays: Arrays) -> Arrays:
    return [x.transpose(np.argsort(self.axes)) for x in arrays]


@dataclasses.dataclass(frozen=True)
class Reshape:
  """Each array from their shape to ours."""

  theirs: tuple[int, ...]
  ours: tuple[int, ...]

  def forward(self, arrays: Arrays) -> Arrays:
    return [_exact(x, self.theirs).reshape(self.ours) for x in arrays]

  def inverse(self, arrays: Arrays) -> Arrays:
    return [_exact(x, self.ours).reshape(self.theirs) for x in arrays]


@dataclasses.dataclass(frozen=True)
class Split:
  """One array of theirs cut along an axis into ours."""

  axis: int
  sizes: tuple[int, ...]

  def forward(self, arrays: Arrays) -> Arrays:
    (whole,) = arrays
    if whole.shape[self.axis] != sum(self.sizes):
      raise ValueError(f'shape {whole.shape} does not split into {self.sizes} along axis {self.axis}')
    return np.split(whole, np.cumsum(self.sizes)[:-1], self.axis)

  def inverse(self, arrays: Arrays) -> Arrays:
    return [np.concatenate(arrays, self.axis)]


@dataclasses.dataclass(frozen=True)
class Concatenate:
  """Several arrays of theirs, of these sizes along an axis, joined to one of ours."""

  axis: int
  sizes: tuple[int, ...]

  def forward(self, arrays: Arrays) -> Arrays:
    return Split(self.axis, self.sizes).inverse(arrays)

  def inverse(self, arrays: Arrays) -> Arrays:
    return Split(self.axis, self.sizes).forward(arrays)


@dataclasses.dataclass(frozen=True)
class Stack:
  """Several arrays of theirs as one of ours, along a new axis."""

  axis: int = 0

  def forward(self, arrays: Arrays) -> Arrays:
    return [np.stack(arrays, self.axis)]

  def inverse(self, arrays: Arrays) -> Arrays:
    (whole,) = arrays
    return [np.take(whole, i, self.axis) for i in range(whole.shape[self.axis])]


TRANSPOSED = (Transpose((1, 0)),)  # a torch Linear's (outputs, inputs) to our (inputs, outputs)


def _exact(x: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
  if x.shape != shape:
    raise ValueError(f'shape {x.shape}, expected {shape}')
  return x


@dataclasses.dataclass(frozen=True)
class Rule:
  """Names of theirs that make names of ours."""

  theirs: str | tuple[str, ...]
  ours: str | tuple[str, ...]
  operations: tuple[Operation, ...] = ()


@dataclasses.dataclass(frozen=True)
class NameMap:
  """All rules of a family, and patterns (`*` stands for anything) of their tensors that hold nothing to load."""

  rules: tuple[Rule, ...]
  ignored: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class Job:
  """A rule with its numbers filled in."""

  theirs: tuple[str, ...]
  ours: tuple[str, ...]
  operations: tuple[Operation, ...]

  @property
  def axes(self) -> tuple[int, ...] | None:
    """Where each axis of ours lies in theirs, if all there is to do is to turn one array; () for not even that."""
    if len(self.theirs) != 1 or len(self.operations) > 1:
      return None
    if not self.operations:
      return ()
    return self.operations[0].axes if isinstance(self.operations[0], Transpose) else None

  def forward(self, arrays: Arrays) -> Arrays:
    for operation in self.operations:
      arrays = operation.forward(arrays)
    return arrays

  def inverse(self, arrays: Arrays) -> Arrays:
    for operation in reversed(self.operations):
      arrays = operation.inverse(arrays)
    return arrays


def jobs(name_map: NameMap, ours: Iterable[str]) -> list[Job]:
  """The rules as they apply to the names of one model.

  Raises:
    ValueError: a name of ours is made by no rule, or by two: the map is wrong.
  """
  found: dict[Job, None] = {}
  for name in ours:
    made_by = {job for rule in name_map.rules if (job := _applied(rule, name)) is not None}
    if len(made_by) != 1:
      raise ValueError(f'{len(made_by)} rules make {name}; one must')
    found |= dict.fromkeys(made_by)
  return list(found)


def _applied(rule: Rule, name: str) -> Job | None:
  for template in _several(rule.ours):
    if '{}' not in template and template != name:
      continue  # most rules of a large network; an expression each would be slow
    pattern = re.escape(template).replace(re.escape('{}'), r'(\d+)')
    if match := re.fullmatch(pattern, name):
      numbers = match.groups()
      theirs, ours = (tuple(text.format(*numbers) for text in _several(names)) for names in (rule.theirs, rule.ours))
      return Job(theirs, ours, rule.operations)
  return None


def _several(names: str | Sequence[str]) -> tuple[str, ...]:
  return (names,) if isinstance(names, str) else tuple(names)


def their_names(work: Iterable[Job]) -> set[str]:
  """The tensors that jobs take."""
  return {name for job in work for name in job.theirs}


def check_names(found: Collection[str], wanted: Collection[str], ignored: Sequence[str], where: object) -> None:
  """Whether a checkpoint holds exactly the tensors wanted, beside those that match a pattern of `ignored`.

  Raises:
    InputError: a tensor is missing or unknown.
  """
  if missing := sorted(set(wanted) - set(found)):
    raise InputError(
      f'{where}: lacks {len(missing)} tensors of this model, such as {missing[0]}; is the download complete, and '
      'the config the one that belongs to these weights?'
    )
  unknown = sorted(n for n in set(found) - set(wanted) if not any(fnmatch.fnmatchcase(n, p) for p in ignored))
  if unknown:
    raise InputError(
      f'{where}: holds {len(unknown)} tensors that this model has no place for, such as {unknown[0]}; the config does '
      'not belong to these weights, or the model is of a kind that is not supported'
    )
