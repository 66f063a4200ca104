"""A model divided over devices: the same numbers, its rows divided too, its weights whole one layer at a time."""

import dataclasses
import pathlib

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

from sportjax.dist import arrays, rules
from sportjax.dist import mesh as mesh_lib
from sportjax.losses.language import token_cross_entropy
from sportjax.models.lm.load import load
from sportjax.nn.adapters import LoRAConfig, add_lora

FOLDER = pathlib.Path(__file__).parents[2] / 'fixtures' / 'lm' / 'gemma3'
TOKENS = np.random.default_rng(0).integers(3, 60, (8, 25)).astype(np.int32)


def placed(preset, **axes):
  mesh = mesh_lib.make_mesh(mesh_lib.MeshConfig(**axes))
  return rules.Placement(mesh, dataclasses.replace(rules.preset(preset), min_size=1))


def lora_loss(model):
  """The loss of a LoRA step as a function of its parameters, jitted, and those."""
  add_lora(model, LoRAConfig(4, targets=('query', 'down')), rngs=nnx.Rngs(0))
  graphdef, params, rest = nnx.split(model, nnx.Param, ...)

  @jax.jit
  def loss(params, rest, tokens):
    model = nnx.merge(graphdef, params, rest, copy=True)
    hidden = model(model.embed(tokens[:, :-1]), train=True)
    return token_cross_entropy(model.logits, hidden, tokens[:, 1:], jnp.ones(tokens[:, 1:].shape), chunk=8)

  return loss, params, rest


@pytest.mark.slow
@pytest.mark.parametrize(('preset', 'axes'), [('fsdp', {'fsdp': 8}), ('fsdp_tp', {'fsdp': 4, 'tensor': 2})])
def test_loss_and_gradients_are_those_of_one_device(preset, axes):
  loss, params, rest = lora_loss(load(FOLDER))
  expected, wanted = jax.value_and_grad(loss)(params, rest, TOKENS)
  placement = placed(preset, **axes)
  model = load(FOLDER, remat=True, placement=placement, shardings=placement.shardings)
  loss, params, rest = lora_loss(model)
  tokens = jax.device_put(TOKENS, arrays.batch_sharding(placement.mesh))
  found, grads = jax.value_and_grad(loss)(params, rest, tokens)
  np.testing.assert_allclose(found, expected, rtol=1e-5)
  for a, b in zip(jax.tree.leaves(grads), jax.tree.leaves(wanted), strict=True):
    np.testing.assert_allclose(a, b, atol=1e-5)


def test_no_device_holds_the_activations_of_all_rows():
  placement = placed('fsdp', fsdp=8)
  model = load(FOLDER, remat=True, placement=placement, shardings=placement.shardings)
  graphdef, state = nnx.split(model)
  tokens = jax.device_put(TOKENS, arrays.batch_sharding(placement.mesh))

  def run(state, tokens):
    model = nnx.merge(graphdef, state)
    return model.logits(model(model.embed(tokens)))

  text = jax.jit(run).lower(state, tokens).compile().as_text()
  rows, length = TOKENS.shape
  assert f'f32[1,{length},{model.config.width}]' in text
  assert f'f32[{rows},{length},{model.config.width}]' not in text
  assert f'f32[{rows},{length},{model.config.mlp_width}]' not in text
