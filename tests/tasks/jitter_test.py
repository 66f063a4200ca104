"""Features of changed frames: what is changed, what is not, and that it does not depend on the batch."""

import dataclasses

import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

from sportjax.errors import InputError
from sportjax.models import vpd
from sportjax.nn.resnet import ResNetConfig
from sportjax.tasks.jitter import Jitter, jittered
from sportjax.testing.mirrored_film import mirrored_film

TINY = vpd.StudentConfig(ResNetConfig(stages=(1,), widths=(8,), stem='strided'), d=4, size_px=16, pool='flatten')


@pytest.fixture(scope='module')
def model():
  return vpd.Student(TINY, rngs=nnx.Rngs(0))


@pytest.fixture(scope='module')
def predictors(model):
  return {of: jittered(model, Jitter(2, of)) for of in ('colour', 'colour_and_crop')}


def frames(count=3, seed=0):
  return np.random.default_rng(seed).integers(1, 256, (count, 16, 16, 6), np.uint8)


@pytest.mark.parametrize('of', ['colour', 'colour_and_crop'])
def test_each_change_is_two_more_views_of_which_the_frames_own_come_first(model, predictors, of):
  x = frames()
  found = np.asarray(predictors[of](x))
  assert found.shape == (3, 6, 4)
  np.testing.assert_allclose(found[:, 0], vpd.embed(model, jnp.asarray(x)), atol=1e-5)
  np.testing.assert_allclose(found[:, 1], vpd.embed(model, jnp.asarray(mirrored_film(x))), atol=1e-5)
  apart = np.abs(found[:, 2:, None] - found[:, None, 2:]).max(-1)
  assert apart[:, ~np.eye(4, dtype=bool)].min() > 1e-4  # draws differ, and views
  # What is drawn for a frame goes by what it shows.
  turned = np.asarray(predictors[of](x[::-1]))
  np.testing.assert_allclose(turned[::-1], found, atol=1e-5)


def test_a_mirrored_change_has_its_own_flow_and_place(model):
  """What the reference gets wrong: beside a network that sees flow alone, the colours' changes are nothing."""
  blind = nnx.clone(model)
  blind.backbone.conv.kernel[...] = blind.backbone.conv.kernel[...].at[:, :, :3].set(0)
  x = frames()
  found = np.asarray(jittered(blind, Jitter(2))(x))
  for view in (0, 1):
    np.testing.assert_allclose(found[:, 2 + view], found[:, view], atol=1e-5)
    np.testing.assert_allclose(found[:, 4 + view], found[:, view], atol=1e-5)
  assert np.abs(found[:, 0] - found[:, 1]).max() > 1e-3


def test_the_mean_is_over_a_frame_and_its_changes(model, predictors):
  apart = np.asarray(predictors['colour'](frames())).reshape(3, 3, 2, 4)
  mean = np.asarray(jittered(model, Jitter(2, keep='mean'))(frames()))
  np.testing.assert_allclose(mean, apart.mean(1), atol=1e-5)
  reseeded = np.asarray(jittered(model, Jitter(2, keep='mean', seed=1))(frames()))
  assert np.abs(reseeded - mean).max() > 1e-4


def test_changes_are_as_great_as_in_training():
  assert Jitter(1).augment.crop_scale == (1.0, 1.0)
  both = Jitter(1, 'colour_and_crop').augment
  assert dataclasses.replace(both, noise=0.5, mirror=0.5) == type(both)()
  with pytest.raises(InputError, match='count=-1'):
    Jitter(-1)
