"""Results of a long search on disk, part by part, so that a search that was killed goes on where it stood."""

from __future__ import annotations

import json
import os
import pathlib

import numpy as np

from sportjax.errors import InputError

_VERSION = 1


class Parts:
  """A folder of parts of one search, shared by all processes that work on it."""

  def __init__(self, folder: pathlib.Path, key: str, count: int):
    """Opens or makes the folder. Raises InputError where it holds the parts of another search."""
    self._folder, self.count = folder, count
    folder.mkdir(parents=True, exist_ok=True)
    record = {'version': _VERSION, 'search': key, 'parts': count}
    header = folder / 'search.json'
    if not header.exists():
      _replace(header, lambda path: path.write_text(json.dumps(record)))
    if json.loads(header.read_text()) != record:
      raise InputError(f'{folder}: holds the results of another search (see search.json); give an empty folder')

  def missing(self) -> list[int]:
    """Parts not yet done, by any process."""
    return [i for i in range(self.count) if not self._path(i).exists()]

  def save(self, part: int, **arrays: np.ndarray) -> None:
    """Writes one part; it is there whole or not at all."""

    def write(path: pathlib.Path) -> None:
      with path.open('wb') as file:
        np.savez(file, allow_pickle=False, **arrays)

    _replace(self._path(part), write)

  def load(self, part: int) -> dict[str, np.ndarray]:
    """One finished part."""
    with np.load(self._path(part), allow_pickle=False) as stored:
      return dict(stored)

  def _path(self, part: int) -> pathlib.Path:
    return self._folder / f'part-{part:05d}.npz'


def _replace(path: pathlib.Path, write) -> None:
  temporary = path.with_name(f'{path.name}.{os.getpid()}.tmp')  # two processes may write the header at once
  write(temporary)
  os.replace(temporary, path)
