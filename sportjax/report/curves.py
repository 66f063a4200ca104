"""The training curves out of a run's metrics.jsonl."""

from __future__ import annotations

import json
import math
import os

import numpy as np

from sportjax.errors import InputError
from sportjax.report.content import CurvePanel, Series

_NOT_CURVES = frozenset({'step', 'time_s', 'wall_s'})


def read_curves(path: str | os.PathLike[str]) -> tuple[tuple[CurvePanel, ...], int]:
  """One panel for each metric, with a line for each set (`train/loss`, `valid/loss`), and the count of cut lines.

  A line holds a `step` and numbers by name. A run that was killed and resumed writes some steps twice; the later value
  counts. A line cut short by the kill is left out and counted.

  Raises:
    InputError: the file is missing, or a whole line of it is not a record of a step.
  """
  if not os.path.isfile(path):
    raise InputError(f'{path}: no such file; the run has written no metrics yet')
  with open(path, encoding='utf-8') as file:
    records = [_record(line, f'{path}:{n}') for n, line in enumerate(file, 1) if line.strip()]
  whole = [record for record in records if record is not None]
  values: dict[str, dict[int, float]] = {}
  for record in whole:
    for name, value in record.items():
      if name not in _NOT_CURVES and isinstance(value, int | float):
        values.setdefault(name, {})[record['step']] = float(value)
  return _panels(values), len(records) - len(whole)


def _record(line: str, where: str) -> dict | None:
  try:
    record = json.loads(line)
  except json.JSONDecodeError:
    return None
  if not isinstance(record, dict) or not isinstance(record.get('step'), int):
    raise InputError(f'{where}: not a record of a step; is this the metrics.jsonl of a run?')
  return record


def _panels(values: dict[str, dict[int, float]]) -> tuple[CurvePanel, ...]:
  panels: dict[str, list[Series]] = {}
  for name, by_step in values.items():
    split, _, metric = name.rpartition('/')
    steps = sorted(by_step)
    if any(math.isfinite(by_step[step]) for step in steps):
      line = Series(split or metric, np.array(steps, float), np.array([by_step[step] for step in steps]))
      panels.setdefault(metric, []).append(line)
  return tuple(CurvePanel(title=metric, x_label='step', series=tuple(lines)) for metric, lines in panels.items())
