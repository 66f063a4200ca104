"""torch's checkpoint files (.pt, .pth, pytorch_model.bin) without torch: names, shapes, and arrays on demand."""

from __future__ import annotations

import dataclasses
import math
import pathlib
import struct
import zipfile
from collections.abc import Mapping
from typing import Any

import ml_dtypes
import numpy as np

from sportjax.errors import InputError
from sportjax.formats import restricted_pickle

_STORAGES = {
  'DoubleStorage': np.float64,
  'FloatStorage': np.float32,
  'HalfStorage': np.float16,
  'BFloat16Storage': ml_dtypes.bfloat16,
  'LongStorage': np.int64,
  'IntStorage': np.int32,
  'ShortStorage': np.int16,
  'CharStorage': np.int8,
  'ByteStorage': np.uint8,
  'BoolStorage': np.bool_,
}
_ZIP_LOCAL_HEADER = struct.Struct('<26xHH')  # lengths of name and extra field, which stand before the member's bytes


@dataclasses.dataclass(frozen=True)
class _Storage:
  dtype: np.dtype
  member: str
  items: int


@dataclasses.dataclass(frozen=True)
class TorchTensor:
  """One tensor of a file, not read yet."""

  path: pathlib.Path
  offset_bytes: int
  dtype: np.dtype
  shape: tuple[int, ...]
  strides_bytes: tuple[int, ...]
  storage_bytes: int

  def map(self) -> np.ndarray:
    """The tensor as a read-only view of the file: what is indexed is what is read."""
    if not math.prod(self.shape):
      return np.zeros(self.shape, self.dtype)
    raw = np.memmap(self.path, np.uint8, 'r', self.offset_bytes, (self.storage_bytes,))
    return np.ndarray(self.shape, self.dtype, raw, strides=self.strides_bytes)


def read_state_dict(path: pathlib.Path, key: tuple[str, ...] = ()) -> dict[str, TorchTensor]:
  """The tensors of a state dict by name.

  Args:
    path: a file that `torch.save` wrote, in its zip format (torch 1.6 or later).
    key: where in the file the state dict lies, such as ('state_dict',) or ('model', 'encoder'); () for the file itself.

  Raises:
    InputError: not such a file, damaged, its pickle asks for what may run code, or no state dict lies at `key`.
  """
  value = _read(path)
  for i, name in enumerate(key):
    if not isinstance(value, Mapping) or name not in value:
      found = ', '.join(map(str, list(value)[:8])) if isinstance(value, Mapping) else type(value).__name__
      raise InputError(
        f'{path}: there is no {".".join(key[: i + 1])!r} (found: {found}); name the entry with the weights'
      )
    value = value[name]
  if not isinstance(value, Mapping):
    raise InputError(f'{path}: holds a {type(value).__name__}, not a state dict; save model.state_dict()')
  others = [str(name) for name, entry in value.items() if not isinstance(entry, TorchTensor)]
  if others or not value:
    names = ', '.join(others[:8]) or 'nothing'
    raise InputError(f'{path}: not a state dict, as it holds {names} beside tensors; name the entry with the weights')
  return dict(value)


def _read(path: pathlib.Path) -> Any:
  try:
    with zipfile.ZipFile(path) as archive:
      members = {info.filename: info for info in archive.infolist()}
      pickles = [name for name in members if name.endswith('/data.pkl')]
      if len(pickles) != 1:
        raise InputError(f"{path}: a zip file without torch's data.pkl; save it again with torch.save")
      prefix = pickles[0].removesuffix('data.pkl')
      if (order := prefix + 'byteorder') in members and archive.read(order) != b'little':
        raise InputError(f'{path}: written on a big-endian machine; save it again on another')
      content = archive.read(pickles[0])
  except OSError as error:
    raise InputError(f'{path}: cannot be read ({error.strerror}); check the path') from error
  except (zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
    raise InputError(
      f'{path}: not a file of torch.save in its zip format ({error}); load it with torch 1.6 or later and save it again'
    ) from error
  return restricted_pickle.loads(
    content,
    path,
    allowed=_globals(path, prefix, members),
    persistent=lambda pid: _storage(pid, path),
  )


def _globals(path: pathlib.Path, prefix: str, members: Mapping[str, zipfile.ZipInfo]) -> dict[tuple[str, str], Any]:
  def rebuild(storage: _Storage, offset, shape, strides, requires_grad=False, hooks=None, metadata=None) -> TorchTensor:
    del requires_grad, hooks, metadata
    return _tensor(path, members, prefix + 'data/', storage, offset, shape, strides)

  def rebuild_parameter(tensor: TorchTensor, requires_grad=False, hooks=None) -> TorchTensor:
    del requires_grad, hooks
    return tensor

  names: dict[tuple[str, str], Any] = {('torch', name): np.dtype(dtype) for name, dtype in _STORAGES.items()}
  names['torch._utils', '_rebuild_tensor_v2'] = rebuild
  names['torch._utils', '_rebuild_parameter'] = rebuild_parameter
  names['torch', 'Size'] = tuple
  return names


def _storage(pid: Any, path: pathlib.Path) -> _Storage:
  if not (isinstance(pid, tuple) and len(pid) == 5 and pid[0] == 'storage' and isinstance(pid[1], np.dtype)):
    raise InputError(f'{path}: the checkpoint refers to {str(pid)[:80]}, which is no tensor; save a plain state dict')
  return _Storage(pid[1], str(pid[2]), int(pid[4]))


def _tensor(path, members, folder: str, storage: _Storage, offset: int, shape, strides) -> TorchTensor:
  info = members.get(folder + storage.member)
  if info is None or info.compress_type != zipfile.ZIP_STORED:
    raise InputError(f'{path}: tensor data {storage.member} is missing or compressed; copy or save the file again')
  shape, strides = tuple(map(int, shape)), tuple(map(int, strides))
  last = offset + sum((size - 1) * stride for size, stride in zip(shape, strides, strict=True))
  item = storage.dtype.itemsize
  inside = min((offset, *shape, *strides)) >= 0 and (not math.prod(shape) or (last + 1) * item <= info.file_size)
  if not inside:  # a view beyond its storage would read other bytes of the file
    raise InputError(f'{path}: a tensor of shape {shape} reaches beyond its data; copy or save the file again')
  start = _start(path, info) + offset * item
  return TorchTensor(
    path, start, storage.dtype, shape, tuple(s * item for s in strides), info.file_size - offset * item
  )


def _start(path: pathlib.Path, info: zipfile.ZipInfo) -> int:
  with path.open('rb') as file:
    file.seek(info.header_offset)
    name, extra = _ZIP_LOCAL_HEADER.unpack(file.read(_ZIP_LOCAL_HEADER.size))
  return info.header_offset + _ZIP_LOCAL_HEADER.size + name + extra
