"""Students of the reference's code: its files' names, its scale of flow, features and decoded poses beside torch's."""

from __future__ import annotations

import dataclasses
import importlib.util
import json
import pathlib

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import safetensors.numpy
import torch
from flax import nnx

from sportjax.errors import InputError
from sportjax.models import vpd
from sportjax.models.efficientnet import EfficientNetConfig, Stage
from sportjax.nn import resnet as resnet_lib

_spec = importlib.util.spec_from_file_location(
  'torch_resnet', pathlib.Path(__file__).parents[2] / 'benchmarks' / 'torch_resnet.py'
)
torch_resnet = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(torch_resnet)

FIXTURES = pathlib.Path(__file__).parents[1] / 'fixtures' / 'baselines'
D, SIZE = 6, 32
MEAN_STD = [[0.3, 0.4, 0.5], [0.2, 0.3, 0.25]]


class Encoder(torch.nn.Module):
  """`resnet.` and `resnet.fc`, as RGBF_EmbeddingModel names them."""

  def __init__(self, channels):
    super().__init__()
    config = dataclasses.replace(resnet_lib.PRESETS['resnet18'], in_channels=channels)
    self.resnet = torch_resnet.randomise(torch_resnet.ResNet(config), 0)
    self.resnet.fc = torch.nn.Linear(512, D)

  def forward(self, x):
    return self.resnet.fc(self.resnet(x))


class Decoder(torch.nn.Module):
  """FCNet of hidden widths 128 and 128: a dropout stands before the second ReLU."""

  def __init__(self):
    super().__init__()
    linear, relu = torch.nn.Linear, torch.nn.ReLU
    self.layers = torch.nn.Sequential(
      linear(D, 128), relu(), linear(128, 128), torch.nn.Dropout(0), relu(), linear(128, 2 * D)
    )


def trained(folder, *, flow=True, motion=True, size=SIZE, **config):
  """Writes what the reference's training leaves."""
  torch.manual_seed(0)
  encoder, decoder = Encoder(5 if flow else 3).eval(), Decoder().eval()
  torch.save(encoder.state_dict(), folder / 'best_epoch.encoder.pt')
  if motion:
    torch.save(decoder.state_dict(), folder / 'best_epoch.decoder.pt')
  about = {'encoder_arch': 'resnet18', 'emb_dim': D, 'img_dim': size, 'use_flow': flow, 'motion': motion,
    'rgb_mean_std': MEAN_STD, 'num_epochs': 1}  # fmt: skip
  (folder / 'config.json').write_text(json.dumps(about | config))
  return encoder, decoder


def test_features_and_poses_are_those_of_torch(tmp_path):
  encoder, decoder = trained(tmp_path)
  model = vpd.load_reference(tmp_path)
  frames = np.random.default_rng(0).integers(1, 256, (3, SIZE, SIZE, 6), np.uint8)
  mean, std = (np.array(values) for values in MEAN_STD)
  flow_px = (frames[..., 3:5].astype(float) - 128) / 127 * 20
  # Of its byte (flow + 20) * 255 / 41 the fraction is cut off, on the mean half a step.
  planes = np.concatenate([(frames[..., :3] / 255 - mean) / std, ((flow_px + 20) * 255 / 41 - 0.5) / 255 - 0.5], -1)
  with torch.no_grad():
    feature = encoder(torch.from_numpy(planes.transpose(0, 3, 1, 2).astype(np.float32)))
    pose = decoder.layers(feature).numpy()
  np.testing.assert_allclose(vpd.embed(model, jnp.asarray(frames)), feature.numpy(), rtol=1e-4, atol=1e-4)
  np.testing.assert_allclose(vpd.decode_pose(model, jnp.asarray(frames)), pose[:, :D], rtol=1e-4, atol=1e-4)
  predicted = model.predict(vpd.normalise(jnp.asarray(frames), model.config), train=False)
  np.testing.assert_allclose(predicted, pose, rtol=1e-4, atol=1e-4)


def test_no_flow_is_what_the_reference_reads_out_of_its_byte():
  config = dataclasses.replace(vpd.PRESETS['small'], flow_range='reference')
  still = jnp.full((1, 2, 2, 6), vpd.FLOW_ZERO, jnp.uint8)
  # The byte of no flow is 124; that and the next stand for 20 * 255 / 41 = 124.39, of which the half is cut.
  planes = vpd.normalise(still, config)
  assert pytest.approx(float(planes[0, 0, 0, 3]), abs=0.5 / 255) == 124 / 255 - 0.5
  # And mirroring negates that too, by which no flow becomes some.
  assert pytest.approx(float(vpd.mirror(planes)[0, 0, 0, 3]), abs=0.5 / 255) == 0.0137
  assert float(vpd.mirror(planes)[0, 0, 0, 4]) == float(planes[0, 0, 0, 4])


@pytest.mark.parametrize(('flow', 'motion'), [(False, True), (True, False)])
def test_ablations_are_known_by_their_config(tmp_path, flow, motion):
  trained(tmp_path, flow=flow, motion=motion)
  model = vpd.load_reference(tmp_path)
  assert (model.config.channels, model.decoder is not None) == (5 if flow else 3, motion)


@pytest.mark.parametrize('motion', [True, False])
def test_motion_goes_by_either_name(tmp_path, motion):
  """Its training writes `motion`, its inference asks for `embed_time`, which stops it."""
  trained(tmp_path, motion=motion)
  stored = json.loads((tmp_path / 'config.json').read_text())
  stored['embed_time'] = stored.pop('motion')
  (tmp_path / 'config.json').write_text(json.dumps(stored))
  assert (vpd.load_reference(tmp_path).decoder is not None) == motion


def test_other_files_are_refused(tmp_path):
  with pytest.raises(InputError, match=r'config\.json'):
    vpd.load_reference(tmp_path)
  trained(tmp_path, encoder_arch='effnet7')
  with pytest.raises(InputError, match='encoder effnet7 is not one of ours: vpd_resnet18'):
    vpd.load_reference(tmp_path)
  trained(tmp_path, emb_dim=D + 1)
  with pytest.raises(InputError, match=r'resnet\.fc is absent or does not fit'):
    vpd.load_reference(tmp_path)
  torch.save({'other.weight': torch.zeros(2)}, tmp_path / 'best_epoch.encoder.pt')
  with pytest.raises(InputError, match=r'other\.weight is not of a student'):
    vpd.load_reference(tmp_path)
  (tmp_path / 'config.json').write_text('{}')
  with pytest.raises(InputError, match='not the config of a student'):
    vpd.load_reference(tmp_path)


def reference_folder(folder, arch, state, d=D):
  torch.save(state, folder / 'best_epoch.encoder.pt')
  about = {
    'encoder_arch': arch,
    'emb_dim': d,
    'img_dim': 128,
    'use_flow': True,
    'motion': False,
    'rgb_mean_std': MEAN_STD,
  }
  (folder / 'config.json').write_text(json.dumps(about | {'rgb_mean_std': MEAN_STD}))


def test_efficientnet_of_the_reference_is_read_whole(tmp_path):
  # Names and shapes as its package gives them.
  shapes = json.loads((FIXTURES / 'efficientnet_b0.json').read_text())
  rng = np.random.default_rng(0)
  state = {name: torch.from_numpy(rng.uniform(size=shape).astype(np.float32)) for name, shape in shapes.items()}
  reference_folder(tmp_path, 'effnet0', state)
  model = vpd.load_reference(tmp_path)
  assert (model.config.backbone.arithmetic, model.config.channels) == ('tensorflow', 5)
  np.testing.assert_array_equal(model.head.kernel[...].T, state['effnet._fc.weight'])
  np.testing.assert_array_equal(model.backbone.blocks[15].project.norm.var[...],
                                state['effnet._blocks.15._bn2.running_var'])  # fmt: skip
  del state['effnet._fc.bias']
  reference_folder(tmp_path, 'effnet0', state)
  with pytest.raises(InputError, match=r'effnet\._fc is absent or does not fit'):
    vpd.load_reference(tmp_path)


def test_features_of_an_efficientnet_are_those_of_the_package(tmp_path, monkeypatch):
  tiny = EfficientNetConfig(
    width=0.5, stages=(Stage(1, 3, 1, 16, 1), Stage(6, 5, 2, 24, 2)), arithmetic='tensorflow'
  )  # fmt: skip
  monkeypatch.setitem(vpd.PRESETS, 'vpd_tf_efficientnet_b0', vpd.StudentConfig(tiny))
  stored = safetensors.numpy.load_file(FIXTURES / 'efficientnet_package.safetensors')
  weights = {name.removeprefix('weights.'): x for name, x in stored.items() if name.startswith('weights.')}
  reference_folder(tmp_path, 'effnet0', {f'effnet.{name}': torch.from_numpy(x) for name, x in weights.items()}, d=5)
  model = vpd.load_reference(tmp_path)
  graph, state = nnx.split(model)
  found = jax.jit(lambda state, x: nnx.merge(graph, state)(x, train=False))(
    state, stored['in.image'].astype(np.float32)
  )
  expected = stored['out'] @ weights['_fc.weight'].T + weights['_fc.bias']
  np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)
