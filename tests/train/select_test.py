import json
import math

import numpy as np
import pytest

from sportjax.train.select import Selection


def run(values, **kwargs):
  selection = Selection()
  for i, value in enumerate(values):
    selection = selection.update(10 * (i + 1), value, **kwargs)
  return selection


@pytest.mark.parametrize('window', [1, 3, 5])
@pytest.mark.parametrize('mode', ['min', 'max'])
def test_best_is_extreme_of_moving_average(window, mode):
  values = np.random.default_rng(window).normal(size=40)
  averages = [values[max(0, i + 1 - window) : i + 1].mean() for i in range(40)]
  index = int(np.argmin(averages) if mode == 'min' else np.argmax(averages))
  selection = run(values.tolist(), window=window, mode=mode)
  assert selection.best_step == 10 * (index + 1)
  assert selection.best_value == pytest.approx(averages[index], abs=1e-12)
  assert selection.evaluated_step == 400


def test_first_of_equals_is_best():
  assert run([2.0, 1.0, 1.0], window=1, mode='min').best_step == 20


def test_value_that_is_not_finite_is_never_best():
  assert run([math.nan, math.inf], window=1, mode='min').best_step is None
  selection = run([math.nan, 3.0, 4.0, 1.0], window=2, mode='min')
  assert (selection.best_step, selection.best_value) == (40, 2.5)


def test_json_round_trip_continues_the_same():
  values = np.random.default_rng(0).normal(size=20).tolist()
  half = run(values[:9], window=5, mode='min')
  resumed = Selection.from_json(json.loads(json.dumps(half.to_json())))
  assert resumed == half
