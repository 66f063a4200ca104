"""Building the kernels: without a compiler, with one that fails, and by two processes at once."""

import os
import subprocess
import sys

import numpy as np
import pytest

from sportjax.align import dtw
from sportjax.align.native.kernels import KERNELS
from sportjax.errors import InputError
from sportjax.native import build

SCRIPT = 'from sportjax.align.native.kernels import KERNELS; KERNELS.register(KERNELS.library())'


@pytest.fixture
def fresh(monkeypatch, tmp_path):
  """A process that has not looked for a compiler yet, and an empty cache."""
  monkeypatch.setenv('XDG_CACHE_HOME', str(tmp_path))
  build.Kernels.unavailable.cache_clear()
  yield tmp_path
  build.Kernels.unavailable.cache_clear()


def test_without_a_compiler_jax_aligns_and_native_is_refused(fresh, monkeypatch, caplog):
  del fresh
  monkeypatch.setenv('CXX', '/nowhere/c++')
  x, y = np.zeros((3, 2), np.float32), np.full((4, 2), 3, np.float32)
  np.testing.assert_allclose(dtw.scores([x], [y]), dtw.scores([x], [y], impl='jax'))
  dtw.scores([x], [y])
  with pytest.raises(InputError, match='need a C\\+\\+ compiler and /nowhere/c\\+\\+ is not there'):
    dtw.scores([x], [y], impl='native')
  assert sum('pure JAX' in record.getMessage() for record in caplog.records) == 1


def test_a_failing_compiler_is_named_and_leaves_nothing_in_the_cache(fresh, monkeypatch):
  broken = fresh / 'broken-c++'
  broken.write_text('#!/bin/sh\necho "x.cc:1:1: error: no such thing" >&2\nexit 1\n')
  broken.chmod(0o755)
  monkeypatch.setenv('CXX', str(broken))
  with pytest.raises(InputError, match='does not compile with .*broken.*no such thing'):
    KERNELS.library()
  assert not list((fresh / 'sportjax').iterdir())


def test_what_killed_builds_left_is_removed_and_running_ones_are_left_alone(fresh, monkeypatch):
  folders = [fresh / 'sportjax' / name for name in ('building-killed', 'building-running')]
  for folder in folders:
    folder.mkdir(parents=True)
    (folder / 'align.so').touch()
  os.utime(folders[0], (0, 0))
  monkeypatch.setenv('CXX', 'false')
  with pytest.raises(InputError, match='exit status 1'):
    KERNELS.library()
  assert list((fresh / 'sportjax').iterdir()) == folders[1:]


def test_a_cache_that_cannot_be_written_is_named(fresh, monkeypatch):
  blocked = fresh / 'file'
  blocked.write_text('')
  monkeypatch.setenv('XDG_CACHE_HOME', str(blocked))
  with pytest.raises(InputError, match='set XDG_CACHE_HOME'):
    KERNELS.library()


def test_the_key_depends_on_the_compiler_and_its_options(monkeypatch):
  monkeypatch.setenv('CXX', 'g++ -DOTHER')
  other = KERNELS.key(build.find_compiler())
  monkeypatch.delenv('CXX')
  assert other != KERNELS.key(build.find_compiler())


@pytest.mark.slow
def test_two_processes_build_at_once(fresh):
  running = [subprocess.Popen([sys.executable, '-c', SCRIPT]) for _ in range(2)]
  assert [process.wait() for process in running] == [0, 0]
  assert [path.suffix for path in (fresh / 'sportjax').iterdir()] == ['.so']
