"""The running list of the k nearest, against sorting everything."""

import numpy as np

from sportjax.retrieval import nearest


def test_blocks_in_any_order_leave_the_first_of_a_stable_sort():
  rng = np.random.default_rng(0)
  distance = rng.integers(-3, 6, (20, 200)).astype(np.float32)  # many ties, some negative, as rounding leaves them
  distance[rng.random(distance.shape) < 0.3] = np.inf
  distance[0] = np.inf
  distance[1, 5:] = np.inf
  expected = np.argsort(distance, axis=1, kind='stable')[:, :9]
  best = np.full((20, 9), nearest.NONE)
  for columns in np.array_split(rng.permutation(200), 7):
    kept = nearest.promising(best, distance[:, columns])
    best = nearest.merge(best, nearest.encode(distance[:, columns[kept]], columns[kept]))
  position, found = nearest.decode(np.sort(best, axis=1))
  values = np.take_along_axis(distance, expected, axis=1)
  np.testing.assert_array_equal(found, values)
  np.testing.assert_array_equal(position, np.where(np.isinf(values), -1, expected))


def test_zeros_of_either_sign_tie():
  keys = nearest.encode(np.array([[0.0, -0.0]], np.float32), np.array([4, 3]))
  assert nearest.decode(np.sort(keys, axis=1))[0].tolist() == [[3, 4]]


def test_only_columns_that_can_enter_are_promising():
  best = nearest.encode(np.array([[1.0, 2.0]], np.float32), np.array([0, 1]))
  assert nearest.promising(best, np.array([[3.0, 2.0, 0.5, np.inf]], np.float32)).tolist() == [1, 2]
