"""Where arrays lie on the mesh: logical axis names of parameters and activations, and one table of rules.

A layer names the axes of its parameters in private metadata, `nnx.Param(value, logical_axes=('embed', 'mlp'))` or
`nnx.with_metadata(initializer, logical_axes=...)`. The key is ours because flax places arrays itself, and fails outside
a mesh, where it finds its own `sharding_names`. Names in use: batch, embed, mlp, heads, vocab; None for no name.
"""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import jax
from flax import nnx
from jax.sharding import Mesh, NamedSharding, PartitionSpec
from jaxtyping import PyTree

from sportjax.errors import InputError

Names = tuple[str | None, ...]


@dataclasses.dataclass(frozen=True)
class Rules:
  """Logical axis name -> mesh axes, and what becomes of a parameter that names leave whole.

  With `spread`, the largest axis of such a parameter that the mesh axis `spread` divides is sharded over it; parameters
  of fewer than `min_size` elements are replicated, as gathering them costs more than keeping them.
  """

  table: dict[str, str | tuple[str, ...]]
  spread: str | None = None
  min_size: int = 2**14


BATCH = ('data', 'fsdp')
PRESETS = {
  'dp': Rules({'batch': BATCH}),
  'fsdp': Rules({'batch': BATCH, 'embed': 'fsdp'}, spread='fsdp'),
  'fsdp_tp': Rules(
    {'batch': BATCH, 'embed': 'fsdp', 'mlp': 'tensor', 'heads': 'tensor', 'vocab': 'tensor'}, spread='fsdp'
  ),
}


def preset(name: str) -> Rules:
  """The rules of that name.

  Raises:
    InputError: there is no such preset.
  """
  if name not in PRESETS:
    raise InputError(f'sharding rules {name!r} are unknown: choose one of {", ".join(PRESETS)}')
  return PRESETS[name]


def shardings(abstract: PyTree, mesh: Mesh, rules: Rules) -> PyTree:
  """A NamedSharding for each array of `abstract`, in a tree of its structure: fit for jit's `out_shardings`."""

  def place(leaf: Any) -> Any:
    if not isinstance(leaf, nnx.Variable):
      return NamedSharding(mesh, spec(leaf.shape, None, mesh, rules))
    value = leaf.get_value()
    names = leaf.get_metadata().get('logical_axes')
    return leaf.replace(NamedSharding(mesh, spec(value.shape, names, mesh, rules)))

  return jax.tree.map(place, abstract, is_leaf=lambda leaf: isinstance(leaf, nnx.Variable))


def spec(shape: tuple[int, ...], names: Names | None, mesh: Mesh, rules: Rules) -> PartitionSpec:
  """How one parameter of this shape is divided; an axis that the mesh does not divide evenly stays whole."""
  if math.prod(shape) < rules.min_size:
    return PartitionSpec()
  # An optimizer's factored moments carry the names of their parameter but not its axes.
  names = names if names is not None and len(names) == len(shape) else (None,) * len(shape)
  axes = [_mesh_axes(name, size, mesh, rules) for name, size in zip(names, shape, strict=True)]
  if len(used := [axis for axis in axes if axis]) != len(set(used)):
    raise ValueError(f'logical axes {names} put two axes of one array on the same mesh axis')
  if rules.spread and rules.spread not in axes:
    free = [i for i, axis in enumerate(axes) if axis is None and shape[i] % mesh.shape[rules.spread] == 0]
    if free:
      axes[max(free, key=lambda i: shape[i])] = rules.spread
  return PartitionSpec(*axes)


def _mesh_axes(name: str | None, size: int, mesh: Mesh, rules: Rules) -> str | tuple[str, ...] | None:
  axes = rules.table.get(name) if name else None
  flat = (axes,) if isinstance(axes, str) else axes or ()
  return axes if size % math.prod(mesh.shape[axis] for axis in flat) == 0 else None


def constrain(x: jax.Array, names: Names, mesh: Mesh, rules: Rules) -> jax.Array:
  """Asks that an activation inside a jitted function be divided as its logical axes say."""
  axes = [_mesh_axes(name, size, mesh, rules) for name, size in zip(names, x.shape, strict=True)]
  return jax.lax.with_sharding_constraint(x, NamedSharding(mesh, PartitionSpec(*axes)))


def gathered(placed: PyTree) -> PyTree:
  """The shardings that parameters have while they are used: those they are kept in, whole over `fsdp`.

  Each is gathered over fsdp before use, and its gradient scattered again. That is what fsdp means; it has to be said
  because XLA's partitioner, left to itself, gets gradients wrong where kernel and batch are both divided over fsdp and
  the kernel over tensor too (seen in jax 0.10.2, on eight CPU devices).
  """

  def whole(sharding: NamedSharding) -> NamedSharding:
    kept = [None if axis == 'fsdp' else axis for axis in sharding.spec]
    return NamedSharding(sharding.mesh, PartitionSpec(*kept))

  return jax.tree.map(whole, placed)


@dataclasses.dataclass(frozen=True, eq=False)  # compared as an object: modules carry it, and rules are no key
class Placement:
  """Where variables lie on a mesh by rules, for modules that gather their own weights inside a jitted function."""

  mesh: Mesh
  rules: Rules

  def shardings(self, abstract: PyTree) -> PyTree:
    """As the function of that name."""
    return shardings(abstract, self.mesh, self.rules)

  def keep(self, state: PyTree) -> PyTree:
    """Asks that variables stay divided as they are kept."""
    return jax.lax.with_sharding_constraint(state, self.shardings(state))

  def gather(self, state: PyTree) -> PyTree:
    """Variables as they are used, whole over fsdp; see `gathered`."""
    return jax.lax.with_sharding_constraint(state, gathered(self.shardings(state)))

  def rows(self, x: jax.Array) -> jax.Array:
    """Asks that an activation's rows be divided as a batch is; a table divided over fsdp would divide its features."""
    return constrain(x, ('batch', *(None,) * (x.ndim - 1)), self.mesh, self.rules)
