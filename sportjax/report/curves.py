"""The training curves out of the lines of a run's metrics.jsonl."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from sportjax.report.content import CurvePanel, Series
from sportjax.typing import JSON

_NOT_CURVES = frozenset({'step', 'time_s'})


def curve_panels(records: Iterable[JSON]) -> tuple[CurvePanel, ...]:
  """One panel for each metric, with a line for each set that has it: `train/loss` and `valid/loss` share a panel.

  A record holds its `step` and numbers by name; null is a value that was not finite and breaks the line. Of two
  records of one step the later counts. A metric that never was finite is left out.
  """
  values: dict[str, dict[int, float]] = {}
  for record in records:
    for name in record.keys() - _NOT_CURVES:
      values.setdefault(name, {})[record['step']] = np.nan if record[name] is None else float(record[name])
  panels: dict[str, list[Series]] = {}
  for name, by_step in sorted(values.items()):
    split, _, metric = name.rpartition('/')
    steps = np.array(sorted(by_step))
    line = Series(split or metric, steps.astype(float), np.array([by_step[step] for step in steps.tolist()]))
    if np.isfinite(line.y).any():
      panels.setdefault(metric, []).append(line)
  return tuple(CurvePanel(title=metric, x_label='step', series=tuple(lines)) for metric, lines in panels.items())
