"""Schedules against the numbers measured on VPD's reference, and optimisers against torch's AdamW."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

from sportjax.errors import InputError
from sportjax.evals.schedule import Schedule

EXAMPLES, BATCH = 1486, 50  # FSJump6's training set with mirrored clips
PER_EPOCH = 30


def rates(schedule, steps):
  rate, decay = schedule._restarts(EXAMPLES)
  steps = jnp.asarray(steps)
  return np.asarray(jax.vmap(rate)(steps)), np.asarray(jax.vmap(decay)(steps))


def test_restarts_fall_where_the_references_do():
  schedule = Schedule(kind='restarts')
  assert schedule.steps_per_epoch(EXAMPLES) == PER_EPOCH
  rate, decay = rates(schedule, np.arange(schedule.steps(EXAMPLES)))
  rising = np.flatnonzero(np.diff(rate) > 0)
  np.testing.assert_array_equal(rising, np.array([50, 150, 350]) * PER_EPOCH)
  np.testing.assert_allclose(rate[rising], 1e-7, rtol=0.05)  # the batch at the restart is still at the end
  assert rate[0] == pytest.approx(1e-3)
  assert rate[-1] == pytest.approx(6.9e-4, rel=0.01)  # ends within a period
  assert decay[0] == pytest.approx(2.6e-4, rel=0.01)
  middle = 100 * PER_EPOCH  # half way through the second period, of 100 epochs
  assert rate[middle] == pytest.approx(5e-4, rel=1e-3)
  assert decay[middle] == pytest.approx(0.01 * 0.5 * np.sqrt(BATCH / (EXAMPLES * 100)), rel=1e-3)


def test_short_runs_restart_too():
  rate, _ = rates(Schedule(epochs=200, kind='restarts'), np.arange(200 * PER_EPOCH))
  np.testing.assert_array_equal(np.flatnonzero(np.diff(rate) > 0), np.array([20, 60, 140]) * PER_EPOCH)
  assert np.isfinite(rates(Schedule(epochs=3, kind='restarts'), np.arange(90))[0]).all()


@pytest.mark.parametrize('kind', ['cosine', 'restarts', 'constant'])
def test_updates_are_those_of_torchs_adamw_at_the_same_rates(kind):
  schedule = Schedule(epochs=4, batch=2, learning_rate=0.1, weight_decay=0.3, kind=kind)
  optimizer = schedule.optimizer(examples=6)
  params = {'w': jnp.array([1.0, -2.0, 0.5])}
  moments = optimizer.init(params)
  theirs = torch.nn.Parameter(torch.tensor([1.0, -2.0, 0.5]))
  adamw = torch.optim.AdamW([theirs])
  for step in range(schedule.steps(6)):
    gradient = np.sin(np.arange(3) + step).astype(np.float32)
    rate, decay = expected_rates(schedule, kind, step)
    adamw.param_groups[0].update(lr=rate, weight_decay=decay)
    theirs.grad = torch.from_numpy(gradient)
    adamw.step()
    update, moments = optimizer.update({'w': jnp.asarray(gradient)}, moments, params)
    params = jax.tree.map(jnp.add, params, update)
    np.testing.assert_allclose(params['w'], theirs.detach().numpy(), rtol=1e-4)


def expected_rates(schedule, kind, step):
  if kind == 'constant':
    return 0.1, 0.3
  if kind == 'cosine':
    return 0.05 * (1 + np.cos(np.pi * step / 12)), 0.3
  rate, decay = schedule._restarts(6)
  return float(rate(step)), float(decay(step))


def test_schedules_of_nothing_are_refused():
  with pytest.raises(InputError, match='epochs=0'):
    Schedule(epochs=0)
