"""Soft-DTW against a plain double loop, finite differences, ott-jax and the laws it obeys."""

import itertools
import math
import warnings

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.special import logsumexp

from sportjax.align import costs, path, soft_dtw

SHAPES = [(1, 1), (1, 5), (5, 1), (2, 2), (7, 4), (4, 7)]


def loop(matrix, gamma):
  n, m = matrix.shape
  r = np.full((n + 1, m + 1), np.inf)
  r[0, 0] = 0
  for i, j in itertools.product(range(n), range(m)):
    before = np.array([r[i, j], r[i, j + 1], r[i + 1, j]])
    r[i + 1, j + 1] = matrix[i, j] - gamma * logsumexp(-before / gamma)
  return r[n, m]


def through_the_scan(matrix, gamma):
  """The same recurrence in jax, differentiated by jax and not by our rule."""
  n, m = matrix.shape
  r = {(-1, -1): jnp.zeros(())}
  for i, j in itertools.product(range(n), range(m)):
    before = [r[p] for p in ((i - 1, j - 1), (i - 1, j), (i, j - 1)) if p in r]
    r[i, j] = matrix[i, j] - gamma * jax.scipy.special.logsumexp(-jnp.stack(before) / gamma)
  return r[n - 1, m - 1]


def classic(matrix):
  return loop(matrix, 1e-12)


def delannoy(n, m):
  return sum(math.comb(n, k) * math.comb(m, k) * 2**k for k in range(min(n, m) + 1))


def value(matrix, gamma):
  return float(soft_dtw.soft_dtw(jnp.asarray(matrix)[None], gamma)[0])


def alignment(matrix, gamma):
  return np.asarray(soft_dtw.expected_alignment(jnp.asarray(matrix)[None], gamma)[0])


@pytest.mark.parametrize('shape', SHAPES)
@pytest.mark.parametrize('gamma', [1e-4, 1e-2, 1.0, 10.0])
def test_value_and_gradient_match_loop_and_autodiff_in_float64(shape, gamma):
  matrix = np.random.default_rng(0).uniform(size=shape)
  with jax.enable_x64():
    np.testing.assert_allclose(value(matrix, gamma), loop(matrix, gamma), rtol=1e-12)
    expected = jax.grad(through_the_scan)(jnp.asarray(matrix), gamma)
    np.testing.assert_allclose(alignment(matrix, gamma), expected, atol=1e-6)


def test_gradient_matches_finite_differences():
  matrix, gamma, h = np.random.default_rng(1).uniform(size=(5, 6)), 0.3, 1e-6
  with jax.enable_x64():
    gradient = alignment(matrix, gamma)
  for i, j in itertools.product(range(5), range(6)):
    step = np.zeros((5, 6))
    step[i, j] = h
    assert abs(gradient[i, j] - (loop(matrix + step, gamma) - loop(matrix - step, gamma)) / (2 * h)) < 1e-6


@pytest.fixture
def ott_soft_dtw():
  with warnings.catch_warnings():
    warnings.simplefilter('ignore', DeprecationWarning)  # of a solver that ott-jax imports
    from ott.geometry import costs as ott_costs
  return ott_costs.SoftDTW


@pytest.mark.parametrize('shape', [(2, 2), (12, 9)])  # ott-jax is wrong at 1x1: it counts the cell twice
def test_value_and_gradient_match_ott_jax(shape, ott_soft_dtw):
  rng = np.random.default_rng(2)
  x, y = rng.normal(size=(shape[0], 4)), rng.normal(size=(shape[1], 4))
  with jax.enable_x64():
    theirs = jax.value_and_grad(lambda a: ott_soft_dtw(gamma=0.5)(a, jnp.asarray(y)))(jnp.asarray(x))
    ours = jax.value_and_grad(lambda a: soft_dtw.soft_dtw_features(a[None], jnp.asarray(y)[None], 0.5)[0])(
      jnp.asarray(x)
    )
  np.testing.assert_allclose(ours[0], theirs[0], rtol=1e-9)
  np.testing.assert_allclose(ours[1], theirs[1], atol=1e-7)


def test_padding_is_never_read_and_gets_no_gradient():
  rng = np.random.default_rng(3)
  lengths = [(1, 1), (1, 6), (5, 1), (5, 6), (3, 4)]
  n, m = (jnp.array(side) for side in zip(*lengths, strict=True))
  matrix = rng.uniform(size=(5, 5, 6)).astype(np.float32)
  for b, (rows, columns) in enumerate(lengths):
    matrix[b, rows:] = np.nan
    matrix[b, :, columns:] = np.inf
  values = soft_dtw.soft_dtw(jnp.asarray(matrix), 0.2, n, m)
  mass = np.asarray(soft_dtw.expected_alignment(jnp.asarray(matrix), 0.2, n, m))
  for b, (rows, columns) in enumerate(lengths):
    alone = jnp.asarray(matrix[b : b + 1, :rows, :columns])
    assert values[b] == soft_dtw.soft_dtw(alone, 0.2)[0]
    np.testing.assert_array_equal(mass[b, :rows, :columns], soft_dtw.expected_alignment(alone, 0.2)[0])
    assert not mass[b, rows:].any()
    assert not mass[b, :, columns:].any()


def test_nan_frames_behind_a_length_reach_neither_value_nor_gradient():
  rng = np.random.default_rng(4)
  x, y = rng.normal(size=(2, 6, 3)).astype(np.float32), rng.normal(size=(2, 5, 3)).astype(np.float32)
  x[0, 4:] = np.nan
  n, m = jnp.array([4, 6]), jnp.array([5, 5])
  result, gradient = jax.value_and_grad(lambda a: soft_dtw.soft_dtw_features(a, y, 0.1, n, m).sum())(jnp.asarray(x))
  assert np.isfinite(result)
  assert np.isfinite(gradient).all()


def test_value_lies_below_dtw_by_at_most_the_entropy_of_all_alignments():
  matrix = np.random.default_rng(5).uniform(size=(7, 9))
  with jax.enable_x64():
    for gamma in (1.0, 0.1, 1e-3):
      gap = classic(matrix) - value(matrix, gamma)
      assert -1e-9 <= gap <= gamma * math.log(delannoy(6, 8))
    np.testing.assert_allclose(value(np.zeros((7, 9)), 0.5), -0.5 * math.log(delannoy(6, 8)), rtol=1e-12)
  assert round(-0.5 * math.log(delannoy(6, 8)), 4) == -5.2993


def test_limit_is_the_classic_pattern_not_vpds():
  matrix = np.random.default_rng(15).uniform(size=(7, 9))
  found = value(matrix.astype(np.float32), 1e-5)
  np.testing.assert_allclose(found, path.dtw(matrix, 'symmetric1').distance, rtol=1e-3)
  assert abs(found - path.dtw(matrix, 'symmetricP2').distance) > 0.5


def test_expected_alignment_is_a_distribution_over_paths():
  n, m = 7, 9
  matrix = np.random.default_rng(6).uniform(size=(n, m))
  with jax.enable_x64():
    mass = alignment(matrix, 0.5)
    assert (mass >= 0).all()
    np.testing.assert_allclose([mass[0, 0], mass[-1, -1]], 1)
    assert (mass.sum(0) >= 1 - 1e-12).all()
    assert (mass.sum(1) >= 1 - 1e-12).all()
    assert max(n, m) <= mass.sum() <= n + m - 1
    hard = alignment(matrix, 1e-6)
    np.testing.assert_allclose(hard, np.round(hard), atol=1e-9)
    np.testing.assert_allclose((hard * matrix).sum(), classic(matrix))


def test_large_gamma_weighs_all_alignments_alike():
  n, m = 4, 5
  with jax.enable_x64():
    mass = alignment(np.random.default_rng(7).uniform(size=(n, m)), 1e6)
  paths = delannoy(n - 1, m - 1)
  expected = [[delannoy(i, j) * delannoy(n - 1 - i, m - 1 - j) / paths for j in range(m)] for i in range(n)]
  np.testing.assert_allclose(mass, expected, rtol=1e-5)


def test_value_obeys_transposition_reversal_scaling_and_shift():
  matrix, gamma = np.random.default_rng(8).uniform(size=(6, 8)), 0.4
  with jax.enable_x64():
    base = value(matrix, gamma)
    np.testing.assert_allclose([value(matrix.T, gamma), value(matrix[::-1, ::-1], gamma)], base, rtol=1e-12)
    np.testing.assert_allclose(value(3 * matrix, 3 * gamma), 3 * base, rtol=1e-12)
    slope = jax.grad(lambda c: soft_dtw.soft_dtw((jnp.asarray(matrix) + c)[None], gamma)[0])(0.0)
    np.testing.assert_allclose(slope, alignment(matrix, gamma).sum(), rtol=1e-12)


def test_common_translation_changes_nothing():
  rng = np.random.default_rng(9)
  with jax.enable_x64():
    x, y = jnp.asarray(rng.normal(size=(1, 5, 3))), jnp.asarray(rng.normal(size=(1, 7, 3)))

    def pair(a, b):
      return soft_dtw.soft_dtw_features(a, b, 0.5)[0]

    np.testing.assert_allclose(pair(x + 2.5, y + 2.5), pair(x, y), rtol=1e-9)
    dx, dy = jax.grad(pair, argnums=(0, 1))(x, y)
    np.testing.assert_allclose(dx.sum(1) + dy.sum(1), 0, atol=1e-9)


def test_divergence_is_zero_for_equals_symmetric_and_positive():
  rng = np.random.default_rng(10)
  with jax.enable_x64():
    x, y = jnp.asarray(rng.normal(size=(3, 5, 2))), jnp.asarray(rng.normal(size=(3, 8, 2)))
    np.testing.assert_allclose(soft_dtw.divergence(x, x, 0.5), 0, atol=1e-12)
    np.testing.assert_allclose(jax.grad(lambda a: soft_dtw.divergence(a, x, 0.5).sum())(x), 0, atol=1e-9)
    forward, backward = soft_dtw.divergence(x, y, 0.5), soft_dtw.divergence(y, x, 0.5)
    np.testing.assert_allclose(forward, backward, rtol=1e-9)
    assert (forward > 0).all()
    assert (soft_dtw.soft_dtw_features(x, x, 0.5) < 0).all()  # which is why the divergence exists


def test_squared_distance_has_no_factor_of_one_half():
  x, y = jnp.array([[[3.0]]]), jnp.array([[[1.0]]])
  assert soft_dtw.soft_dtw_features(x, y, 1.0)[0] == 4
  np.testing.assert_allclose(soft_dtw.soft_dtw_features(x, y, 1.0, cost='l2')[0], 2, rtol=1e-6)


@pytest.mark.slow
def test_long_sequences_and_large_costs_stay_finite_in_float32():
  matrix = 1e3 * np.random.default_rng(11).uniform(size=(1, 1024, 1024)).astype(np.float32)
  result, mass = jax.value_and_grad(lambda c: soft_dtw.soft_dtw(c, 0.1).sum())(jnp.asarray(matrix))
  assert np.isfinite(result)
  assert np.isfinite(mass).all()
  assert 1024 * 0.99 <= float(mass.sum()) <= 2047


def test_dtype_is_kept():
  with jax.enable_x64():
    for dtype in (jnp.float32, jnp.float64):
      matrix = jnp.ones((2, 3, 4), dtype)
      assert soft_dtw.soft_dtw(matrix, 0.1).dtype == dtype
      assert soft_dtw.expected_alignment(matrix, 0.1).dtype == dtype
  assert costs.pairwise(jnp.ones((2, 3), jnp.bfloat16), jnp.ones((2, 3), jnp.bfloat16)).dtype == jnp.float32


@pytest.mark.parametrize('b', [1, soft_dtw.TILE, soft_dtw.TILE + 1])
def test_tiles_equal_single_pairs(b):
  matrix = jnp.asarray(np.random.default_rng(12).uniform(size=(b, 4, 5)).astype(np.float32))
  values, mass = soft_dtw.soft_dtw(matrix, 0.3), soft_dtw.expected_alignment(matrix, 0.3)
  np.testing.assert_array_equal(values[-1], soft_dtw.soft_dtw(matrix[-1:], 0.3)[0])
  np.testing.assert_array_equal(mass[-1], soft_dtw.expected_alignment(matrix[-1:], 0.3)[0])


def test_jit_and_vmap_give_the_same():
  matrix = jnp.asarray(np.random.default_rng(13).uniform(size=(3, 2, 4, 5)).astype(np.float32))
  plain = jnp.stack([soft_dtw.soft_dtw(part, 0.3) for part in matrix])
  np.testing.assert_allclose(jax.jit(jax.vmap(lambda c: soft_dtw.soft_dtw(c, 0.3)))(matrix), plain, rtol=1e-6)


def test_gradients_of_features_take_at_most_four_volumes_of_memory():
  b, t = 2 * soft_dtw.TILE, 128
  pair = jax.value_and_grad(lambda x, y: soft_dtw.soft_dtw_features(x, y, 0.1, impl='jax').sum(), (0, 1))
  features = jax.ShapeDtypeStruct((b, t, 64), jnp.float32)
  compiled = jax.jit(pair).lower(features, features).compile()
  assert compiled.memory_analysis().temp_size_in_bytes <= 4 * b * t * t * 4


def test_squared_distances_have_the_gradient_of_exact_arithmetic():
  rng = np.random.default_rng(14)
  x = rng.normal(size=(5, 3)).astype(np.float32)
  y = np.concatenate([x[:2], rng.normal(size=(4, 3)).astype(np.float32)])
  weight = rng.normal(size=(5, 6)).astype(np.float32)
  gradient = jax.grad(lambda a: (weight * costs.pairwise(a, y, 'squared_l2')).sum())(x)
  expected = 2 * np.einsum('nm,nmd->nd', weight, x[:, None] - y[None])
  np.testing.assert_allclose(gradient, expected, rtol=1e-4, atol=1e-5)
