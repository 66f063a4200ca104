from __future__ import annotations

import dataclasses
import importlib.util
import pathlib

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

from sportjax.errors import InputError
from sportjax.nn import resnet as resnet_lib

torch = pytest.importorskip('torch', reason='torch is the oracle of the ResNet')
_spec = importlib.util.spec_from_file_location(
  'torch_resnet', pathlib.Path(__file__).parents[2] / 'benchmarks' / 'torch_resnet.py'
)
torch_resnet = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(torch_resnet)

NARROW = {'widths': (8, 12, 16, 24)}  # full depth, little work


def build(preset, *, dtype='float32', in_channels=5, seed=0, **changes):
  config = dataclasses.replace(resnet_lib.PRESETS[preset], in_channels=in_channels, dtype=dtype, **changes)
  torch.manual_seed(seed)
  net = torch_resnet.randomise(torch_resnet.ResNet(config), seed).to(getattr(torch, dtype))
  model = nnx.eval_shape(lambda: resnet_lib.ResNet(config, rngs=nnx.Rngs(0)))
  graph, state = nnx.split(model)
  model = nnx.merge(graph, jax.tree.map(lambda x: jnp.zeros(x.shape, dtype), state))
  resnet_lib.load_torch_resnet(model, to_numpy(net.state_dict()))
  return model, net


def to_numpy(state):
  return {name: tensor.numpy() for name, tensor in state.items()}


def images(count, size, dtype, channels=5):
  x = np.random.default_rng(1).normal(size=(count, size, size, channels)).astype(dtype)
  return jnp.asarray(x), torch.from_numpy(x.transpose(0, 3, 1, 2).copy())


def relative(ours, theirs):
  return np.abs(np.asarray(ours) - theirs).max() / np.abs(theirs).max()


def run_both(model, net, x, tx):
  """Features, every gradient by torch's name and the statistics after one step, ours and torch's."""
  graph, params, rest = nnx.split(model, nnx.Param, ...)
  weights = np.random.default_rng(2).normal(size=(len(x), model.config.features))

  @jax.jit
  def value_and_grad(params):
    def loss(params):
      net = nnx.merge(graph, params, rest, copy=True)
      y = net(x, train=True)
      return (y * jnp.asarray(weights, y.dtype)).sum(), (y, nnx.state(net, nnx.BatchStat))

    return jax.value_and_grad(loss, has_aux=True)(params)

  (_, (y, stats)), gradient = value_and_grad(params)
  net.train()
  ty = net(tx)
  (ty * torch.from_numpy(weights).to(ty.dtype)).sum().backward()
  ours = named(nnx.merge(graph, gradient, stats))
  theirs = to_numpy({n: p.grad for n, p in net.named_parameters()} | dict(net.named_buffers()))
  return y, ty.detach().numpy(), ours, theirs


def named(model):
  names = resnet_lib.torch_names(model)
  return {name: np.asarray(v[...]).transpose(3, 2, 0, 1) if v[...].ndim == 4 else v[...] for name, v in names.items()}


@pytest.mark.parametrize('preset', ['resnet18', 'resnet34', 'resnet50', 'small'])
def test_forward_equals_torch_in_eval(preset):
  model, net = build(preset)
  x, tx = images(2, 64, np.float32)
  with torch.inference_mode():
    expected = net.eval()(tx).numpy()
  ours = jax.jit(lambda x: model(x, train=False))(x)
  assert ours.shape == (2, model.config.features)
  assert relative(ours, expected) < 1e-4


@pytest.mark.parametrize('preset', ['resnet18', 'resnet34', 'resnet50', 'small'])
def test_training_step_equals_torch_in_float64(preset):
  with jax.enable_x64():
    model, net = build(preset, dtype='float64', **NARROW)
    y, ty, ours, theirs = run_both(model, net, *images(4, 64, np.float64))
    assert relative(y, ty) < 1e-10
    assert set(ours) == {name for name in theirs if 'num_batches' not in name}
    assert max(relative(ours[name], theirs[name]) for name in ours) < 1e-8


def test_training_step_equals_torch_in_float32():
  model, net = build('resnet18', **NARROW)
  y, ty, ours, theirs = run_both(model, net, *images(8, 64, np.float32))
  assert relative(y, ty) < 1e-4
  assert max(relative(ours[name], theirs[name]) for name in ours) < 2e-3  # 20 normalisations amplify rounding


@pytest.mark.parametrize('size', [33, 50])
def test_training_step_equals_torch_on_odd_sizes(size):
  with jax.enable_x64():
    model, net = build('resnet18', dtype='float64', **NARROW)
    y, ty, ours, theirs = run_both(model, net, *images(3, size, np.float64))
    assert relative(y, ty) < 1e-10
    assert max(relative(ours[name], theirs[name]) for name in ours) < 1e-8


def test_bfloat16_keeps_parameters_and_statistics_in_float32():
  model, _ = build('small')
  x, _ = images(4, 64, np.float32)
  half = resnet_lib.ResNet(dataclasses.replace(model.config, dtype='bfloat16'), rngs=nnx.Rngs(0))
  nnx.update(half, nnx.state(model))
  expected, ours = model(x, train=True), half(x, train=True)
  assert ours.dtype == jnp.float32
  assert {leaf.dtype for leaf in jax.tree.leaves(nnx.state(half))} == {jnp.dtype('float32')}
  assert 1e-5 < relative(ours, np.asarray(expected)) < 0.1
  assert relative(half.norm.mean[...], np.asarray(model.norm.mean[...])) < 0.02


def test_first_layer_mean_of_rgb_starts_all_channels_alike():
  config = dataclasses.replace(resnet_lib.PRESETS['small'], in_channels=5, stem_init='mean_of_rgb')
  kernel = np.asarray(resnet_lib.ResNet(config, rngs=nnx.Rngs(0)).conv.kernel[...])
  assert (kernel == kernel[:, :, :1]).all()
  independent = resnet_lib.ResNet(dataclasses.replace(config, stem_init='independent'), rngs=nnx.Rngs(0))
  assert kernel.std() == pytest.approx(np.asarray(independent.conv.kernel[...]).std() / 3**0.5, rel=0.15)


def test_kernels_start_with_the_variance_of_he():
  model = resnet_lib.ResNet(resnet_lib.PRESETS['resnet18'], rngs=nnx.Rngs(0))
  kernel = np.asarray(model.stages[3][1].convs[0].kernel[...])
  assert kernel.std() == pytest.approx((2 / (9 * 512)) ** 0.5, rel=0.01)


def test_parameters_carry_logical_axes():
  model = resnet_lib.ResNet(resnet_lib.PRESETS['small'], rngs=nnx.Rngs(0))
  for _, variable in nnx.to_flat_state(nnx.state(model)):
    assert len(variable.get_metadata()['logical_axes']) == variable[...].ndim


@pytest.mark.parametrize(
  ('change', 'message'),
  [
    (lambda s: s.pop('layer1.0.bn1.weight'), 'missing'),
    (lambda s: s.update({'fc.weight': np.zeros((26, 24))}), 'unknown'),
    (lambda s: s.update({'bn1.bias': np.zeros(3, np.float32)}), 'bn1.bias has shape'),
  ],
)
def test_load_torch_refuses_other_weights_and_changes_nothing(change, message):
  model, net = build('small', **NARROW)
  before = jax.tree.map(np.asarray, nnx.state(model))
  state = {name: tensor + 1 for name, tensor in to_numpy(net.state_dict()).items()}
  change(state)
  with pytest.raises(InputError, match=message):
    resnet_lib.load_torch_resnet(model, state)
  assert jax.tree.all(jax.tree.map(np.array_equal, before, nnx.state(model)))


def test_one_value_a_channel_has_no_batch_statistics():
  model, _ = build('small', **NARROW)
  with pytest.raises(ValueError, match='more than one value'):
    model(jnp.zeros((1, 8, 8, 5)), train=True)
