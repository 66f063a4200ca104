"""Real recordings on the athlete's body."""

import functools

import numpy as np
import pytest

from sportjax.errors import InputError
from sportjax.formats.motion_asf_amc import read_amc, read_asf
from sportjax.formats.motion_deepmimic import read_deepmimic
from sportjax.formats.motion_markers import read_markers
from sportjax.formats.trc import Markers
from sportjax.synth import kinematics as kin
from sportjax.synth.athletes import sample_athlete
from sportjax.synth.body import ATHLETE
from sportjax.synth.mocap import SOURCES, height_m, landmarks, retarget

J = ATHLETE.index
ATHLETES = [sample_athlete(np.random.default_rng(seed)) for seed in range(2)]


@pytest.fixture
def recordings(shared_data):
  """(source, markers, upright) of each kind; upright people stand, walk or squat all the time."""
  return _recordings(shared_data)


@functools.cache
def _recordings(shared_data):
  subject = shared_data / 'cmu_subject02' / 'data' / 'cmu' / '02'
  skeleton = read_asf(subject / '02.asf')
  vicon = shared_data / 'ui_prmd_vicon' / 'Segmented Movements' / 'Vicon' / 'Positions'
  mimic = shared_data / 'deepmimic_motions' / 'data' / 'motions'
  return [
    ('acclaim', read_amc(subject / '02_01.amc', skeleton), True),
    ('acclaim', read_amc(shared_data / 'cmu_mocap6' / 'amc' / '13_30.amc', skeleton), True),
    ('deepmimic', read_deepmimic(mimic / 'humanoid3d_walk.txt'), True),
    ('deepmimic', read_deepmimic(mimic / 'humanoid3d_backflip.txt'), False),
    *(('plug_in_gait', read_markers(vicon / f'm01_s{s:02d}_e01_positions.txt.gz'), True) for s in range(1, 11)),
  ]


def test_recorded_people_are_as_tall_as_people(recordings):
  heights = [height_m(landmarks(markers, source)) for source, markers, _ in recordings]
  assert min(heights) > 1.45
  assert max(heights) < 2.05


def test_the_athletes_bones_keep_their_own_lengths(recordings):
  for athlete in ATHLETES:
    for source, markers, _ in recordings:
      motion = retarget(markers, source, athlete, 'x')
      for a, b in ATHLETE.bones:
        assert np.ptp(np.linalg.norm(motion.joints_m[:, J(a)] - motion.joints_m[:, J(b)], axis=1)) < 1e-9
      thigh = np.linalg.norm(motion.joints_m[0, J('left_hip')] - motion.joints_m[0, J('left_knee')])
      assert np.isclose(thigh, athlete.segments_m['thigh'])


def test_time_goes_on_and_people_stand_on_the_floor(recordings):
  for source, markers, upright in recordings:
    motion = retarget(markers, source, ATHLETES[0], 'x')
    assert abs(len(motion.joints_m) / motion.fps - markers.t_ms[-1] / 1000) < 0.02
    assert motion.actions[0].end_ms <= markers.t_ms[-1] + 1e-6
    lowest = motion.joints_m[..., 2].min(1)
    assert -0.05 < lowest.min() < 0.01
    if upright:
      assert np.quantile(lowest, 0.9) < 0.06
      trunk = kin.unit(motion.joints_m[:, J('neck')] - motion.joints_m[:, J('pelvis')])
      assert trunk[:, 2].min() > 0.2
    else:
      assert lowest.max() > 0.2  # somebody flips


def test_left_stays_left_and_knees_bend_forwards(recordings):
  for source, markers, _ in recordings:
    x = retarget(markers, source, ATHLETES[0], 'x').joints_m
    left = kin.unit(x[:, J('left_shoulder')] - x[:, J('right_shoulder')])
    hips = kin.unit(x[:, J('left_hip')] - x[:, J('right_hip')])
    assert (np.sum(left * hips, 1) > 0.3).mean() > 0.95
    for side in ('left', 'right'):
      hip, knee, ankle, toe = (x[:, J(f'{side}_{name}')] for name in ('hip', 'knee', 'ankle', 'toe'))
      bend = np.sum((knee - 0.5 * (hip + ankle)) * kin.unit(toe - ankle), 1)
      assert np.quantile(bend, 0.02) > -0.08, (source, side)  # markers sit a little off the knee


def test_a_jump_falls_by_gravity(shared_data):
  path = shared_data / 'deepmimic_motions' / 'data' / 'motions' / 'humanoid3d_jump.txt'
  motion = retarget(read_deepmimic(path), 'deepmimic', ATHLETES[0], 'jump')
  height = kin.centre_of_mass(motion.joints_m)[:, 2]
  top = int(height.argmax())
  span = np.arange(top - 12, top + 13) / motion.fps
  fall = 2 * np.polyfit(span, height[top - 12 : top + 13], 2)[0]
  assert -1.6 * kin.GRAVITY_M_S2 < fall < -0.6 * kin.GRAVITY_M_S2


def test_unknown_sources_and_absent_points_are_input_errors():
  markers = Markers(('LFHD',), np.arange(3.0), np.zeros((3, 1, 3)))
  with pytest.raises(InputError, match='no motion capture source'):
    landmarks(markers, 'kinect')
  for source in SOURCES:
    with pytest.raises(InputError, match='none of'):
      landmarks(markers, source)
