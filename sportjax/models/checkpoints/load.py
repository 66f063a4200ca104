"""Tensors of a file onto their devices, one at a time, and a model's tensors under their names again."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeVar

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx
from jax.sharding import Sharding
from jaxtyping import PyTree

from sportjax.errors import InputError
from sportjax.models.checkpoints.name_map import Job, NameMap, check_names, jobs, their_names
from sportjax.models.checkpoints.tensors import Index, Tensors

_ALIGNMENT = 64  # bytes, of arrays that jax's CPU devices keep as they are
_ROWS, _PADDING = 64, 96  # elements; lines apart by a power of two would push each other out of the processor's cache
ModelT = TypeVar('ModelT', bound=nnx.Module)
Place = Callable[[nnx.State], PyTree]  # abstract state -> a sharding for each array, as `dist.rules.shardings` does


def load(
  make: Callable[[], ModelT], tensors: Tensors, name_map: NameMap, *, dtype: Any = None, shardings: Place | None = None
) -> ModelT:
  """The module that `make` describes, with weights from `tensors`.

  No weight is initialised, and the host holds one tensor at a time: with shardings, of a tensor that is only turned,
  just the parts that this process's devices keep. Random streams start from the key 0.

  Args:
    make: builds the module, e.g. `lambda: CLIP(config, rngs=nnx.Rngs(0))`; only its shapes are computed.
    tensors: from `open_tensors`.
    name_map: their names and ours; ours are the module's attribute paths joined by dots.
    dtype: of all floating parameters; None keeps those `make` gives them.
    shardings: such as `rules.Placement(mesh, rules.preset('fsdp')).shardings`; None for the default
      device.

  Raises:
    InputError: a tensor is missing, unknown or of another shape.
  """
  graphdef, state = nnx.split(nnx.eval_shape(make))
  state = _cast(state, dtype)
  variables = named_variables(state)
  placed = named_variables(shardings(state)) if shardings is not None else {}
  work = jobs(name_map, [name for name, variable in variables.items() if not isinstance(variable, nnx.RngState)])
  check_names(tensors.shapes, their_names(work), name_map.ignored, tensors.path)
  for job in work:
    wanted = [variables[name].get_value() for name in job.ours]
    to = [placed[name].get_value() if placed else None for name in job.ours]
    for name, value in zip(job.ours, _load(job, tensors, wanted, to), strict=True):
      variables[name].set_value(value)
  model = nnx.merge(graphdef, state)
  nnx.reseed(model, policy='match_shape', default=0, params=0, dropout=0)
  return model


def export(model: nnx.Module, name_map: NameMap) -> dict[str, np.ndarray]:
  """The model's tensors under their names, on the host; on several processes each array must be whole on every one."""
  variables = {n: v for n, v in named_variables(nnx.state(model)).items() if not isinstance(v, nnx.RngState)}
  found: dict[str, np.ndarray] = {}
  for job in jobs(name_map, variables):
    theirs = job.inverse([np.asarray(variables[name].get_value()) for name in job.ours])
    found |= {name: np.asarray(x, order='C') for name, x in zip(job.theirs, theirs, strict=True)}
  return found


def named_variables(state: nnx.State) -> dict[str, nnx.Variable]:
  """Variables by attribute path, e.g. 'layers.0.mlp.up.kernel'."""
  return {'.'.join(map(str, path)): variable for path, variable in nnx.to_flat_state(state)}


def _cast(state: nnx.State, dtype: Any) -> nnx.State:
  def cast(x: jax.ShapeDtypeStruct) -> jax.ShapeDtypeStruct:
    floating = dtype is not None and jnp.issubdtype(x.dtype, jnp.floating)
    return jax.ShapeDtypeStruct(x.shape, dtype if floating else x.dtype)

  return jax.tree.map(cast, state)


def _load(job: Job, tensors: Tensors, wanted: list[jax.ShapeDtypeStruct], to: list[Sharding | None]) -> list[jax.Array]:
  if job.axes is None:
    try:
      arrays = job.forward([tensors.read(name) for name in job.theirs])
    except ValueError as error:
      raise InputError(f'{tensors.path}: {", ".join(job.theirs)}: {error}') from error
    _check_shapes(job, [x.shape for x in arrays], wanted, tensors)
    return [_put(x, w, sharding) for x, w, sharding in zip(arrays, wanted, to, strict=True)]
  (name,), axes = job.theirs, job.axes
  shape = tensors.shapes[name]
  if axes and len(axes) != len(shape):
    raise InputError(f'{tensors.path}: {name} has shape {shape}, expected {len(axes)} axes')
  _check_shapes(job, [tuple(shape[a] for a in axes) if axes else shape], wanted, tensors)
  return [_stream(lambda index: _turned(tensors, name, axes, index), wanted[0], to[0])]


def _turned(tensors: Tensors, name: str, axes: tuple[int, ...], index: Index | None) -> np.ndarray:
  theirs = tuple(index[axes.index(a)] for a in range(len(axes))) if index and axes else index
  part = tensors.read(name, theirs)
  return part.transpose(axes) if axes else part


def _check_shapes(job: Job, found: list[tuple[int, ...]], wanted: list[jax.ShapeDtypeStruct], tensors: Tensors):
  if len(found) != len(wanted):
    raise ValueError(f'the rule of {job.ours} makes {len(found)} tensors, not {len(wanted)}')
  for name, shape, want in zip(job.ours, found, wanted, strict=True):
    if tuple(shape) != want.shape:
      theirs = ', '.join(f'{n} {tensors.shapes[n]}' for n in job.theirs)
      raise InputError(
        f'{tensors.path}: {theirs} gives {name} shape {tuple(shape)}, but the config asks for {want.shape}; the config '
        'does not belong to these weights'
      )


def _stream(
  read: Callable[[Index | None], np.ndarray], want: jax.ShapeDtypeStruct, sharding: Sharding | None
) -> jax.Array:
  if sharding is None:
    return _put(read(None), want, None)
  parts: dict[str, np.ndarray] = {}  # devices that hold the same part read it once

  def part(index: Index | None) -> np.ndarray:
    if str(index) not in parts:
      parts[str(index)] = _owned(read(index), want)
    return parts[str(index)]

  return jax.make_array_from_callback(want.shape, sharding, part)


def _put(array: np.ndarray, want: jax.ShapeDtypeStruct, sharding: Sharding | None) -> jax.Array:
  array = _owned(array, want)
  if sharding is None:
    return jax.device_put(array)
  return jax.make_array_from_callback(want.shape, sharding, lambda index: array[index])


def _owned(array: np.ndarray, want: jax.ShapeDtypeStruct) -> np.ndarray:
  """A copy in the wanted dtype: on a CPU jax may keep what it is given, which must not be the pages of a file.

  It lies where jax's CPU devices can keep it without another copy.
  """
  copy = _aligned(array.shape, np.dtype(want.dtype))
  if array.ndim == 2 and array.T.flags.c_contiguous:
    _turn(array.T, copy)
  else:
    copy[...] = array
  return copy


def _turn(rows: np.ndarray, out: np.ndarray) -> None:
  """Writes `rows` into the columns of `out`, by way of a few padded rows that the processor's cache holds."""
  room = np.empty((_ROWS, rows.shape[1] + _PADDING), rows.dtype)
  for start in range(0, len(rows), _ROWS):
    some = rows[start : start + _ROWS]
    held = room[: len(some), : some.shape[1]]
    held[...] = some
    out[:, start : start + _ROWS] = held.T


def _aligned(shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
  size = math.prod(shape) * dtype.itemsize
  room = np.empty(size + _ALIGNMENT, np.uint8)
  start = -room.ctypes.data % _ALIGNMENT
  return room[start : start + size].view(dtype).reshape(shape)
