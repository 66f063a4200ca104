"""Full-size presets, abstractly: parameters, where they lie, and Llama-3.1-8B compiled for a TPU pod slice."""

import functools
import importlib.util
import json
import pathlib

import jax
import pytest
from flax import nnx
from jax.sharding import PartitionSpec

from sportjax.dist import mesh as mesh_lib
from sportjax.dist import rules
from sportjax.models.checkpoints.load import named_variables
from sportjax.models.lm.config import PRESETS
from sportjax.models.lm.model import LanguageModel
from sportjax.nn.adapters import Frozen
from sportjax.nn.blocks import ANYWHERE
from sportjax.train import step as step_lib
from tests.models.shardings import shapes_and_specs

BENCHMARK = pathlib.Path(__file__).parents[3] / 'benchmarks' / 'lm_memory.py'
SPEC = importlib.util.spec_from_file_location('lm_memory', BENCHMARK)
lm_memory = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(lm_memory)
GOLDEN = pathlib.Path(__file__).parents[2] / 'golden' / 'models' / 'lm_shardings.json'
# The safetensors of the published checkpoints; a tied head counts once (Qwen3's files hold a copy of it).
PUBLISHED = {
  'Llama-3.1-8B': 8_030_261_248,
  'Qwen3-0.6B': 596_049_920,
  'Qwen3-1.7B': 1_720_574_976,
  'SmolLM2-135M': 134_515_008,
  'SmolLM2-360M': 361_821_120,
  'Gemma-3-1B': 999_885_952,
}


@functools.cache
def abstract(name):
  return nnx.state(nnx.eval_shape(lambda: LanguageModel(PRESETS[name], rngs=nnx.Rngs(0))))


@pytest.mark.parametrize('name', sorted(PRESETS))
def test_parameter_count_is_the_published_one(name):
  assert sum(x.size for x in jax.tree.leaves(abstract(name))) == PUBLISHED[name]


def test_shapes_and_shardings_are_golden():
  found = {name: shapes_and_specs(abstract(name)) for name in sorted(PRESETS)}
  assert found == json.loads(GOLDEN.read_text())


@pytest.mark.slow
@pytest.mark.parametrize('work', ['forward', 'LoRA step'])
def test_llama_8b_fits_v5e_4x4(work):
  if importlib.util.find_spec('libtpu') is None:
    pytest.skip('libtpu is not installed (the extra tpu-aot)')
  compiled = lm_memory.WORKS[work](PRESETS['Llama-3.1-8B'], lm_memory.mesh_of('v5e:4x4'), 16, 1024)
  assert step_lib.cost(compiled).peak_bytes < 0.9 * lm_memory.HBM_BYTES


def test_frozen_weights_lie_as_parameters_do():
  mesh = mesh_lib.make_mesh(mesh_lib.MeshConfig(data=1, fsdp=4, tensor=2))
  task = lm_memory.LoRATask(PRESETS['SmolLM2-135M'], ANYWHERE)
  state = nnx.state(nnx.eval_shape(lambda: task.init(nnx.Rngs(0))))
  specs = named_variables(rules.shardings(state, mesh, rules.preset('fsdp_tp')))
  kernel = specs['layers.0.mlp.up.kernel']
  assert isinstance(kernel, Frozen)
  assert kernel.get_value().spec == PartitionSpec('fsdp', 'tensor')
  assert specs['layers.0.mlp.up.lora.b'].get_value().spec[1] == 'tensor'
