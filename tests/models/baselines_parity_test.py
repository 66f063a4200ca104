"""VPD's baselines and RAFT against torch: outputs and gradients of the cases of tests/fixtures/make_baselines.py."""

import dataclasses

import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

from sportjax.errors import InputError
from sportjax.models import msg3d, raft, stgcn
from sportjax.models.checkpoints import torch_names as names
from sportjax.models.checkpoints.name_map import TRANSPOSED, Concatenate, NameMap, Reshape, Rule, Stack
from sportjax.models.checkpoints.tensors import open_tensors
from sportjax.models.msg3d import MSG3D, MSG3DConfig
from sportjax.models.raft import RAFT, RAFTConfig
from sportjax.models.stgcn import STGCN, STGCNConfig
from sportjax.nn.gate_shift import GateShift
from sportjax.nn.relations import Relations
from tests.models.parity import COUNTS, FIXTURES, Case, check_export, check_outputs_and_gradients, parameters

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
GSM_NAMES = NameMap(
  (*names.norm('bn', 'norm'), *names.conv3d('conv3D', 'gate')),
  ignored=('*.num_batches_tracked',),
)
_SCALES = (5, 4, 3, 2)
TRN_NAMES = NameMap(
  (
    Rule(
      tuple(f'fc_fusion_scales.{i}.1.weight' for i in range(4)),
      'enter.kernel',
      (*TRANSPOSED, Concatenate(0, tuple(6 * size for size in _SCALES)), Reshape((6 * 14, 7), (14, 6, 7))),
    ),
    Rule(tuple(f'fc_fusion_scales.{i}.1.bias' for i in range(4)), 'enter.bias', (Stack(),)),
    Rule(tuple(f'fc_fusion_scales.{i}.3.weight' for i in range(4)), 'out.kernel', (*TRANSPOSED, Stack())),
    Rule(tuple(f'fc_fusion_scales.{i}.3.bias' for i in range(4)), 'out.bias', (Stack(),)),
  ),
)


TWO_IMAGES = ('first', 'second')
CASES = [
  Case('raft_large', lambda: RAFT(LARGE, rngs=nnx.Rngs(0)), raft.name_map(LARGE), RAFT.__call__, TWO_IMAGES),
  Case('raft_small', lambda: RAFT(SMALL, rngs=nnx.Rngs(0)), raft.name_map(SMALL), RAFT.__call__, TWO_IMAGES),
  Case('stgcn', lambda: STGCN(TINY_STGCN, 5, rngs=nnx.Rngs(0)), stgcn.name_map()),
  Case('msg3d', lambda: MSG3D(TINY_MSG3D, 5, rngs=nnx.Rngs(0)), msg3d.name_map(TINY_MSG3D)),
  Case('gsm', lambda: GateShift(8, rngs=nnx.Rngs(0)), GSM_NAMES),
  Case('trn', lambda: Relations(6, 5, 4, hidden=7, rngs=nnx.Rngs(0)), TRN_NAMES),
]
each = pytest.mark.parametrize('case', CASES, ids=lambda case: case.name)


@each
def test_outputs_and_gradients_equal_torch(case):
  check_outputs_and_gradients(case)


@each
def test_export_gives_their_weights_back(case):
  check_export(case)


def test_full_sizes_have_as_many_parameters_as_torch():
  makers = {
    'raft_large': lambda: RAFT(raft.PRESETS['raft_large'], rngs=nnx.Rngs(0)),
    'raft_small': lambda: RAFT(raft.PRESETS['raft_small'], rngs=nnx.Rngs(0)),
    'stgcn': lambda: STGCN(stgcn.PRESETS['stgcn'], 400, rngs=nnx.Rngs(0)),
    'msg3d': lambda: MSG3D(msg3d.PRESETS['msg3d'], 400, rngs=nnx.Rngs(0)),
  }
  assert (COUNTS['raft_large'], COUNTS['raft_small']) == (5257536, 990162)  # as torchvision publishes them
  for name, make in makers.items():
    assert parameters(make) == COUNTS[name], name


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
