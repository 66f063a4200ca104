import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from sportjax.synth import kinematics as kin
from sportjax.synth.athletes import sample_athlete
from sportjax.synth.body import ATHLETE


@pytest.mark.parametrize('axis', ['x', 'y', 'z'])
def test_rotation_is_scipys(axis):
  angles = np.linspace(-400, 400, 11)
  expected = Rotation.from_euler(axis, angles[:, None], degrees=True).as_matrix()
  np.testing.assert_allclose(kin.rotation(axis, angles), expected, atol=1e-12)


def test_soft_limits_never_pass_the_range_and_leave_its_middle_alone():
  sweep = np.linspace(-720, 720, 5001)
  out = kin.soft_limits(dict.fromkeys(kin.DOFS, sweep))
  for name, (low, high) in kin.LIMITS.items():
    assert low - 1e-9 <= out[name].min()
    assert out[name].max() <= high + 1e-9
    assert (np.diff(out[name]) > -1e-9).all()
    middle = np.abs(sweep - (low + high) / 2) < 0.4 * (high - low)
    np.testing.assert_allclose(out[name][middle], sweep[middle], atol=1e-9)
  np.testing.assert_array_equal(out['pitch'], sweep)


def test_two_bones_keep_their_lengths_and_bend_to_the_pole():
  rng = np.random.default_rng(0)
  root, goal, pole = (0.25 * rng.normal(size=(500, 3)) for _ in range(3))
  middle, end = kin.two_bones(root, goal, 0.4, 0.35, pole)
  np.testing.assert_allclose(np.linalg.norm(middle - root, axis=1), 0.4, atol=1e-9)
  np.testing.assert_allclose(np.linalg.norm(end - middle, axis=1), 0.35, atol=1e-9)
  along = kin.unit(goal - root)
  across = pole - along * np.sum(pole * along, 1, keepdims=True)
  assert (np.sum((middle - root) * across, 1) >= -1e-9).all()
  within = np.linalg.norm(goal - root, axis=1)
  easy = (within > 0.15) & (within < 0.73)
  assert easy.sum() > 20
  np.testing.assert_allclose(end[easy], goal[easy], atol=1e-6)


def test_two_bones_out_of_reach_are_straight_and_finite():
  far, on_root = np.array([[9.0, 0, 0]]), np.zeros((1, 3))
  middle, end = kin.two_bones(np.zeros((1, 3)), far, 0.4, 0.4, np.array([[0, 0, 1.0]]))
  np.testing.assert_allclose(end, [[0.8, 0, 0]], atol=1e-3)
  assert np.isfinite(kin.two_bones(np.zeros((1, 3)), on_root, 0.4, 0.4, np.array([[0, 0, 1.0]]))).all()
  assert np.isfinite(middle).all()


def test_carry_is_the_shortest_rotation():
  rng = np.random.default_rng(1)
  start, end, vectors = (rng.normal(size=(50, 3)) for _ in range(3))
  ok = np.sum(kin.unit(start) * kin.unit(end), 1) > -0.9
  for s, e, v, got in zip(start[ok], end[ok], vectors[ok], kin.carry(vectors, start, end)[ok], strict=True):
    axis = np.cross(kin.unit(s), kin.unit(e))
    angle = np.arctan2(np.linalg.norm(axis), kin.unit(s) @ kin.unit(e))
    np.testing.assert_allclose(got, Rotation.from_rotvec(kin.unit(axis) * angle).apply(v), atol=1e-9)


def test_mass_weights_are_a_mean_of_the_body():
  assert np.isclose(kin.MASS_WEIGHTS.sum(), 1)
  assert (kin.MASS_WEIGHTS >= 0).all()
  athlete = sample_athlete(np.random.default_rng(0))
  tracks = {name: np.array([value]) for name, value in kin.NEUTRAL.items()}
  places, _ = kin.trunk(athlete, tracks, kin.root_frames(tracks))
  for side in ('left', 'right'):
    hip = places[f'{side}_hip']
    goal, pole = kin.leg_goal(athlete, tracks, kin.root_frames(tracks), side)
    foot = kin.free_foot(athlete, tracks, side, hip, hip + goal, pole)
    places |= kin.place_leg(athlete, side, hip, hip + goal, pole, foot)
    wrist, elbow = kin.arm_goal(athlete, tracks, kin.root_frames(tracks), side)
    places |= kin.place_arm(athlete, tracks, side, places, places[f'{side}_shoulder'] + wrist, elbow)[0]
  joints = kin.stack(places)
  height = joints[0, ATHLETE.index('head'), 2] - joints[0, ATHLETE.index('left_heel'), 2]
  assert np.isclose(height, athlete.height_m, rtol=5e-3)
  share = (kin.centre_of_mass(joints)[0, 2] - joints[0, ATHLETE.index('left_heel'), 2]) / height
  assert 0.53 < share < 0.60  # standing people: 0.55 to 0.57 of stature


def _rod(length, frames):
  """A body whose mass lies on a line of the given length over time."""
  joints = np.zeros((frames, len(ATHLETE.joints), 3))
  joints[:, :, 2] = np.linspace(-0.5, 0.5, joints.shape[1]) * np.broadcast_to(length, frames)[:, None]
  return joints


def test_momentum_turn_of_a_rigid_body_is_uniform():
  angle = kin.momentum_turn(_rod(1.0, 101), 'y', 360, 100)
  np.testing.assert_allclose(angle, np.linspace(0, 360, 101), atol=1e-6)


def test_momentum_turn_is_four_times_as_fast_at_half_the_length():
  length = np.where(np.arange(201) < 100, 1.0, 0.5)
  rate = np.diff(kin.momentum_turn(_rod(length, 201), 'y', 500, 100))
  assert np.isclose(rate[150] / rate[50], 4, rtol=1e-6)


def test_a_body_without_momentum_turns_against_its_limbs():
  joints = _rod(1.0, 101)
  swing = kin.rotation('y', np.sin(np.linspace(0, np.pi, 101)) * 40)  # the upper half swings forward and back
  upper = joints[0, :, 2] > 0
  joints[:, upper] = np.einsum('tij,tpj->tpi', swing, joints[:, upper])
  angle = kin.momentum_turn(joints, 'y', 0, 100)
  assert angle[50] < -5
  assert abs(angle[-1]) < 1e-9


def test_parabola_falls_by_gravity():
  path = kin.parabola(np.array([0, 0, 3.0]), np.array([2.0, 0, 1.0]), 101, 100)
  np.testing.assert_allclose(path[[0, -1]], [[0, 0, 3], [2, 0, 1]], atol=1e-12)
  np.testing.assert_allclose(np.diff(path, 2, axis=0) * 1e4, np.tile([0, 0, -9.81], (99, 1)), atol=1e-6)
