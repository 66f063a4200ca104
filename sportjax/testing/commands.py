"""Command lines run as users run them, each in a process of its own, which a test may kill or starve.

Importing takes longer than what a small run does, so the processes are forked from one that has imported everything.
"""

from __future__ import annotations

import dataclasses
import errno
import functools
import multiprocessing
import os
import pathlib
import pkgutil
import signal
import sys
import tempfile
from collections.abc import Callable

_ROOT = pathlib.Path(__file__).parents[2]
_IMPORTED = ['launch', *(f'sportjax.workflows.{name}' for name in ('quickstart', 'extract', 'train_student', 'chain'))]

Fault = Callable[[], None]


@dataclasses.dataclass(frozen=True)
class Finished:
  """What a command left behind; a negative status is the signal that ended it."""

  status: int
  out: str
  err: str

  @property
  def error(self) -> str:
    """The message of a command that ended as bad input does, after everything it logged."""
    *_, last = self.err.splitlines()
    assert 'Traceback' not in self.err, self.err
    assert self.err.count('error: ') == 1, self.err
    return last.removeprefix('error: ')


def launch(*arguments: str, before: Callable[[], None] | None = None, timeout_s: float = 280) -> Finished:
  """Runs `python launch.py` with these arguments on one CPU device; `before` is called in its process first."""
  context = multiprocessing.get_context('forkserver')
  context.set_forkserver_preload(_IMPORTED)
  with tempfile.TemporaryDirectory() as folder:
    out, err = pathlib.Path(folder, 'out'), pathlib.Path(folder, 'err')
    process = context.Process(target=_launch, args=(arguments, out, err, before))
    process.start()
    process.join(timeout_s)
    if process.exitcode is None:
      process.kill()
      process.join()
    assert process.exitcode is not None, 'a process that has been joined has a status'
    return Finished(process.exitcode, out.read_text(), err.read_text())


def fail_at(target: str, call: int, fault: Fault) -> Callable[[], None]:
  """For `before`: the so-manyth call (from 1) of a function, `package.module.name`, meets with a fault instead."""
  return functools.partial(_fail_at, target, call, fault)


def kill() -> None:
  """SIGKILL: no handler runs and nothing is flushed, as when the machine goes or memory runs out."""
  os.kill(os.getpid(), signal.SIGKILL)


def fill_disk() -> None:
  """What a write to a full disk raises."""
  raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _fail_at(target: str, call: int, fault: Fault) -> None:
  owner, _, name = target.rpartition('.')
  holder = pkgutil.resolve_name(owner)
  function, calls = getattr(holder, name), 0

  @functools.wraps(function)
  def replaced(*args, **kwargs):
    nonlocal calls
    calls += 1
    if calls == call:
      fault()
    return function(*args, **kwargs)

  setattr(holder, name, replaced)


def _launch(
  arguments: tuple[str, ...], out: pathlib.Path, err: pathlib.Path, before: Callable[[], None] | None
) -> None:
  for number, path in enumerate((out, err), 1):
    os.dup2(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND), number)
  os.chdir(_ROOT)
  sys.argv = ['launch.py', *arguments]
  import launch as command  # launch.py, and not the function above

  if before:
    before()
  command.console()
