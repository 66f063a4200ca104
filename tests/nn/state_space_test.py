from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from sportjax.nn.state_space import selective_scan


def inputs(length, seed=0):
  rng = np.random.default_rng(seed)
  x, step = rng.normal(size=(2, length, 3)), rng.uniform(0.1, 1, (2, length, 3))
  decay, write, read = -rng.uniform(0.1, 2, (3, 4)), rng.normal(size=(2, length, 4)), rng.normal(size=(2, length, 4))
  return [a.astype(np.float32) for a in (x, step, decay, write, read)]


def by_loop(x, step, decay, write, read):
  """Float64, token by token."""
  x, step, decay, write, read = (a.astype(np.float64) for a in (x, step, decay, write, read))
  y = np.zeros_like(x)
  for b in range(len(x)):
    state = np.zeros(decay.shape)
    for t in range(x.shape[1]):
      state = np.exp(step[b, t][:, None] * decay) * state + (step[b, t] * x[b, t])[:, None] * write[b, t]
      y[b, t] = state @ read[b, t]
  return y


@pytest.mark.parametrize(('length', 'chunk'), [(1, 4), (4, 4), (7, 4), (11, 128)])
def test_scan_equals_the_recurrence(length, chunk):
  arrays = inputs(length)
  found = selective_scan(*map(jnp.asarray, arrays), chunk=chunk)
  np.testing.assert_allclose(found, by_loop(*arrays), atol=1e-5)


def test_gradients_do_not_depend_on_the_chunks():
  arrays = [jnp.asarray(a) for a in inputs(9)]

  def gradients(chunk):
    return jax.jit(jax.grad(lambda args: jnp.square(selective_scan(*args, chunk=chunk)).sum()))(arrays)

  for a, b in zip(gradients(4), gradients(16), strict=True):
    np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-4)
