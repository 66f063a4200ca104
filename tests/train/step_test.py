import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from flax import nnx
from jax.sharding import PartitionSpec as P

from sportjax.dist import arrays
from sportjax.dist import rules as rules_lib
from sportjax.dist.mesh import MeshConfig, make_mesh
from sportjax.testing.tiny_task import TinyTask
from sportjax.train import state as state_lib
from sportjax.train import step as step_lib
from sportjax.train.optim import OptimConfig

LAYOUTS = {
  'dp': MeshConfig(data=8),
  'fsdp': MeshConfig(data=2, fsdp=4),
  'fsdp_tp': MeshConfig(data=2, fsdp=2, tensor=2),
}


def small(name):
  return dataclasses.replace(rules_lib.preset(name), min_size=1)


def set_up(mesh, rules, **kwargs):
  task = TinyTask(mesh, **kwargs)
  tx = task.optimizer()
  abstract, definition = state_lib.abstract_state(task, tx, mesh, rules)
  init_key, key = state_lib.make_keys(3, mesh)
  state = state_lib.init_state(task, tx, init_key, abstract)
  return task, state, key, step_lib.make_train_step(task, tx, definition, abstract, mesh), definition


# Adam would divide by its own size a gradient that is zero but for rounding: that of the bias before a BatchNorm.
SGD = OptimConfig(name='sgd', learning_rate=0.05, weight_decay=0.01, ema_decay=0.9)


def run(mesh, rules, steps=5, optim=SGD, **kwargs):
  task, state, key, step, definition = set_up(mesh, rules, optim=optim, **kwargs)
  source = task.input('train', train=True)
  metrics = []
  for _ in range(steps):
    state, values = step(state, source.put(next(source.iterator)), key)
    metrics.append(jax.device_get(values))
  return state, metrics, definition


@pytest.fixture(scope='module')
def one_device():
  return run(make_mesh(MeshConfig(), devices=jax.devices()[:1]), small('dp'), dropout=0.3)


@pytest.mark.parametrize('name', LAYOUTS)
def test_eight_devices_compute_what_one_does(name, one_device):
  state, metrics, _ = run(make_mesh(LAYOUTS[name]), small(name), dropout=0.3)
  kernel = state.params['wide']['kernel'][...]
  assert kernel.addressable_shards[0].data.shape == {'dp': (8, 32), 'fsdp': (2, 32), 'fsdp_tp': (4, 16)}[name]
  for ours, one in zip(metrics, one_device[1], strict=True):
    for key, value in one.items():
      np.testing.assert_allclose(ours[key], value, rtol=2e-5, err_msg=key)
  one_state = one_device[0]
  # BatchNorm's statistics are those of the global batch, not of a device's share.
  jax.tree.map(
    lambda ours, one: np.testing.assert_allclose(ours, one, rtol=1e-4, atol=2e-6),
    jax.device_get((state.params, state.rest)),
    jax.device_get((one_state.params, one_state.rest)),
  )


def test_initial_state_is_the_same_on_every_mesh():
  one = set_up(make_mesh(MeshConfig(), devices=jax.devices()[:1]), small('dp'))[1]
  for name, layout in LAYOUTS.items():
    for a, b in zip(jax.tree.leaves(set_up(make_mesh(layout), small(name))[1]), jax.tree.leaves(one), strict=True):
      # To the bit on jax 0.10; on 0.12 a program of another partition may round the last bit another way.
      np.testing.assert_allclose(a, b, rtol=3e-7, atol=1e-8)


def test_golden_shardings_of_state():
  _, state, *_ = set_up(make_mesh(LAYOUTS['fsdp_tp']), small('fsdp_tp'))
  specs = {
    jax.tree_util.keystr(path): x.sharding.spec
    for path, x in jax.tree_util.tree_leaves_with_path((state.params, state.rest))
  }
  assert specs == {
    "[0]['narrow']['bias'].value": P('fsdp'),
    "[0]['narrow']['kernel'].value": P('tensor', 'fsdp'),
    "[0]['norm']['bias'].value": P('fsdp'),
    "[0]['norm']['scale'].value": P('fsdp'),
    "[0]['wide']['bias'].value": P('fsdp'),
    "[0]['wide']['kernel'].value": P('fsdp', 'tensor'),
    "[1]['norm']['mean'].value": P('fsdp'),
    "[1]['norm']['var'].value": P('fsdp'),
  }


def test_step_is_plain_optax_by_hand():
  """One step against a gradient written out with nnx's own merge, no dropout, sgd."""
  mesh = make_mesh()
  config = OptimConfig(name='sgd', learning_rate=0.1, weight_decay=0.0)
  task, state, key, step, _ = set_up(mesh, small('dp'), dropout=0.0, optim=config)
  before = jax.device_get(state)
  batch = next(task.input('train', train=True).iterator)
  after, metrics = step(state, arrays.put_batch(batch, mesh), key)

  noise_key = jax.random.split(jax.random.fold_in(jax.random.split(jax.random.key(3))[1], 0))[1]
  x = batch['x'] + 0.01 * jax.random.normal(noise_key, batch['x'].shape)

  def loss(p):
    h = x @ p['wide']['kernel'] + p['wide']['bias'][None]
    mean, var = h.mean(0, keepdims=True), h.var(0, keepdims=True)
    h = (h - mean) / jnp.sqrt(var + 1e-5) * p['norm']['scale'][None] + p['norm']['bias'][None]
    out = jnp.maximum(h, 0) @ p['narrow']['kernel'] + p['narrow']['bias'][None]
    return jnp.square(out - batch['y']).mean(), (mean[0], var[0])

  params = nnx.to_pure_dict(before.params)
  (value, (mean, var)), grads = jax.value_and_grad(loss, has_aux=True)(params)
  np.testing.assert_allclose(metrics['loss'], value, rtol=1e-5)
  np.testing.assert_allclose(metrics['grad_norm'], optax.tree.norm(grads), rtol=1e-5)
  np.testing.assert_allclose(metrics['update_norm'], 0.1 * optax.tree.norm(grads), rtol=1e-5)
  np.testing.assert_allclose(metrics['param_norm'], optax.tree.norm(params), rtol=1e-5)
  expected = jax.tree.map(lambda p, g: p - 0.1 * g, params, grads)
  jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, atol=1e-6), nnx.to_pure_dict(after.params), expected)
  np.testing.assert_allclose(after.rest['norm']['mean'][...], 0.01 * mean, atol=1e-6)
  np.testing.assert_allclose(after.rest['norm']['var'][...], 0.99 + 0.01 * var, rtol=1e-5)
  assert int(after.step) == 1


def test_dropout_and_noise_differ_between_steps_and_repeat_between_runs(one_device):
  mesh = make_mesh(MeshConfig(), devices=jax.devices()[:1])
  frozen = OptimConfig(name='sgd', learning_rate=0.0, weight_decay=0.0)
  task, state, key, step, definition = set_up(mesh, small('dp'), dropout=0.5, optim=frozen)
  batch = arrays.put_batch(next(task.input('train', train=True).iterator), mesh)
  losses = []
  for _ in range(3):
    state, metrics = step(state, batch, key)
    losses.append(float(metrics['loss']))
  assert len(set(losses)) == 3  # the parameters stood still
  assert run(mesh, small('dp'), dropout=0.3)[1][-1] == one_device[1][-1]
  model = definition.merge(state.params, state.rest, key)
  assert int(model.dropout.rngs.count[...]) == 0


def test_step_traces_under_strict_promotion():
  mesh = make_mesh()
  optim = OptimConfig(schedule='cosine', total_steps=9, clip_norm=1.0, ema_decay=0.9)
  task, state, key, step, _ = set_up(mesh, small('dp'), optim=optim)
  batch = arrays.put_batch(next(task.input('train', train=True).iterator), mesh)
  with jax.numpy_dtype_promotion('strict'), pytest.raises(Exception, match='promotion'):
    jax.jit(lambda: jnp.ones((), jnp.int32) * jnp.ones(()))()  # the guard is on
  with jax.numpy_dtype_promotion('strict'):
    step.lower(state, batch, key)


def test_old_state_is_donated():
  mesh = make_mesh()
  task, state, key, step, _ = set_up(mesh, small('dp'))
  kernel = state.params['wide']['kernel'][...]
  step(state, arrays.put_batch(next(task.input('train', train=True).iterator), mesh), key)
  assert kernel.is_deleted()


def test_eval_step_counts_valid_rows_and_uses_the_average():
  mesh = make_mesh()
  task, state, key, step, definition = set_up(mesh, small('dp'), optim=OptimConfig(learning_rate=0.1, ema_decay=0.9))
  source = task.input('train', train=True)
  for _ in range(3):
    state, _ = step(state, source.put(next(source.iterator)), key)
  evaluate = step_lib.make_eval_step(task, definition, mesh)
  batch = arrays.pad_batch({k: v[:5] for k, v in next(source.iterator).items()}, 16)
  metrics, rows = evaluate(state, arrays.put_batch(batch, mesh), key)
  assert float(rows) == 5

  model = definition.merge(state.eval_params, state.rest, key)
  model.eval()
  expected = np.square(np.asarray(model(jnp.asarray(batch['x'][:5]))) - batch['y'][:5]).mean()
  np.testing.assert_allclose(metrics['loss'], expected, rtol=1e-5)
  assert not np.allclose(state.eval_params['wide']['kernel'][...], state.params['wide']['kernel'][...])


def test_cost_of_lowered_step_shrinks_with_fsdp():
  costs = {}
  for name in ('dp', 'fsdp'):
    mesh = make_mesh(MeshConfig(data=1, fsdp=8))
    task = TinyTask(mesh, width=1024)
    batch = step_lib.abstract_batch(next(task.input('train', train=True).iterator), mesh, 64)
    assert batch['x'].shape == (64, 8)
    costs[name] = step_lib.cost(step_lib.lower_train_step(task, mesh, small(name), batch).compile())
  parameters = 8 * 1024 + 1024 * 3 + 1024 * 4 + 4
  assert costs['dp'].argument_bytes > 3 * 4 * parameters  # parameters and two moments, whole on each device
  assert costs['fsdp'].argument_bytes < costs['dp'].argument_bytes / 6
  forward_backward = 3 * 2 * (64 // 8) * (8 + 4) * 1024
  assert costs['dp'].flops > 0.5 * forward_backward
  assert costs['dp'].peak_bytes >= costs['dp'].argument_bytes


@pytest.mark.parametrize('name', ['dp', 'fsdp'])
def test_given_weights_replace_the_tasks_and_the_moving_average_starts_from_them(name):
  mesh, rules = make_mesh(LAYOUTS[name]), small(name)
  task = TinyTask(mesh, optim=SGD)
  tx = task.optimizer()
  abstract, _ = state_lib.abstract_state(task, tx, mesh, rules)
  init_key, _ = state_lib.make_keys(3, mesh)
  wide = np.arange(8 * 32, dtype=np.float32).reshape(8, 32)
  start = {'wide.kernel': wide, 'norm.mean': np.full(32, 2, np.float32)}
  plain, given = (state_lib.init_state(task, tx, init_key, abstract, values) for values in ({}, start))
  for params in (given.params, given.eval_params):
    np.testing.assert_array_equal(params['wide']['kernel'][...], wide)
    np.testing.assert_allclose(params['narrow']['kernel'][...], plain.params['narrow']['kernel'][...], rtol=1e-6)
  np.testing.assert_array_equal(given.rest['norm']['mean'][...], 2)
  assert given.params['wide']['kernel'].sharding == plain.params['wide']['kernel'].sharding
  for wrong in ({'nowhere': wide}, {'wide.kernel': wide.T}):
    with pytest.raises(ValueError, match='has no place in the module'):
      state_lib.init_state(task, tx, init_key, abstract, wrong)
