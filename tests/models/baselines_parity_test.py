"""VPD's baselines and RAFT against torch: outputs and gradients of the cases of tests/fixtures/make_baselines.py."""

import dataclasses
import fnmatch
import functools
import json
import pathlib

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import safetensors.numpy
from flax import nnx

from sportjax.errors import InputError
from sportjax.models import efficientnet, inception, msg3d, raft, stgcn
from sportjax.models.checkpoints import torch_names as names
from sportjax.models.checkpoints.load import export, load
from sportjax.models.checkpoints.name_map import NameMap
from sportjax.models.checkpoints.tensors import Arrays, open_tensors
from sportjax.models.efficientnet import EfficientNet, EfficientNetConfig, Stage
from sportjax.models.inception import Inception, InceptionConfig
from sportjax.models.msg3d import MSG3D, MSG3DConfig
from sportjax.models.raft import RAFT, RAFTConfig
from sportjax.models.stgcn import STGCN, STGCNConfig
from sportjax.nn.gate_shift import GateShift
from sportjax.nn.relations import Relations

FIXTURES = pathlib.Path(__file__).parents[1] / 'fixtures' / 'baselines'
QUICK = {'xla_backend_optimization_level': 0, 'xla_llvm_disable_expensive_passes': True}  # each is run once
TOLERANCE = 2e-5

LARGE = RAFTConfig(
  features=(4, 4, 6, 8, 8), context=(4, 4, 6, 8, 14), levels=3, radius=2, corr=(8, 6), flow=(6, 4), motion=10, hidden=8,
  head=6, mask=6, updates=3,
)  # fmt: skip
SMALL = RAFTConfig(
  features=(8, 8, 12, 8, 8), context=(8, 8, 12, 8, 14), context_norm='none', narrow=True, levels=3, radius=1, corr=(6,),
  flow=(6, 4), motion=8, hidden=6, kernels=((3, 3),), head=6, mask=None, updates=3,
)  # fmt: skip
TINY_STGCN = STGCNConfig(widths=(4, 4, 6), strides=(1, 2, 1), frames=3)
TINY_MSG3D = MSG3DConfig(widths=(6, 12, 18), scales=4, window_scales=2)
TINY_EFFICIENTNET = EfficientNetConfig(width=0.5, stages=(Stage(1, 3, 1, 16, 1), Stage(6, 5, 2, 24, 2)))
PACKAGE_EFFICIENTNET = dataclasses.replace(TINY_EFFICIENTNET, in_channels=5, arithmetic='tensorflow')
GSM_NAMES = NameMap(
  (*names.norm('bn', 'norm'), *names.conv3d('conv3D', 'gate')),
  ignored=('*.num_batches_tracked',),
)
TRN_NAMES = NameMap(
  (*names.dense('fc_fusion_scales.{}.1', 'enter.{}'), *names.dense('fc_fusion_scales.{}.3', 'out.{}')),
)


def evaluated(model, *inputs):
  return model(*inputs, train=False)


CASES = {
  'raft_large': (lambda: RAFT(LARGE, rngs=nnx.Rngs(0)), raft.name_map(LARGE), lambda model, *x: model(*x)),
  'raft_small': (lambda: RAFT(SMALL, rngs=nnx.Rngs(0)), raft.name_map(SMALL), lambda model, *x: model(*x)),
  'stgcn': (lambda: STGCN(TINY_STGCN, 5, rngs=nnx.Rngs(0)), stgcn.name_map(), evaluated),
  'msg3d': (lambda: MSG3D(TINY_MSG3D, 5, rngs=nnx.Rngs(0)), msg3d.name_map(TINY_MSG3D), evaluated),
  'gsm': (lambda: GateShift(8, rngs=nnx.Rngs(0)), GSM_NAMES, evaluated),
  'trn': (lambda: Relations(6, 5, 4, hidden=7, rngs=nnx.Rngs(0)), TRN_NAMES, evaluated),
  'efficientnet': (
    lambda: EfficientNet(TINY_EFFICIENTNET, rngs=nnx.Rngs(0)),
    efficientnet.name_map(TINY_EFFICIENTNET),
    evaluated,
  ),
  'efficientnet_package': (
    lambda: EfficientNet(PACKAGE_EFFICIENTNET, rngs=nnx.Rngs(0)),
    efficientnet.name_map(PACKAGE_EFFICIENTNET),
    evaluated,
  ),
  'inception_v3': (lambda: Inception(InceptionConfig(1 / 32), rngs=nnx.Rngs(0)), inception.name_map(), evaluated),
}


def read_case(name):
  parts = {'weights': {}, 'grad': {}, 'in': {}}
  whole = safetensors.numpy.load_file(FIXTURES / f'{name}.safetensors')
  for key, value in whole.items():
    part, _, rest = key.partition('.')
    parts.setdefault(part, {})[rest] = value
  order = {'raft_large': ('first', 'second'), 'raft_small': ('first', 'second')}.get(name, tuple(parts['in']))
  return parts, [jnp.asarray(parts['in'][key], jnp.float32) for key in order], whole['out'], whole['w']


@functools.cache
def loaded(name):
  make, name_map, _ = CASES[name]
  return load(make, Arrays(FIXTURES / name, read_case(name)[0]['weights']), name_map)


@pytest.mark.parametrize('name', CASES)
def test_outputs_and_gradients_equal_torch(name):
  _, name_map, run = CASES[name]
  parts, inputs, out, by = read_case(name)
  graph, params, rest = nnx.split(loaded(name), nnx.Param, ...)

  def of(params):
    found = run(nnx.merge(graph, params, rest, copy=True), *inputs)
    return (found * by).sum(), found

  with jax.default_matmul_precision('highest'):
    grads, found = jax.jit(jax.grad(of, has_aux=True), compiler_options=QUICK)(params)
  assert np.abs(np.asarray(found) - out).max() <= TOLERANCE * max(1, np.abs(out).max())
  gradients = {k: v for k, v in export(nnx.merge(graph, grads, rest), name_map).items() if 'running_' not in k}
  assert set(parts['grad']) == set(gradients)
  largest = max(np.abs(v).max() for v in parts['grad'].values())
  worst = {k: np.abs(v - parts['grad'][k]).max() / largest for k, v in gradients.items()}
  name = max(worst, key=worst.get)
  assert worst[name] <= TOLERANCE, (name, worst[name])


@pytest.mark.parametrize('name', CASES)
def test_export_gives_their_weights_back(name):
  parts, *_ = read_case(name)
  exported = export(loaded(name), CASES[name][1])
  for key, value in exported.items():
    np.testing.assert_array_equal(value, parts['weights'][key])
  ignored = CASES[name][1].ignored
  assert all(any(fnmatch.fnmatchcase(key, each) for each in ignored) for key in set(parts['weights']) - set(exported))


def test_full_sizes_have_as_many_parameters_as_torch():
  makers = {
    'raft_large': lambda: RAFT(raft.PRESETS['raft_large'], rngs=nnx.Rngs(0)),
    'raft_small': lambda: RAFT(raft.PRESETS['raft_small'], rngs=nnx.Rngs(0)),
    'stgcn': lambda: STGCN(stgcn.PRESETS['stgcn'], 400, rngs=nnx.Rngs(0)),
    'msg3d': lambda: MSG3D(msg3d.PRESETS['msg3d'], 400, rngs=nnx.Rngs(0)),
  }
  counts = json.loads((FIXTURES / 'counts.json').read_text())
  assert (counts['raft_large'], counts['raft_small']) == (5257536, 990162)  # as torchvision publishes them
  for name, make in makers.items():
    assert parameters(make) == counts[name], name


def parameters(make):
  return sum(x.size for x in jax.tree.leaves(nnx.state(nnx.eval_shape(make), nnx.Param)))


@pytest.mark.parametrize('name', [*efficientnet.PRESETS, *inception.PRESETS])
def test_image_networks_have_as_many_parameters_as_torchvision_and_the_package(name):
  counts = json.loads((FIXTURES / 'counts.json').read_text())
  assert counts['efficientnet_b0'] == 5288548  # as torchvision publishes it
  config = (efficientnet.PRESETS | inception.PRESETS)[name]
  network = EfficientNet if name in efficientnet.PRESETS else Inception
  classifier = 1000 * (config.features + 1)
  assert parameters(lambda: network(config, rngs=nnx.Rngs(0))) + classifier == counts[name]


@pytest.mark.parametrize('suffix', ['.safetensors', '.txt'])
def test_weights_of_another_network_are_refused(suffix, tmp_path):
  with pytest.raises(InputError, match="raft preset 'raft_huge' is unknown"):
    raft.load(FIXTURES / 'gsm.safetensors', 'raft_huge')
  (tmp_path / 'w.txt').write_text('nothing')
  path = FIXTURES / 'gsm.safetensors' if suffix == '.safetensors' else tmp_path / 'w.txt'
  with pytest.raises(InputError, match=r'lacks \d+ tensors|unknown kind of weights'):
    raft.load(path, 'raft_small')


def test_sizes_that_raft_cannot_read_are_refused():
  with pytest.raises(InputError, match='RAFT on 60 x 64 pixels'):
    raft.check_size((60, 64), SMALL)
  with pytest.raises(InputError, match='at least 64'):
    raft.check_size((56, 64), raft.PRESETS['raft_small'])


def test_predictor_reads_stored_images(tmp_path):
  model = RAFT(dataclasses.replace(SMALL, updates=1), rngs=nnx.Rngs(0))
  images = np.random.default_rng(0).integers(0, 256, (2, 2, 32, 40, 3), np.uint8)
  found = raft.predictor(model)(*images)
  scaled = [jnp.asarray(x / 127.5 - 1, jnp.float32) for x in images]
  np.testing.assert_allclose(found, model(*scaled), atol=1e-4)
  assert found.shape == (2, 32, 40, 2)


def test_open_tensors_reads_a_fixture():
  assert 'weights.fcn.bias' in open_tensors(FIXTURES / 'stgcn.safetensors').shapes
