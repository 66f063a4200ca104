from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest

from sportjax.video.crop import crop
from sportjax.video.flow import bytes_to_flow, flow, flow_to_bytes, subtract_median


def texture(seed=0, size=260):
  noise = np.random.default_rng(seed).integers(0, 255, (size, size, 3), dtype=np.uint8)
  return cv2.normalize(cv2.GaussianBlur(noise, (0, 0), 2), None, 0, 255, cv2.NORM_MINMAX)


def moved(image, u, v, size=128):
  """Two crops: what lies at (x, y) in the first lies at (x + u, y + v) in the second."""
  box = np.array([60, 60, 60 + size, 60 + size], float)
  return crop(image, box, size), crop(image, box - [u, v, u, v], size)


@pytest.mark.parametrize(('preset', 'tolerance'), [('medium', 0.05), ('fast', 0.12)])
@pytest.mark.parametrize('size', [64, 128])
@pytest.mark.parametrize(('u', 'v'), [(2.5, -1.5), (0.5, 3), (-4, 0)])
def test_flow_is_the_known_translation(u, v, size, preset, tolerance):
  found = flow(*moved(texture(), u, v, size), preset=preset)
  assert found.shape == (size, size, 2)
  assert found.dtype == np.float32
  np.testing.assert_allclose(np.median(found, axis=(0, 1)), [u, v], atol=tolerance)
  inner = found[8:-8, 8:-8]
  assert np.abs(inner - [u, v]).mean() < 2 * tolerance


def test_flow_of_equal_images_is_zero_and_becomes_byte_128():
  image = texture()[:128, :128]
  assert (flow_to_bytes(flow(image, image)) == 128).all()


def test_median_subtraction_leaves_only_what_moves_against_the_background():
  image = texture()
  before, after = moved(image, 3, -2)
  patch = texture(seed=7)[:40, :40]
  before[40:80, 40:80] = patch
  after[40:80, 45:85] = patch
  relative = subtract_median(flow(before, after))
  np.testing.assert_allclose(np.median(relative[:30], axis=(0, 1)), 0, atol=0.05)
  np.testing.assert_allclose(np.median(relative[50:70, 50:70], axis=(0, 1)), [5 - 3, 0 + 2], atol=0.2)


def test_bytes_round_trip_within_half_a_step_and_clip_at_20_px():
  motion = np.random.default_rng(0).uniform(-20, 20, (8, 9, 2)).astype(np.float32)
  np.testing.assert_allclose(bytes_to_flow(flow_to_bytes(motion)), motion, atol=20 / 127 / 2 + 1e-5)
  np.testing.assert_array_equal(flow_to_bytes(np.array([[[-99.0, 99.0]]])), [[[1, 255]]])
  np.testing.assert_array_equal(flow_to_bytes(np.array([[[0.0, 20.0]]])), [[[128, 255]]])
  values = np.arange(1, 256, dtype=np.uint8).reshape(1, -1)
  np.testing.assert_array_equal(flow_to_bytes(bytes_to_flow(values)), values)


def test_mirroring_negates_the_byte_about_128():
  motion = np.random.default_rng(0).uniform(-19, 19, (8, 9, 2)).astype(np.float32)
  np.testing.assert_array_equal(flow_to_bytes(-motion), 256 - flow_to_bytes(motion).astype(int))


def test_flow_does_not_depend_on_what_was_asked_before():
  large, small = moved(texture(), 2.5, -1.5), moved(texture(1), 1, 1, size=64)
  before = flow(*large)
  flow(*small)
  np.testing.assert_array_equal(flow(*large), before)


def test_threads_agree_with_one_another():
  pairs = [moved(texture(seed), seed / 2, -1) for seed in range(6)] * 4
  alone = [flow(*pair) for pair in pairs]
  with ThreadPoolExecutor(4) as pool:
    together = list(pool.map(lambda pair: flow(*pair), pairs))
  np.testing.assert_array_equal(together, alone)
