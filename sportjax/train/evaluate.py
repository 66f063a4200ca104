"""One pass over a split."""

from __future__ import annotations

import jax
import numpy as np

from sportjax.errors import InputError
from sportjax.train.state import TrainState
from sportjax.train.step import EvalStep
from sportjax.train.task import Task


def evaluate(task: Task, split: str, step: EvalStep, state: TrainState, key: jax.Array) -> dict[str, float]:
  """Means over the rows of a split, as '<split>/<metric>'; summed in float64, so that batch size hardly matters.

  Every batch is given the same key: an evaluation of the same state gives the same numbers.

  Raises:
    InputError: the split is empty.
  """
  source = task.input(split, train=False)
  sums: dict[str, float] = {}
  rows = 0.0
  for batch in source.iterator:
    metrics, weight = jax.device_get(step(state, source.put(batch), key))
    rows += float(weight)
    for name, value in metrics.items():
      sums[name] = sums.get(name, 0.0) + float(np.float64(value) * weight)
  if not rows:
    raise InputError(f'split {split!r} has no examples: there is nothing to evaluate')
  return {f'{split}/{name}': total / rows for name, total in sums.items()}
