"""3D codecs and canonical poses: what must not change them does not, and their numbers are the reference's."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from sportjax.errors import InputError
from sportjax.pose import canonical
from sportjax.pose.bodies import BODIES

ROWS = {'human36m': 20, 'amass': 21, '3dpeople': 24, 'nba2k': 24}


def standing(body, count=4, seed=0):
  """Poses whose torso stands upright and faces y, with limbs anywhere."""
  rng = np.random.default_rng(seed)
  xyz = rng.normal(0, 0.6, (count, len(body.joints), 3))
  for height, name in enumerate(body.torso):
    xyz[:, body.index(name)] = [0, 0, 0.4 * height]
  for side, x in zip(body.sides, (0.3, -0.3), strict=True):
    xyz[:, body.index(side)] = [x, 0, 1.2]
  for name in body.neck:
    xyz[:, body.index(name), 2] = 1.3
  if body.torso[0] != body.root:
    xyz[:, 0] = 0
  return canonical.canonicalise(xyz * [-1, 1, 1], body)  # the world is right-handed: left of who faces y is at -x


@pytest.mark.parametrize('name', BODIES)
def test_where_a_person_stands_and_looks_and_how_tall_they_are_does_not_matter(name):
  body = BODIES[name]
  xyz = standing(body)
  turn = Rotation.from_euler('z', 130, degrees=True).as_matrix()
  world = xyz * [-1, 1, 1]
  moved = 1.7 * world @ turn.T + [3, -2, 1]
  again = canonical.canonicalise(moved, body)
  np.testing.assert_allclose(again, 1.7 * xyz, atol=1e-9)
  np.testing.assert_allclose(canonical.describe(again, body), canonical.describe(xyz, body), atol=1e-9)
  left, right = (body.at(again, (side,))[:, 0, 0] for side in body.sides)
  assert (left > right).all()


@pytest.mark.parametrize('name', BODIES)
def test_bones_rebuild_the_pose_and_mirroring_twice_is_nothing(name):
  body = BODIES[name]
  xyz = standing(body)
  np.testing.assert_allclose(canonical.from_bones(canonical.bones(xyz, body), body), xyz, atol=1e-12)
  mirrored = canonical.mirror(xyz, body)
  np.testing.assert_array_equal(canonical.mirror(mirrored, body), xyz)
  for coco in (joint for joint in body.coco if joint.startswith('left_')):
    left, right = (canonical.COCO13.index(coco.replace('left', side)) for side in ('left', 'right'))
    np.testing.assert_allclose(
      canonical.coco13(mirrored, body)[:, left], canonical.coco13(xyz, body)[:, right] * [-1, 1, 1], atol=1e-12
    )


@pytest.mark.parametrize(('name', 'rows'), ROWS.items())
def test_features_have_the_references_shape(name, rows):
  body = BODIES[name]
  assert len(body.rows) == rows
  found = canonical.describe(standing(body), body).reshape(4, rows, 7)
  np.testing.assert_allclose(np.linalg.norm(found[..., :3], axis=-1), 1)
  np.testing.assert_allclose(np.linalg.norm(found[..., 4:], axis=-1), 1)
  assert np.abs(found[..., 3]).max() <= 0.5


def test_features_by_hand():
  body = BODIES['human36m']
  xyz = standing(body, count=1)
  rows = canonical.describe(xyz, body).reshape(20, 7)
  at = {row[0]: i for i, row in enumerate(body.rows)}
  assert rows[at['spine'], 3] == pytest.approx(-0.5)  # held against itself: angle 0

  def along(a, b):
    vector = xyz[0, body.index(b)] - xyz[0, body.index(a)]
    return vector / np.linalg.norm(vector)

  np.testing.assert_allclose(rows[at['left_hand'], :3], along('left_forearm', 'left_hand'))
  np.testing.assert_allclose(rows[at['left_hand'], 4:], along('hips', 'left_hand'))
  angle = np.arccos(along('left_arm', 'left_forearm') @ along('left_forearm', 'left_hand'))
  assert rows[at['left_hand'], 3] == pytest.approx(angle / np.pi - 0.5)
  angle = np.arccos(along('neck', 'nose') @ along('neck', 'left_arm'))  # the reference's choice, not the spine
  assert rows[at['left_arm'], 3] == pytest.approx(angle / np.pi - 0.5)
  said = canonical.describe(xyz, body, 'cosine').reshape(20, 7)
  assert said[at['left_arm'], 3] == pytest.approx(np.cos(angle))
  np.testing.assert_array_equal(np.delete(said, 3, axis=1), np.delete(rows, 3, axis=1))


@pytest.mark.parametrize('pitch_deg', [30, -30, 85, -85])
def test_who_lies_faces_where_feet_or_head_point(pitch_deg):
  """On the back the feet point ahead, on the belly the head does; who only leans looks where the chest does."""
  body = BODIES['athlete']
  tipped = (standing(body) * [-1, 1, 1]) @ Rotation.from_euler('x', pitch_deg, degrees=True).as_matrix().T
  neck = canonical.canonicalise(tipped, body)[:, body.index('neck')]
  assert (np.abs(neck[:, 0]) < 1e-9).all()
  assert (np.sign(neck[:, 1]) == -np.sign(pitch_deg)).all()  # tipped back, the neck is behind the hips


def test_lying_torso_without_the_rule_would_face_anywhere():
  """On the back the chest's normal is upright but for noise: the canonical pose must not turn with it."""
  body = BODIES['athlete']
  world = standing(body, count=1) * [-1, 1, 1]
  necks = []
  for noise in (-3, 3):  # rolls a little to either side
    turn = Rotation.from_euler('xy', [88, noise], degrees=True).as_matrix()
    necks.append(canonical.canonicalise(world @ turn.T, body)[0, body.index('neck')])
  one, other = (neck[:2] / np.linalg.norm(neck[:2]) for neck in necks)
  assert one @ other > np.cos(np.radians(5))


def test_poses_differ_when_any_bone_turns_by_45_degrees():
  body = BODIES['athlete']
  xyz = standing(body, count=1)
  elbow, wrist, hand = (body.index(f'left_{name}') for name in ('elbow', 'wrist', 'hand'))
  for degrees, expected in ((40, False), (50, True)):
    bone = xyz[:, wrist] - xyz[:, elbow]
    axis = np.cross(bone, [0.3, 0.5, 0.8])
    turned = xyz.copy()
    rotation = Rotation.from_rotvec(np.radians(degrees) * axis / np.linalg.norm(axis)).as_matrix()[0]
    turned[:, wrist] = xyz[:, elbow] + bone @ rotation.T
    turned[:, hand] += turned[:, wrist] - xyz[:, wrist]
    assert canonical.different(xyz, turned, body).tolist() == [expected]


def test_poses_of_another_body_or_unknown_places_are_refused():
  body = BODIES['athlete']
  with pytest.raises(InputError, match='joints of athlete'):
    canonical.canonicalise(np.zeros((2, 3, 3)), body)
  with pytest.raises(InputError, match='not finite'):
    canonical.canonicalise(np.full((1, len(body.joints), 3), np.nan), body)
