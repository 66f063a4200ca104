"""The kernels' machine code: compiled once by the system's compiler for this CPU, kept in the user's cache."""

from __future__ import annotations

import contextlib
import ctypes
import functools
import hashlib
import os
import pathlib
import platform
import shlex
import shutil
import subprocess
import tempfile
import time

import jax
import jaxlib.version
from absl import logging

from sportjax.errors import InputError

SOURCES = pathlib.Path(__file__).parent
# Products may be fused with sums, but nothing is reassociated: infinities and the order of sums are part of the result.
FLAGS = ('-std=c++17', '-O3', '-march=native', '-ffp-contract=fast', '-fno-math-errno', '-fPIC', '-shared', '-pthread')
SYMBOLS = {
  'sportjax_dtw': 'SportjaxDtw',
  'sportjax_soft_dtw': 'SportjaxSoftDtw',
  'sportjax_soft_dtw_mass': 'SportjaxSoftDtwMass',
}
ABANDONED_S = 3600  # a build takes seconds
BATCHED = ('sportjax_soft_dtw', 'sportjax_soft_dtw_mass')  # each example by itself, so that shards of a batch are too


@functools.cache
def unavailable() -> str | None:
  """Why there are no native kernels in this process, None where there are; built, loaded and logged at most once."""
  try:
    _register(library())
  except InputError as error:
    logging.warning('%s. Alignment runs in pure JAX instead, several times slower.', error)
    return str(error)
  return None


def library() -> pathlib.Path:
  """The shared library for this source, compiler, JAX and CPU, compiled now unless the cache has it.

  Raises:
    InputError: there is no compiler, it fails, or the cache cannot be written.
  """
  compiler = _compiler()
  path = _cache() / f'align-{_key(compiler)}.so'
  if path.exists():
    return path
  logging.info('Compiling the alignment kernels with %s, once for this machine.', compiler[0])
  try:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _sweep(path.parent)
    # Under a name of its own until complete, so that processes that build at once never load each other's half.
    with tempfile.TemporaryDirectory(prefix='building-', dir=path.parent) as folder:
      partial = pathlib.Path(folder) / path.name
      _compile(compiler, partial)
      os.replace(partial, path)
  except OSError as error:
    raise InputError(f'native alignment cannot be kept in {path.parent}: {error}; set XDG_CACHE_HOME') from error
  return path


def _sweep(cache: pathlib.Path) -> None:
  """Removes what killed builds left behind; another process may be at it too."""
  for left in cache.glob('building-*'):
    with contextlib.suppress(FileNotFoundError):
      if time.time() - left.stat().st_mtime > ABANDONED_S:
        shutil.rmtree(left)


def _compiler() -> list[str]:
  if named := os.environ.get('CXX'):
    candidates = [shlex.split(named)]
  else:
    candidates = [['g++'], ['clang++'], ['c++']]
  for command in candidates:
    if shutil.which(command[0]):
      return command
  wanted = ' or '.join(command[0] for command in candidates)
  raise InputError(f'native alignment needs a C++ compiler and {wanted} is not there; install one or set CXX')


def _cache() -> pathlib.Path:
  return pathlib.Path(os.environ.get('XDG_CACHE_HOME') or pathlib.Path.home() / '.cache') / 'sportjax'


def _key(compiler: list[str]) -> str:
  """Everything the machine code depends on."""
  version = subprocess.run([*compiler, '--version'], capture_output=True, check=False).stdout
  parts = [repr((compiler, FLAGS, jax.__version__, jaxlib.version.__version__)).encode(), version, _cpu().encode()]
  parts += [source.name.encode() + source.read_bytes() for source in sorted(SOURCES.glob('*.[ch]*'))]
  return hashlib.sha256(b'\0'.join(parts)).hexdigest()[:20]


def _cpu() -> str:
  """What -march=native looks at: a home folder may be shared by machines with other instructions."""
  info = pathlib.Path('/proc/cpuinfo')
  if not info.exists():
    return platform.machine() + platform.processor()
  lines = info.read_text().splitlines()
  wanted = ('model name', 'flags', 'Features', 'CPU part')
  return '\n'.join(dict.fromkeys(line for line in lines if line.startswith(wanted)))


def _compile(compiler: list[str], to: pathlib.Path) -> None:
  sources = map(str, sorted(SOURCES.glob('*.cc')))
  command = [*compiler, *FLAGS, f'-I{jax.ffi.include_dir()}', *sources, '-o', str(to)]
  done = subprocess.run(command, capture_output=True, text=True, check=False)
  if done.returncode:
    reason = next((line for line in done.stderr.splitlines() if 'error' in line), f'exit status {done.returncode}')
    raise InputError(f'native alignment does not compile with {compiler[0]}: {reason}; set CXX to another compiler')


def _register(path: pathlib.Path) -> None:
  try:
    loaded = ctypes.CDLL(str(path))
  except OSError as error:
    raise InputError(f'{path} cannot be loaded: {error}; delete it') from error
  for target, symbol in SYMBOLS.items():
    jax.ffi.register_ffi_target(target, jax.ffi.pycapsule(getattr(loaded, symbol)), platform='cpu')
  for target in BATCHED:
    jax.ffi.register_ffi_target_as_batch_partitionable(target)
