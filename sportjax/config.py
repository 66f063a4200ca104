"""From a ConfigDict that a user may override to the frozen dataclasses that code takes, checked on the way."""

from __future__ import annotations

import contextlib
import dataclasses
import difflib
import json
import math
import pathlib
import types
import typing
from collections.abc import Mapping
from typing import Any, TypeVar

from ml_collections import config_dict

from sportjax.errors import InputError

if typing.TYPE_CHECKING:
  from _typeshed import DataclassInstance

T = TypeVar('T', bound='DataclassInstance')


def to_dataclass(cls: type[T], config: Mapping[str, Any], flag: str = 'config') -> T:
  """Builds a (nested) frozen dataclass from a config, refusing what does not fit.

  Args:
    cls: the dataclass; its `__post_init__` may raise InputError for values out of range.
    config: ConfigDict or dict with its fields.
    flag: prefix that names a value in messages, as a user would type it.

  Raises:
    InputError: unknown key (with the nearest name), missing value (with the flag to set) or wrong type.
  """
  hints = typing.get_type_hints(cls)
  fields = {f.name: f for f in dataclasses.fields(cls)}
  for key in config:
    if key not in fields:
      raise InputError(f'--{flag}.{key}: no such setting{did_you_mean(key, fields)}')
  values = {}
  for name, field in fields.items():
    if name in config:
      values[name] = _convert(hints[name], config[name], f'{flag}.{name}')
    elif field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
      raise InputError(f'--{flag}.{name} is missing: set it')
  try:
    return cls(**values)
  except InputError as error:
    raise InputError(f'--{flag}: {error}') from error


def did_you_mean(name: str, known: typing.Iterable[str]) -> str:
  """'; did you mean x?' for the nearest known name, or the list of known names."""
  known = sorted(known)
  near = difflib.get_close_matches(name, known, 1)
  return f'; did you mean {near[0]}?' if near else f'; known: {", ".join(known)}'


def config_json(config: Mapping[str, Any] | config_dict.ConfigDict) -> str:
  """The resolved config as JSON, as it lands in the workdir and in checkpoints."""
  plain = config.to_dict() if isinstance(config, config_dict.ConfigDict) else dict(config)
  return json.dumps(plain, indent=1, sort_keys=True, default=str)


def _convert(hint: Any, value: Any, flag: str) -> Any:
  if isinstance(value, config_dict.FieldReference):
    value = value.get()
  if isinstance(value, config_dict.ConfigDict):
    value = value.to_dict()
  origin = typing.get_origin(hint)
  if origin in (types.UnionType, typing.Union):
    return _convert_union(typing.get_args(hint), value, flag)
  if value is None:
    raise InputError(f'--{flag} is missing: set it')
  if dataclasses.is_dataclass(hint) or origin is dict:
    if not isinstance(value, Mapping):
      raise InputError(f'--{flag}={value!r}: a group of settings is needed here, such as --{flag}.name=value')
    return dict(value) if origin is dict else to_dataclass(hint, value, flag)
  if origin is tuple:
    return _convert_tuple(hint, value, flag)
  if origin is typing.Literal:
    choices = typing.get_args(hint)
    if value not in choices:
      raise InputError(f'--{flag}={value!r}: must be one of {", ".join(map(str, choices))}')
    return value
  return _convert_scalar(hint, value, flag)


def _convert_union(options: tuple, value: Any, flag: str) -> Any:
  if value is None and type(None) in options:
    return None
  options = tuple(option for option in options if option is not type(None))
  if len(options) == 1:
    return _convert(options[0], value, flag)
  for option in options:
    with contextlib.suppress(InputError):
      return _convert(option, value, flag)
  raise InputError(_wrong_type(flag, value, ' or '.join(option.__name__ for option in options)))


def _convert_tuple(hint: Any, value: Any, flag: str) -> tuple:
  if isinstance(value, str) or not isinstance(value, (list, tuple)):
    raise InputError(f'--{flag}={value!r}: must be a list, such as (1,2)')
  items = typing.get_args(hint)
  if items[-1] is Ellipsis:
    items = items[:1] * len(value)
  if len(value) != len(items):
    raise InputError(f'--{flag}={value!r}: must be a list of {len(items)}')
  return tuple(_convert(item, v, flag) for item, v in zip(items, value, strict=True))


def _convert_scalar(hint: Any, value: Any, flag: str) -> Any:
  if hint is Any:
    return value
  if hint is pathlib.Path and isinstance(value, (str, pathlib.Path)):
    return pathlib.Path(value).expanduser()
  accepted = (int, float) if hint is float else hint
  if not isinstance(value, accepted) or (isinstance(value, bool) and hint is not bool):
    raise InputError(_wrong_type(flag, value, hint.__name__))
  if hint is float and not math.isfinite(value):
    raise InputError(f'--{flag}={value!r}: must be a finite number')
  return float(value) if hint is float else value


def _wrong_type(flag: str, value: Any, wanted: str) -> str:
  return f'--{flag}={value!r}: must be of type {wanted}, not {type(value).__name__}'
