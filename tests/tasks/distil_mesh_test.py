"""The student and its loss on eight devices are those on one, however parameters and batch are divided."""

import dataclasses

import jax
import numpy as np
import optax
import pytest
from flax import nnx

from sportjax.dist import arrays, rules
from sportjax.dist.mesh import MeshConfig, make_mesh
from sportjax.models.vpd import StudentConfig
from sportjax.nn.resnet import ResNetConfig
from sportjax.tasks.distil import DistilConfig, DistilTask
from sportjax.train import state as state_lib
from sportjax.train.step import make_eval_step, make_train_step

RESNET = ResNetConfig(stages=(1, 1), widths=(8, 16), stem='strided')
STUDENT = StudentConfig(RESNET, d=4, size_px=16, decoder_width=16)
# Plain descent: Adam divides by the gradient's size, and would make much of the rounding of one that is all but zero.
TX = optax.sgd(0.1)


def batch():
  rng = np.random.default_rng(0)
  return {
    'frames': rng.integers(1, 256, (16, 16, 16, 6), np.uint8),
    'target': rng.normal(size=(16, 2, 8)).astype(np.float32),
    'weight': rng.uniform(size=16).astype(np.float32),
  }


def one_step(mesh, preset):
  """Initial loss on frames as they are, then the metrics and the state of one step of training, on the host."""
  task = DistilTask(DistilConfig(STUDENT), lambda split, train: None)
  # Even the smallest parameter is divided, which a student of this size would not need.
  spread = dataclasses.replace(rules.preset(preset), min_size=1)
  abstract, definition = state_lib.abstract_state(task, TX, mesh, spread)
  init_key, key = state_lib.make_keys(0, mesh)
  state = state_lib.init_state(task, TX, init_key, abstract)
  divided = {x.sharding.spec for x in jax.tree.leaves(state.params)}
  placed = arrays.put_batch(batch(), mesh)
  before, rows = make_eval_step(task, definition, mesh)(state, placed, key)
  state, metrics = make_train_step(task, TX, definition, abstract, mesh)(state, placed, key)
  assert rows == 16
  found = jax.device_get((before, metrics, nnx.to_pure_dict(state.params), nnx.to_pure_dict(state.rest)))
  return found, divided


@pytest.fixture(scope='module')
def on_one_device():
  return one_step(make_mesh(MeshConfig(data=1), jax.devices()[:1]), 'dp')[0]


@pytest.mark.slow
@pytest.mark.parametrize(
  ('preset', 'mesh', 'axes'),
  [('dp', MeshConfig(), set()), ('fsdp', MeshConfig(data=2, fsdp=4), {'fsdp'}),
   ('fsdp_tp', MeshConfig(data=2, fsdp=2, tensor=2), {'fsdp', 'tensor'})],
)  # fmt: skip
def test_step_on_eight_devices_is_the_step_on_one(on_one_device, preset, mesh, axes):
  assert jax.device_count() == 8
  found, divided = one_step(make_mesh(mesh), preset)
  assert {axis for spec in divided for axis in spec if axis} == axes
  paths = jax.tree_util.tree_leaves_with_path(found)
  assert any('backbone' in jax.tree_util.keystr(path) for path, _ in paths)
  for (path, ours), theirs in zip(paths, jax.tree.leaves(on_one_device), strict=True):
    np.testing.assert_allclose(ours, theirs, rtol=2e-5, atol=2e-6, err_msg=jax.tree_util.keystr(path))


@pytest.mark.slow
def test_step_moves_every_parameter(on_one_device):
  """So that equality above is of something: no parameter is where it began."""
  task = DistilTask(DistilConfig(STUDENT), lambda split, train: None)
  mesh = make_mesh(MeshConfig(data=1), jax.devices()[:1])
  abstract, _ = state_lib.abstract_state(task, TX, mesh, rules.preset('dp'))
  start = state_lib.init_state(task, TX, state_lib.make_keys(0, mesh)[0], abstract)
  moved = jax.tree.map(lambda a, b: bool((a != b).any()), nnx.to_pure_dict(start.params), on_one_device[2])
  assert all(jax.tree.leaves(moved)), moved
