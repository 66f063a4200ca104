"""Which program does the work: pure JAX, which runs anywhere and is what the others are tested against, or a kernel."""

from __future__ import annotations

from collections.abc import Collection

import jax

from sportjax.errors import InputError
from sportjax.native import build


def choose(impl: str, known: tuple[str, ...], able: Collection[str], kernels: build.Kernels) -> str:
  """The implementation to run; 'auto' is the native kernel on CPUs where it can be had, pure JAX otherwise.

  `known`: the names of all, `able`: the kernels that can do what is asked for here. 'pallas_tpu' runs on a TPU.

  Raises:
    InputError: no implementation has that name, or the one asked for cannot run here.
  """
  if impl not in known:
    raise InputError(f'impl {impl!r} is unknown; choose one of {", ".join(known)}')
  backend = jax.default_backend()
  if impl == 'auto':
    return 'native' if 'native' in able and backend == 'cpu' and not kernels.unavailable() else 'jax'
  if impl == 'jax':
    return impl
  if impl not in able:
    raise InputError(f"impl='{impl}' knows nothing of these settings or this dtype of {kernels.name}; use impl='jax'")
  if impl == 'native' and (reason := kernels.unavailable()):
    raise InputError(f"impl='native' is not to be had: {reason}, or use impl='jax'")
  device = impl.removeprefix('pallas_')
  if device != impl and backend != device:
    raise InputError(f"impl='{impl}' needs a {device.upper()} and JAX runs on {backend}; use impl='auto'")
  return impl
