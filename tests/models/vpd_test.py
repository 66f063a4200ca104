from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

from sportjax.models import vpd
from sportjax.nn import resnet as resnet_lib
from sportjax.testing.mirrored_film import mirrored_film

SMALL = vpd.PRESETS['small']


def abstract(config):
  return nnx.eval_shape(lambda: vpd.Student(config, rngs=nnx.Rngs(0)))


def count(module):
  return sum(np.prod(x.shape) for x in jax.tree.leaves(nnx.state(module, nnx.Param)))


def frames(count=3, size=64, seed=0):
  return np.random.default_rng(seed).integers(1, 256, (count, size, size, 6), np.uint8)


def test_full_size_has_the_reference_counts_of_parameters():
  student = abstract(dataclasses.replace(vpd.PRESETS['vpd_resnet34'], d=64))
  assert count(student.backbone) + count(student.head) == 21_323_776
  assert count(student.decoder) == 41_344


@pytest.mark.parametrize('name', sorted(vpd.PRESETS))
def test_every_preset_maps_crops_to_features(name):
  config = vpd.PRESETS[name]
  crops = jax.ShapeDtypeStruct((2, config.size_px, config.size_px, 6), jnp.uint8)
  graph, state = nnx.split(abstract(config))
  out = jax.eval_shape(lambda state, crops: vpd.embed(nnx.merge(graph, state), crops), state, crops)
  assert (out.shape, out.dtype) == ((2, 26), jnp.float32)


def test_normalise_follows_the_stored_format():
  x = frames()
  planes = np.asarray(vpd.normalise(jnp.asarray(x), SMALL))
  expected = (x[..., :3] / 255 - np.array(vpd.RGB_MEAN)) / np.array(vpd.RGB_STD)
  np.testing.assert_allclose(planes[..., :3], expected, atol=1e-5)
  x[..., 3:5] = 128
  assert (np.asarray(vpd.normalise(jnp.asarray(x), SMALL))[..., 3:] == 0).all()
  x[..., 3], x[..., 4] = 255, 1
  planes = np.asarray(vpd.normalise(jnp.asarray(x), SMALL))
  np.testing.assert_allclose(planes[..., 3], 0.5, atol=1e-6)
  np.testing.assert_allclose(planes[..., 4], -0.5, atol=1e-6)


def test_mirror_negates_horizontal_flow_and_undoes_itself():
  planes = vpd.normalise(jnp.asarray(frames()), SMALL)
  np.testing.assert_array_equal(vpd.mirror(vpd.mirror(planes)), planes)
  filmed = vpd.normalise(jnp.asarray(mirrored_film(frames())), SMALL)
  np.testing.assert_allclose(vpd.mirror(planes), filmed, atol=1e-6)
  without = dataclasses.replace(SMALL, flow=False)
  np.testing.assert_array_equal(vpd.mirror(vpd.normalise(jnp.asarray(frames()), without)), filmed[..., :3])


def test_student_without_flow_ignores_it():
  model = vpd.Student(dataclasses.replace(SMALL, flow=False), rngs=nnx.Rngs(0))
  x = frames()
  other = x.copy()
  other[..., 3:] = 7
  np.testing.assert_array_equal(vpd.embed(model, jnp.asarray(x)), vpd.embed(model, jnp.asarray(other)))
  other[..., 0] = 0
  assert np.abs(np.asarray(vpd.embed(model, jnp.asarray(other)) - vpd.embed(model, jnp.asarray(x)))).max() > 0


def test_student_without_motion_predicts_its_feature():
  model = vpd.Student(dataclasses.replace(SMALL, motion=False), rngs=nnx.Rngs(0))
  planes = vpd.normalise(jnp.asarray(frames()), SMALL)
  np.testing.assert_array_equal(model.predict(planes, train=False), model(planes, train=False))


def test_embedding_does_not_depend_on_the_batch():
  model = vpd.Student(SMALL, rngs=nnx.Rngs(0))
  x = jnp.asarray(frames(4))
  together = vpd.embed(model, x)
  np.testing.assert_allclose(vpd.embed(model, x[1:2]), together[1:2], rtol=1e-4, atol=1e-5)


def test_decoder_equals_torch():
  torch = pytest.importorskip('torch')
  decoder = vpd.Decoder(26, width=128, rngs=nnx.Rngs(0))
  layers = []
  for layer in decoder.layers:
    linear = torch.nn.Linear(*layer.kernel[...].shape)
    linear.weight.data = torch.from_numpy(np.array(layer.kernel[...]).T.copy())
    linear.bias.data = torch.from_numpy(np.array(layer.bias[...]))
    layers += [linear, torch.nn.ReLU()]
  x = np.random.default_rng(0).normal(size=(5, 26)).astype(np.float32)
  expected = torch.nn.Sequential(*layers[:-1])(torch.from_numpy(x)).detach().numpy()
  np.testing.assert_allclose(decoder(jnp.asarray(x)), expected, atol=1e-5)


def test_flattened_maps_tell_where_a_thing_is_better_than_pooled_ones():
  image = np.full((2, 64, 64, 6), 128, np.uint8)
  # The same patch at two places that lie on the same grid of strides.
  image[0, 20:28, 20:28, :3] = 255
  image[1, 36:44, 36:44, :3] = 255
  change = {}
  for preset in ('small', 'small_spatial'):
    model = vpd.Student(vpd.PRESETS[preset], rngs=nnx.Rngs(0))
    blank, first, second = np.asarray(vpd.embed(model, jnp.asarray(np.concatenate([image[:1] * 0 + 128, image]))))
    change[preset] = np.linalg.norm(first - second) / np.linalg.norm(first - blank)
  assert change['small_spatial'] > 2 * change['small']


@pytest.mark.parametrize('size_px', [64, 65, 128])
@pytest.mark.parametrize('name', ['small', 'resnet18'])
def test_map_side_is_that_of_the_maps(name, size_px):
  config = resnet_lib.PRESETS[name]
  shape = jax.eval_shape(
    lambda x: resnet_lib.ResNet(config, rngs=nnx.Rngs(0)).maps(x, train=False),
    jax.ShapeDtypeStruct((1, size_px, size_px, 3), jnp.float32),
  ).shape
  assert shape[1] == shape[2] == config.map_side(size_px)
