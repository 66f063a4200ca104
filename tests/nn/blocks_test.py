"""A loop over blocks beside the blocks one by one, whole and divided over a mesh."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx
from jax.sharding import NamedSharding, PartitionSpec

from sportjax.dist import mesh as mesh_lib
from sportjax.dist import rules
from sportjax.nn.adapters import add_lora
from sportjax.nn.blocks import scan_blocks
from sportjax.nn.linear import GatedMLP
from sportjax.nn.lora import LoRAConfig

TARGETS = ('gate', 'up', 'down')


def make(dropout=0.0, layers=3):
  """Blocks with updates that are not zero."""
  rngs = nnx.Rngs(0)
  blocks = nnx.List([GatedMLP(8, 16, activation='silu', rngs=rngs) for _ in range(layers)])
  add_lora(blocks, LoRAConfig(4, dropout=dropout, targets=TARGETS), rngs=rngs)
  for _, module in nnx.iter_modules(blocks):
    for name, variable in vars(module).items():
      if isinstance(variable, nnx.Param):
        shape = variable.get_value().shape
        setattr(module, name, variable.replace(0.1 * jax.random.normal(rngs.params(), shape)))
  return blocks


def one(block, x, scale):
  return x + scale * block(x, train=True)


def grads(blocks, x, apply):
  graphdef, params, rest = nnx.split(blocks, nnx.Param, ...)

  @jax.jit
  def loss(params, rest, x):
    copy = nnx.merge(graphdef, params, rest, copy=True)
    return jnp.sin(apply(copy, x)).sum(), nnx.state(copy, nnx.RngState)

  return jax.value_and_grad(loss, has_aux=True)(params, rest, x)


def one_by_one(blocks, x):
  for block, scale in zip(blocks, SCALES, strict=True):
    x = one(block, x, scale)
  return x


SCALES = jnp.asarray([0.5, 0.3, 0.8])


@pytest.mark.parametrize('dropout', [0.0, 0.5])
def test_the_loop_is_the_blocks_one_by_one(dropout):
  x = jax.random.normal(jax.random.key(1), (4, 5, 8))
  expected = grads(make(dropout), x, one_by_one)
  found = grads(make(dropout), x, lambda blocks, x: scan_blocks(blocks, one, x, SCALES))
  for a, b in zip(jax.tree.leaves(found), jax.tree.leaves(expected), strict=True):
    if jnp.issubdtype(a.dtype, jax.dtypes.prng_key):
      a, b = jax.random.key_data(a), jax.random.key_data(b)
    np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-5)


def test_gradients_through_frozen_weights_divided_over_fsdp_and_tensor():
  mesh = mesh_lib.make_mesh(mesh_lib.MeshConfig(data=1, fsdp=4, tensor=2))
  placement = rules.Placement(mesh, dataclasses.replace(rules.preset('fsdp_tp'), min_size=1))
  x = jax.random.normal(jax.random.key(1), (4, 5, 8))
  (expected, _), wanted = grads(make(), x, one_by_one)
  blocks = make()
  nnx.update(blocks, jax.device_put(nnx.state(blocks), placement.shardings(nnx.state(blocks))))
  assert blocks[0].up.kernel[...].sharding.spec == PartitionSpec('fsdp', 'tensor')
  x = jax.device_put(x, NamedSharding(mesh, PartitionSpec('fsdp')))
  (found, _), grad = grads(blocks, x, lambda blocks, x: scan_blocks(blocks, one, x, SCALES, placement))
  np.testing.assert_allclose(found, expected, rtol=1e-5)
  for a, b in zip(jax.tree.leaves(grad), jax.tree.leaves(wanted), strict=True):
    np.testing.assert_allclose(a, b, atol=1e-5 * max(1, np.abs(b).max()))


def test_kept_weights_are_gathered_in_the_loop_not_before_it():
  mesh = mesh_lib.make_mesh(mesh_lib.MeshConfig(data=1, fsdp=8))
  placement = rules.Placement(mesh, dataclasses.replace(rules.preset('fsdp'), min_size=1))
  graphdef, state = nnx.split(make(layers=6))
  state = jax.device_put(state, placement.shardings(state))
  x = jax.device_put(jnp.ones((8, 2, 8)), NamedSharding(mesh, PartitionSpec('fsdp')))

  def forward(state, x):
    return scan_blocks(nnx.merge(graphdef, state), one, x, jnp.ones(6), placement)

  text = jax.jit(forward).lower(state, x).compile().as_text()
  gathers = [line for line in text.splitlines() if ' all-gather(' in line]
  assert gathers
  assert all('while/body' in line for line in gathers)


def test_blocks_must_be_equal():
  blocks = make()
  add = GatedMLP(8, 16, activation='silu', rngs=nnx.Rngs(0))
  with pytest.raises(ValueError, match='not equal'):
    scan_blocks([*blocks, add], one, jnp.ones((1, 8)), jnp.ones(4))
