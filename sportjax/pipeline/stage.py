"""Stages of a workflow: each writes one folder, once, and a run that was killed goes on where it stood.

A stage's folder is `<workdir>/stages/<name>-<key>`, its key the hash of its inputs and of the code behind it. While the
stage runs the folder ends in `.partial`; finished items stay in it when the run is killed. It takes its final name,
with `stage.json` inside, only when complete, so a folder without `.partial` can be trusted.
"""

from __future__ import annotations

import contextlib
import dataclasses
import fcntl
import json
import os
import pathlib
import time
from collections.abc import Callable
from typing import Any

from absl import logging

from sportjax.errors import InputError
from sportjax.pipeline.code import code_version
from sportjax.pipeline.fingerprint import describe, key_of


@dataclasses.dataclass(frozen=True)
class Skip:
  """Something a stage left out, and why."""

  item: str
  reason: str


@dataclasses.dataclass
class Work:
  """What a running stage writes to: its folder and its books."""

  folder: pathlib.Path
  counts: dict[str, int] = dataclasses.field(default_factory=dict)
  skipped: list[Skip] = dataclasses.field(default_factory=list)

  def count(self, **counts: int) -> None:
    """Adds to the stage's counts, e.g. `count(videos_in=12, videos_out=11)`."""
    for name, n in counts.items():
      self.counts[name] = self.counts.get(name, 0) + n

  def skip(self, item: str, reason: str) -> None:
    """Books an item as left out. It is reported, never silent."""
    self.skipped.append(Skip(item, reason))


@dataclasses.dataclass(frozen=True)
class Done:
  """A finished stage."""

  name: str
  stage_key: str
  folder: pathlib.Path
  seconds: float
  counts: dict[str, int]
  skipped: tuple[Skip, ...]


class Pipeline:
  """Runs the stages of one workdir, one run at a time."""

  def __init__(self, workdir: pathlib.Path):
    """Claims the workdir. Raises InputError where it cannot be written or another run holds it."""
    self.workdir = workdir
    self.done: list[Done] = []
    try:
      (workdir / 'stages').mkdir(parents=True, exist_ok=True)
      self._lock = (workdir / '.lock').open('w')
    except OSError as error:
      raise InputError(f'--workdir={workdir}: cannot write there ({error.strerror}); give another folder') from error
    try:
      fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
      self._lock.close()
      raise InputError(f'--workdir={workdir}: another run is using it; wait for it or give another folder') from error

  def close(self) -> None:
    """Releases the workdir."""
    self._lock.close()

  def run(self, name: str, function: Callable[[Work], None], *, inputs: dict[str, Any]) -> Done:
    """Runs `function(work)` unless a folder with the same inputs and code is there already."""
    inputs = {**describe(inputs), 'code': code_version(function)}
    key = key_of(inputs)
    final = self.workdir / 'stages' / f'{name}-{key}'
    if (final / 'stage.json').exists():
      done = _read(final)
      logging.info('%s: done before (%s)', name, final.name)
    else:
      done = self._execute(name, key, function, inputs, final)
    self.done.append(done)
    return done

  def _execute(self, name: str, key: str, function: Callable[[Work], None], inputs: dict, final: pathlib.Path) -> Done:
    partial = final.with_name(final.name + '.partial')
    partial.mkdir(exist_ok=True)
    work = Work(partial)
    logging.info('%s: started', name)
    with _elapsed(partial) as elapsed:
      function(work)
    done = Done(name, key, final, round(elapsed(), 2), work.counts, tuple(work.skipped))
    record = {**dataclasses.asdict(done), 'folder': final.name, 'inputs': inputs}
    write_json(partial / 'stage.json', record)
    os.rename(partial, final)
    logging.info(
      '%s: %.1f s, %s%s', name, done.seconds, done.counts, f', {len(work.skipped)} skipped' * bool(work.skipped)
    )
    for skip in work.skipped:
      logging.warning('%s: skipped %s: %s', name, skip.item, skip.reason)
    return done


@contextlib.contextmanager
def _elapsed(folder: pathlib.Path):
  """Seconds spent in this stage over all its runs that ended by themselves or by an error; not by SIGKILL."""
  path, start = folder / '.seconds', time.monotonic()
  before = float(path.read_text()) if path.exists() else 0.0

  def elapsed() -> float:
    return before + time.monotonic() - start

  try:
    yield elapsed
  finally:
    with contextlib.suppress(OSError):  # bookkeeping must not hide the error that ended the stage
      path.write_text(str(elapsed()))


def _read(folder: pathlib.Path) -> Done:
  record = json.loads((folder / 'stage.json').read_text())
  return Done(
    record['name'],
    record['stage_key'],
    folder,
    record['seconds'],
    record['counts'],
    tuple(Skip(**s) for s in record['skipped']),
  )


def write_json(path: pathlib.Path, value: Any) -> None:
  """Writes JSON so that a reader sees the whole file or none."""
  temporary = path.with_name(path.name + '.tmp')
  temporary.write_text(json.dumps(value, indent=1) + '\n')
  os.replace(temporary, path)
