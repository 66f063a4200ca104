"""The distance of poses against scipy's Procrustes analysis, and of poses that are the same."""

import numpy as np
import scipy.spatial
from scipy.spatial.transform import Rotation

from sportjax.metrics.pose3d import np_mpjpe


def test_place_size_and_turn_do_not_count_but_mirroring_does():
  pose = np.random.default_rng(0).normal(size=(3, 13, 3))
  turned = 2.5 * pose @ Rotation.from_euler('xyz', [20, 130, -70], degrees=True).as_matrix().T + [5, 1, -3]
  np.testing.assert_allclose(np_mpjpe(pose, turned), 0, atol=1e-12)
  assert np_mpjpe(pose, pose * [-1, 1, 1]).min() > 0.1


def test_alignment_is_scipys():
  rng = np.random.default_rng(1)
  a = rng.normal(size=(5, 13, 3))
  b = a + 0.2 * rng.normal(size=a.shape)
  for one, other, found in zip(a, b, np_mpjpe(a, b), strict=True):
    x, y, _ = scipy.spatial.procrustes(one, other)  # of norm 1; ours are of root mean square 1
    np.testing.assert_allclose(found, np.sqrt(13) * np.linalg.norm(x - y, axis=1).mean(), rtol=1e-6)
