"""LoRA adapters in PEFT's format: adapter_config.json and adapter_model.safetensors, in and out."""

from __future__ import annotations

import pathlib
from collections.abc import Mapping
from typing import Any

import jax.numpy as jnp
import numpy as np
import safetensors.numpy
from flax import nnx

from sportjax.errors import InputError
from sportjax.formats import files
from sportjax.models.checkpoints.name_map import check_names, jobs
from sportjax.models.checkpoints.tensors import open_tensors
from sportjax.models.lm.load import LINEARS, name_map
from sportjax.models.lm.model import LanguageModel
from sportjax.nn.adapters import add_lora, lora_layers
from sportjax.nn.lora import LoRAConfig

_PREFIX = 'base_model.model.'
# Settings that change the numbers, with the values under which an adapter is what we compute.
_PLAIN: Mapping[str, tuple[Any, ...]] = {
  'peft_type': ('LORA',),
  'bias': ('none', None),
  'fan_in_fan_out': (False, None),
  'use_dora': (False, None),
  'use_rslora': (False, None),
  'lora_bias': (False, None),
  'modules_to_save': (None, []),
  'layers_to_transform': (None, []),
  'rank_pattern': (None, {}),
  'alpha_pattern': (None, {}),
  'trainable_token_indices': (None, []),
  'target_parameters': (None, []),
}


def _their_layers(model: LanguageModel, names: list[str]) -> dict[str, str]:
  """PEFT's name of each of our layers."""
  work = jobs(name_map(model.config), [f'{name}.kernel' for name in names])
  return {job.ours[0].removesuffix('.kernel'): _PREFIX + job.theirs[0].removesuffix('.weight') for job in work}


def save_adapter(path: pathlib.Path, model: LanguageModel, *, base: str = '') -> None:
  """Writes the model's low-rank updates as PEFT does; `base` is the name of the model that they belong to.

  Raises:
    InputError: the model has none.
  """
  layers = dict(lora_layers(model))
  if not layers:
    raise InputError(f'{path}: the model has no low-rank updates to save; add them first')
  theirs = _their_layers(model, list(layers))
  tensors = {}
  for name, layer in layers.items():
    tensors[f'{theirs[name]}.lora_A.weight'] = np.ascontiguousarray(np.asarray(layer.a[...]).T)
    tensors[f'{theirs[name]}.lora_B.weight'] = np.ascontiguousarray(np.asarray(layer.b[...]).T)
  config = next(iter(layers.values())).config
  settings = {key: values[0] for key, values in _PLAIN.items() if key not in ('rank_pattern', 'alpha_pattern')} | {
    'base_model_name_or_path': base,
    'r': config.r,
    'lora_alpha': config.alpha,
    'lora_dropout': config.dropout,
    'target_modules': sorted({name.rsplit('.', 1)[-1] for name in theirs.values()}),
    'task_type': 'CAUSAL_LM',
    'inference_mode': True,
    'rank_pattern': {},
    'alpha_pattern': {},
  }
  path.mkdir(parents=True, exist_ok=True)
  safetensors.numpy.save_file(tensors, path / 'adapter_model.safetensors', metadata={'format': 'pt'})
  files.write_json(path / 'adapter_config.json', settings)


def load_adapter(path: pathlib.Path, model: LanguageModel) -> None:
  """Freezes the model, in place, and gives it the low-rank updates of a folder.

  Raises:
    InputError: the adapter is of another kind, or does not fit the model.
  """
  settings = files.read_json(path / 'adapter_config.json')
  if not isinstance(settings, dict):
    raise InputError(f'{path / "adapter_config.json"}: not a config of an adapter')
  tensors = open_tensors(path / 'adapter_model.safetensors')
  add_lora(model, _lora_config(path / 'adapter_config.json', settings, model), rngs=nnx.Rngs(0))
  layers = dict(lora_layers(model))
  theirs = _their_layers(model, list(layers))
  wanted = {}
  for name, layer in layers.items():
    wanted |= {f'{theirs[name]}.lora_A.weight': layer.a, f'{theirs[name]}.lora_B.weight': layer.b}
  check_names(tensors.shapes, wanted, (), tensors.path)
  for name, variable in wanted.items():
    if tensors.shapes[name] != variable.get_value().shape[::-1]:
      shape = variable.get_value().shape[::-1]
      raise InputError(f'{tensors.path}: {name} has shape {tensors.shapes[name]}, but this model asks for {shape}')
    variable.set_value(jnp.asarray(tensors.read(name).astype(np.float32).T))


def _lora_config(path: pathlib.Path, settings: Mapping[str, Any], model: LanguageModel) -> LoRAConfig:
  for key, values in _PLAIN.items():
    if settings.get(key, values[-1]) not in values:
      raise InputError(f'{path}: {key}={settings[key]!r} is not supported')
  linears = [f'layers.0.{part}' for part in LINEARS.values()]
  ours = {theirs.rsplit('.', 1)[-1]: name.rsplit('.', 1)[-1] for name, theirs in _their_layers(model, linears).items()}
  targets = settings.get('target_modules')
  if not isinstance(targets, list) or not set(targets) <= ours.keys():
    raise InputError(f'{path}: target_modules={targets!r} is not supported; known: {", ".join(ours)}')
  try:
    return LoRAConfig(
      r=settings['r'],
      alpha=float(settings['lora_alpha']),
      dropout=float(settings.get('lora_dropout') or 0),
      targets=tuple(sorted(ours[target] for target in targets)),
    )
  except (KeyError, TypeError, ValueError) as error:
    raise InputError(f'{path}: r, lora_alpha or lora_dropout is missing or wrong ({error})') from error
