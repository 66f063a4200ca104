"""The convolution kernels for CPUs."""

from __future__ import annotations

import pathlib

from sportjax.native import build

KERNELS = build.Kernels(
  name='convolution',
  folder=pathlib.Path(__file__).parent,
  targets=('sportjax_conv', 'sportjax_conv_input_gradient', 'sportjax_conv_kernel_gradient'),
  fallback="Convolutions are XLA's instead, and a training step takes longer.",
)
