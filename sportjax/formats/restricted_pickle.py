"""The project's one unpickler: arrays, NumPy scalars and builtin containers, and nothing that runs code."""

from __future__ import annotations

import collections
import io
import pathlib
import pickle
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from sportjax.errors import InputError
from sportjax.formats import files

_REBUILD_ARRAY = np.zeros(1).__reduce__()[0]
_REBUILD_ARRAY_5 = np.zeros(1).__reduce_ex__(5)[0]
_REBUILD_SCALAR = np.float64(0).__reduce__()[0]

# NumPy 2 renamed numpy.core; pickles of both kinds are about.
_ALLOWED: dict[tuple[str, str], Any] = {
  ('numpy', 'ndarray'): np.ndarray,
  ('numpy', 'dtype'): np.dtype,
  ('collections', 'OrderedDict'): collections.OrderedDict,
  ('builtins', 'bytes'): bytes,
  ('builtins', 'set'): set,
  ('builtins', 'frozenset'): frozenset,
  ('builtins', 'complex'): complex,
  ('builtins', 'bytearray'): bytearray,
} | {
  (f'numpy.{core}.{module}', name): function
  for core in ('core', '_core')
  for module, name, function in (
    ('multiarray', '_reconstruct', _REBUILD_ARRAY),
    ('multiarray', 'scalar', _REBUILD_SCALAR),
    ('numeric', '_frombuffer', _REBUILD_ARRAY_5),
  )
}

# What a damaged pickle is known to raise; the unpickler promises no one exception.
_DAMAGED = (
  pickle.UnpicklingError, EOFError, ValueError, TypeError, AttributeError, IndexError, KeyError, OverflowError,
  MemoryError, RecursionError, ImportError, SystemError, AssertionError, NotImplementedError,
)  # fmt: skip


def read_pickle(path: pathlib.Path) -> Any:
  """The value of a pickle, gzipped or not.

  Raises:
    InputError: the pickle names a global that is not in the list of the allowed, or is damaged.
  """
  return loads(files.read_bytes(path), path)


def loads(
  content: bytes,
  path: pathlib.Path,
  *,
  allowed: Mapping[tuple[str, str], Any] = MappingProxyType({}),
  persistent: Callable[[Any], Any] | None = None,
) -> Any:
  """The value of a pickle's bytes, read from `path`; a file format may allow more globals, and say what ids stand for.

  Raises:
    InputError: as `read_pickle`.
  """
  try:
    return _Unpickler(content, allowed, persistent).load()
  except _ForbiddenGlobalError as error:
    raise InputError(
      f'{path}: the pickle asks for {error}, which may run code; save it again with arrays, numbers, strings, '
      'lists and dicts only'
    ) from error
  except _DAMAGED as error:
    raise InputError(
      f'{path}: not a readable pickle ({type(error).__name__}: {error}); save or copy it again'
    ) from error


class _ForbiddenGlobalError(Exception):
  """A global outside the list; its message is the global's name."""


class _Unpickler(pickle.Unpickler):
  def __init__(self, content: bytes, allowed: Mapping[tuple[str, str], Any], persistent: Callable[[Any], Any] | None):
    super().__init__(io.BytesIO(content))
    self._allowed = {**_ALLOWED, **allowed}
    self._persistent = persistent

  def persistent_load(self, pid: Any) -> Any:
    if self._persistent is None:
      raise pickle.UnpicklingError('it refers to objects outside itself')
    return self._persistent(pid)

  def find_class(self, module: str, name: str) -> Any:
    if (module, name) == ('_codecs', 'encode'):  # how protocols 0 to 2 spell bytes
      return lambda text, encoding: text.encode(_only_latin1(encoding))
    module = 'builtins' if module == '__builtin__' else module  # Python 2's name, also in protocols 0 to 2
    if (module, name) not in self._allowed:
      raise _ForbiddenGlobalError(f'{module}.{name}')
    return self._allowed[module, name]


def _only_latin1(encoding: str) -> str:
  if encoding != 'latin1':
    raise _ForbiddenGlobalError(f'_codecs.encode to {encoding}')
  return encoding
