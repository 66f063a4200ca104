import numpy as np
import pytest

from sportjax.synth.body import ATHLETE
from sportjax.synth.filming.bystanders import Bystander, sample_bystander

HABITS = ('walk', 'jog', 'stand', 'clap', 'wave', 'sit')


@pytest.mark.parametrize('habit', HABITS)
def test_bystander_stands_on_the_floor_with_bones_of_constant_length(habit):
  joints = Bystander(habit, (1.0, 2.0), 0.7, 1.8, 0.2).joints_m(np.arange(0, 12, 0.04))
  np.testing.assert_allclose(joints[..., 2].min(1), 0, atol=1e-9)
  for a, b in ATHLETE.bones:
    lengths = np.linalg.norm(joints[:, ATHLETE.index(a)] - joints[:, ATHLETE.index(b)], axis=-1)
    assert np.ptp(lengths) < 1e-9, (a, b)


@pytest.mark.parametrize('habit', ['walk', 'jog'])
def test_bystander_who_walks_faces_the_way_they_go_and_stays_near(habit):
  t = np.arange(0, 60, 0.04)
  joints = Bystander(habit, (1.0, 2.0), 0.7, 1.8, 0.2).joints_m(t)
  pelvis, nose, head = (joints[:, ATHLETE.index(name), :2] for name in ('pelvis', 'nose', 'head'))
  assert np.linalg.norm(pelvis - (1, 2), axis=-1).max() < 5.5
  step = np.diff(pelvis, axis=0)
  ahead = np.sum(step * (nose - head)[1:], -1) > 0
  assert ahead.mean() > 0.9  # they turn round now and then


def test_sample_bystander_is_behind_or_in_front_as_the_camera_sees_it():
  eye, athlete = np.array([2.0, -9.0]), np.array([0.5, 0.3])
  for seed in range(30):
    for in_front in (False, True):
      person = sample_bystander(np.random.default_rng(seed), athlete, eye, 'hall', in_front)
      ahead = (athlete - eye) / np.linalg.norm(athlete - eye)
      depth = (np.array(person.place_m) - athlete) @ ahead
      assert (depth < -1) if in_front else (depth > 1)
