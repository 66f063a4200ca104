"""VIPE*'s motion: the pickles are made here by the rules of the reference's preprocessing."""

import pickle

import numpy as np
import pytest

from sportjax.errors import InputError
from sportjax.formats import motion_vipe
from sportjax.pose.bodies import BODIES
from sportjax.pose.canonical import canonicalise

BODY_NAMES = ('human36m', 'amass', '3dpeople', 'nba2k')
N_POINTS = {'human36m': 32, 'amass': 52, '3dpeople': 67, 'nba2k': 35}


def standing(body, n=3, seed=0):
  """Made-up people who stand upright somewhere and face somewhere: torso longer than wide, wider than deep."""
  rng = np.random.default_rng(seed)
  xyz = np.zeros((n, len(body.joints), 3))
  for row, parent in enumerate(body.parents, start=1):
    step = rng.normal(0, 0.1, (n, 3)) * [1, 0.2, 1] + [0, 0, 0.5]
    name = body.joints[row]
    step[:, 0] += 0.3 * name.startswith('left') - 0.3 * name.startswith('right')
    xyz[:, row] = xyz[:, parent] + step
  turn = rng.uniform(-np.pi, np.pi, n)
  cos, sin = np.cos(turn)[:, None], np.sin(turn)[:, None]
  x, y = xyz[..., 0] * cos - xyz[..., 1] * sin, xyz[..., 0] * sin + xyz[..., 1] * cos
  return np.stack([x, y, xyz[..., 2]], axis=-1) + rng.normal(size=(n, 1, 3))


def as_the_reference_stores(xyz, body):
  """Root, degrees and offsets from parents of every frame, of poses that another module turned."""
  canonical = canonicalise(xyz, body)
  frames = []
  for pose, turned in zip(xyz, canonical, strict=True):
    left = np.linalg.lstsq((pose - pose[0])[:, :2], turned[:, 0], rcond=None)[0]
    degrees = np.degrees(np.arccos(np.clip(left[0], -1, 1))) * (-1 if left[1] < 0 else 1)
    frames.append((pose[0], degrees, turned[1:] - turned[body.parents]))
  return frames


@pytest.mark.parametrize('name', BODY_NAMES)
def test_preprocessed_poses_are_put_back_where_they_were(tmp_path, name):
  body = BODIES[name]
  xyz = standing(body)
  content = {('S1', 'Walking 1'): as_the_reference_stores(xyz, body)}
  path = tmp_path / motion_vipe.PREPROCESSED
  path.write_bytes(pickle.dumps(content))
  (found,) = motion_vipe.read_preprocessed(path, name)
  assert (found.body, found.person, found.action) == (name, 'S1', 'Walking 1')
  np.testing.assert_allclose(found.xyz, xyz, atol=1e-6)
  assert found.frame.tolist() == [n * (25 if name == 'amass' else 1) for n in range(3)]


def test_frames_without_a_pose_are_left_out(tmp_path):
  frames = as_the_reference_stores(standing(BODIES['nba2k']), BODIES['nba2k'])
  path = tmp_path / 'a.pkl'
  path.write_bytes(pickle.dumps({('alfred',): [frames[0], None, frames[2]]}))
  (found,) = motion_vipe.read_preprocessed(path, 'nba2k')
  assert (found.person, found.action, found.frame.tolist()) == ('alfred', '', [0, 2])


@pytest.mark.parametrize(
  ('content', 'match'),
  [
    ([], 'no recordings'),
    ({}, 'no recordings'),
    ({('S1', 'a'): [(np.zeros(3), 0.0, np.zeros((24, 3)))]}, 'S1.a is not poses of human36m'),
    ({('S1', 'a'): [(np.zeros(3), 0.0)]}, 'S1.a is not poses of human36m'),
  ],
)
def test_pickles_of_another_body(tmp_path, content, match):
  path = tmp_path / 'a.pkl'
  path.write_bytes(pickle.dumps(content))
  with pytest.raises(InputError, match=match):
    motion_vipe.read_preprocessed(path, 'human36m')


@pytest.mark.parametrize('name', BODY_NAMES)
def test_every_joint_has_points_of_its_own(name):
  points = motion_vipe.POINTS[name]
  assert set(points) == set(BODIES[name].joints)
  single = [point for point in points.values() if isinstance(point, int)]
  assert len(set(single)) == len(single)
  assert max(single) < N_POINTS[name]


# From the lists of joints in the datasets' own documentation; AMASS's is mirrored, as the reference says.
_KNOWN = {
  'human36m': {'right_up_leg': 1, 'left_foot': 8, 'head_top': 15, 'left_arm': 17, 'right_wrist_end': 30},
  '3dpeople': {'hips': 0, 'left_hand': 12, 'right_hand': 36, 'head': 5},
  'nba2k': {'right_hip': 1, 'left_ankle': 6, 'left_shoulder': 10, 'nose': 34, 'left_heel': 31},
  'amass': {'right_hip': 1, 'left_hip': 2, 'right_wrist': 20, 'left_wrist': 21, 'head_top': 15},
}


@pytest.mark.parametrize('name', BODY_NAMES)
def test_joints_are_picked_from_the_points(name):
  points = np.random.default_rng(0).normal(size=(4, N_POINTS[name], 3))
  xyz = motion_vipe.joints_of(points, name)
  assert xyz.shape == (4, len(BODIES[name].joints), 3)
  for joint, point in _KNOWN[name].items():
    np.testing.assert_array_equal(xyz[:, BODIES[name].index(joint)], points[:, point])


def test_amass_has_its_neck_between_the_collars():
  points = np.random.default_rng(0).normal(size=(2, 22, 3))
  neck = motion_vipe.joints_of(points, 'amass')[:, BODIES['amass'].index('neck')]
  np.testing.assert_allclose(neck, (points[:, 13] + points[:, 14]) / 2)


def test_original_files_of_the_four(tmp_path):
  rng = np.random.default_rng(0)
  points = {name: rng.normal(size=(3, n, 3)).astype(np.float32) for name, n in N_POINTS.items()}
  wanted = {name: motion_vipe.joints_of(points[name].astype(np.float64), name) for name in BODY_NAMES}

  np.savez(tmp_path / 'data_3d_h36m.npz', positions_3d={'S9': {'Walking': points['human36m']}})
  (h36m,) = motion_vipe.read_human36m(tmp_path / 'data_3d_h36m.npz')
  assert (h36m.person, h36m.action) == ('S9', 'Walking')
  np.testing.assert_allclose(h36m.xyz, wanted['human36m'])

  (tmp_path / 'CMU_01_01').mkdir()
  np.save(tmp_path / 'CMU_01_01' / 'pose.npy', points['amass'])
  amass = motion_vipe.read_amass(tmp_path / 'CMU_01_01')
  assert (amass.person, amass.action, amass.frame.tolist()) == ('CMU', '01_01', [0, 25, 50])
  np.testing.assert_allclose(amass.xyz, wanted['amass'])

  camera = tmp_path / 'man01' / '01_01' / 'camera01'
  camera.mkdir(parents=True)
  for n, pose in enumerate(points['3dpeople'], start=1):
    np.savetxt(camera / f'{n:04d}.txt', np.concatenate([np.zeros_like(pose), pose], axis=1))
  people = motion_vipe.read_people3d(camera.parent)
  assert (people.person, people.action, people.frame.tolist()) == ('man01', '01_01', [0, 1, 2])
  np.testing.assert_allclose(people.xyz, wanted['3dpeople'])

  (tmp_path / 'alfred').mkdir()
  released = tmp_path / 'alfred' / 'release_alfred_2ku.pkl'
  released.write_bytes(pickle.dumps({'j3d': points['nba2k'][..., [1, 2, 0]]}))  # y, z, x
  nba2k = motion_vipe.read_nba2k(released)
  assert nba2k.person == 'alfred'
  np.testing.assert_allclose(nba2k.xyz, wanted['nba2k'])


class Evil:
  def __reduce__(self):
    return (print, ('run',))


def test_an_npz_is_unpickled_by_the_restricted_reader_only(tmp_path, capsys):
  np.savez(tmp_path / 'a.npz', positions_3d=np.array(Evil(), object))
  with pytest.raises(InputError, match='which may run code'):
    list(motion_vipe.read_human36m(tmp_path / 'a.npz'))
  assert capsys.readouterr().out == ''


def test_files_that_are_none(tmp_path):
  (tmp_path / 'a.npz').write_bytes(b'PK cut off')
  with pytest.raises(InputError, match='no positions_3d in it'):
    list(motion_vipe.read_human36m(tmp_path / 'a.npz'))
  np.savez(tmp_path / 'b.npz', positions_3d=np.zeros(3))
  with pytest.raises(InputError):
    list(motion_vipe.read_human36m(tmp_path / 'b.npz'))
  with pytest.raises(InputError, match=r'pose\.npy: not an array'):
    motion_vipe.read_amass(tmp_path)
  np.save(tmp_path / 'pose.npy', np.zeros((2, 5, 3)))
  with pytest.raises(InputError, match=r'points of shape \(2, 5, 3\) are not those of amass'):
    motion_vipe.read_amass(tmp_path)
  with pytest.raises(InputError, match='no camera01'):
    motion_vipe.read_people3d(tmp_path)
  (tmp_path / 'camera01').mkdir()
  (tmp_path / 'camera01' / '0001.txt').write_text('1 2 3\n')
  with pytest.raises(InputError, match=r'a table of \(1, 3\)'):
    motion_vipe.read_people3d(tmp_path)
  (tmp_path / 'a.pkl').write_bytes(pickle.dumps({'j2d': []}))
  with pytest.raises(InputError, match='no joints j3d'):
    motion_vipe.read_nba2k(tmp_path / 'a.pkl')
