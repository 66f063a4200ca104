from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from flax import nnx

from sportjax.errors import InputError
from sportjax.losses.alignment import alignment_loss
from sportjax.models import vpd
from sportjax.nn.augment import AugmentConfig
from sportjax.nn.resnet import ResNetConfig
from sportjax.tasks import distil
from sportjax.testing.mirrored_film import mirrored_film

TINY = vpd.StudentConfig(ResNetConfig(stages=(1, 1), widths=(8, 16), stem='strided'), d=4, size_px=16)
STILL = AugmentConfig(
  mirror=0, crop_scale=(1, 1), crop_ratio=(1, 1), brightness=0, contrast=0, saturation=0, hue=0, noise=0
)
KEY = jax.random.key(0)


def task(**changes):
  return distil.DistilTask(distil.DistilConfig(**({'student': TINY} | changes)), make_input=lambda split, train: None)


def batch(count=6, seed=0):
  rng = np.random.default_rng(seed)
  frames = rng.integers(1, 256, (count, 16, 16, 6), np.uint8)
  return {'frames': jnp.asarray(frames), 'target': jnp.asarray(rng.normal(size=(count, 2, 8)), jnp.float32)}


def test_mirrored_training_is_training_on_mirrored_frames_and_targets():
  mirrored = task(augment=dataclasses.replace(STILL, mirror=1))
  plain = task(augment=None)
  model = plain.init(nnx.Rngs(0))
  data = batch()
  swapped = {'frames': jnp.asarray(mirrored_film(data['frames'])), 'target': data['target'][:, ::-1]}
  ours, _ = mirrored.loss(nnx.clone(model), data, KEY, train=True)
  expected, _ = plain.loss(nnx.clone(model), swapped, KEY, train=True)
  np.testing.assert_allclose(ours, expected, rtol=1e-5)
  unlike, _ = plain.loss(nnx.clone(model), data, KEY, train=True)
  assert abs(unlike - expected) > 1e-3


def test_augmentation_of_nothing_is_the_stored_frame():
  planes, mirrored = distil.prepare(batch()['frames'], TINY, STILL, KEY)
  np.testing.assert_allclose(planes, vpd.normalise(batch()['frames'], TINY), atol=1e-4)
  assert not mirrored.any()


def test_augmentation_follows_the_key_and_differs_between_examples():
  frames = jnp.broadcast_to(batch(1)['frames'], (4, 16, 16, 6))
  once, again = (distil.prepare(frames, TINY, AugmentConfig(), KEY)[0] for _ in range(2))
  other, _ = distil.prepare(frames, TINY, AugmentConfig(), jax.random.key(1))
  np.testing.assert_array_equal(once, again)
  assert np.abs(np.asarray(once - other)).max() > 0.1
  assert np.abs(np.asarray(once[0] - once[1])).max() > 0.1


def test_loss_is_the_sum_of_its_parts_and_against_the_first_view():
  data, plain = batch(), task()
  model = plain.init(nnx.Rngs(0))
  value, metrics = plain.loss(model, data, KEY, train=False)
  prediction = model.predict(vpd.normalise(data['frames'], TINY), train=False)
  expected = jnp.square(prediction - data['target'][:, 0]).sum(1).mean()
  np.testing.assert_allclose(value, expected, rtol=1e-5)
  np.testing.assert_allclose(value, metrics['pose'] + metrics['motion'], rtol=1e-6)


def test_rows_that_fill_the_batch_and_rows_without_weight_do_not_count():
  data, plain = batch(), task()
  model = plain.init(nnx.Rngs(0))
  expected, _ = plain.loss(model, jax.tree.map(lambda x: x[:3], data), KEY, train=False)
  valid, weight = jnp.array([True] * 4 + [False] * 2), jnp.array([1.0, 1, 1, 0, 1, 1])
  ours, _ = plain.loss(model, data | {'valid': valid, 'weight': weight}, KEY, train=False)
  np.testing.assert_allclose(ours, expected, rtol=1e-5)


def test_without_motion_only_the_pose_is_compared():
  student = dataclasses.replace(TINY, motion=False)
  plain = task(student=student)
  model = plain.init(nnx.Rngs(0))
  data = batch()
  value, metrics = plain.loss(model, data, KEY, train=False)
  other, _ = plain.loss(model, data | {'target': data['target'].at[..., 4:].set(9)}, KEY, train=False)
  assert set(metrics) == {'pose'}
  assert value == other


def test_statistics_move_in_training_only():
  plain = task()
  model = plain.init(nnx.Rngs(0))
  before = np.asarray(model.backbone.norm.mean[...])
  plain.loss(model, batch(), KEY, train=False)
  np.testing.assert_array_equal(model.backbone.norm.mean[...], before)
  plain.loss(model, batch(), KEY, train=True)
  assert np.abs(np.asarray(model.backbone.norm.mean[...]) - before).max() > 0


def windows(data, window):
  return {name: x.reshape(-1, window, *x.shape[1:]) for name, x in data.items()}


def test_windows_without_alignment_are_their_frames():
  data, plain = batch(12), task(augment=None)
  model = plain.init(nnx.Rngs(0))
  value, _ = plain.loss(model, windows(data, 4) | {'weight': jnp.array([1.0, 0.0, 2.0])}, KEY, train=False)
  weight = jnp.repeat(jnp.array([1.0, 0.0, 2.0]), 4)
  np.testing.assert_allclose(value, plain.loss(model, data | {'weight': weight}, KEY, train=False)[0], rtol=1e-6)


def test_frames_of_a_window_are_mirrored_alike():
  _, mirrored = distil.prepare(batch(40)['frames'], TINY, AugmentConfig(), KEY, 4)
  mirrored = np.asarray(mirrored).reshape(10, 4)
  assert (mirrored == mirrored[:, :1]).all()
  assert 0 < mirrored[:, 0].sum() < 10


def test_alignment_is_that_of_the_windows_and_forgives_a_late_teacher():
  aligned, plain = task(augment=None, gamma=1e-5), task(augment=None)  # an untrained student moves little
  model = plain.init(nnx.Rngs(0))
  data = batch(24)
  prediction = model.predict(vpd.normalise(data['frames'], TINY), train=False).reshape(2, 12, 8)
  late = jnp.concatenate([prediction[:, :1], prediction[:, :-1]], 1)  # the student's own poses, a frame late
  given = windows(data, 12) | {'target': jnp.repeat(late[:, :, None], 2, 2)}
  value, metrics = aligned.loss(model, given, KEY, train=False)
  halves = [alignment_loss(prediction[..., part], late[..., part], gamma=1e-5) for part in (slice(4), slice(4, None))]
  np.testing.assert_allclose([metrics['pose'], metrics['motion']], halves, rtol=1e-4)
  ahead = given | {'target': given['target'][:, ::-1]}
  assert value < 0.3 * aligned.loss(model, ahead, KEY, train=False)[0]


@pytest.mark.slow
@pytest.mark.parametrize('gamma', [None, 0.1], ids=['frame by frame', 'aligned'])
def test_student_learns_what_its_input_tells(gamma):
  """The target is a linear function of the crop's mean colours, which a constant cannot follow."""
  ours = task(augment=STILL, learning_rate=3e-3, gamma=gamma)
  rng = np.random.default_rng(0)
  colours = rng.integers(40, 216, (256, 1, 1, 5), np.uint8)
  frames = np.concatenate([np.broadcast_to(colours, (256, 16, 16, 5)), np.zeros((256, 16, 16, 1), np.uint8)], -1)
  target = (colours[:, 0, 0] / 64 - 2) @ rng.normal(size=(5, 8))
  data = {
    'frames': jnp.asarray(frames),
    'target': jnp.asarray(np.repeat(target[:, None], 2, 1), jnp.float32),
  }
  error = trained(ours, data if gamma is None else windows(data, 8), steps=60)
  constant = np.square(target - target.mean(0)).sum(1).mean()
  assert error(data) < 0.1 * constant


def trained(ours, data, steps):
  """Trains on these data; returns how far the student then is from each frame's target."""
  graph, params, rest = nnx.split(ours.init(nnx.Rngs(0)), nnx.Param, ...)
  tx = ours.optimizer()

  @jax.jit
  def step(params, rest, state, key):
    def loss(params):
      model = nnx.merge(graph, params, rest, copy=True)
      value, _ = ours.loss(model, data, key, train=True)
      return value, nnx.state(model, nnx.Not(nnx.Param))

    (_, rest), gradient = jax.value_and_grad(loss, has_aux=True)(params)
    update, state = tx.update(gradient, state, params)
    return optax.apply_updates(params, update), rest, state

  state = tx.init(params)
  for i in range(steps):
    params, rest, state = step(params, rest, state, jax.random.fold_in(KEY, i))
  model = nnx.merge(graph, params, rest)
  return lambda data: float(task(augment=STILL).loss(model, data, KEY, train=True)[0])


def test_settings_that_make_no_sense_are_refused():
  with pytest.raises(InputError, match='gamma=0: must be above 0'):
    task(gamma=0)
