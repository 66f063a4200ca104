import dataclasses

import numpy as np
import pytest

from sportjax.synth.filming.sensor import Sensor, streak
from sportjax.synth.filming.shots import sample_shot


@pytest.mark.parametrize('travel', [(24.0, 0.0), (0.0, -16.0), (12.0, 12.0)])
def test_streak_spreads_a_point_along_the_travel_and_keeps_its_light(travel):
  image = np.zeros((129, 129, 3), np.uint8)
  image[63:66, 63:66] = 255
  blurred = streak(image, np.array(travel)).astype(float)[..., 0]
  y, x = np.mgrid[:129, :129] - 64
  weight = blurred / blurred.sum()
  spread = np.sqrt([np.sum(weight * x * x), np.sum(weight * y * y)])
  assert blurred.sum() == pytest.approx(9 * 255, rel=0.05)
  np.testing.assert_allclose([np.sum(weight * x), np.sum(weight * y)], 0, atol=0.3)
  np.testing.assert_allclose(spread, np.hypot(np.abs(travel) / np.sqrt(12), np.sqrt(2 / 3)), rtol=0.1)


def test_streak_of_a_still_camera_changes_nothing():
  image = np.random.default_rng(0).integers(0, 255, (32, 32, 3)).astype(np.uint8)
  np.testing.assert_array_equal(streak(image, np.array([1.0, -1.0])), image)


def test_streak_longer_than_the_picture_keeps_its_shape():
  image = np.full((16, 16, 3), 90, np.uint8)
  np.testing.assert_array_equal(streak(image, np.array([200.0, 30.0])), image)


def test_sensor_noise_and_gain_are_the_shots():
  shot = dataclasses.replace(
    sample_shot(np.random.default_rng(0), 'hall'), gain=0.8, gamma=1.0, tint=(1.0, 1.0, 1.0), noise=5.0
  )
  sensor = Sensor(shot, np.random.default_rng(0))
  grey = np.full((256, 256, 3), 120, np.uint8)
  first, second = sensor(grey), sensor(grey)
  assert first.mean() == pytest.approx(96, abs=0.5)
  assert first.std() == pytest.approx(5, abs=0.4)
  assert (first != second).mean() > 0.8
