"""Features of VIPE* per frame: mirrored joints swap the views, and inversion is a second set beside the first."""

import numpy as np
import pytest
from flax import nnx

from sportjax.errors import InputError
from sportjax.models import vipe
from sportjax.models.vipe import Vipe, VipeConfig
from sportjax.pose.skeletons import SKELETONS
from sportjax.tasks.vipe_teacher import WEIGHTS, load_teacher, vipe_features, weights_of


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


def test_tracks_of_any_length_are_embedded_alike():
  model = Vipe(VipeConfig(d=4, hidden=8, blocks=1), rngs=nnx.Rngs(0))
  joints = np.random.default_rng(0).uniform([0, 0, 0.2], [640, 480, 1], (300, 17, 3)).astype(np.float32)
  whole, scores = vipe_features(model, joints)
  parts = [vipe_features(model, part)[0] for part in (joints[:1], joints[1:130], joints[130:])]
  np.testing.assert_allclose(np.concatenate(parts), whole, atol=1e-6)
  nobody, none = vipe_features(model, joints[:0])
  assert (nobody.shape, none.shape, scores.shape) == ((0, 2, 4), (0,), (300,))


def test_teacher_is_found_in_the_workdir_of_its_run(tmp_path):
  model = Vipe(VipeConfig(d=4, hidden=8, blocks=1), rngs=nnx.Rngs(0))
  with pytest.raises(InputError, match='no weights of VIPE'):
    weights_of(tmp_path)
  vipe.save(tmp_path / WEIGHTS, model)
  assert weights_of(tmp_path) == weights_of(tmp_path / WEIGHTS) == tmp_path / WEIGHTS
  x = np.ones((2, 39), np.float32)
  np.testing.assert_array_equal(vipe.embed(load_teacher(weights_of(tmp_path)), x), vipe.embed(model, x))
  (tmp_path / 'best_epoch.encoder.pt').write_bytes(b'nothing')
  with pytest.raises(InputError, match=r'best_epoch\.encoder\.pt'):
    load_teacher(tmp_path / 'best_epoch.encoder.pt')
