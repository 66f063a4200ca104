"""Open-ended alignment against dtw-python, one beginning after the other."""

import numpy as np
import pytest
from dtw import dtw as oracle

from sportjax.align import subsequence
from sportjax.errors import InputError


def best_of_all_beginnings(costs):
  """dtw-python with an open end from every row on: least distance, its beginning and its path."""
  found = []
  for begin in range(len(costs)):
    try:
      result = oracle(costs[begin:].T.copy(), step_pattern='asymmetricP1', open_end=True)
    except ValueError:  # its way to say that there is no path
      continue
    if np.isfinite(result.distance):
      found.append((result.distance, begin, begin + result.jmin))
  return min(found, default=(np.inf, None, None))


@pytest.mark.parametrize('shape', [(1, 1), (5, 1), (1, 3), (3, 4), (9, 6), (6, 9), (12, 12), (20, 31), (4, 9)])
def test_distance_and_ends_match_dtw_python(shape):
  costs = np.random.default_rng(sum(shape)).uniform(size=shape)
  distance, begin, end = best_of_all_beginnings(costs)
  result = subsequence.locate(costs)
  if not np.isfinite(distance):
    assert result.score == np.inf
    assert len(result.path) == 0
    return
  assert result.distance == pytest.approx(distance)
  assert result.score == pytest.approx(distance / shape[1])
  assert result.path[0].tolist() == [begin, 0]
  assert result.path[-1].tolist() == [end, shape[1] - 1]


def test_a_part_is_found_where_it_was_cut():
  whole = np.cumsum(np.random.default_rng(0).normal(size=(60, 4)), axis=0)
  part = whole[17:41]
  result = subsequence.locate(np.linalg.norm(whole[:, None] - part[None], axis=-1))
  np.testing.assert_array_equal(result.path, np.column_stack([np.arange(17, 41), np.arange(24)]))
  assert result.distance == pytest.approx(0, abs=1e-9)


def test_path_has_every_frame_of_the_part_and_moves_by_the_pattern():
  costs = np.random.default_rng(3).uniform(size=(40, 25))
  path = subsequence.locate(costs).path
  assert sorted(set(path[:, 1])) == list(range(25))
  assert set(map(tuple, np.diff(path, axis=0))) <= {(1, 1), (0, 1), (1, 0)}


@pytest.mark.parametrize('costs', [np.zeros((0, 3)), np.zeros((3, 0)), np.array([[np.nan]]), np.zeros(4)])
def test_no_matrix_is_an_error(costs):
  with pytest.raises(InputError, match='empty or holds NaN'):
    subsequence.locate(costs)
