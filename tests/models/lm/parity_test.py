"""Every family against transformers, on the tiny checkpoints that tests/fixtures/make_lm.py made with torch.

Errors are at most 1e-5 in float32: hidden states, logits, gradients of every weight, decoded tokens.
"""

import pathlib
import shutil

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
import safetensors.numpy
from flax import nnx

from sportjax.models.checkpoints.load import export
from sportjax.models.lm.beam import BeamSearch, beam_search
from sportjax.models.lm.generate import Decoding, generate
from sportjax.models.lm.load import load, name_map
from sportjax.models.lm.prompt import Prompt

FIXTURES = pathlib.Path(__file__).parents[2] / 'fixtures' / 'lm'
CASES = sorted(path.name for path in FIXTURES.iterdir() if path.is_dir())
TOLERANCE = 1e-5


@pytest.fixture(scope='module', params=CASES)
def case(request):
  folder = FIXTURES / request.param
  return load(folder), safetensors.numpy.load_file(folder / 'expected.safetensors'), folder


@jax.jit(static_argnums=0)
def hidden_and_logits(graphdef, state, inputs, there):
  model = nnx.merge(graphdef, state)
  hidden = model(model.embed(inputs) if inputs.ndim == 2 else inputs, there)
  return hidden, model.logits(hidden)


def run(model, inputs, there=None):
  with jax.default_matmul_precision('highest'):
    return hidden_and_logits(*nnx.split(model), jnp.asarray(inputs), there)


def prompt(inputs, there=None):
  there = np.ones(inputs.shape[:2], bool) if there is None else there
  return Prompt(jnp.asarray(inputs), jnp.asarray(there, bool))


def test_every_family_is_here():
  assert {'llama', 'llama_scaled', 'qwen2', 'qwen2_window', 'qwen3', 'gemma2', 'gemma3', 'gemma3_linear'} <= set(CASES)


def test_hidden_states_and_logits(case):
  model, expected, _ = case
  hidden, logits = run(model, expected['tokens'])
  np.testing.assert_allclose(hidden, expected['hidden'], atol=TOLERANCE, rtol=0)
  np.testing.assert_allclose(logits, expected['logits'], atol=TOLERANCE, rtol=0)
  assert expected['logits'].std() > 0.1


def test_the_loop_over_layers_is_the_same_model(case):
  _, expected, folder = case
  _, logits = run(load(folder, remat=True), expected['left'], there := expected['mask'].astype(bool))
  np.testing.assert_allclose(logits[there], expected['left_logits'][there], atol=TOLERANCE, rtol=0)


def test_embeddings_path(case):
  model, expected, _ = case
  np.testing.assert_allclose(model.embed(jnp.asarray(expected['tokens'])), expected['token_embeds'], atol=1e-6, rtol=0)
  _, logits = run(model, expected['embeds'])
  np.testing.assert_allclose(logits, expected['embeds_logits'], atol=TOLERANCE, rtol=0)


def test_left_padding(case):
  model, expected, _ = case
  there = expected['mask'].astype(bool)
  _, logits = run(model, expected['left'], there)
  np.testing.assert_allclose(logits[there], expected['left_logits'][there], atol=TOLERANCE, rtol=0)


@pytest.mark.slow
@pytest.mark.parametrize('remat', [False, True])
def test_gradients(case, remat):
  _, expected, folder = case
  model = load(folder, remat=remat)
  graphdef, params, rest = nnx.split(model, nnx.Param, ...)
  tokens = jnp.asarray(expected['tokens'])

  @jax.jit
  def loss(params):
    model = nnx.merge(graphdef, params, rest, copy=True)
    logits = model.logits(model(model.embed(tokens)))[:, :-1]
    return optax.softmax_cross_entropy_with_integer_labels(logits, tokens[:, 1:]).mean()

  with jax.default_matmul_precision('highest'):
    grads = nnx.merge(graphdef, jax.grad(loss)(params), rest)
  found = export(grads, name_map(model.config))
  wanted = safetensors.numpy.load_file(folder / 'grads.safetensors')
  assert found.keys() == wanted.keys()
  for name, x in wanted.items():
    np.testing.assert_allclose(found[name], x, atol=TOLERANCE, rtol=0, err_msg=name)


@pytest.mark.slow
def test_greedy_tokens(case):
  model, expected, _ = case
  found = generate(model, prompt(expected['left'], expected['mask']), Decoding(max_tokens=16, chunk=8))
  np.testing.assert_array_equal(np.stack(found), expected['greedy'])


@pytest.mark.slow
@pytest.mark.parametrize('name', ['llama_scaled', 'gemma3'])
def test_greedy_tokens_from_embeddings(name):
  expected = safetensors.numpy.load_file(FIXTURES / name / 'expected.safetensors')
  found = generate(load(FIXTURES / name), prompt(expected['embeds']), Decoding(max_tokens=16, chunk=8))
  np.testing.assert_array_equal(np.stack(found), expected['embeds_greedy'])


@pytest.mark.slow
@pytest.mark.parametrize('penalty', [0.0, 1.0, 2.0])
def test_beam_search(penalty):
  folder = FIXTURES / 'qwen3'
  expected = safetensors.numpy.load_file(folder / 'expected.safetensors')
  search = BeamSearch(beams=3, max_tokens=10, length_penalty=penalty, stop_ids=(2,))
  found = beam_search(load(folder), prompt(expected['left'], expected['mask']), search)
  for row, wanted in zip(found, expected[f'beam_{penalty}'], strict=True):
    ends = np.flatnonzero(wanted == 2)
    np.testing.assert_array_equal(row, wanted[: ends[0]] if len(ends) else wanted)


def test_config_of_transformers_4_is_read_alike(case, tmp_path):
  model, _, folder = case
  shutil.copy(folder / 'config_v4.json', tmp_path / 'config.json')
  for file in folder.glob('model*'):
    (tmp_path / file.name).symlink_to(file)
  assert load(tmp_path).config == model.config


def test_export_gives_their_tensors_back(case):
  model, _, folder = case
  given = {}
  for file in folder.glob('model*.safetensors'):
    given |= safetensors.numpy.load_file(file)
  found = export(model, name_map(model.config))
  assert found.keys() == given.keys()
  for name, x in found.items():
    np.testing.assert_array_equal(x, given[name].astype(np.float32))
