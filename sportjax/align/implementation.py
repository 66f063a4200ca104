"""Which program aligns: pure JAX, which runs anywhere and is what the others are tested against, or a kernel."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal, get_args

import jax

from sportjax.align.native import build
from sportjax.errors import InputError

Implementation = Literal['auto', 'jax', 'native', 'pallas_gpu', 'pallas_tpu']


def choose(impl: Implementation, kernels: Collection[str]) -> Implementation:
  """The implementation to run; 'auto' is the native kernel on CPUs where it can be had, pure JAX otherwise.

  `kernels`: those that know this cost and pattern.

  Raises:
    InputError: no implementation has that name, or the one asked for cannot run here.
  """
  if impl not in get_args(Implementation):
    raise InputError(f'impl {impl!r} is unknown; choose one of {", ".join(get_args(Implementation))}')
  backend = jax.default_backend()
  if impl == 'auto':
    return 'native' if 'native' in kernels and backend == 'cpu' and not build.unavailable() else 'jax'
  if impl == 'jax':
    return impl
  if impl not in kernels:
    raise InputError(f"impl='{impl}' knows nothing of this alignment's cost, pattern or dtype; use impl='jax'")
  if impl == 'native' and (reason := build.unavailable()):
    raise InputError(f"impl='native' is not to be had: {reason}, or use impl='jax'")
  device = impl.removeprefix('pallas_')
  if device != impl and backend != device:
    raise InputError(f"impl='{impl}' needs a {device.upper()} and JAX runs on {backend}; use impl='auto'")
  return impl
