"""What the tests of formats share: the golden files, their joints, and random detections."""

import pathlib

import numpy as np
import pytest

from sportjax.pose.track import Detections

_FIELDS = ('frame', 'boxes', 'scores', 'keypoints', 'ids')


@pytest.fixture
def golden() -> pathlib.Path:
  return pathlib.Path(__file__).parents[1] / 'golden' / 'formats'


@pytest.fixture
def joints():
  """The joints of the golden files: (100, 200), (101, 202), (102, 204)..., score 0.5."""

  def make(n, x=100):
    return np.array([[x + i, 200 + 2 * i, 0.5] for i in range(n)], np.float32)

  return make


@pytest.fixture
def some_people():
  """Random people of a 640x480 video with 6 frames; frame 3 is empty."""

  def make(n_joints=17, skeleton='coco17', seed=0):
    rng = np.random.default_rng(seed)
    corner = rng.uniform(0, 200, (5, 2))
    return Detections(
      frame=np.array([0, 0, 1, 4, 5]),
      boxes=np.concatenate([corner, corner + rng.uniform(10, 200, (5, 2))], axis=1).astype(np.float32),
      scores=rng.random(5).astype(np.float32),
      keypoints=rng.uniform(0.01, 1, (5, n_joints, 3)).astype(np.float32) * np.array([640, 480, 1], np.float32),
      ids=np.array([1, 2, 1, 2, 1]),
      skeleton=skeleton,
      source='memory',
    )

  return make


@pytest.fixture
def assert_same():
  """Asserts that two detections agree bit by bit in the fields that a format can hold."""

  def check(found, wanted, fields=_FIELDS):
    assert len(found) == len(wanted)
    for field in fields:
      np.testing.assert_array_equal(getattr(found, field), getattr(wanted, field), err_msg=field, strict=True)
    assert found.skeleton == wanted.skeleton

  return check
