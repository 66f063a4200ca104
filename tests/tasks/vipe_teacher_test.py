"""Features of VIPE* per frame: mirrored joints swap the views, and inversion is a second set beside the first."""

import numpy as np
import pytest
from flax import nnx

from sportjax.errors import InputError
from sportjax.models.vipe import Vipe, VipeConfig
from sportjax.pose.skeletons import SKELETONS
from sportjax.tasks.vipe_teacher import vipe_features


def test_mirrored_joints_swap_the_views_and_inversion_stands_beside():
  model = Vipe(VipeConfig(d=4, hidden=8, blocks=1), rngs=nnx.Rngs(0))
  joints = np.random.default_rng(0).uniform([0, 0, 0.2], [640, 480, 1], (5, 17, 3)).astype(np.float32)
  features, scores = vipe_features(model, joints)
  assert features.shape == (5, 2, 4)
  np.testing.assert_allclose(scores, joints[..., 2].mean(1), rtol=1e-6)
  mirrored = joints[:, SKELETONS['coco17'].mirror] * np.float32([-1, 1, 1])
  np.testing.assert_allclose(vipe_features(model, mirrored)[0], features[:, ::-1], atol=1e-5)
  both, _ = vipe_features(model, joints, inverted=True)
  np.testing.assert_allclose(both[..., :4], features, atol=1e-6)
  below, _ = vipe_features(model, joints * np.float32([1, -1, 1]))
  np.testing.assert_allclose(both[..., 4:], below, atol=1e-6)
  joints[2, 0, 0] = np.nan
  with pytest.raises(InputError, match='clip7: keypoints of frame 2'):
    vipe_features(model, joints, inverted=True, track='clip7')
