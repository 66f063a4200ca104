"""Hugging Face's config.json of a language model, in the forms that transformers 4 and 5 write, to ours.

What a config says and this does not know how to honour is an error, as the weights would load and be silently wrong.
"""

from __future__ import annotations

import pathlib
from collections.abc import Mapping
from typing import Any

from sportjax.errors import InputError
from sportjax.formats import files
from sportjax.models.lm.config import Family, LMConfig, every
from sportjax.nn.rotary import Rope
from sportjax.typing import JSON

_ACTIVATIONS = {'silu': 'silu', 'gelu_pytorch_tanh': 'gelu_tanh'}
# Settings that change the numbers, with the values that leave them as they are.
_UNSUPPORTED: Mapping[str, tuple[Any, ...]] = {
  'quantization_config': (None,),
  'partial_rotary_factor': (None, 1.0),
  'use_bidirectional_attention': (None, False),
  'no_rope_layers': (None, []),
}
_ROPE_KEYS = {
  'rope_type', 'type', 'rope_theta', 'factor', 'low_freq_factor', 'high_freq_factor', 'partial_rotary_factor',
  'original_max_position_embeddings',
}  # fmt: skip
# What transformers takes where a config does not say.
_DEFAULT_HEAD_DIM = {'qwen3': 128, 'gemma2': 256, 'gemma3_text': 256}
_DEFAULT_THETA = {'llama': 10_000.0, 'qwen2': 10_000.0, 'qwen3': 10_000.0, 'gemma2': 10_000.0, 'gemma3_text': 1e6}


def read_config(path: pathlib.Path) -> LMConfig:
  """The config of a checkpoint's folder.

  Raises:
    InputError: it is unreadable, of an unsupported model, or incomplete; the line names the setting.
  """
  path = path / 'config.json' if path.is_dir() else path
  content = files.read_json(path)
  if not isinstance(content, dict):
    raise InputError(f'{path}: not a config of a model')
  try:
    return parse_config(content)
  except InputError as error:
    raise InputError(f'{path}: {error}') from error


def parse_config(content: JSON) -> LMConfig:
  """The config in a JSON value. Raises InputError as `read_config`."""
  family = content.get('model_type')
  if family not in _DEFAULT_THETA:
    raise InputError(f'model_type {family!r} is not supported; known: {", ".join(_DEFAULT_THETA)}')
  for key, allowed in _UNSUPPORTED.items():
    if content.get(key) not in allowed:
      raise InputError(f'{key}={content[key]!r} is not supported')
  heads, width, layers = (_int(content, key) for key in ('num_attention_heads', 'hidden_size', 'num_hidden_layers'))
  activation = content.get('hidden_activation') or content.get('hidden_act') or 'silu'
  if activation not in _ACTIVATIONS:
    raise InputError(f'activation {activation!r} is not supported; known: {", ".join(_ACTIVATIONS)}')
  gemma = family in ('gemma2', 'gemma3_text')
  rope, local_rope = _ropes(content, family)
  return LMConfig(
    family=family,
    vocab=_int(content, 'vocab_size'),
    width=width,
    layers=layers,
    heads=heads,
    kv_heads=content.get('num_key_value_heads') or heads,
    head_dim=content.get('head_dim') or _DEFAULT_HEAD_DIM.get(family, width // heads),
    mlp_width=_int(content, 'intermediate_size'),
    norm_epsilon=_number(content, 'rms_norm_eps'),
    rope=rope,
    local_rope=local_rope,
    windows=_windows(content, family, layers),
    activation=_ACTIVATIONS[activation],
    qkv_bias=family == 'qwen2' or bool(content.get('attention_bias')),
    out_bias=family != 'qwen2' and bool(content.get('attention_bias')),
    mlp_bias=bool(content.get('mlp_bias')),
    qk_norm=family in ('qwen3', 'gemma3_text'),
    gemma_norms=gemma,
    scale_embeddings=gemma,
    query_scale=_number(content, 'query_pre_attn_scalar') ** -0.5 if gemma else None,
    attention_softcap=content.get('attn_logit_softcapping') if gemma else None,
    logit_softcap=content.get('final_logit_softcapping') if gemma else None,
    tied=bool(content.get('tie_word_embeddings', gemma)),
  )


def _int(content: JSON, key: str) -> int:
  value = content.get(key)
  if not isinstance(value, int) or isinstance(value, bool):
    raise InputError(f'{key}={value!r}: a whole number is needed')
  return value


def _number(content: JSON, key: str) -> float:
  value = content.get(key)
  if not isinstance(value, (int, float)) or isinstance(value, bool):
    raise InputError(f'{key}={value!r}: a number is needed')
  return float(value)


def _ropes(content: JSON, family: Family) -> tuple[Rope, Rope | None]:
  """The rotation of all layers, or of those without a window and those with one."""
  given = content.get('rope_parameters')
  if isinstance(given, dict) and any(isinstance(part, dict) for part in given.values()):
    if odd := sorted(given.keys() - {'full_attention', 'sliding_attention'}):
      raise InputError(f'rope_parameters for layers of type {odd[0]!r} are not supported')
    full, local = (_rope(given.get(kind) or {}, None) for kind in ('full_attention', 'sliding_attention'))
    return full, local
  theta = content.get('rope_theta')
  rope = _rope(given or content.get('rope_scaling') or {}, _DEFAULT_THETA[family] if theta is None else theta)
  if family != 'gemma3_text':
    return rope, None
  return rope, Rope(float(content.get('rope_local_base_freq') or 10_000.0))


def _rope(given: JSON, theta: float | None) -> Rope:
  kind = given.get('rope_type', given.get('type', 'default'))
  if kind not in ('default', 'linear', 'llama3'):
    raise InputError(f'rope type {kind!r} is not supported; known: default, linear, llama3')
  if odd := sorted(given.keys() - _ROPE_KEYS):
    raise InputError(f'rope setting {odd[0]!r} is not supported')
  if given.get('partial_rotary_factor', 1.0) != 1.0:
    raise InputError(f'partial_rotary_factor={given["partial_rotary_factor"]!r} is not supported')
  theta = given.get('rope_theta', theta)
  if theta is None:
    raise InputError('rope_theta is missing')
  if kind == 'default':
    return Rope(float(theta))
  if kind == 'linear':
    return Rope(float(theta), 'linear', _number(given, 'factor'))
  low, high = _number(given, 'low_freq_factor'), _number(given, 'high_freq_factor')
  return Rope(
    float(theta), 'llama3', _number(given, 'factor'), low, high, _int(given, 'original_max_position_embeddings')
  )


def _windows(content: JSON, family: Family, layers: int) -> tuple[int | None, ...]:
  """A window for each layer, () if none has one."""
  window = content.get('sliding_window')
  if family == 'llama' or (family.startswith('qwen') and not content.get('use_sliding_window')) or window is None:
    return ()
  types = content.get('layer_types')
  if types is None:
    return _windows_v4(content, family, layers, window)
  if odd := sorted(set(types) - {'full_attention', 'sliding_attention'}):
    raise InputError(f'layer type {odd[0]!r} is not supported')
  return tuple(window if kind == 'sliding_attention' else None for kind in types)


def _windows_v4(content: JSON, family: Family, layers: int, window: int) -> tuple[int | None, ...]:
  if family.startswith('qwen'):
    first = content.get('max_window_layers', 28)
    return tuple(window if i >= first else None for i in range(layers))
  period = 2 if family == 'gemma2' else content.get('sliding_window_pattern') or 6
  return every(period, layers, window)
