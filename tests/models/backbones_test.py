"""Networks on images as backbones: sizes, gates, training, and weights trained before."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import safetensors.numpy
from flax import nnx

from sportjax.config import to_dataclass
from sportjax.errors import InputError
from sportjax.models import backbones
from sportjax.models.checkpoints.load import export
from sportjax.models.efficientnet import EfficientNet, EfficientNetConfig, Stage
from sportjax.models.inception import GatedInception, GatedUnit, Inception, InceptionConfig
from sportjax.models.inception_layout import BLOCKS
from sportjax.models.tsn import SegmentConfig, SegmentNet
from sportjax.models.vpd import StudentConfig
from sportjax.nn.conv_norm import ConvNorm
from sportjax.nn.resnet import ResNetConfig
from tests.models.parity import COUNTS, parameters

TINY = EfficientNetConfig(width=0.5, stages=(Stage(1, 3, 1, 16, 1), Stage(6, 5, 2, 24, 2)))
PACKAGE = dataclasses.replace(TINY, in_channels=5, arithmetic='tensorflow')
NARROW = InceptionConfig(1 / 32)
WEIGHTS = nnx.filterlib.Any(nnx.Param, nnx.BatchStat)
RESNET = ResNetConfig(stages=(1, 1), widths=(8, 16))
KINDS = pytest.mark.parametrize('config', [RESNET, TINY, NARROW], ids=['resnet', 'efficientnet', 'inception'])


@pytest.mark.parametrize('name', ['inception_v3', *(f'efficientnet_b{i}' for i in range(5))])
def test_full_sizes_have_as_many_parameters_as_torchvision_and_the_package(name):
  assert COUNTS['efficientnet_b0'] == 5288548  # as torchvision publishes it
  assert COUNTS[f'tf_{name}' if name != 'inception_v3' else name] == COUNTS[name]
  config = backbones.PRESETS[name]
  classifier = 1000 * (config.features + 1)
  assert parameters(lambda: backbones.make(config, 3, rngs=nnx.Rngs(0))) + classifier == COUNTS[name]


@pytest.mark.parametrize('size_px', [76, 127, 128])
@pytest.mark.parametrize('config', [TINY, PACKAGE, NARROW], ids=['efficientnet', 'tf_efficientnet', 'inception'])
def test_map_side_is_that_of_the_maps(config, size_px):
  image = jax.ShapeDtypeStruct((1, size_px, size_px, 5), jnp.float32)
  shape = jax.eval_shape(lambda x: backbones.make(config, 5, rngs=nnx.Rngs(0)).maps(x, train=False), image).shape
  assert shape == (1, config.map_side(size_px), config.map_side(size_px), config.features)


@KINDS
def test_every_kind_is_read_back_from_a_config(config):
  for whole in (StudentConfig(config, d=4), SegmentConfig(config)):
    assert to_dataclass(type(whole), dataclasses.asdict(whole)) == whole


def test_training_drops_blocks_and_features_and_keeps_slow_averages():
  config = dataclasses.replace(PACKAGE, drop_path=0.5)
  network = EfficientNet(config, rngs=nnx.Rngs(0))
  run = nnx.jit(lambda network, x, train: network(x, train=train), static_argnums=2)
  x = jax.random.normal(jax.random.key(0), (4, 32, 32, 5))
  stem = network.stem.conv(x).mean((0, 1, 2))
  first, second = run(network, x, True), run(network, x, True)
  assert np.abs(np.asarray(first - second)).max() > 1e-3
  assert 0.1 < np.mean(np.asarray(first) == 0) < 0.3  # the dropout of B0 is 0.2
  np.testing.assert_allclose(network.stem.norm.mean[...], (1 - 0.99**2) * stem, rtol=1e-3, atol=1e-6)
  np.testing.assert_array_equal(run(network, x, False), run(network, x, False))


def test_bfloat16_keeps_parameters_and_features_in_float32():
  network = EfficientNet(dataclasses.replace(TINY, dtype='bfloat16'), rngs=nnx.Rngs(0))
  image = jax.ShapeDtypeStruct((2, 32, 32, 3), jnp.float32)
  graph, state = nnx.split(network)
  assert jax.eval_shape(lambda x: nnx.merge(graph, state).maps(x, train=False), image).dtype == jnp.bfloat16
  assert jax.eval_shape(lambda x: nnx.merge(graph, state)(x, train=False), image).dtype == jnp.float32
  assert {x.dtype for x in jax.tree.leaves(nnx.state(network, nnx.Param))} == {jnp.dtype('float32')}


def test_images_that_are_too_small_are_refused():
  small = jax.ShapeDtypeStruct((1, 74, 90, 3), jnp.float32)
  with pytest.raises(InputError, match='InceptionV3 on 74 x 90 pixels: sides must be 75 or more'):
    jax.eval_shape(lambda x: Inception(NARROW, rngs=nnx.Rngs(0))(x, train=False), small)


def test_gates_lie_where_the_released_layout_has_them():
  gated = nnx.eval_shape(lambda: GatedInception(InceptionConfig(), 2, rngs=nnx.Rngs(0)))
  found = {
    f'{told.name}.{branch.layers[0].name}': path.layers[0].shift.norm.scale.shape[0]
    for block, told in zip(gated.blocks, BLOCKS, strict=True)
    for path, branch in zip(block, told.branches, strict=True)
    if path.layers and isinstance(path.layers[0], GatedUnit)
  }
  # Read from inceptionv3_gsm.yaml of GSM's code, whose blocks have numbers.
  assert found == {
    'Mixed_5b.branch1x1': 64, 'Mixed_5c.branch1x1': 64, 'Mixed_5d.branch1x1': 64, 'Mixed_6a.branch3x3dbl_1': 64,
    'Mixed_6b.branch1x1': 192, 'Mixed_6c.branch1x1': 192, 'Mixed_6e.branch1x1': 192, 'Mixed_7a.branch3x3_1': 192,
    'Mixed_7b.branch1x1': 320, 'Mixed_7c.branch1x1': 320,
  }  # fmt: skip


def test_gated_layer_is_the_plain_one_of_gated_frames():
  plain = ConvNorm(12, 4, (1, 1), activation=jax.nn.relu, rngs=nnx.Rngs(0))
  gated = GatedUnit(plain, 3, rngs=nnx.Rngs(1))
  gated.shift.gate.bias[...] = jnp.ones(2)
  x = jax.random.normal(jax.random.key(0), (6, 5, 5, 12))
  shifted = gated.shift(plain.conv(x).reshape(2, 3, 5, 5, 4), train=False).reshape(6, 5, 5, 4)
  np.testing.assert_allclose(gated(x, train=False), plain.finish(shifted, train=False), atol=1e-6)
  assert np.abs(np.asarray(gated(x, train=False) - plain(x, train=False))).max() > 1e-2


def test_gsm_has_no_efficientnet():
  with pytest.raises(InputError, match='GSM on an EfficientNet'):
    SegmentNet(SegmentConfig(TINY, gated=True), 3, rngs=nnx.Rngs(0))


def saved(config, path):
  """A file in torchvision's names, with a classifier beside the weights, and the network that it is of."""
  abstract = nnx.eval_shape(lambda: backbones.make(config, 3, rngs=nnx.Rngs(7)))
  graph, weights, rest = nnx.split(abstract, WEIGHTS, ...)
  rng = np.random.default_rng(0)
  values = jax.tree.map(lambda x: jnp.asarray(rng.normal(size=x.shape), jnp.float32), weights)
  network = nnx.merge(graph, values, rest)
  extra = {'efficientnet': 'classifier.1.weight'}.get(type(config).__name__.lower()[:12], 'fc.weight')
  safetensors.numpy.save_file(export(network, backbones.name_map(config)) | {extra: np.ones((3, 2), np.float32)}, path)
  return network


@KINDS
def test_pretrained_weights_fit_other_planes_by_their_mean_over_colours(config, tmp_path):
  theirs = saved(config, tmp_path / 'w.safetensors')
  colours = backbones.pretrained(tmp_path / 'w.safetensors', config, 3)
  flow = backbones.pretrained(tmp_path / 'w.safetensors', config, 2)
  differing = [name for name in flow if flow[name].shape != colours[name].shape]
  assert len(differing) == 1
  kernel = flow[differing[0]]
  assert kernel.shape[2] == 2
  np.testing.assert_allclose(kernel, np.repeat(colours[differing[0]].mean(2, keepdims=True), 2, 2))
  assert {name for name, x in colours.items() if not np.array_equal(x, flow[name])} == set(differing)
  assert len(colours) == len(jax.tree.leaves(nnx.state(theirs, WEIGHTS)))


def test_pretrained_weights_of_another_network_are_refused(tmp_path):
  saved(RESNET, tmp_path / 'w.safetensors')
  with pytest.raises(InputError, match=r'w\.safetensors: lacks \d+ tensors'):
    backbones.pretrained(tmp_path / 'w.safetensors', NARROW, 3)
  with pytest.raises(InputError, match=r'w\.safetensors: .*conv1\.weight.* the config does not belong'):
    backbones.pretrained(tmp_path / 'w.safetensors', dataclasses.replace(RESNET, widths=(16, 16)), 3)
