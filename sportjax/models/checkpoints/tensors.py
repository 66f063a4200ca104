"""Files of tensors, by name and read only where indexed: safetensors, whole or in shards, and torch's own."""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import numpy as np
import safetensors

from sportjax.errors import InputError
from sportjax.formats import files, torch_file

Index = tuple[slice, ...]
# The names Hugging Face gives to weights, in order of preference; the second of each is the index of a sharded form.
_NAMES = (
  ('model.safetensors', 'model.safetensors.index.json'),
  ('pytorch_model.bin', 'pytorch_model.bin.index.json'),
)


class Tensors(Protocol):
  """Tensors of a checkpoint."""

  @property
  def path(self) -> pathlib.Path: ...
  @property
  def shapes(self) -> Mapping[str, tuple[int, ...]]: ...
  def read(self, name: str, index: Index | None = None) -> np.ndarray:
    """A tensor, or its part at `index`."""
    ...


def open_tensors(path: pathlib.Path, key: tuple[str, ...] = ()) -> Tensors:
  """The tensors of a file, or of a Hugging Face folder.

  Args:
    path: a .safetensors, .bin, .pt or .pth file, or a folder with `model.safetensors` or `pytorch_model.bin`, either
      whole or in shards with an index.
    key: where in a torch file the weights lie, such as ('state_dict',).

  Raises:
    InputError: there are none, or they are damaged or incomplete.
  """
  path = pathlib.Path(path)
  if not path.is_dir():
    return _open_file(path, key)
  for name, index_name in _NAMES:
    if (path / name).is_file():
      return _open_file(path / name, key)
    if (path / index_name).is_file():
      return _Shards(path / index_name, lambda file: _open_file(file, key))
  wanted = ', '.join(name for pair in _NAMES for name in pair)
  raise InputError(f'{path}: holds no weights; expected one of {wanted}')


def _open_file(path: pathlib.Path, key: tuple[str, ...]) -> Tensors:
  if not path.is_file():
    raise InputError(f'{path}: there is no such file; check the path, or that the download is complete')
  if path.suffix == '.safetensors':
    return _Safetensors(path)
  if path.suffix in ('.bin', '.pt', '.pth'):
    return _Torch(path, key)
  raise InputError(f'{path}: unknown kind of weights; give a .safetensors, .bin, .pt or .pth file, or a folder')


@dataclasses.dataclass(frozen=True)
class Arrays:
  """Tensors that are in memory; `path` is where they are from."""

  path: pathlib.Path
  tensors: Mapping[str, np.ndarray]

  @property
  def shapes(self) -> Mapping[str, tuple[int, ...]]:
    return {name: x.shape for name, x in self.tensors.items()}

  def read(self, name: str, index: Index | None = None) -> np.ndarray:
    return self.tensors[name][index or ()]


class _Safetensors:
  def __init__(self, path: pathlib.Path):
    self.path = path
    try:
      self._file: Any = safetensors.safe_open(path, 'numpy')
      self._slices = {name: self._file.get_slice(name) for name in self._file.keys()}  # noqa: SIM118 (no dict)
      self.shapes = {name: tuple(part.get_shape()) for name, part in self._slices.items()}
    except (OSError, safetensors.SafetensorError) as error:
      raise InputError(f'{path}: not a readable safetensors file ({error}); download or save it again') from error

  def read(self, name: str, index: Index | None = None) -> np.ndarray:
    try:
      return self._file.get_tensor(name) if not index else self._slices[name][index]
    except (TypeError, AttributeError, safetensors.SafetensorError) as error:  # NumPy has no such dtype
      kind = self._slices[name].get_dtype()
      raise InputError(f'{self.path}: {name} of dtype {kind} cannot be read ({error}); convert it to bf16') from error


class _Torch:
  def __init__(self, path: pathlib.Path, key: tuple[str, ...]):
    self.path = path
    self._tensors = torch_file.read_state_dict(path, key)
    self.shapes = {name: tensor.shape for name, tensor in self._tensors.items()}

  def read(self, name: str, index: Index | None = None) -> np.ndarray:
    return self._tensors[name].map()[index or ()]


class _Shards:
  """The files that an index names, as one."""

  def __init__(self, path: pathlib.Path, open_file: Callable[[pathlib.Path], Tensors]):
    self.path = path
    content = files.read_json(path)
    names = content.get('weight_map') if isinstance(content, dict) else None
    if not isinstance(names, dict) or not names:
      raise InputError(f'{path}: has no weight_map; download it again')
    # Only plain names: an index must not lead out of its folder.
    if odd := sorted(file for file in set(names.values()) if pathlib.PurePath(file).name != file):
      raise InputError(f'{path}: names {odd[0]!r}, which is not a file of its folder')
    opened = {file: open_file(path.parent / file) for file in sorted(set(names.values()))}
    self._files = {name: opened[file] for name, file in names.items()}
    for name, file in self._files.items():
      if name not in file.shapes:
        raise InputError(f'{file.path}: lacks tensor {name}, which {path.name} puts there; download it again')
    extra = sorted({name for file in opened.values() for name in file.shapes} - names.keys())
    if extra:
      raise InputError(f'{path}: does not list tensor {extra[0]}, which is in its files; download it again')
    self.shapes = {name: file.shapes[name] for name, file in self._files.items()}

  def read(self, name: str, index: Index | None = None) -> np.ndarray:
    return self._files[name].read(name, index)
