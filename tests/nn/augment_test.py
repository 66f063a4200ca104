from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from sportjax.nn import augment as augment_lib

STILL = augment_lib.AugmentConfig(
  mirror=0, crop_scale=(1, 1), crop_ratio=(1, 1), brightness=0, contrast=0, saturation=0, hue=0, noise=0
)
KEY = jax.random.key(0)


def rgb(count=6, size=8, seed=0):
  return np.random.default_rng(seed).uniform(0.3, 0.7, (count, size, size, 3)).astype(np.float32)


def luma(x):
  return x @ np.array([0.299, 0.587, 0.114])


def test_resample_equals_torch_grid_sample():
  torch = pytest.importorskip('torch')
  planes = np.random.default_rng(0).normal(size=(5, 9, 12, 4)).astype(np.float32)
  boxes = np.array([[0, 0, 1, 1], [0.2, 0.1, 0.7, 0.9], [0, 0.5, 0.5, 0.5], [0.3, 0.3, 0.1, 0.1], [0.4, 0, 0.6, 1]])
  mirror = np.array([False, True, False, True, True])
  ours = augment_lib.resample(jnp.asarray(planes), jnp.asarray(boxes, jnp.float32), jnp.asarray(mirror))
  y, x = (np.arange(9) + 0.5) / 9, (np.arange(12) + 0.5) / 12
  x = np.where(mirror[:, None], 1 - x, x)
  x, y = boxes[:, :1] + boxes[:, 2:3] * x, boxes[:, 1:2] + boxes[:, 3:] * y
  grid = np.stack(np.broadcast_arrays(x[:, None], y[:, :, None]), -1) * 2 - 1
  expected = torch.nn.functional.grid_sample(
    torch.from_numpy(planes.transpose(0, 3, 1, 2).copy()),
    torch.from_numpy(grid.astype(np.float32)),
    padding_mode='border',
    align_corners=False,
  )
  np.testing.assert_allclose(ours, expected.numpy().transpose(0, 2, 3, 1), atol=1e-5)


def test_resample_of_whole_image_is_exact():
  planes = jnp.asarray(rgb(3, 7))
  whole = jnp.array([[0.0, 0, 1, 1]] * 3)
  ours = augment_lib.resample(planes, whole, jnp.array([False, True, True]))
  np.testing.assert_allclose(ours[0], planes[0], atol=1e-6)
  np.testing.assert_allclose(ours[1:], planes[1:, :, ::-1], atol=1e-6)


def test_crop_boxes_keep_area_ratio_and_bounds():
  config = augment_lib.AugmentConfig()
  boxes = np.asarray(augment_lib.crop_boxes(KEY, 4000, config))
  x, y, w, h = boxes.T
  assert (boxes >= 0).all()
  assert (x + w <= 1 + 1e-6).all()
  assert (y + h <= 1 + 1e-6).all()
  inside = (w < 1) & (h < 1)
  assert ((w * h)[inside] > 0.5 - 1e-5).all()
  assert (w / h).min() > 0.9 - 1e-5
  assert (w / h).max() < 1.1 + 1e-5
  assert abs((w * h).mean() - 0.75) < 0.01
  assert np.ptp(x) > 0.25


def test_no_colour_jitter_changes_nothing():
  x = rgb()
  np.testing.assert_allclose(augment_lib.jitter_colour(KEY, jnp.asarray(x), STILL), x, atol=1e-6)


@pytest.mark.parametrize('name', ['brightness', 'contrast', 'saturation'])
def test_one_jitter_blends_as_torchvision_defines_it(name):
  x = rgb()
  ours = np.asarray(augment_lib.jitter_colour(KEY, jnp.asarray(x), dataclasses.replace(STILL, **{name: 0.2})))
  grey = {'brightness': np.zeros_like(x), 'contrast': luma(x).mean((1, 2)), 'saturation': luma(x)[..., None]}[name]
  grey = np.broadcast_to(grey.reshape(-1, 1, 1, 1) if name == 'contrast' else grey, x.shape)
  factor = ((ours - grey) * (x - grey)).sum((1, 2, 3)) / np.square(x - grey).sum((1, 2, 3))
  np.testing.assert_allclose(ours, grey + factor[:, None, None, None] * (x - grey), atol=2e-4)
  assert (np.abs(factor - 1) <= 0.2).all()
  assert np.ptp(factor) > 0.05


def test_hue_turns_colours_and_keeps_greys_and_luma():
  x = rgb()
  x[0] = x[0].mean(-1, keepdims=True)
  ours = np.asarray(augment_lib.jitter_colour(KEY, jnp.asarray(x), dataclasses.replace(STILL, hue=0.05)))
  np.testing.assert_allclose(ours[0], x[0], atol=1e-3)
  np.testing.assert_allclose(luma(ours), luma(x), atol=1e-3)
  assert np.abs(ours[1:] - x[1:]).max() > 0.01


@pytest.mark.parametrize('where', ['background', 'person'])
def test_noise_falls_on_the_named_pixels_only(where):
  config = dataclasses.replace(STILL, noise=1, noise_on=where, noise_sd=0.05)
  person = np.zeros((4, 40, 40), bool)
  person[:3, 10:30, 10:30] = True
  added = np.asarray(augment_lib.add_noise(KEY, jnp.zeros((4, 40, 40, 3)), jnp.asarray(person), config))
  noisy = person if where == 'person' else ~person
  noisy[3] = False  # nobody is marked: the mask is unknown
  assert (added[~noisy] == 0).all()
  assert added[noisy].std() == pytest.approx(0.05, rel=0.05)


def test_noise_touches_the_configured_share_of_images():
  config = dataclasses.replace(STILL, noise=0.3)
  person = jnp.zeros((2000, 2, 2), bool).at[:, 0].set(True)
  touched = np.asarray(augment_lib.add_noise(KEY, jnp.zeros((2000, 2, 2, 3)), person, config)).any((1, 2, 3))
  assert touched.mean() == pytest.approx(0.3, abs=0.04)
