"""Which program aligns: pure JAX, which runs anywhere and is what the others are tested against, or a kernel."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal, cast, get_args

from sportjax.align.native import kernels as native
from sportjax.native import implementation

Implementation = Literal['auto', 'jax', 'native', 'pallas_gpu', 'pallas_tpu']


def choose(impl: Implementation, able: Collection[str]) -> Implementation:
  """The implementation to run. `able`: the kernels that know this cost and pattern.

  Raises:
    InputError: no implementation has that name, or the one asked for cannot run here.
  """
  return cast(Implementation, implementation.choose(impl, get_args(Implementation), able, native.KERNELS))
