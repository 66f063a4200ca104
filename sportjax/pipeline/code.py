"""The version of the code behind a stage: a hash over every project file its function can reach by import."""

from __future__ import annotations

import ast
import functools
import hashlib
import importlib.util
import pathlib
from collections.abc import Callable

_PROJECT = ('sportjax', 'data_builders')


def code_version(function: Callable) -> str:
  """Hash of the function's module and all project modules it imports, directly or not, and of C++ sources beside them.

  In Python comments, docstrings and formatting do not count, so that rewording never repeats an hour of filming.
  """
  while isinstance(function, functools.partial):
    function = function.func
  digest = hashlib.sha256()
  for name, tree_hash in sorted(_closure(function.__module__).items()):
    digest.update(f'{name}={tree_hash};'.encode())
  return digest.hexdigest()[:16]


def _closure(module: str) -> dict[str, str]:
  """Module name -> hash of its syntax tree, for the module and all it imports within the project; C++ by its bytes."""
  hashes: dict[str, str] = {}
  pending = [module]
  while pending:
    name = pending.pop()
    path = _source(name)
    if name in hashes or path is None:
      continue
    hashes[name], imported = _parse(path, path.stat().st_mtime_ns)
    pending += imported
    package = name if path.name == '__init__.py' else name.rpartition('.')[0]
    hashes |= {f'{package}/{source.name}': _digest(source.read_bytes()) for source in _native_sources(path.parent)}
  return hashes


def _native_sources(folder: pathlib.Path) -> list[pathlib.Path]:
  return [path for path in folder.iterdir() if path.suffix in ('.cc', '.h')]


def _digest(code: bytes) -> str:
  return hashlib.sha256(code).hexdigest()[:16]


def _source(name: str) -> pathlib.Path | None:
  # `__main__` of a script under test has a spec of None; its own code is the caller's affair.
  if name == '__main__' or (spec := importlib.util.find_spec(name)) is None or spec.origin is None:
    return None
  return pathlib.Path(spec.origin)


@functools.cache
def _parse(path: pathlib.Path, mtime_ns: int) -> tuple[str, tuple[str, ...]]:
  del mtime_ns  # part of the cache's key only
  tree = ast.parse(path.read_text())
  imported = tuple(name for name in _imports(tree) if name.split('.')[0] in _PROJECT and _is_module(name))
  for node in ast.walk(tree):
    if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and ast.get_docstring(node, clean=False):
      node.body = node.body[1:]
  return _digest(ast.dump(tree).encode()), imported


def _imports(tree: ast.Module) -> set[str]:
  names = set()
  for node in ast.walk(tree):
    if isinstance(node, ast.Import):
      names |= {alias.name for alias in node.names}
    elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
      # `from package import name` may mean a module or an attribute; both are tried.
      names |= {node.module} | {f'{node.module}.{alias.name}' for alias in node.names}
  return names


@functools.cache
def _is_module(name: str) -> bool:
  try:
    return importlib.util.find_spec(name) is not None
  except ModuleNotFoundError:  # the parent is a module, not a package: `name` is one of its attributes
    return False
