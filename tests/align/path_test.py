"""Paths on the host against dtw-python's."""

import numpy as np
import pytest
from dtw import dtw as oracle

from sportjax.align import path, patterns
from sportjax.errors import InputError


@pytest.mark.parametrize('pattern', list(patterns.PATTERNS))
@pytest.mark.parametrize('shape', [(1, 1), (2, 2), (9, 12), (25, 20), (40, 33)])
def test_scores_and_paths_match_dtw_python(pattern, shape):
  matrix = np.random.default_rng(0).uniform(size=shape)
  expected = oracle(matrix, step_pattern=pattern)
  result = path.dtw(matrix, pattern)
  np.testing.assert_allclose(result.distance, expected.distance, rtol=1e-12)
  if patterns.PATTERNS[pattern].normalized:
    np.testing.assert_allclose(result.score, expected.normalizedDistance, rtol=1e-12)
  # dtw-python lists, of a slanted step, the cells it pays for; so do we.
  np.testing.assert_array_equal(result.path, np.stack([expected.index1, expected.index2], 1))


def test_pair_without_a_path_is_infinite_with_an_empty_path():
  result = path.dtw(np.ones((3, 9)))
  assert result.score == np.inf
  assert result.path.shape == (0, 2)


def test_nan_and_empty_matrices_are_refused():
  for matrix in (np.full((2, 2), np.nan), np.zeros((0, 3))):
    with pytest.raises(InputError, match='empty or holds NaN'):
      path.dtw(matrix)
