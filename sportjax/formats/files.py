"""Text and JSON files of other people, plain or gzipped: what cannot be read is one clear line."""

from __future__ import annotations

import gzip
import json
import pathlib
import zlib
from typing import Any

from sportjax.errors import InputError

_GZIP_MAGIC = b'\x1f\x8b'


def read_bytes(path: pathlib.Path) -> bytes:
  """The file's bytes, unzipped where it is gzipped.

  Raises:
    InputError: the file is absent, unreadable, empty or a damaged gzip.
  """
  try:
    raw = path.read_bytes()
    content = gzip.decompress(raw) if raw.startswith(_GZIP_MAGIC) else raw
  except (EOFError, zlib.error, gzip.BadGzipFile) as error:
    raise InputError(f'{path}: damaged gzip ({error}); export or copy the file again') from error
  except OSError as error:
    raise InputError(f'{path}: cannot be read ({error.strerror}); check the path') from error
  if not content.strip():
    raise InputError(f'{path}: the file is empty; export it again')
  return content


def read_text(path: pathlib.Path) -> str:
  """The file as UTF-8 text, a byte order mark dropped. Raises InputError as `read_bytes`, and for other encodings."""
  try:
    return read_bytes(path).decode('utf-8-sig')
  except UnicodeDecodeError as error:
    raise InputError(f'{path}: not UTF-8 text (byte {error.start}); convert or export it again') from error


def read_json(path: pathlib.Path) -> Any:
  """The file's JSON value. Raises InputError as `read_text`, and where the JSON is cut short or malformed."""
  try:
    return json.loads(read_text(path))
  except json.JSONDecodeError as error:
    raise InputError(
      f'{path}: not valid JSON at line {error.lineno}, column {error.colno} ({error.msg}); '
      'the file may be cut short: export it again'
    ) from error
  except RecursionError as error:
    raise InputError(f'{path}: JSON nested too deeply; export it again') from error


def write_json(path: pathlib.Path, value: Any) -> None:
  """Writes JSON, gzipped where the name ends in .gz. Raises ValueError for NaN, which JSON has no word for."""
  text = json.dumps(value, allow_nan=False, separators=(',', ':'))
  write_text(path, text)


def write_text(path: pathlib.Path, text: str) -> None:
  """Writes UTF-8 text, gzipped where the name ends in .gz; the same text gives the same bytes."""
  data = text.encode()
  path.parent.mkdir(parents=True, exist_ok=True)
  path.write_bytes(gzip.compress(data, mtime=0) if path.suffix == '.gz' else data)
