"""What config files share: reading their argument, and the debug form that every config has."""

from __future__ import annotations

from typing import Any

from ml_collections import config_dict


def parse_arg(arg: str | None, **defaults: Any) -> config_dict.ConfigDict:
  """Reads `--config=path:name=value,flag`, typed by the defaults; an unknown name is an error.

  An argument chooses structure only; numbers are set by `--config.name=value`.
  """
  values = dict(defaults)
  for part in filter(None, (arg or '').split(',')):
    name, _, text = part.partition('=')
    if name not in defaults:
      raise ValueError(f'config argument {name!r} is unknown; known: {", ".join(defaults)}')
    values[name] = _typed(name, text, defaults[name])
  return config_dict.ConfigDict(values)


def _typed(name: str, text: str, default: Any) -> Any:
  if isinstance(default, bool):
    if text not in ('', 'true', 'false'):
      raise ValueError(f'config argument {name}={text!r}: must be true or false')
    return text != 'false'
  try:
    return type(default)(text)
  except ValueError as error:
    raise ValueError(f'config argument {name}={text!r}: must be a {type(default).__name__}') from error
