"""Scores on the device against dtw-python, and the properties a batch must not disturb."""

import dataclasses

import jax
import numpy as np
import pytest
from dtw import dtw as oracle
from scipy.spatial.distance import cdist

from sportjax.align import costs, dtw, pack, patterns, scan
from sportjax.errors import InputError

NAMES = tuple(patterns.PATTERNS)
IMPLEMENTATIONS = ['jax', 'native']


def clips(rng, lengths, d=5, dtype=np.float32):
  return [rng.normal(size=(length, d)).astype(dtype) for length in lengths]


def oracle_score(cost_matrix, pattern, normalize=False):
  try:
    result = oracle(cost_matrix, step_pattern=pattern, distance_only=True)
  except ValueError:  # dtw-python's way to say that there is no path
    return np.inf
  return result.normalizedDistance if normalize else result.distance


def product(dot, xx, yy):
  del xx, yy
  return dot


def by_matrix(matrices, pattern):
  """Scores of cost matrices {(n, m): costs}, from one-hot queries whose product with the columns is the matrix."""
  ns, ms = (sorted({shape[axis] for shape in matrices}) for axis in (0, 1))
  rows = np.split(np.eye(sum(ns)), np.cumsum(ns)[:-1])
  columns = [np.concatenate([matrices[n, m].T for n in ns], axis=1) for m in ms]
  size = pack.padded_length(max(ms))  # one bucket for all, so that one program is compiled
  bucket = pack._bucket(columns, np.arange(len(ms)), size, pack.padded_length(len(ms)))
  scores = dtw.bucket_scores(rows, bucket, cost=product, pattern=pattern, normalize=False)
  return {(n, m): scores[i, 0, j] for i, n in enumerate(ns) for j, m in enumerate(ms)}


@pytest.mark.parametrize('pattern', NAMES)
def test_scores_of_every_shape_to_40_match_dtw_python_in_float64(pattern):
  rng = np.random.default_rng(0)
  matrices = {(n, m): rng.uniform(size=(n, m)) for n in range(1, 41) for m in range(1, 41)}
  with jax.enable_x64():
    scores = by_matrix(matrices, pattern)
  expected = {shape: oracle_score(matrix, pattern) for shape, matrix in matrices.items()}
  np.testing.assert_allclose([scores[s] for s in matrices], [expected[s] for s in matrices], rtol=1e-12)
  feasible = patterns.PATTERNS[pattern].feasible(*np.array(list(matrices)).T)
  np.testing.assert_array_equal(feasible, np.isfinite(list(expected.values())))


@pytest.mark.parametrize('impl', IMPLEMENTATIONS)
@pytest.mark.parametrize('pattern', NAMES)
def test_scores_of_ragged_features_match_dtw_python(pattern, impl):
  rng = np.random.default_rng(1)
  queries = clips(rng, (1, 2, 5, 32, 33, 64, 65, 100))
  refs = clips(rng, (1, 2, 3, 5, 7, 97, 111, 128))
  expected = [[oracle_score(cdist(x, y), pattern) for y in refs] for x in queries]
  np.testing.assert_allclose(
    dtw.scores(queries, refs, pattern=pattern, normalize=False, impl=impl), expected, rtol=2e-6
  )


@pytest.mark.parametrize('impl', IMPLEMENTATIONS)
@pytest.mark.parametrize('pattern', ['symmetric2', 'symmetricP1', 'symmetricP2'])
def test_normalized_scores_match_dtw_python(pattern, impl):
  rng = np.random.default_rng(2)
  queries, refs = clips(rng, (10, 12)), clips(rng, (13, 16))
  expected = [[oracle_score(cdist(x, y), pattern, normalize=True) for y in refs] for x in queries]
  np.testing.assert_allclose(dtw.scores(queries, refs, pattern=pattern, impl=impl), expected, rtol=2e-6)


def test_slope_limit_is_three_to_two_for_p2_and_two_to_one_for_p1():
  p1, p2 = patterns.SYMMETRIC_P1, patterns.SYMMETRIC_P2
  assert p2.feasible(1, 1)
  assert not p2.feasible(1, 2)
  assert p2.feasible(21, 31)
  assert not p2.feasible(21, 32)
  assert not p2.feasible(30, 20)  # as were found with VPD's code
  assert not p2.feasible(30, 45)
  assert p1.feasible(21, 41)
  assert not p1.feasible(21, 42)


@pytest.mark.parametrize('impl', IMPLEMENTATIONS)
def test_infeasible_pairs_are_infinite_and_leave_other_lanes_alone(impl):
  rng = np.random.default_rng(3)
  query, refs = clips(rng, (22,)), clips(rng, (13, 13, 16, 13, 13))
  together = dtw.scores(query, refs, impl=impl)[0]
  assert list(np.isinf(together)) == [True, True, False, True, True]
  assert together[2] == dtw.scores(query, refs[2:3], impl=impl)[0, 0]


@pytest.mark.parametrize('impl', IMPLEMENTATIONS)
def test_constant_cost_has_its_closed_form(impl):
  # The first cell counts once, every later row and column once: c (n + m - 1).
  for n, m in ((1, 1), (7, 8)):
    score = dtw.scores([np.zeros((n, 1), np.float32)], [np.full((m, 1), 3, np.float32)], impl=impl)[0, 0]
    np.testing.assert_allclose(score, 3 * (n + m - 1) / (n + m), rtol=1e-6)


@pytest.mark.parametrize('impl', IMPLEMENTATIONS)
def test_p2_is_symmetric_but_not_under_reversal(impl):
  rng = np.random.default_rng(4)
  x, y = clips(rng, (17, 15))
  forward = dtw.scores([x], [y], impl=impl)[0, 0]
  np.testing.assert_allclose(forward, dtw.scores([y], [x], impl=impl)[0, 0], rtol=1e-6)
  assert abs(forward - dtw.scores([x[::-1]], [y[::-1]], impl=impl)[0, 0]) > 1e-4
  classic = [
    dtw.scores([a], [b], pattern='symmetric1', normalize=False, impl=impl)[0, 0]
    for a, b in ((x, y), (x[::-1], y[::-1]))
  ]
  np.testing.assert_allclose(*classic, rtol=1e-6)


@pytest.mark.parametrize('impl', IMPLEMENTATIONS)
@pytest.mark.parametrize('pattern', ['symmetric2', 'symmetricP2'])
def test_garbage_in_the_padding_changes_nothing(pattern, impl):
  rng = np.random.default_rng(5)
  q, r = rng.normal(size=(3, 30, 4)).astype(np.float32), rng.normal(size=(6, 40, 4)).astype(np.float32)
  q_len, r_len = np.array([20, 25, 30]), np.array([18, 25, 22, 40, 33, 21])
  clean = dtw.dtw_scores(q, q_len, r, r_len, pattern=pattern, impl=impl)
  for i, length in enumerate(q_len):
    q[i, length:] = np.nan
  for i, length in enumerate(r_len):
    r[i, length:] = np.inf
  np.testing.assert_array_equal(dtw.dtw_scores(q, q_len, r, r_len, pattern=pattern, impl=impl), clean)


@pytest.mark.parametrize('impl', IMPLEMENTATIONS)
def test_garbage_behind_the_last_frame_in_a_tile_changes_nothing(impl):
  rng = np.random.default_rng(6)
  query = clips(rng, (70,))
  bucket = pack.pack(clips(rng, (65, 70, 80, 90)))[0]
  for pattern in ('symmetric2', 'symmetricP2'):
    clean = dtw.bucket_scores(query, bucket, pattern=pattern, impl=impl)
    for lane, length in enumerate(bucket.lengths[0]):
      bucket.frames[0, length:, :, lane] = np.nan
    np.testing.assert_array_equal(dtw.bucket_scores(query, bucket, pattern=pattern, impl=impl), clean)
    bucket.frames[np.isnan(bucket.frames)] = 0


@pytest.mark.parametrize('impl', IMPLEMENTATIONS)
@pytest.mark.parametrize('cost', list(costs.COSTS))
def test_frames_with_nan_make_the_scores_of_their_pairs_nan(cost, impl):
  rng = np.random.default_rng(15)
  query, bucket = clips(rng, (20,))[0], pack.pack(clips(rng, (20, 21, 24)))[0]
  broken = np.array(query)
  broken[7, 1] = np.nan
  bucket.frames[0, 19, 2, 1] = np.nan
  bucket.frames[0, 20:, :, 0] = np.nan  # behind the end: unread
  for pattern in NAMES:
    options = {'pattern': pattern, 'cost': cost, 'normalize': False, 'impl': impl}
    of_query, of_broken = dtw.bucket_scores([query, broken], bucket, **options)[:, 0, :3]
    np.testing.assert_array_equal(np.isfinite(of_query), [True, False, True])
    assert np.isnan([of_query[1], *of_broken]).all()


def test_window_equals_the_whole_matrix_bitwise(monkeypatch):
  rng = np.random.default_rng(7)
  queries, bucket = clips(rng, (99, 110, 128, 77)), pack.pack(clips(rng, (97, 100, 120, 128)))[0]
  n = np.array([len(query) for query in queries])
  feasible = patterns.SYMMETRIC_P2.feasible(n[:, None, None], bucket.lengths) & (bucket.index >= 0)
  work = scan.pieces(n, bucket, feasible, patterns.SYMMETRIC_P2)
  assert work.width < 100
  assert work.starts.max() > 0
  banded = dtw.bucket_scores(queries, bucket, impl='jax')
  whole = dataclasses.replace(work, starts=np.zeros_like(work.starts), width=128)
  monkeypatch.setattr(scan, 'pieces', lambda *_: whole)
  np.testing.assert_array_equal(dtw.bucket_scores(queries, bucket, impl='jax'), banded)


@pytest.mark.parametrize('impl', IMPLEMENTATIONS)
def test_lanes_and_batches_equal_single_pairs_bitwise(impl):
  rng = np.random.default_rng(8)
  queries, refs = clips(rng, (20, 24, 30)), clips(rng, (25, 31, 28))
  together = dtw.scores(queries, refs, impl=impl)
  apart = [[dtw.scores([x], [y], impl=impl)[0, 0] for y in refs] for x in queries]
  np.testing.assert_allclose(together, apart, rtol=3e-7)  # GEMMs of other sizes may round the costs otherwise


def brute_force(matrix, pattern):
  """The cheapest of all paths, by recursion over the steps."""

  def best(i, j):
    if (i, j) == (0, 0):
      return matrix[0, 0]
    options = [
      best(i - s.rows, j - s.columns) + sum(w * matrix[i - r, j - c] for r, c, w in s.costs)
      for s in pattern.steps
      if i >= s.rows and j >= s.columns
    ]
    return min(options, default=np.inf)

  return best(matrix.shape[0] - 1, matrix.shape[1] - 1)


@pytest.mark.parametrize('pattern', ['symmetric1', 'symmetricP2'])
def test_scores_equal_enumeration_of_all_paths(pattern):
  rng = np.random.default_rng(9)
  matrices = {(n, m): rng.uniform(size=(n, m)) for n in range(1, 7) for m in range(1, 7)}
  with jax.enable_x64():
    scores = by_matrix(matrices, pattern)
  expected = [brute_force(matrix, patterns.PATTERNS[pattern]) for matrix in matrices.values()]
  np.testing.assert_allclose([scores[shape] for shape in matrices], expected, rtol=1e-12)


@pytest.mark.parametrize('impl', IMPLEMENTATIONS)
@pytest.mark.parametrize(('dtype', 'limit'), [(np.float32, 2e-4), (np.float16, 1e-3), (jax.numpy.bfloat16, 1e-3)])
def test_distance_of_a_clip_to_itself_is_nearly_zero(dtype, limit, impl):
  rng = np.random.default_rng(10)
  x = rng.normal(size=(60, 64))
  x = (x / np.linalg.norm(x, axis=1, keepdims=True)).astype(dtype)
  assert dtw.scores([x], [x], impl=impl)[0, 0] <= limit


@pytest.mark.parametrize('impl', IMPLEMENTATIONS)
def test_real_norms_are_used_for_features_far_from_unit_length(impl):
  rng = np.random.default_rng(11)
  x, y = 7 * rng.normal(size=(12, 6)).astype(np.float32), rng.normal(size=(13, 6)).astype(np.float32)
  y[3] = 0
  for name, metric in (('l2', 'euclidean'), ('squared_l2', 'sqeuclidean')):
    expected = oracle_score(cdist(x, y, metric), 'symmetricP2', normalize=True)
    np.testing.assert_allclose(dtw.scores([x], [y], cost=name, impl=impl)[0, 0], expected, rtol=1e-5)


def test_lower_bound_of_rows_and_columns_is_below_p2():
  rng = np.random.default_rng(12)
  for _ in range(10):
    x, y = clips(rng, (20, 24))
    c = cdist(x, y)
    assert lower_bound(c) <= dtw.scores([x], [y], normalize=False)[0, 0] * (1 + 1e-6)
  # Where all costs are equal it is the score.
  x, y = np.zeros((20, 1), np.float32), np.full((24, 1), 3, np.float32)
  np.testing.assert_allclose(lower_bound(cdist(x, y)), dtw.scores([x], [y], normalize=False)[0, 0], rtol=1e-6)


def lower_bound(cost_matrix):
  return cost_matrix[0, 0] + cost_matrix[1:].min(1).sum() + cost_matrix[:, 1:].min(0).sum()


def test_programs_compiled_are_bounded_by_the_buckets():
  rng = np.random.default_rng(13)
  scan.score_items.clear_cache()
  lengths = rng.integers(20, 48, size=100)
  buckets = {pack.padded_length(length) for length in lengths}
  dtw.scores(clips(rng, lengths[:70], d=3), clips(rng, lengths, d=3), impl='jax')
  assert scan.score_items._cache_size() <= 2 * len(buckets)


def test_clips_of_many_lengths_of_one_bucket_share_a_program():
  """The band is as high as for the longest, so that its height, which is compiled in, does not change with them."""
  rng = np.random.default_rng(14)
  scan.score_items.clear_cache()
  for n, m in ((33, 33), (48, 48), (35, 47), (48, 34), (40, 41)):
    query, references = clips(rng, (n,), d=3), clips(rng, (m,) * 3, d=3)
    expected = [oracle_score(cdist(query[0], y), 'symmetricP2') for y in references]
    np.testing.assert_allclose(dtw.scores(query, references, normalize=False, impl='jax')[0], expected, rtol=2e-6)
  assert scan.score_items._cache_size() == 1


def test_tiles_of_very_different_lengths_share_a_program_too():
  """Their clips are aligned in several pieces, more than there are tiles, and each piece in the same band."""
  rng = np.random.default_rng(15)
  scan.score_items.clear_cache()
  queries = clips(rng, (66, 70, 75, 80, 84, 88, 92, 96), d=3)
  n = np.array([len(query) for query in queries])
  for lengths in ((96,) * 32, tuple(range(65, 97)), (65, 66, 95, 96) * 8):
    references = clips(rng, lengths, d=3)
    bucket = pack.pack(references)[0]
    feasible = patterns.SYMMETRIC_P2.feasible(n[:, None, None], bucket.lengths) & (bucket.index >= 0)
    work = scan.pieces(n, bucket, feasible, patterns.SYMMETRIC_P2)
    assert (len(work.place) > len(queries)) == (min(lengths) < 96)
    ours = dtw.scores(queries, references, normalize=False, impl='jax')
    for i, j in ((0, 0), (0, 31), (4, 16), (7, 0), (7, 31)):
      expected = oracle_score(cdist(queries[i], references[j]), 'symmetricP2')
      np.testing.assert_allclose(ours[i, j], expected, rtol=2e-6)
  assert scan.score_items._cache_size() == 1


@pytest.mark.parametrize('impl', IMPLEMENTATIONS)
def test_empty_sides_give_empty_scores(impl):
  x = np.ones((3, 2), np.float32)
  assert dtw.scores([], [x], impl=impl).shape == (0, 1)
  assert dtw.scores([x], [], impl=impl).shape == (1, 0)


@pytest.mark.parametrize(
  ('queries', 'refs', 'options', 'message'),
  [
    ([np.ones((0, 2))], [np.ones((3, 2))], {}, 'query 0 has shape'),
    ([np.full((3, 2), np.nan)], [np.ones((3, 2))], {}, 'query 0 has NaN'),
    ([np.ones((3, 2))], [np.ones((3, 2)), np.ones((3, 4))], {}, 'clip 1 has 4 features'),
    ([np.ones((3, 2))], [np.ones((3, 4))], {}, 'references 4'),
    ([np.ones((3, 2))], [np.ones((3, 2))], {'pattern': 'symmetric1'}, 'no normaliser'),
    ([np.ones((3, 2))], [np.ones((3, 2))], {'pattern': 'p9'}, "'p9' is unknown"),
    ([np.ones((3, 2))], [np.ones((3, 2))], {'cost': 'l9'}, "'l9' is unknown"),
  ],
)
def test_bad_input_says_what_is_wrong(queries, refs, options, message):
  with pytest.raises(InputError, match=message):
    dtw.scores(queries, refs, **options)


def test_lengths_beyond_the_array_are_refused():
  with pytest.raises(InputError, match='do not fit'):
    dtw.dtw_scores(np.ones((1, 3, 2)), [4], np.ones((1, 3, 2)), [3])


def test_cosine_cost_matches_scipy_and_puts_empty_frames_at_one():
  rng = np.random.default_rng(14)
  x, y = rng.normal(size=(4, 6)).astype(np.float32), rng.normal(size=(5, 6)).astype(np.float32)
  np.testing.assert_allclose(costs.pairwise(x, y, 'cosine'), cdist(x, y, 'cosine'), atol=2e-6)
  assert costs.pairwise(np.zeros((1, 6), np.float32), y, 'cosine').tolist() == [[1.0] * 5]


@pytest.mark.parametrize('cost', list(costs.COSTS))
def test_cost_gradients_are_finite_at_distance_zero(cost):
  x = np.array([[1.0, 2.0], [0.0, 0.0]], np.float32)
  gradient = jax.grad(lambda a: costs.pairwise(a, x, cost).sum())(x)
  assert np.isfinite(gradient).all()
