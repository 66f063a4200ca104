"""Hugging Face's config.json as the towers need it: checked, with the defaults that its files leave out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sportjax.errors import InputError
from sportjax.nn.vit import TransformerConfig
from sportjax.typing import JSON

# Their names of activations; 'gelu_new' and 'gelu_pytorch_tanh' are the same function.
_ACTIVATIONS = {
  'gelu': 'gelu', 'gelu_new': 'gelu_tanh', 'gelu_pytorch_tanh': 'gelu_tanh', 'quick_gelu': 'quick_gelu',
  'relu': 'relu', 'silu': 'silu', 'swish': 'silu',
}  # fmt: skip

# Of video and image towers in general.
VIT_DEFAULTS = {
  'hidden_size': 768, 'num_hidden_layers': 12, 'num_attention_heads': 12, 'intermediate_size': 3072,
  'hidden_act': 'gelu', 'layer_norm_eps': 1e-12, 'image_size': 224, 'patch_size': 16,
}  # fmt: skip


def check_type(raw: JSON, *known: str) -> None:
  """Whether a config is of a model type that the family reads.

  Raises:
    InputError: it is of another.
  """
  if raw.get('model_type') not in known:
    raise InputError(f'config.json: model_type is {raw.get("model_type")!r}, expected {" or ".join(known)}')


def values(raw: JSON, defaults: Mapping[str, Any], fixed: Mapping[str, Any] | None = None) -> dict[str, Any]:
  """The entries named in `defaults`, which stand in where the file leaves them out.

  Raises:
    InputError: an entry of `fixed` has another value than the one our model is built for.
  """
  for name, value in (fixed or {}).items():
    if raw.get(name, value) != value:
      raise InputError(f'config.json: {name} is {raw[name]!r}; only {value!r} is supported')
  return {name: raw.get(name, default) for name, default in defaults.items()}


def activation(name: str) -> str:
  """Our name of an activation.

  Raises:
    InputError: we have none of that name.
  """
  if name not in _ACTIVATIONS:
    raise InputError(f'config.json: activation {name!r} is not supported; known are {", ".join(_ACTIVATIONS)}')
  return _ACTIVATIONS[name]


def section(raw: JSON, name: str) -> JSON:
  """A part of a config, {} where it is left out or null."""
  found = raw.get(name)
  if found is not None and not isinstance(found, dict):
    raise InputError(f'config.json: {name} is {found!r}, expected an object')
  return found or {}


def transformer(raw: JSON) -> TransformerConfig:
  """The stack of a config with Hugging Face's usual names, its defaults filled in."""
  return TransformerConfig(
    raw['hidden_size'],
    raw['num_hidden_layers'],
    raw['num_attention_heads'],
    raw['intermediate_size'],
    activation=activation(raw['hidden_act']),
    epsilon=raw['layer_norm_eps'],
  )
