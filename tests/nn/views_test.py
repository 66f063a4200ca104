"""Views of canonical poses, and the network's input against the host's normalisation."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from sportjax.errors import InputError
from sportjax.nn import views
from sportjax.pose.canonical import COCO13
from sportjax.pose.normalise import KEPT_JOINTS, teacher_pose
from sportjax.pose.vipe_input import vipe_input

LEVEL = jnp.zeros(3)


def poses(count=3, seed=0):
  return jnp.asarray(np.random.default_rng(seed).normal(size=(count, 13, 3)), jnp.float32)


def test_front_and_sides_by_hand():
  xyz = poses()
  np.testing.assert_allclose(views.project(xyz, LEVEL, LEVEL, LEVEL), np.asarray(xyz)[..., [0, 2]] * [1, -1], atol=1e-6)
  side = views.project(xyz, LEVEL + 90, LEVEL, LEVEL)
  np.testing.assert_allclose(side, jnp.stack([-xyz[..., 1], -xyz[..., 2]], -1), atol=1e-6)
  back = views.project(xyz, LEVEL + 180, LEVEL, LEVEL)
  np.testing.assert_allclose(back, xyz[..., [0, 2]] * -1, atol=1e-6)
  above = views.project(xyz, LEVEL, LEVEL + 90, LEVEL)
  np.testing.assert_allclose(above, jnp.stack([xyz[..., 0], -xyz[..., 1]], -1), atol=1e-6)


def test_random_views_follow_the_key_and_keep_to_their_ranges():
  xyz = jnp.broadcast_to(poses(1), (200, 13, 3))
  key = jax.random.key(0)
  once, again = (views.random_views(key, xyz, views.ViewConfig()) for _ in range(2))
  np.testing.assert_array_equal(once, again)
  assert 0.5 <= once[..., 2].min() < once[..., 2].max() <= 1
  still = views.ViewConfig(elevation_deg=0, roll_deg=0)
  upright = views.random_views(key, xyz, still)
  np.testing.assert_allclose(upright[..., 1], -xyz[..., 2], atol=1e-5)  # heights are those of the pose
  assert jnp.std(upright[:, 0, 0]) > 0.1
  reach = jnp.linalg.norm(xyz - xyz[:, :1], axis=-1)
  assert (jnp.linalg.norm(once[..., :2] - once[:, :1, :2], axis=-1) <= reach + 1e-4).all()


def test_input_is_the_hosts_mirrored_and_not():
  keypoints = np.random.default_rng(2).uniform([0, 0, 0.2], [640, 480, 1], (4, 17, 3)).astype(np.float32)
  expected, scores = vipe_input(keypoints)
  assert expected.shape == (4, 2, 39)
  kept = jnp.asarray(keypoints[:, KEPT_JOINTS])
  for view in (0, 1):
    found = views.vipe_input(kept, jnp.full(4, bool(view)))
    np.testing.assert_allclose(found, expected[:, view], atol=1e-5)
  pose, _ = teacher_pose(keypoints)
  np.testing.assert_allclose(expected.reshape(4, 2, 13, 3)[..., :2].reshape(4, 2, 26), pose, atol=1e-6)
  np.testing.assert_allclose(scores, keypoints[..., 2].mean(1), rtol=1e-6)


def test_inverted_input_is_upside_down_and_keeps_left_and_right():
  keypoints = np.random.default_rng(3).uniform([0, 0, 0.2], [640, 480, 1], (2, 17, 3)).astype(np.float32)
  plain, inverted = (vipe_input(keypoints, inverted=flag)[0].reshape(2, 2, 13, 3) for flag in (False, True))
  np.testing.assert_allclose(inverted, plain * [1, -1, 1], atol=1e-6)


def test_tables_are_of_the_kept_joints():
  assert [COCO13[i] for i in views.HIPS] == ['left_hip', 'right_hip']
  assert {COCO13[i] for i in views.TORSO} == {f'{s}_{j}' for s in ('left', 'right') for j in ('hip', 'shoulder')}
  swapped = [name.replace('left', '*').replace('right', 'left').replace('*', 'right') for name in COCO13]
  assert [COCO13[i] for i in views.MIRROR] == swapped


def test_estimated_joints_are_off_by_how_unsure_they_are():
  xyz = jnp.broadcast_to(poses(1), (4000, 13, 3))
  torso = max(np.linalg.norm(a - b) for a in xyz[0, list(views.TORSO)] for b in xyz[0, list(views.TORSO)])
  exact = views.ViewConfig(elevation_deg=0, roll_deg=0, lowest_confidence=0.1)
  off = dataclasses.replace(exact, joint_error=0.5)
  key = jax.random.key(0)
  before, after = (np.asarray(views.random_views(key, xyz, config)) for config in (exact, off))
  error, confidence = (after - before)[..., :2] / torso, after[..., 2]
  for low in (0.1, 0.3, 0.5, 0.7):
    rows = (confidence >= low) & (confidence < low + 0.05)
    np.testing.assert_allclose(error[rows].std(), 0.5 * (0.975 - low) ** 2, rtol=0.1)
  assert 0.1 <= confidence.min() < confidence.max() <= 1
  assert confidence.mean(1).std() > 1.5 * before[..., 2].mean(1).std()  # some poses are unsure as a whole
  with pytest.raises(InputError, match='joint_error 0 or more'):
    views.ViewConfig(joint_error=-1.0)
