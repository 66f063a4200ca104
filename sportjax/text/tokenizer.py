"""Tokenizers and chat templates of published language models, read from their folders."""

from __future__ import annotations

import dataclasses
import json
import pathlib
from collections.abc import Mapping, Sequence
from typing import Any

import jinja2
import numpy as np
import tokenizers
from jinja2 import ext, sandbox

from sportjax.errors import InputError
from sportjax.formats import files
from sportjax.typing import JSON, Int

Message = Mapping[str, Any]  # {'role': 'user', 'content': 'How do I throw further?'}


@dataclasses.dataclass(frozen=True)
class Tokenizer:
  """Text to tokens and back; `special` are the texts of the named special tokens, such as eos_token."""

  path: pathlib.Path
  model: tokenizers.Tokenizer
  special: Mapping[str, str]
  template: str | None
  stop_ids: tuple[int, ...]

  def encode(self, text: str, *, special: bool = True) -> Int[np.ndarray, 'l']:
    """Tokens of a text; with `special`, also those that the model wants around it. A chat's template has its own."""
    return np.array(self.model.encode(text, add_special_tokens=special).ids, np.int32)

  def decode(self, tokens: Sequence[int] | np.ndarray) -> str:
    """The text of tokens, without special tokens."""
    return self.model.decode([int(token) for token in tokens], skip_special_tokens=True)

  def chat(self, messages: Sequence[Message], *, answer: bool = True) -> str:
    """The messages in the model's own form; with `answer`, up to where the model is to speak.

    Raises:
      InputError: the model has no template, or the template refuses the messages.
    """
    if self.template is None:
      raise InputError(f'{self.path}: the tokenizer has no chat template; choose a model that was trained to chat')
    try:
      template = _environment().from_string(self.template)
      return template.render(messages=messages, add_generation_prompt=answer, raise_exception=_refuse, **self.special)
    except (jinja2.TemplateError, TypeError, ValueError) as error:
      raise InputError(f'{self.path}: the chat template refuses these messages ({error})') from error


def load_tokenizer(path: pathlib.Path) -> Tokenizer:
  """The tokenizer of a Hugging Face folder: tokenizer.json, and beside it its config, chat template and stop tokens.

  Raises:
    InputError: there is none, or it is damaged.
  """
  file = path / 'tokenizer.json'
  if not file.is_file():
    raise InputError(f'{file}: there is no such file; a model needs its tokenizer.json')
  content = files.read_text(file)
  try:
    model = tokenizers.Tokenizer.from_str(content)
  except Exception as error:  # the library raises nothing narrower
    raise InputError(f'{file}: not a tokenizer ({error}); download it again') from error
  config = _json(path / 'tokenizer_config.json')
  special = {name: _text(token) for name, token in config.items() if name.endswith('_token') and _text(token)}
  template = _template(path, config)
  return Tokenizer(path, model, special, template, _stop_ids(path, model, special))


def _json(path: pathlib.Path) -> JSON:
  content = files.read_json(path) if path.is_file() else {}
  if not isinstance(content, dict):
    raise InputError(f'{path}: not a group of settings; download it again')
  return content


def _text(token: Any) -> str:
  """A special token, which older files write with its settings."""
  token = token.get('content') if isinstance(token, dict) else token
  return token if isinstance(token, str) else ''


def _template(path: pathlib.Path, config: JSON) -> str | None:
  if (file := path / 'chat_template.jinja').is_file():
    return files.read_text(file)
  given = config.get('chat_template')
  if not isinstance(given, list):
    return given
  named = {entry['name']: entry['template'] for entry in given}
  if 'default' not in named:
    raise InputError(
      f'{path / "tokenizer_config.json"}: no chat template is called default (found: {", ".join(named)})'
    )
  return named['default']


def _stop_ids(path: pathlib.Path, model: tokenizers.Tokenizer, special: Mapping[str, str]) -> tuple[int, ...]:
  """The tokens that end an answer: those of the generation config, and the tokenizer's end of sequence."""
  given = _json(path / 'generation_config.json').get('eos_token_id')
  ids = [*(given if isinstance(given, list) else [given]), model.token_to_id(special.get('eos_token', ''))]
  return tuple(sorted({int(token) for token in ids if token is not None}))


def _environment() -> sandbox.ImmutableSandboxedEnvironment:
  """What chat templates expect to find. They are other people's programs, hence the sandbox."""
  environment = sandbox.ImmutableSandboxedEnvironment(
    trim_blocks=True, lstrip_blocks=True, extensions=[ext.loopcontrols]
  )
  environment.filters['tojson'] = _to_json  # jinja's own escapes what stands in HTML
  return environment


def _to_json(value: Any, indent: int | None = None) -> str:
  return json.dumps(value, ensure_ascii=False, indent=indent)


def _refuse(message: str) -> None:
  raise jinja2.TemplateError(message)
