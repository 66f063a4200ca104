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
from sportjax.train.step import make_train_step

RESNET = ResNetConfig(stages=(1,), widths=(8,), stem='strided')
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
  """Metrics and state after one step, the parameters before it, and how those are divided over the mesh."""
  task = DistilTask(DistilConfig(STUDENT, augment=None), lambda split, train: None)
  # Even the smallest parameter is divided, which a student of this size would not need.
  spread = dataclasses.replace(rules.preset(preset), min_size=1)
  abstract, definition = state_lib.abstract_state(task, TX, mesh, spread)
  init_key, key = state_lib.make_keys(0, mesh)
  state = state_lib.init_state(task, TX, init_key, abstract)
  divided = {x.sharding.spec for x in jax.tree.leaves(state.params)}
  start = jax.device_get(nnx.to_pure_dict(state.params))
  placed = arrays.put_batch(batch(), mesh)
  state, metrics = make_train_step(task, TX, definition, abstract, mesh)(state, placed, key)
  after = jax.device_get((metrics, nnx.to_pure_dict(state.params), nnx.to_pure_dict(state.rest)))
  return after, start, divided


@pytest.fixture(scope='module')
def on_one_device():
  return one_step(make_mesh(MeshConfig(data=1), jax.devices()[:1]), 'dp')


@pytest.mark.slow
@pytest.mark.parametrize(
  ('preset', 'mesh', 'axes'),
  [
    ('dp', MeshConfig(), set()),
    ('fsdp', MeshConfig(data=2, fsdp=4), {'fsdp'}),
    ('fsdp_tp', MeshConfig(data=2, fsdp=2, tensor=2), {'fsdp', 'tensor'}),
  ],
)
def test_step_on_eight_devices_is_the_step_on_one(on_one_device, preset, mesh, axes):
  assert jax.device_count() == 8
  after, start, divided = one_step(make_mesh(mesh), preset)
  assert {axis for spec in divided for axis in spec if axis} == axes
  theirs = jax.tree.leaves(on_one_device[:2])
  for (path, x), y in zip(jax.tree_util.tree_leaves_with_path((after, start)), theirs, strict=True):
    np.testing.assert_allclose(x, y, rtol=2e-5, atol=2e-6, err_msg=jax.tree_util.keystr(path))


@pytest.mark.slow
def test_step_moves_every_parameter(on_one_device):
  """So that equality above is of something: no parameter is where it began."""
  (_, after, _), start, _ = on_one_device
  assert all(jax.tree.leaves(jax.tree.map(lambda a, b: bool((a != b).any()), start, after)))
