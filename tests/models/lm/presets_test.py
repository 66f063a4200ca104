"""Full-size presets, abstractly: parameters, where they lie, and Llama-3.1-8B compiled for a TPU pod slice."""

import collections
import functools
import importlib.util
import json
import pathlib
import re

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from flax import nnx
from jax.experimental import topologies
from jax.sharding import PartitionSpec

from sportjax.dist import arrays, rules
from sportjax.dist import mesh as mesh_lib
from sportjax.losses.language import token_cross_entropy
from sportjax.models.checkpoints.load import named_variables
from sportjax.models.lm.config import PRESETS
from sportjax.models.lm.model import LanguageModel
from sportjax.nn.adapters import Frozen, LoRAConfig, add_lora
from sportjax.train import step as step_lib

GOLDEN = pathlib.Path(__file__).parents[2] / 'golden' / 'models' / 'lm_shardings.json'
HBM_BYTES = 16 * 2**30  # of a TPU v5e

# The safetensors of the published checkpoints; a tied head counts once (Qwen3's files hold a copy of it).
PUBLISHED = {
  'Llama-3.1-8B': 8_030_261_248,
  'Qwen3-0.6B': 596_049_920,
  'Qwen3-1.7B': 1_720_574_976,
  'SmolLM2-135M': 134_515_008,
  'SmolLM2-360M': 361_821_120,
  'Gemma-3-1B': 999_885_952,
}


def make(config, dtype='float32', remat=False):
  graphdef, state = nnx.split(LanguageModel(config, remat=remat, rngs=nnx.Rngs(0)))
  return nnx.merge(graphdef, jax.tree.map(lambda x: x.astype(dtype), state))


@functools.cache
def abstract(name):
  return nnx.state(nnx.eval_shape(lambda: LanguageModel(PRESETS[name], rngs=nnx.Rngs(0))))


@pytest.mark.parametrize('name', sorted(PRESETS))
def test_parameter_count_is_the_published_one(name):
  assert sum(x.size for x in jax.tree.leaves(abstract(name))) == PUBLISHED[name]


def placed(name, preset):
  """The spec of each parameter, layers taken together."""
  mesh = mesh_lib.make_mesh(mesh_lib.MeshConfig(data=1, fsdp=4, tensor=2))
  found = collections.defaultdict(set)
  for path, variable in named_variables(rules.shardings(abstract(name), mesh, rules.preset(preset))).items():
    found[re.sub(r'\d+', '*', path)].add(str(tuple(variable.get_value().spec)))
  assert all(len(specs) == 1 for specs in found.values())
  return {path: specs.pop() for path, specs in sorted(found.items())}


def test_shardings_are_golden():
  found = {f'{name} {preset}': placed(name, preset) for name in sorted(PRESETS) for preset in ('dp', 'fsdp', 'fsdp_tp')}
  assert found == json.loads(GOLDEN.read_text())


class LoRATask:
  """Low-rank updates of every linear layer, on whole rows of tokens."""

  def __init__(self, config):
    self.config = config

  def init(self, rngs):
    model = make(self.config, 'bfloat16', remat=True)
    targets = ('query', 'key', 'value', 'out', 'gate', 'up', 'down')
    add_lora(model, LoRAConfig(16, 32.0, targets=targets), rngs=rngs)
    return model

  def loss(self, model, batch, key, *, train):
    del key
    hidden = model(model.embed(batch['tokens'])[:, :-1], train=train)
    targets = batch['tokens'][:, 1:]
    return token_cross_entropy(model.logits, hidden, targets, jnp.ones(targets.shape)), {}

  def optimizer(self):
    return optax.adamw(1e-4)


def v5e_4x4():
  if importlib.util.find_spec('libtpu') is None:
    pytest.skip('libtpu is not installed (the extra tpu-aot)')
  devices = topologies.get_topology_desc(platform='tpu', topology_name='v5e:4x4').devices
  return mesh_lib.make_mesh(mesh_lib.MeshConfig(data=1, fsdp=16), devices=devices)


@pytest.mark.slow
def test_llama_8b_lora_step_fits_v5e_4x4():
  mesh = v5e_4x4()
  batch = step_lib.abstract_batch({'tokens': np.zeros((1, 1025), np.int32)}, mesh, 16)
  lowered = step_lib.lower_train_step(LoRATask(PRESETS['Llama-3.1-8B']), mesh, rules.preset('fsdp'), batch)
  cost = step_lib.cost(lowered.compile())
  assert cost.peak_bytes < 0.9 * HBM_BYTES


@pytest.mark.slow
def test_llama_8b_forward_fits_v5e_4x4():
  mesh = v5e_4x4()
  graphdef, state = nnx.split(nnx.eval_shape(functools.partial(make, PRESETS['Llama-3.1-8B'], 'bfloat16')))
  sharded = rules.shardings(state, mesh, rules.preset('fsdp'))
  state = jax.tree.map(lambda x, s: jax.ShapeDtypeStruct(x.shape, x.dtype, sharding=s), state, sharded)
  tokens = jax.ShapeDtypeStruct((16, 1024), jnp.int32, sharding=arrays.batch_sharding(mesh))

  def forward(state, tokens):
    model = nnx.merge(graphdef, state)
    return model.logits(model(model.embed(tokens))[:, -1])

  compiled = jax.jit(forward).lower(state, tokens).compile()
  assert step_lib.cost(compiled).peak_bytes < 0.9 * HBM_BYTES


def test_frozen_weights_lie_as_parameters_do():
  mesh = mesh_lib.make_mesh(mesh_lib.MeshConfig(data=1, fsdp=4, tensor=2))
  state = nnx.state(nnx.eval_shape(lambda: LoRATask(PRESETS['SmolLM2-135M']).init(nnx.Rngs(0))))
  specs = named_variables(rules.shardings(state, mesh, rules.preset('fsdp_tp')))
  kernel = specs['layers.0.mlp.up.kernel']
  assert isinstance(kernel, Frozen)
  assert kernel.get_value().spec == PartitionSpec('fsdp', 'tensor')
  assert specs['layers.0.mlp.up.lora.b'].get_value().spec[1] == 'tensor'
