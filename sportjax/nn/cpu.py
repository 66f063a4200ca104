"""What the C library must know for XLA to be fast on a CPU."""

from __future__ import annotations

import ctypes
import sys

# glibc's malloc.h
_M_TRIM_THRESHOLD, _M_MMAP_MAX, _M_ARENA_MAX = -1, -4, -8


def keep_freed_memory() -> bool:
  """Lets malloc keep what is freed, in one arena; True where it did. Call before the first computation.

  XLA allocates a step's temporaries as one block and frees it after the step. glibc hands a block of over 32 MiB back
  to the system, so that every step faults all its pages in again: 20,000 faults a step of the small student, a sixth
  of its time. The price is that the process keeps its peak of memory.
  """
  if not sys.platform.startswith('linux'):
    return False
  mallopt = getattr(ctypes.CDLL(None), 'mallopt', None)
  if mallopt is None:
    return False
  settings = ((_M_MMAP_MAX, 0), (_M_TRIM_THRESHOLD, 2**31 - 1), (_M_ARENA_MAX, 1))
  return all(mallopt(name, value) for name, value in settings)
