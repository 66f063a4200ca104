"""Which program aligns: pure JAX, which runs anywhere and is what the others are tested against, or a kernel."""

from __future__ import annotations

from typing import Literal, get_args

import jax

from sportjax.align.native import build
from sportjax.errors import InputError

Implementation = Literal['auto', 'jax', 'native']


def choose(impl: Implementation, *, native: bool) -> Implementation:
  """The implementation to run; 'auto' is the native kernel on CPUs where it can be had, pure JAX otherwise.

  `native`: whether the native kernel knows this cost and pattern.

  Raises:
    InputError: no implementation has that name, or the one asked for cannot run here.
  """
  if impl not in get_args(Implementation):
    raise InputError(f'impl {impl!r} is unknown; choose one of {", ".join(get_args(Implementation))}')
  if impl == 'auto':
    return 'native' if native and jax.default_backend() == 'cpu' and not build.unavailable() else 'jax'
  if impl == 'native':
    reason = build.unavailable() if native else 'the native kernel knows only costs and step patterns of this package'
    if reason:
      raise InputError(f"impl='native' is not to be had: {reason}, or use impl='jax'")
  return impl
