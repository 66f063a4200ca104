"""The native kernel against pure JAX: every small shape, type, cost and pattern."""

import jax
import numpy as np
import pytest

from sportjax.align import costs, dtw, pack, patterns
from sportjax.align.native import dtw as native
from sportjax.errors import InputError

NAMES = tuple(patterns.PATTERNS)
LENGTHS = list(range(1, 21))


def clips(rng, lengths, d, dtype=np.float32):
  return [rng.normal(size=(length, d)).astype(dtype) for length in lengths]


def both(queries, refs, **options):
  return [dtw.scores(queries, refs, impl=impl, **options) for impl in ('native', 'jax')]


@pytest.mark.parametrize('pattern', NAMES)
@pytest.mark.parametrize('cost', list(costs.COSTS))
def test_scores_of_every_shape_to_20_match_jax(pattern, cost):
  rng = np.random.default_rng(0)
  queries, refs = clips(rng, LENGTHS, 7), clips(rng, LENGTHS, 7)
  queries[6][2], refs[9][4] = 0, 0
  ours, oracle = both(queries, refs, pattern=pattern, cost=cost, normalize=False)
  np.testing.assert_allclose(ours, oracle, rtol=1e-5, atol=1e-6)
  n = np.array(LENGTHS)
  np.testing.assert_array_equal(np.isfinite(ours), patterns.PATTERNS[pattern].feasible(n[:, None], n))


@pytest.mark.parametrize('pattern', NAMES)
def test_scores_in_float64_match_jax(pattern):
  rng = np.random.default_rng(1)
  queries, refs = clips(rng, LENGTHS, 9, np.float64), clips(rng, LENGTHS, 9, np.float64)
  with jax.enable_x64():
    ours, oracle = both(queries, refs, pattern=pattern, normalize=False)
  assert ours.dtype == np.float64
  np.testing.assert_allclose(ours, oracle, rtol=1e-12)


@pytest.mark.parametrize('dtype', [np.float16, jax.numpy.bfloat16])
def test_scores_of_16_bit_features_match_jax(dtype):
  rng = np.random.default_rng(2)
  queries, refs = clips(rng, (20, 25, 31), 35, dtype), clips(rng, (22, 28, 30, 35), 35, dtype)
  refs[0][0, :5] = np.array([6e-8, -6e-8, 1e-5, 6e4, -6e4]) / 100  # some are no normal numbers in float16
  ours, oracle = both(queries, refs)
  np.testing.assert_allclose(ours, oracle, rtol=1e-5)


@pytest.mark.parametrize('pattern', NAMES)
@pytest.mark.parametrize('width', [1, 16, 33])
def test_clips_of_many_lengths_in_several_tiles_match_jax(pattern, width):
  rng = np.random.default_rng(3)
  queries, refs = clips(rng, (33, 64, 90), width), clips(rng, rng.integers(30, 97, 70), width)
  for bucket in pack.pack(refs, lanes=40):
    ours, oracle = (
      dtw.bucket_scores(queries, bucket, pattern=pattern, normalize=False, impl=impl) for impl in ('native', 'jax')
    )
    np.testing.assert_allclose(ours, oracle, rtol=1e-5)


def test_band_changes_nothing(monkeypatch):
  rng = np.random.default_rng(4)
  queries, bucket = clips(rng, (99, 110, 77), 6), pack.pack(clips(rng, (97, 100, 120, 128), 6))[0]
  x = np.zeros((3, 6, 128), np.float32)
  for i, query in enumerate(queries):
    x[i, :, : len(query)] = query.T
  n = np.array([99, 110, 77])
  call = {'pattern': patterns.SYMMETRIC_P2, 'cost': costs.l2}
  banded = np.asarray(native.tile_scores(x, n, bucket.frames, bucket.lengths, **call))
  wide = patterns.Pattern('wide', patterns.SYMMETRIC_P2.steps, True, None)
  monkeypatch.setattr(native, 'PATTERNS', (*native.PATTERNS[:3], wide))
  full = np.asarray(native.tile_scores(x, n, bucket.frames, bucket.lengths, **call | {'pattern': wide}))
  np.testing.assert_array_equal(banded, full)


def test_equal_clips_are_at_distance_zero():
  x = np.random.default_rng(5).normal(size=(60, 64)).astype(np.float32)
  assert dtw.scores([x], [x], impl='native')[0, 0] == 0


def test_scores_do_not_depend_on_how_many_share_the_call():
  rng = np.random.default_rng(6)
  queries, refs = clips(rng, (20, 24, 30), 8), clips(rng, (25, 31, 28), 8)
  together = dtw.scores(queries, refs, impl='native')
  np.testing.assert_array_equal(together, [[dtw.scores([x], [y], impl='native')[0, 0] for y in refs] for x in queries])


def test_kernel_runs_under_jit_and_vmap():
  rng = np.random.default_rng(7)
  x, y = rng.normal(size=(2, 3, 4, 8)).astype(np.float32), rng.normal(size=(1, 8, 4, 8)).astype(np.float32)
  n, m = np.array([5, 6, 8]), np.full((1, 8), 7)

  def run(a):
    return native.tile_scores(a, n, y, m, pattern=patterns.SYMMETRIC2, cost=costs.l2)

  np.testing.assert_array_equal(jax.jit(jax.vmap(run))(x), [run(x[0]), run(x[1])])


def test_a_cost_of_the_caller_runs_in_jax_unless_native_is_asked_for():
  rng = np.random.default_rng(8)
  x, y = clips(rng, (5,), 3)[0], clips(rng, (5,), 3)[0]

  def doubled(dot, xx, yy):
    return 2 * costs.squared_l2(dot, xx, yy)

  plain = dtw.scores([x], [y], cost='squared_l2', impl='jax')
  np.testing.assert_allclose(dtw.scores([x], [y], cost=doubled), 2 * plain, rtol=1e-6)
  with pytest.raises(InputError, match="'native' knows nothing"):
    dtw.scores([x], [y], cost=doubled, impl='native')
  with pytest.raises(InputError, match="'fast' is unknown"):
    dtw.scores([x], [y], impl='fast')


def test_features_that_are_not_finite_are_refused():
  x = np.ones((3, 2), np.float32)
  with pytest.raises(InputError, match='query 0 has NaN'):
    dtw.scores([x * np.nan], [x], impl='native')
