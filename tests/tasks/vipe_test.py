"""VIPE* as a task: what it is trained on, and that training brings views of a pose together."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

from sportjax.data.poses3d import PairBatches, PoseSequences
from sportjax.dist import mesh as mesh_lib
from sportjax.errors import InputError
from sportjax.losses import vipe as losses
from sportjax.losses.alignment import contrastive_alignment_loss
from sportjax.models.vipe import VipeConfig
from sportjax.nn import views
from sportjax.pose.bodies import BODIES
from sportjax.tasks.vipe import VipeTask, VipeTaskConfig, pair_input

BODY = BODIES['athlete']
CONFIG = VipeTaskConfig(VipeConfig(d=4, hidden=16, blocks=1, dropout=0.0, decoder_hidden=8), learning_rate=3e-3)
KEY = jax.random.key(0)


def poses():
  rng = np.random.default_rng(0)
  xyz = rng.normal(0, 0.5, (20, len(BODY.joints), 3))
  for height, name in enumerate(('pelvis', 'spine', 'chest', 'neck')):
    xyz[:, BODY.index(name)] = [0, 0, 0.2 * height]
  for side, x in (('left', -0.2), ('right', 0.2)):
    xyz[:, BODY.index(f'{side}_shoulder')], xyz[:, BODY.index(f'{side}_hip')] = [x, 0, 0.6], [x, 0, 0]
  return PoseSequences.join(BODY, [xyz])


def batch(count=16):
  return jax.tree.map(jnp.asarray, PairBatches({'a': poses()}, {'a': 1.0}, BODY.features, count, 0)[0])


def task(**changes):
  return VipeTask(dataclasses.replace(CONFIG, **changes), (BODY.features,), make_input=lambda split, train: None)


def test_loss_is_that_of_the_embedded_views():
  ours, data = task(lifting_weight=0.5), batch()
  model = ours.init(nnx.Rngs(0))
  total, metrics = ours.loss(model, data, KEY, train=False)
  one, other, negative = (model(x, train=False) for x in ours.poses(data, KEY))
  apart = losses.contrastive(one, other, negative, data['negative_valid']).mean()
  error = sum(jnp.square(model.decoder(x)[0] - data['features']).sum(-1).mean() for x in (one, other))
  np.testing.assert_allclose(metrics['contrastive'], apart, rtol=1e-5)
  np.testing.assert_allclose(total, apart + 0.5 * error, rtol=1e-5)


def moving(count=16, movement=5):
  """Batches with movements: of two sequences, one of them shorter than a movement."""
  source = dataclasses.replace(poses(), starts=np.array([0, 17]))
  batches = PairBatches({'a': source}, {'a': 1.0}, BODY.features, count, 0, movement=movement)
  return jax.tree.map(jnp.asarray, batches[0])


def test_movements_are_seen_by_two_cameras_that_stand_still():
  data, plain = moving(), batch()
  assert set(data['movement_length'].tolist()) > {1, 5}
  np.testing.assert_array_equal(data['movement'][:, 0], data['xyz'])
  still = data | {'movement': jnp.repeat(data['movement'][:, :1], 5, 1)}
  one, other = (np.asarray(seen)[..., :2] for seen in (x.reshape(16, 5, 13, 3) for x in task().movements(still, KEY)))
  np.testing.assert_allclose(one, np.repeat(one[:, :1], 5, 1), atol=1e-5)
  assert np.abs(one - other).max() > 0.1
  assert 'movement' not in plain


def test_contrast_of_movements_is_added_and_reaches_the_network():
  ours, data = task(movement_weight=0.5), moving()
  model = ours.init(nnx.Rngs(0))
  total, metrics = ours.loss(model, data, KEY, train=False)
  without, _ = task().loss(model, data, KEY, train=False)
  np.testing.assert_allclose(total, without + 0.5 * metrics['movement'], rtol=1e-5)
  one, other = (model(x.reshape(-1, 39), train=False).reshape(16, 5, -1) for x in ours.movements(data, KEY))
  n = data['movement_length']
  np.testing.assert_allclose(metrics['movement'], contrastive_alignment_loss(one, other, n, n), rtol=1e-5)
  alone = task(movement_weight=1.0, contrastive_weight=0.0, lifting_weight=0.0)
  gradient = nnx.grad(lambda m: alone.loss(m, data, KEY, train=False)[0])(model)
  assert jnp.abs(gradient.enter.kernel[...]).max() > 0


def test_training_tells_movements_apart():
  ours = task(movement_weight=1.0, contrastive_weight=0.0, lifting_weight=0.0)
  seen = trained(ours, moving(24), steps=100)
  first, last = (np.mean([m['movement'] for m in part]) for part in (seen[:10], seen[-10:]))
  assert last < 0.8 * first


def test_rows_that_only_fill_the_batch_count_for_nothing():
  ours, data = task(), batch()
  model = ours.init(nnx.Rngs(0))
  valid = np.arange(16) < 9
  total, _ = ours.loss(model, data | {'valid': jnp.asarray(valid)}, KEY, train=False)
  spoilt = data | {'features': data['features'].at[9:].set(1e6), 'valid': jnp.asarray(valid)}
  np.testing.assert_allclose(ours.loss(model, spoilt, KEY, train=False)[0], total, rtol=1e-6)


def test_filmed_views_are_used_as_often_as_they_are_not_replaced():
  data = batch(200)
  filmed = jnp.stack([views.random_views(jax.random.key(5 + i), data['xyz'], views.ViewConfig()) for i in (0, 1)], 1)
  given = data | {'filmed': filmed, 'negative_filmed': filmed[:, 0]}
  wanted = [views.vipe_input(filmed[:, i], data['mirrored']) for i in (0, 1)]
  for projected, share in ((0.0, 1.0), (1.0, 0.0), (0.5, 0.5)):
    found = task(projected=projected).poses(given, KEY)
    for pose, expected in zip(found[:2], wanted, strict=True):
      assert abs(np.isclose(pose, expected, atol=1e-5).all(1).mean() - share) < 0.12
  assert not np.allclose(*task().poses(data, KEY)[:2])


def test_training_brings_views_together_and_keeps_poses_apart():
  seen = trained(task(), batch(40), steps=150)
  first, last = ({name: np.mean([m[name] for m in part]) for name in seen[0]} for part in (seen[:10], seen[-10:]))
  assert last['lifting'] < 0.8 * first['lifting']
  assert last['contrastive'] < first['contrastive']
  assert last['contrastive'] < 1  # all poses in one point would cost 1


def trained(ours, data, steps):
  """Metrics of each step of a training on these data."""
  graph, params, rest = nnx.split(ours.init(nnx.Rngs(0)), nnx.Param, ...)
  tx = ours.optimizer()

  @jax.jit
  def step(params, rest, moments, key):
    def of(params):
      model = nnx.merge(graph, params, rest, copy=True)
      total, metrics = ours.loss(model, data, key, train=True)
      return total, (metrics, nnx.split(model, nnx.Param, ...)[2])

    (_, (metrics, rest)), gradient = jax.value_and_grad(of, has_aux=True)(params)
    update, moments = tx.update(gradient, moments, params)
    return jax.tree.map(jnp.add, params, update), rest, moments, metrics

  moments, seen = tx.init(params), []
  for i in range(steps):
    params, rest, moments, metrics = step(params, rest, moments, jax.random.fold_in(KEY, i))
    seen.append(metrics)
  return seen


def test_input_resumes_and_validates_on_the_same_batches():
  make = pair_input(
    {'train': {'a': poses()}, 'val': {'a': poses()}}, {'a': 1.0}, width=BODY.features, batch_size=8, val_batches=2,
    seed=0, mesh=mesh_lib.make_mesh(),
  )  # fmt: skip
  first = make('train', True)
  drawn = [next(first.iterator) for _ in range(2)]
  state = first.iterator.get_state()
  third = next(first.iterator)
  again = make('train', True)
  again.iterator.set_state(state)
  np.testing.assert_array_equal(next(again.iterator)['xyz'], third['xyz'])
  assert not np.array_equal(drawn[0]['xyz'], drawn[1]['xyz'])
  passes = [[b['xyz'] for b in make('val', False).iterator] for _ in range(2)]
  np.testing.assert_array_equal(*passes)
  assert len(passes[0]) == 2
  assert first.put(third)['xyz'].shape == (8, 13, 3)


def test_settings_that_make_no_sense_are_refused():
  with pytest.raises(InputError, match='projected must be a share'):
    VipeTaskConfig(projected=1.5)
  with pytest.raises(InputError, match='at least 1'):
    VipeConfig(d=0)


def test_views_that_nobody_filmed_are_projected():
  data = batch(8)
  filmed = jnp.stack([views.random_views(jax.random.key(5), data['xyz'], views.ViewConfig())] * 2, 1)
  filmed = filmed.at[:4, 1].set(jnp.nan)
  found = task(projected=0.0).poses(data | {'filmed': filmed, 'negative_filmed': filmed[:, 1]}, KEY)
  assert all(np.isfinite(pose).all() for pose in found)
  shown = views.vipe_input(filmed[:, 0], data['mirrored'])
  np.testing.assert_allclose(found[1][4:], shown[4:], atol=1e-5)
  assert not np.isclose(found[1][:4], shown[:4], atol=1e-3).all(1).any()
