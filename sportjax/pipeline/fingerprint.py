"""Keys: short hashes of a stage's inputs, whatever they are made of."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import pathlib
from typing import Any

import numpy as np

from sportjax.errors import InputError

_WHOLE_BYTES = 32 << 20  # files up to this size are hashed whole, larger ones by size, head and tail


def key_of(inputs: Any) -> str:
  """Hash of JSON-like values, dataclasses, arrays, paths (by last name and content) and finished stages (by key).

  Raises:
    InputError: a path does not exist.
    TypeError: a value has no stable form.
  """
  return hashlib.sha256(json.dumps(describe(inputs), sort_keys=True).encode()).hexdigest()[:12]


def describe(value: Any) -> Any:
  """The JSON form of an input that `key_of` hashes and the stage's record shows."""
  if value is None or isinstance(value, (bool, int, float, str)):
    return value
  if isinstance(value, pathlib.Path):
    return {'path': value.name, 'content': fingerprint(value)}
  if hasattr(value, 'stage_key'):
    return {'stage': value.stage_key}
  if dataclasses.is_dataclass(value) and not isinstance(value, type):
    return {f.name: describe(getattr(value, f.name)) for f in dataclasses.fields(value)}
  if isinstance(value, dict):
    return {str(k): describe(v) for k, v in value.items()}
  if isinstance(value, (list, tuple)):
    return [describe(v) for v in value]
  if isinstance(value, np.ndarray):
    return {
      'array': hashlib.sha256(value.tobytes()).hexdigest()[:16],
      'shape': list(value.shape),
      'dtype': str(value.dtype),
    }
  raise TypeError(f'a stage input of type {type(value).__name__} has no stable key')


def fingerprint(path: pathlib.Path) -> str:
  """Hash of a file's content, or of a folder's files by relative name; of a large file only size, head and tail."""
  if path.is_dir():
    parts = [f'{p.relative_to(path)}={fingerprint(p)}' for p in sorted(path.rglob('*')) if p.is_file()]
    return hashlib.sha256('\n'.join(parts).encode()).hexdigest()[:16]
  if not path.is_file():
    raise InputError(f'{path}: no such file or folder')
  return _file_hash(path)


def _file_hash(path: pathlib.Path) -> str:
  size = path.stat().st_size
  digest = hashlib.sha256(str(size).encode())
  with path.open('rb') as file:
    if size <= _WHOLE_BYTES:
      digest.update(file.read())
    else:
      digest.update(file.read(1 << 20))
      file.seek(-(1 << 20), 2)
      digest.update(file.read())
  return digest.hexdigest()[:16]
