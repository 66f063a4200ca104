"""HTTP byte ranges: which part of a file a browser asks for."""

from __future__ import annotations

import dataclasses
import re

# Of the forms 'bytes=0-499', 'bytes=500-' and 'bytes=-500'; several ranges in one header are answered by the whole
# file, which the standard allows.
_FORM = re.compile(r'bytes=([0-9]{0,18})-([0-9]{0,18})')


@dataclasses.dataclass(frozen=True)
class ByteRange:
  """Bytes start..stop-1."""

  start: int
  stop: int


class UnsatisfiableError(ValueError):
  """A range that begins past the end of the file."""


def parse_range(header: str | None, size: int) -> ByteRange | None:
  """The part of a file of `size` bytes that a Range header asks for; None: the whole file.

  Raises: UnsatisfiableError where the file has no byte of it.

  Source: RFC 9110, sections 14.1.2 and 14.2: a malformed header is as none.
  """
  found = _FORM.fullmatch((header or '').strip())
  if found is None or found.groups() == ('', ''):
    return None
  first, last = found.groups()
  if not first:  # a suffix: the last bytes, however many there are
    start, stop = max(size - int(last), 0), size
  elif last and int(last) < int(first):
    return None
  else:
    start, stop = int(first), min(int(last) + 1, size) if last else size
  if start >= stop:
    raise UnsatisfiableError
  return ByteRange(start, stop)
