"""Low-rank updates put into a model, found and merged.

Frozen weights are of type `Frozen`, not `nnx.Param`: what differentiates parameters leaves them be, and a checkpoint of
parameters alone is small.
"""

from __future__ import annotations

from collections.abc import Iterator

import jax.numpy as jnp
from flax import nnx

from sportjax.errors import InputError
from sportjax.nn.linear import Linear
from sportjax.nn.lora import LoRA, LoRAConfig


class Frozen(nnx.Variable):
  """A weight that training leaves as it is."""


def freeze(model: nnx.Module) -> None:
  """Turns every parameter of the model, in place, into a frozen weight."""
  for _, module in nnx.iter_modules(model):
    for name, variable in list(vars(module).items()):
      if isinstance(variable, nnx.Param):
        setattr(module, name, Frozen(variable.get_value(), **variable.get_metadata()))


def add_lora(model: nnx.Module, config: LoRAConfig, *, rngs: nnx.Rngs) -> None:
  """Freezes the model, in place, and gives each target a trainable update.

  Raises:
    InputError: a target names no linear layer, or one has an update already.
  """
  linears = [(path, m) for path, m in nnx.iter_modules(model) if isinstance(m, Linear)]
  known = {str(path[-1]) for path, _ in linears}
  if odd := sorted(set(config.targets) - known):
    raise InputError(f'LoRA target {odd[0]!r} names no layer; known: {", ".join(sorted(known))}')
  if any(True for _ in lora_layers(model)):
    raise InputError('the model has low-rank updates already: merge them first')
  freeze(model)
  for path, module in linears:
    if str(path[-1]) in config.targets:
      axes = module.kernel.get_metadata()['logical_axes']
      module.lora = LoRA(*module.kernel.get_value().shape, config, axes=axes, rngs=rngs)


def lora_layers(model: nnx.Module) -> Iterator[tuple[str, LoRA]]:
  """Each update with the name of its layer, e.g. 'layers.0.attention.query'."""
  for path, module in nnx.iter_modules(model):
    if isinstance(module, LoRA):
      yield '.'.join(map(str, path[:-1])), module


def merge(model: nnx.Module) -> None:
  """Adds each update to its kernel, in place, and takes it away; the sum is made in float32."""
  for _, module in nnx.iter_modules(model):
    if isinstance(module, Linear) and module.lora is not None:
      kernel = module.kernel[...]
      module.kernel[...] = (kernel.astype(jnp.float32) + module.lora.delta()).astype(kernel.dtype)
      module.lora = nnx.data(None)
