"""Retrieval across views: perfect for an embedding that knows the pose, chance for one that knows nothing."""

import numpy as np
import pytest

from sportjax.errors import InputError
from sportjax.evals import view_retrieval

XYZ = np.random.default_rng(0).normal(size=(30, 13, 3))


def test_the_same_view_finds_every_pose_and_the_side_tells_nothing_of_what_is_as_high_in_all():
  level = XYZ.copy()
  level[..., 2] = XYZ[0, :, 2]
  same = view_retrieval.hits_across_views(view_retrieval.joints_2d, level, 0.0)
  assert same.itself.mean() == same.same.mean() == 1
  assert same.pose.tolist() == list(range(30)) * 4
  beside = view_retrieval.hits_across_views(view_retrieval.joints_2d, level, 90.0)
  assert beside.itself.mean() < 0.2


def test_heights_alone_are_the_same_from_all_sides():
  def heights(x):
    joints = np.asarray(x).reshape(len(x), 13, 3)
    y = joints[:, :, 1]
    return (y - y.mean(1, keepdims=True)) / y.std(1, keepdims=True)  # which no level camera changes but in size

  found = view_retrieval.hits_across_views(heights, XYZ, 90.0)
  assert found.itself.mean() == 1


def test_an_embedding_of_nothing_is_at_chance():
  rng = np.random.default_rng(1)
  found = view_retrieval.hits_across_views(lambda x: rng.normal(size=(len(x), 4)), XYZ, 30.0, k=3)
  assert found.itself.mean() < 0.15
  assert found.same.mean() < 0.4


def test_distinct_poses_are_kept_once():
  twice = np.concatenate([XYZ[:5], 2 * XYZ[:5] + 1])
  assert len(view_retrieval.distinct(twice, 10, seed=0)) == 5
  assert len(view_retrieval.distinct(twice, 3, seed=0)) == 3


def test_too_few_poses_are_refused():
  with pytest.raises(InputError, match='too few'):
    view_retrieval.hits_across_views(view_retrieval.joints_2d, XYZ[:1], 0.0)
