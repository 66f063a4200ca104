"""Adapters that PEFT wrote: read, answered with, trained, merged, and written again."""

import json
import pathlib
import shutil

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
import safetensors.numpy
from flax import nnx

from sportjax.errors import InputError
from sportjax.models.lm.load import load
from sportjax.models.lm.peft import load_adapter, save_adapter
from sportjax.nn.adapters import Frozen, LoRAConfig, add_lora, lora_layers, merge

FIXTURES = pathlib.Path(__file__).parents[2] / 'fixtures' / 'lm'


@pytest.fixture(scope='module', params=['llama_5e5', 'gemma3'])
def case(request):
  folder = FIXTURES / request.param
  tokens = safetensors.numpy.load_file(folder / 'expected.safetensors')['tokens']
  return folder, jnp.asarray(tokens), safetensors.numpy.load_file(folder / 'adapter' / 'expected.safetensors')


@pytest.fixture
def adapted(case):
  model = load(case[0])
  load_adapter(case[0] / 'adapter', model)
  return model


@jax.jit(static_argnums=0)
def logits_of(graphdef, state, tokens):
  model = nnx.merge(graphdef, state)
  with jax.default_matmul_precision('highest'):
    return model.logits(model(model.embed(tokens)))


def test_logits_with_the_adapter_and_merged(case, adapted):
  _, tokens, expected = case
  np.testing.assert_allclose(logits_of(*nnx.split(adapted), tokens), expected['logits'], atol=1e-5, rtol=0)
  merge(adapted)
  assert not list(lora_layers(adapted))
  np.testing.assert_allclose(logits_of(*nnx.split(adapted), tokens), expected['logits'], atol=1e-5, rtol=0)


@pytest.mark.slow
def test_only_the_adapter_is_trained_and_its_gradients_are_those_of_torch(case, adapted):
  _, tokens, expected = case
  graphdef, params, rest = nnx.split(adapted, nnx.Param, ...)
  assert len(jax.tree.leaves(params)) == len(expected) - 1  # two to a layer, beside the logits
  assert all(isinstance(v, Frozen) for _, v in nnx.to_flat_state(rest))

  @jax.jit
  def loss(params):
    model = nnx.merge(graphdef, params, rest, copy=True)
    logits = model.logits(model(model.embed(tokens)))[:, :-1]
    return optax.softmax_cross_entropy_with_integer_labels(logits, tokens[:, 1:]).mean()

  with jax.default_matmul_precision('highest'):
    grads = nnx.merge(graphdef, jax.grad(loss)(params), rest)
  found = {}
  for name, layer in lora_layers(grads):
    found[name, 'A'], found[name, 'B'] = layer.a[...], layer.b[...]
  for (name, half), grad in found.items():
    theirs = {'query': 'self_attn.q_proj', 'value': 'self_attn.v_proj', 'down': 'mlp.down_proj'}
    layer, part = name.split('.')[1], theirs[name.split('.')[-1]]
    wanted = expected[f'base_model.model.model.layers.{layer}.{part}.lora_{half}.weight']
    np.testing.assert_allclose(grad.T, wanted, atol=1e-5, rtol=0, err_msg=name)


def test_saved_again_it_is_the_same_adapter(case, adapted, tmp_path):
  folder = case[0] / 'adapter'
  save_adapter(tmp_path, adapted)
  given = safetensors.numpy.load_file(folder / 'adapter_model.safetensors')
  found = safetensors.numpy.load_file(tmp_path / 'adapter_model.safetensors')
  assert found.keys() == given.keys()
  for name, x in given.items():
    np.testing.assert_array_equal(found[name], x)
  theirs = json.loads((folder / 'adapter_config.json').read_text())
  ours = json.loads((tmp_path / 'adapter_config.json').read_text())
  assert {key: theirs[key] for key in ours.keys() & theirs.keys() - {'base_model_name_or_path', 'inference_mode'}} == {
    key: ours[key] for key in ours.keys() & theirs.keys() - {'base_model_name_or_path', 'inference_mode'}
  }
  assert {'r', 'lora_alpha', 'target_modules', 'peft_type', 'bias'} <= ours.keys()


@pytest.mark.parametrize(
  ('change', 'message'),
  [
    ({'use_dora': True}, 'use_dora=True'),
    ({'peft_type': 'LOHA'}, 'peft_type'),
    ({'bias': 'all'}, 'bias'),
    ({'target_modules': 'all-linear'}, 'target_modules'),
    ({'target_modules': ['q_proj', 'w1']}, 'target_modules'),
    ({'target_modules': ['q_proj']}, 'no place for'),
    ({'target_modules': ['q_proj', 'v_proj', 'down_proj', 'up_proj']}, 'lacks'),
    ({'r': 4}, 'asks for'),
    ({'r': None}, 'r, lora_alpha'),
  ],
)
def test_adapters_that_do_not_fit_are_refused(tmp_path, change, message):
  folder = FIXTURES / 'llama_5e5'
  shutil.copytree(folder / 'adapter', tmp_path / 'adapter')
  file = tmp_path / 'adapter' / 'adapter_config.json'
  file.write_text(json.dumps({**json.loads(file.read_text()), **change}))
  with pytest.raises(InputError, match=message):
    load_adapter(tmp_path / 'adapter', load(folder))


def test_targets_are_checked_and_updates_are_put_in_once(tmp_path):
  model = load(FIXTURES / 'llama_5e5')
  with pytest.raises(InputError, match=r"'keys' names no layer; known: down, gate"):
    add_lora(model, LoRAConfig(targets=('query', 'keys')), rngs=nnx.Rngs(0))
  with pytest.raises(InputError, match='no low-rank updates'):
    save_adapter(tmp_path, model)
  before = jax.tree.leaves(nnx.state(model))
  add_lora(model, LoRAConfig(), rngs=nnx.Rngs(0))
  assert len(list(lora_layers(model))) == 4
  with pytest.raises(InputError, match='already'):
    add_lora(model, LoRAConfig(), rngs=nnx.Rngs(0))
  merge(model)  # b is zero at the start
  for x, y in zip(before, jax.tree.leaves(nnx.state(model)), strict=True):
    np.testing.assert_array_equal(x, y)
  for bad in ({'r': 0}, {'dropout': 1.0}, {'targets': ()}):
    with pytest.raises(InputError, match='LoRA'):
      LoRAConfig(**bad)
