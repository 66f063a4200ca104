"""Recognition end to end: what networks are given, and that each kind can be trained and asked."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

from sportjax.models import vpd
from sportjax.models.stgcn import STGCNConfig
from sportjax.models.tsn import PRESETS as SEGMENT_PRESETS
from sportjax.models.tsn import SegmentConfig, SegmentNet
from sportjax.nn.augment import AugmentConfig
from sportjax.nn.resnet import ResNetConfig
from sportjax.tasks import recognise
from sportjax.testing.mirrored_film import mirrored_film
from sportjax.train.optim import OptimConfig

TINY = SegmentConfig(ResNetConfig(stages=(1,), widths=(8,), stem='strided'), segments=3, size_px=16)
JOINTS = STGCNConfig(widths=(4,), strides=(1,), frames=3, segments=4)
KEY = jax.random.key(0)


def frames(count=2, seed=0):
  return np.random.default_rng(seed).integers(1, 256, (count, 3, 16, 16, 6), np.uint8)


@pytest.mark.parametrize('stream', ['rgb', 'flow'])
def test_mirrored_input_is_the_input_of_mirrored_frames(stream):
  network = dataclasses.replace(TINY, stream=stream)
  clip = frames()
  mirrored = mirrored_film(clip)
  ours = recognise.standardised(jnp.asarray(clip), network, jnp.array([True, False]))
  expected = recognise.standardised(jnp.asarray(np.stack([mirrored[0], clip[1]])), network, jnp.zeros(2, bool))
  np.testing.assert_allclose(ours, expected, atol=1e-5)
  assert ours.shape == (2, 3, 16, 16, network.channels)


def test_flow_of_nothing_is_zero_and_colours_have_the_mean_and_spread_of_imagenet():
  still = np.full((1, 3, 16, 16, 6), vpd.FLOW_ZERO, np.uint8)
  found = recognise.standardised(jnp.asarray(still), dataclasses.replace(TINY, stream='flow'), jnp.zeros(1, bool))
  assert not np.asarray(found).any()
  grey = recognise.standardised(jnp.asarray(still), TINY, jnp.zeros(1, bool))
  np.testing.assert_allclose(grey[0, 0, 0, 0], (128 / 255 - np.array(vpd.RGB_MEAN)) / vpd.RGB_STD, rtol=1e-4)


def test_all_frames_of_a_clip_are_changed_alike_and_clips_apart():
  still = np.repeat(np.repeat(frames(1)[:, :1], 3, axis=1), 2, axis=0)
  change = jax.jit(lambda clip: recognise.network_input(clip, TINY, AugmentConfig(), KEY))
  found = np.asarray(change(still))
  np.testing.assert_allclose(found[:, 0], found[:, 2], atol=1e-4)
  assert np.abs(found[0] - found[1]).max() > 0.1
  again = change(still)
  np.testing.assert_array_equal(found, again)
  plain = recognise.network_input(jnp.asarray(still), TINY, None, KEY)
  np.testing.assert_allclose(plain, recognise.standardised(jnp.asarray(still), TINY, jnp.zeros(2, bool)))


def task(network):
  return recognise.RecogniseTask(network, 3, OptimConfig(), make_input=lambda split, train: None)


@pytest.mark.parametrize(
  'network', [TINY, dataclasses.replace(TINY, head='relations'), JOINTS], ids=['tsn', 'trn', 'gcn']
)
def test_rows_that_fill_the_batch_do_not_count(network):
  rng = np.random.default_rng(1)
  clip = frames(3) if network is not JOINTS else rng.normal(size=(3, 4, 2, 17, 3)).astype(np.float32)
  made, label = task(network), jnp.array([0, 2, 1])
  model = nnx.jit(lambda: made.init(nnx.Rngs(0)))()
  ask = nnx.jit(lambda model, batch: made.loss(model, batch, KEY, train=False))
  whole, _ = ask(model, {'clip': clip[:2], 'label': label[:2]})
  filled = {'clip': clip, 'label': label, 'valid': jnp.array([True, True, False])}
  value, metrics = ask(model, filled)
  np.testing.assert_allclose(value, whole, rtol=1e-5)
  assert 0 <= metrics['accuracy'] <= 1


class Constant:
  """Three clips of other lengths whose one pixel value tells the clip and the position."""

  lengths = np.array([3, 7, 12])

  def read(self, rows, positions):
    found = np.zeros((*positions.shape, 16, 16, 6), np.uint8)
    found[..., 0] = (20 * rows[:, None] + positions)[..., None, None]
    return found


def test_probabilities_are_the_mean_over_draws_and_sides_whatever_the_batch():
  model = nnx.jit(lambda: SegmentNet(TINY, 3, rngs=nnx.Rngs(0)))()
  model.dense.kernel[...] = jax.random.normal(KEY, model.dense.kernel.shape)
  model.eval()
  rows = np.array([2, 0, 1])
  ask = [recognise.probabilities(model, TINY, Constant(), rows, clips=2, batch_size=size) for size in (2, 4)]
  np.testing.assert_allclose(ask[0], ask[1], rtol=1e-5)
  np.testing.assert_allclose(ask[0].sum(1), 1, rtol=1e-5)
  each = []
  for positions in ([0, 4, 8], [2, 6, 10]):  # the starts and the middles of three segments of twelve frames
    clip = jnp.asarray(Constant().read(np.array([2]), np.array([positions])))
    for side in (False, True):
      view = recognise.standardised(clip, TINY, jnp.array([side]))
      each.append(jax.nn.softmax(model(view, train=False))[0])
  np.testing.assert_allclose(ask[0][0], np.mean(each, axis=0), rtol=1e-4)


def test_every_preset_has_its_sizes():
  assert set(SEGMENT_PRESETS) <= set(recognise.PRESETS)
  assert {name.partition('_')[0] for name in recognise.PRESETS} == {'stgcn', 'msg3d', 'tsn', 'trn', 'gsm'}
  assert recognise.PRESETS['gsm_resnet50'].gated
  assert recognise.PRESETS['tsn_resnet50'].segments == 16
