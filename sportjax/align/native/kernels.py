"""The alignment kernels for CPUs."""

from __future__ import annotations

import pathlib

from sportjax.native import build

KERNELS = build.Kernels(
  name='alignment',
  folder=pathlib.Path(__file__).parent,
  targets=('sportjax_dtw', 'sportjax_soft_dtw', 'sportjax_soft_dtw_mass'),
  fallback='Alignment runs in pure JAX instead, several times slower.',
  batched=('sportjax_soft_dtw', 'sportjax_soft_dtw_mass'),
)
