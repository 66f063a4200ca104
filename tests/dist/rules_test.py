import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx
from jax.sharding import PartitionSpec as P

from sportjax.dist import rules as rules_lib
from sportjax.dist.mesh import MeshConfig, make_mesh
from sportjax.errors import InputError

MESH = MeshConfig(data=2, fsdp=2, tensor=2)


def small(name):
  return dataclasses.replace(rules_lib.preset(name), min_size=1)


@pytest.mark.parametrize(
  ('name', 'shape', 'names', 'expected'),
  [
    ('dp', (64, 128), ('embed', 'mlp'), P(None, None)),
    ('dp', (64, 128), None, P(None, None)),
    ('fsdp', (64, 128), ('embed', 'mlp'), P('fsdp', None)),
    ('fsdp', (64, 128), None, P(None, 'fsdp')),
    ('fsdp', (64, 127), None, P('fsdp', None)),  # the largest axis does not divide
    ('fsdp', (63, 127), None, P(None, None)),
    ('fsdp', (63, 128), ('embed', 'mlp'), P(None, 'fsdp')),  # neither does the named one
    ('fsdp', (128,), ('embed', 'mlp'), P('fsdp')),  # names of another rank do not count
    ('fsdp', (), None, P()),
    ('fsdp_tp', (64, 128), ('embed', 'mlp'), P('fsdp', 'tensor')),
    ('fsdp_tp', (128, 64), ('mlp', 'embed'), P('tensor', 'fsdp')),
    ('fsdp_tp', (128,), ('mlp',), P('tensor')),
    ('fsdp_tp', (32, 4, 8), (None, 'heads', None), P('fsdp', 'tensor', None)),
  ],
)
def test_spec_of_parameter(name, shape, names, expected):
  assert rules_lib.spec(shape, names, make_mesh(MESH), small(name)) == expected


def test_spec_of_small_parameter_is_replicated():
  assert rules_lib.spec((64, 128), ('embed', 'mlp'), make_mesh(MESH), rules_lib.preset('fsdp_tp')) == P()


def test_spec_refuses_two_axes_on_one_mesh_axis():
  with pytest.raises(ValueError, match='same mesh axis'):
    rules_lib.spec((64, 128), ('mlp', 'heads'), make_mesh(MESH), small('fsdp_tp'))


def test_shardings_fit_jit_and_cover_optimizer_state():
  import optax

  def make(key):
    init = nnx.with_metadata(nnx.initializers.lecun_normal(), logical_axes=('embed', 'mlp'))
    params = nnx.state(nnx.Linear(16, 32, kernel_init=init, rngs=nnx.Rngs(key)), nnx.Param)
    return params, optax.adam(1e-3).init(params)

  key = jax.random.key(0)
  placed = rules_lib.shardings(jax.eval_shape(make, key), make_mesh(MESH), small('fsdp_tp'))
  params, moments = jax.jit(make, out_shardings=placed)(key)
  for kernel in (params['kernel'], moments[0].mu['kernel']):
    assert kernel[...].sharding.spec == P('fsdp', 'tensor')
    assert kernel[...].addressable_shards[0].data.shape == (8, 16)
  np.testing.assert_array_equal(params['kernel'][...], make(key)[0]['kernel'][...])


def test_constrain_divides_activation():
  mesh, rules = make_mesh(MESH), rules_lib.preset('fsdp_tp')
  put = jax.jit(lambda x: rules_lib.constrain(x, ('batch', None, 'mlp'), mesh, rules))
  assert put(jnp.zeros((8, 3, 6))).addressable_shards[0].data.shape == (2, 3, 3)
  assert put(jnp.zeros((3, 3, 6))).addressable_shards[0].data.shape == (3, 3, 3)


def test_placement_keeps_gathers_and_divides_rows():
  placement = rules_lib.Placement(make_mesh(MESH), small('fsdp_tp'))
  state = {'kernel': nnx.Param(jnp.ones((16, 32)), logical_axes=('embed', 'mlp'))}
  kept, used = (jax.jit(f)(state)['kernel'][...].sharding.spec for f in (placement.keep, placement.gather))
  assert kept == placement.shardings(state)['kernel'].get_value().spec == P('fsdp', 'tensor')
  assert used == P(None, 'tensor')
  assert jax.jit(placement.rows)(jnp.zeros((8, 3))).addressable_shards[0].data.shape == (2, 3)
  assert jax.jit(placement.rows)(jnp.zeros((3, 3))).addressable_shards[0].data.shape == (3, 3)


def test_unknown_preset_names_the_known():
  with pytest.raises(InputError, match='dp, fsdp, fsdp_tp'):
    rules_lib.preset('zero')
