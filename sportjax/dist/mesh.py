"""The device mesh; the only caller of `jax.make_mesh`."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

import jax
from jax.sharding import AxisType, Mesh

from sportjax.errors import InputError

AXES = ('data', 'fsdp', 'tensor')


@dataclasses.dataclass(frozen=True)
class MeshConfig:
  """Devices along each axis; one of them may be -1, which takes what is left.

  `data` and `fsdp` both divide the batch; `fsdp` divides parameters as well, `tensor` the width of layers.
  """

  data: int = -1
  fsdp: int = 1
  tensor: int = 1


def make_mesh(config: MeshConfig = MeshConfig(), devices: Sequence[jax.Device] | None = None) -> Mesh:  # noqa: B008
  """A mesh over all devices (or over `devices`, e.g. of a described TPU topology), with axis types Auto.

  Raises:
    InputError: the axes do not multiply to the number of devices.
  """
  count = jax.device_count() if devices is None else len(devices)
  shape = _filled(dataclasses.astuple(config), count)
  # Auto is said aloud because the default became Explicit, under which matmuls of two sharded operands are errors.
  return jax.make_mesh(shape, AXES, axis_types=(AxisType.Auto,) * len(AXES), devices=devices)


def _filled(shape: tuple[int, ...], count: int) -> tuple[int, ...]:
  text = ', '.join(f'{axis}={size}' for axis, size in zip(AXES, shape, strict=True))
  if shape.count(-1) > 1 or any(size < 1 and size != -1 for size in shape):
    raise InputError(f'mesh {text}: every axis must be at least 1, and only one may be -1')
  known = math.prod(size for size in shape if size != -1)
  if count % known or (-1 not in shape and known != count):
    raise InputError(f'mesh {text} does not fit {count} devices: choose axes whose product is {count}')
  return tuple(count // known if size == -1 else size for size in shape)
