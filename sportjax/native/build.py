"""Kernels as machine code: compiled once by the system's compiler for this CPU, kept in the user's cache."""

from __future__ import annotations

import contextlib
import ctypes
import dataclasses
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

SHARED = pathlib.Path(__file__).parent  # headers that every package may include
# Products may be fused with sums, but nothing is reassociated: infinities and the order of sums are part of the result.
FLAGS = ('-std=c++17', '-O3', '-march=native', '-ffp-contract=fast', '-fno-math-errno', '-fPIC', '-shared', '-pthread')
ABANDONED_S = 3600  # a build takes seconds


@dataclasses.dataclass(frozen=True)
class Kernels:
  """The C++ sources of one folder, and what they offer to XLA.

  A target `sportjax_some_name` is the symbol `SportjaxSomeName`. Those in `batched` treat each example by itself, so
  that shards of a batch can be treated so too. `fallback` says in the log what happens where nothing can be built.
  """

  name: str
  folder: pathlib.Path
  targets: tuple[str, ...]
  fallback: str
  batched: tuple[str, ...] = ()

  @functools.cache  # noqa: B019 - a process has a handful of these, and they live as long as it does
  def unavailable(self) -> str | None:
    """Why there are no native kernels in this process, None where there are; built, loaded and logged at most once."""
    try:
      self.register(self.library())
    except InputError as error:
      logging.warning('%s. %s', error, self.fallback)
      return str(error)
    return None

  def library(self) -> pathlib.Path:
    """The shared library for this source, compiler, JAX and CPU, compiled now unless the cache has it.

    Raises:
      InputError: there is no compiler, it fails, or the cache cannot be written.
    """
    compiler = find_compiler()
    path = _cache() / f'{self.name}-{self.key(compiler)}.so'
    if path.exists():
      return path
    logging.info('Compiling the kernels of %s with %s, once for this machine.', self.name, compiler[0])
    try:
      path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
      _sweep(path.parent)
      # Under a name of its own until complete, so that processes that build at once never load each other's half.
      with tempfile.TemporaryDirectory(prefix='building-', dir=path.parent) as folder:
        partial = pathlib.Path(folder) / path.name
        self._compile(compiler, partial)
        os.replace(partial, path)
    except OSError as error:
      raise InputError(f'native {self.name} cannot be kept in {path.parent}: {error}; set XDG_CACHE_HOME') from error
    return path

  def key(self, compiler: list[str]) -> str:
    """Everything the machine code depends on."""
    version = subprocess.run([*compiler, '--version'], capture_output=True, check=False).stdout
    parts = [repr((compiler, FLAGS, jax.__version__, jaxlib.version.__version__)).encode(), version, _cpu().encode()]
    sources = [path for folder in (SHARED, self.folder) for path in sorted(folder.glob('*.[ch]*'))]
    parts += [source.name.encode() + source.read_bytes() for source in sources]
    return hashlib.sha256(b'\0'.join(parts)).hexdigest()[:20]

  def _compile(self, compiler: list[str], to: pathlib.Path) -> None:
    sources = map(str, sorted(self.folder.glob('*.cc')))
    command = [*compiler, *FLAGS, f'-I{jax.ffi.include_dir()}', f'-I{SHARED}', *sources, '-o', str(to)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
      reason = next((line for line in done.stderr.splitlines() if 'error' in line), f'exit status {done.returncode}')
      raise InputError(f'native {self.name} does not compile with {compiler[0]}: {reason}; set CXX to another compiler')

  def register(self, path: pathlib.Path) -> None:
    """Loads the library and makes its targets known to XLA.

    Raises:
      InputError: the file is no library of this machine.
    """
    try:
      loaded = ctypes.CDLL(str(path))
    except OSError as error:
      raise InputError(f'{path} cannot be loaded: {error}; delete it') from error
    for target in self.targets:
      symbol = getattr(loaded, target.title().replace('_', ''))
      jax.ffi.register_ffi_target(target, jax.ffi.pycapsule(symbol), platform='cpu')
    for target in self.batched:
      jax.ffi.register_ffi_target_as_batch_partitionable(target)


def find_compiler() -> list[str]:
  """The command of the C++ compiler: the one that CXX names, else the system's.

  Raises:
    InputError: it is not there.
  """
  if named := os.environ.get('CXX'):
    candidates = [shlex.split(named)]
  else:
    candidates = [['g++'], ['clang++'], ['c++']]
  for command in candidates:
    if shutil.which(command[0]):
      return command
  wanted = ' or '.join(command[0] for command in candidates)
  raise InputError(f'native kernels need a C++ compiler and {wanted} is not there; install one or set CXX')


def _cache() -> pathlib.Path:
  return pathlib.Path(os.environ.get('XDG_CACHE_HOME') or pathlib.Path.home() / '.cache') / 'sportjax'


def _sweep(cache: pathlib.Path) -> None:
  """Removes what killed builds left behind; another process may be at it too."""
  for left in cache.glob('building-*'):
    with contextlib.suppress(FileNotFoundError):
      if time.time() - left.stat().st_mtime > ABANDONED_S:
        shutil.rmtree(left)


def _cpu() -> str:
  """What -march=native looks at: a home folder may be shared by machines with other instructions."""
  info = pathlib.Path('/proc/cpuinfo')
  if not info.exists():
    return platform.machine() + platform.processor()
  lines = info.read_text().splitlines()
  wanted = ('model name', 'flags', 'Features', 'CPU part')
  return '\n'.join(dict.fromkeys(line for line in lines if line.startswith(wanted)))
