"""Metrics to `metrics.jsonl`, one object a line, and to TensorBoard event files; by process 0 alone."""

from __future__ import annotations

import json
import math
import pathlib
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

import tensorboardX

from sportjax.typing import JSON

FILE = 'metrics.jsonl'


class Writer:
  """Appends to a run's metrics. A resumed run first drops what was written past the step it resumes at.

  `history` holds every line of the run so far. A line is {'step': int, 'time_s': Unix time, name: value, ...}.
  """

  def __init__(self, workdir: str | pathlib.Path, *, resume_step: int = 0, write: bool = True):
    self._path = pathlib.Path(workdir) / FILE
    self.history: list[JSON] = [m for m in read_metrics(workdir) if m['step'] <= resume_step] if resume_step else []
    self._file = self._events = None
    if write:
      self._path.parent.mkdir(parents=True, exist_ok=True)
      _replace(self._path, self.history)
      self._file = self._path.open('a', encoding='utf-8')
      # TensorBoard drops what an earlier event file holds from purge_step on.
      self._events = tensorboardX.SummaryWriter(str(self._path.parent / 'events'), purge_step=resume_step + 1)

  def __enter__(self) -> Self:
    return self

  def __exit__(
    self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
  ) -> None:
    for sink in (self._file, self._events):
      if sink is not None:
        sink.close()

  def write(self, step: int, metrics: Mapping[str, float]) -> None:
    """Adds one line, on the disk when this returns."""
    # JSON has no NaN: what is not finite is null.
    values = {name: float(value) if math.isfinite(value) else None for name, value in metrics.items()}
    line = {'step': step, 'time_s': time.time(), **values}
    self.history.append(line)
    if self._file is None or self._events is None:
      return
    self._file.write(json.dumps(line) + '\n')
    self._file.flush()
    for name, value in metrics.items():  # event files do have NaN
      self._events.add_scalar(name, value, step)


def read_metrics(workdir: str | pathlib.Path) -> list[JSON]:
  """The lines of a run's `metrics.jsonl`; a last line cut short by a kill is left out. Empty where there is no file."""
  path = pathlib.Path(workdir) / FILE
  if not path.exists():
    return []
  lines: list[JSON] = []
  for text in path.read_text(encoding='utf-8').split('\n')[:-1]:
    lines.append(json.loads(text))
  return lines


def _replace(path: pathlib.Path, lines: list[Any]) -> None:
  """Writes the whole file anew, atomically: a kill leaves the old or the new."""
  fresh = path.with_suffix('.tmp')
  fresh.write_text(''.join(json.dumps(line) + '\n' for line in lines), encoding='utf-8')
  fresh.replace(path)
