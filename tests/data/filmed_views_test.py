"""Views of poses by cameras: two different ones are drawn, and what was not filmed is NaN."""

import numpy as np

from sportjax.data.filmed_views import FilmedViews


def view(number):
  return np.full((13, 3), number, np.float32)


def test_two_cameras_are_drawn_and_never_the_same():
  views = FilmedViews.of([[], [view(10)], [view(20), view(21), view(22)], []])
  drawn = views.draw(np.repeat(np.arange(4), 300), np.random.default_rng(0)).reshape(4, 300, 2, 13, 3)
  assert np.isnan(drawn[[0, 3]]).all()
  assert (drawn[1, :, 0] == 10).all()
  assert np.isnan(drawn[1, :, 1]).all()
  first, second = drawn[2, :, 0, 0, 0], drawn[2, :, 1, 0, 0]
  pairs, count = np.unique(np.stack([first, second]), axis=1, return_counts=True)
  assert pairs.T.tolist() == [[20, 21], [20, 22], [21, 20], [21, 22], [22, 20], [22, 21]]
  assert count.min() > 25  # of 50
  np.testing.assert_array_equal(drawn[2], np.broadcast_to(drawn[2, :, :, :1, :1], drawn[2].shape))


def test_poses_that_nobody_filmed():
  assert np.isnan(FilmedViews.of([[], []]).draw(np.array([0, 1, 1]), np.random.default_rng(0))).all()
