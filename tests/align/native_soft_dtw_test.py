"""The native soft-DTW against the pure form and its laws: values, gradients, lengths, types, transformations."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from sportjax.align import soft_dtw

SHAPES = [(1, 1, 1), (2, 1, 6), (2, 6, 1), (3, 2, 2), (17, 5, 9), (5, 20, 18), (16, 33, 16)]


def both(matrix, gamma, n=None, m=None):
  for impl in ('native', 'jax'):
    value = soft_dtw.soft_dtw(matrix, gamma, n, m, impl=impl)
    yield np.asarray(value), np.asarray(soft_dtw.expected_alignment(matrix, gamma, n, m, impl=impl))


@pytest.mark.parametrize('shape', SHAPES)
@pytest.mark.parametrize('gamma', [1e-4, 1e-2, 1.0, 10.0])
def test_values_and_gradients_in_float64_match_jax(shape, gamma):
  rng = np.random.default_rng(0)
  with jax.enable_x64():
    (value, mass), (expected, expected_mass) = both(jnp.asarray(rng.uniform(size=shape)), gamma)
  assert value.dtype == mass.dtype == np.float64
  np.testing.assert_allclose(value, expected, rtol=1e-12, atol=1e-13)
  np.testing.assert_allclose(mass, expected_mass, atol=1e-9)


@pytest.mark.parametrize('shape', SHAPES)
def test_values_and_gradients_of_ragged_batches_match_jax(shape):
  rng = np.random.default_rng(1)
  matrix = rng.uniform(size=shape).astype(np.float32)
  n, m = (rng.integers(1, side + 1, shape[0]) for side in shape[1:])
  for b, (rows, columns) in enumerate(zip(n, m, strict=True)):
    matrix[b, rows:] = np.nan
    matrix[b, :, columns:] = np.inf
  (value, mass), (expected, expected_mass) = both(jnp.asarray(matrix), 0.1, jnp.asarray(n), jnp.asarray(m))
  np.testing.assert_allclose(value, expected, rtol=1e-5, atol=1e-5)
  np.testing.assert_allclose(mass, expected_mass, atol=2e-4)
  for b, (rows, columns) in enumerate(zip(n, m, strict=True)):
    assert not mass[b, rows:].any()
    assert not mass[b, :, columns:].any()


def test_large_costs_stay_finite():
  matrix = jnp.asarray(1e3 * np.random.default_rng(2).uniform(size=(1, 200, 200)).astype(np.float32))
  (value, mass), (expected, _) = both(matrix, 0.1)
  np.testing.assert_allclose(value, expected, rtol=1e-5)
  assert np.isfinite(mass).all()
  assert 199 <= mass.sum() <= 399


def test_nan_in_a_cost_is_not_lost():
  matrix = np.ones((2, 4, 5), np.float32)
  matrix[1, 2, 2] = np.nan
  value = np.asarray(soft_dtw.soft_dtw(jnp.asarray(matrix), 0.1, impl='native'))
  assert np.isfinite(value[0])
  assert np.isnan(value[1])


def test_jit_vmap_and_grad_give_the_same():
  matrix = jnp.asarray(np.random.default_rng(3).uniform(size=(3, 2, 4, 5)).astype(np.float32))

  def loss(c):
    return soft_dtw.soft_dtw(c, 0.3, impl='native').sum()

  value, gradient = jax.jit(jax.vmap(jax.value_and_grad(loss)))(matrix)
  for i, part in enumerate(matrix):
    np.testing.assert_array_equal(value[i], loss(part))
    np.testing.assert_array_equal(gradient[i], jax.grad(loss)(part))


def test_shards_of_a_batch_give_the_same():
  matrix = jnp.asarray(np.random.default_rng(4).uniform(size=(8, 4, 5)).astype(np.float32))
  mesh = jax.make_mesh((2,), ('data',), axis_types=(jax.sharding.AxisType.Auto,))
  divided = jax.device_put(matrix, jax.NamedSharding(mesh, jax.P('data')))
  mass = jax.jit(lambda c: soft_dtw.expected_alignment(c, 0.3, impl='native'))
  np.testing.assert_array_equal(mass(divided), mass(matrix))


def test_empty_batch():
  assert soft_dtw.soft_dtw(jnp.ones((0, 4, 5)), 0.1, impl='native').shape == (0,)


def test_a_program_for_another_platform_takes_the_pure_form():
  lowered = jax.jit(lambda c: soft_dtw.soft_dtw(c, 0.3, impl='auto')).trace(jnp.ones((2, 4, 5)))
  assert 'sportjax_soft_dtw' in lowered.lower(lowering_platforms=('cpu',)).as_text()
  assert 'sportjax_soft_dtw' not in lowered.lower(lowering_platforms=('cuda',)).as_text()
