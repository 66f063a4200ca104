import numpy as np
import pytest

from sportjax.errors import InputError
from sportjax.formats import openpose
from sportjax.pose import skeletons
from sportjax.synth.body import ATHLETE

_ALL = [*skeletons.SKELETONS.values(), ATHLETE]
_COUNTS = {
  'coco17': 17, 'coco18': 18, 'body25': 25, 'body25b': 25, 'halpe26': 26, 'halpe136': 136, 'wholebody133': 133,
  'mediapipe33': 33,
}  # fmt: skip


def test_skeletons_joint_counts_of_the_formats():
  assert {name: len(skeleton.joints) for name, skeleton in skeletons.SKELETONS.items()} == _COUNTS


@pytest.mark.parametrize(
  ('skeleton', 'joint', 'at'),
  [  # from each format's own documentation
    ('coco17', 'left_hip', 11), ('coco17', 'right_ankle', 16), ('coco18', 'right_hip', 8), ('coco18', 'left_ear', 17),
    ('body25', 'left_shoulder', 5), ('body25', 'mid_hip', 8), ('body25', 'right_eye', 15), ('body25', 'left_heel', 21),
    ('body25b', 'right_hip', 12), ('body25b', 'upper_neck', 17), ('body25b', 'right_big_toe', 22),
    ('halpe26', 'head', 17), ('halpe26', 'mid_hip', 19), ('halpe26', 'right_heel', 25),
    ('halpe26', 'left_small_toe', 22),
    ('wholebody133', 'right_heel', 22), ('wholebody133', 'left_hand_root', 91),
    ('wholebody133', 'right_hand_root', 112),
    ('wholebody133', 'right_thumb4', 116), ('halpe136', 'left_hand_root', 94), ('halpe136', 'right_hand_root', 115),
    ('mediapipe33', 'left_shoulder', 11), ('mediapipe33', 'right_eye_outer', 6),
    ('mediapipe33', 'right_foot_index', 32),
  ],
)  # fmt: skip
def test_skeletons_joint_at_its_documented_place(skeleton, joint, at):
  assert skeletons.get_skeleton(skeleton).index(joint) == at


@pytest.mark.parametrize('skeleton', _ALL, ids=lambda skeleton: skeleton.name)
def test_mirror_is_an_involution_that_swaps_sides(skeleton):
  assert len(set(skeleton.joints)) == len(skeleton.joints)
  np.testing.assert_array_equal(skeleton.mirror[skeleton.mirror], np.arange(len(skeleton.joints)))
  for at, joint in enumerate(skeleton.joints):
    other = skeleton.joints[skeleton.mirror[at]]
    if joint.startswith('left_'):
      assert other == joint.replace('left_', 'right_', 1)
    elif not joint.startswith('right_'):
      assert other == joint


def test_mirror_of_the_face_keeps_its_shape():
  """Landmarks mirrored in the image are those of a mirrored face: x runs the other way along jaw, brows and lips."""
  body = skeletons.get_skeleton('wholebody133')
  face = body.mirror[23:91] - 23
  np.testing.assert_array_equal(face[:17], np.arange(16, -1, -1))  # jaw, ear to ear
  np.testing.assert_array_equal(face[17:27], np.arange(26, 16, -1))  # brows
  np.testing.assert_array_equal(face[27:31], np.arange(27, 31))  # bridge of the nose
  np.testing.assert_array_equal(face[31:36], np.arange(35, 30, -1))  # nostrils
  np.testing.assert_array_equal(face[36:48], [45, 44, 43, 42, 47, 46, 39, 38, 37, 36, 41, 40])  # eyes, corner by corner
  np.testing.assert_array_equal(face[48:60], [54, 53, 52, 51, 50, 49, 48, 59, 58, 57, 56, 55])  # outer lips
  np.testing.assert_array_equal(face[60:68], [64, 63, 62, 61, 60, 67, 66, 65])  # inner lips


@pytest.mark.parametrize('skeleton', _ALL, ids=lambda skeleton: skeleton.name)
def test_bones_join_joints_and_mirror(skeleton):
  bones = {frozenset(bone) for bone in skeleton.bones}
  assert len(bones) > 10
  swap = dict(zip(skeleton.joints, (skeleton.joints[at] for at in skeleton.mirror), strict=True))
  assert {frozenset(swap[joint] for joint in bone) for bone in bones} == bones


def _joints(skeleton, seed=0):
  keypoints = np.random.default_rng(seed).uniform(1, 500, (2, len(skeleton.joints), 3))
  keypoints[:, :, 2] /= 500
  return keypoints


@pytest.mark.parametrize('source', _ALL, ids=lambda skeleton: skeleton.name)
@pytest.mark.parametrize('target', _ALL, ids=lambda skeleton: skeleton.name)
def test_convert_keeps_joints_of_the_same_name(source, target):
  keypoints = _joints(source)
  converted = skeletons.convert(keypoints, source, target)
  assert converted.shape == (2, len(target.joints), 3)
  for at, joint in enumerate(target.joints):
    if joint in source.joints:
      np.testing.assert_array_equal(converted[:, at], keypoints[:, source.index(joint)])


@pytest.mark.parametrize('source', _ALL, ids=lambda skeleton: skeleton.name)
def test_convert_onto_coco17_finds_every_joint(source):
  converted = skeletons.convert(_joints(source), source, skeletons.get_skeleton('coco17'))
  assert (converted[:, :, 2] > 0).all()


@pytest.mark.parametrize('source', _ALL, ids=lambda skeleton: skeleton.name)
@pytest.mark.parametrize('target', _ALL, ids=lambda skeleton: skeleton.name)
def test_convert_commutes_with_mirror(source, target):
  keypoints = _joints(source)
  mirrored_first = skeletons.convert(keypoints[:, source.mirror], source, target)
  np.testing.assert_allclose(mirrored_first, skeletons.convert(keypoints, source, target)[:, target.mirror], rtol=1e-12)


def test_convert_derives_neck_and_hip():
  coco, body25 = skeletons.get_skeleton('coco17'), skeletons.get_skeleton('body25')
  keypoints = _joints(coco)
  keypoints[0, coco.index('left_shoulder')] = [10, 20, 0.5]
  keypoints[0, coco.index('right_shoulder')] = [30, 60, 0.25]
  keypoints[1, coco.index('right_shoulder')] = 0  # not found
  keypoints[:, coco.index('left_hip')] = [0, 2, 0.5]
  keypoints[:, coco.index('right_hip')] = [4, 4, 1]
  converted = skeletons.convert(keypoints, coco, body25)
  np.testing.assert_array_equal(converted[0, body25.index('neck')], [20, 40, 0.25])
  np.testing.assert_array_equal(converted[1, body25.index('neck')], [0, 0, 0])
  np.testing.assert_array_equal(converted[0, body25.index('mid_hip')], [2, 3, 0.5])
  np.testing.assert_array_equal(converted[0, body25.index('left_heel')], [0, 0, 0])


def test_convert_the_athlete_has_toes_for_every_foot():
  keypoints = _joints(ATHLETE)
  body25 = skeletons.get_skeleton('body25')
  converted = skeletons.convert(keypoints, ATHLETE, body25)
  np.testing.assert_array_equal(converted[:, body25.index('left_big_toe')], keypoints[:, ATHLETE.index('left_toe')])
  back = skeletons.convert(_joints(body25), body25, ATHLETE)
  toes = _joints(body25)[:, [body25.index('left_big_toe'), body25.index('left_small_toe')], :2].mean(axis=1)
  np.testing.assert_allclose(back[:, ATHLETE.index('left_toe'), :2], toes)


def test_convert_derived_neck_is_near_the_estimated_one(shared_data):
  """On real keypoints the middle of the shoulders lies just below the neck that the estimator itself found."""
  folder = shared_data / 'video_clips' / 'beam_four_views' / 'openpose_body25b' / 'cam03'
  found = openpose.read_openpose(folder, n_frames=100, skeleton='body25b').keypoints
  body25b, body25 = skeletons.get_skeleton('body25b'), skeletons.get_skeleton('body25')
  neck = skeletons.convert(found, body25b, body25)[:, body25.index('neck')]
  upper, crown = found[:, body25b.index('upper_neck')], found[:, body25b.index('head')]
  below = np.median((neck - upper)[:, 1] / (upper - crown)[:, 1])
  assert 0 < below < 1


def test_convert_wrong_number_of_joints():
  with pytest.raises(ValueError, match='coco17 has 17 joints'):
    skeletons.convert(np.zeros((1, 18, 3)), *[skeletons.get_skeleton('coco17')] * 2)


def test_convert_no_frames():
  coco, halpe = skeletons.get_skeleton('coco17'), skeletons.get_skeleton('halpe26')
  assert skeletons.convert(np.zeros((0, 17, 3), np.float32), coco, halpe).shape == (0, 26, 3)


def test_get_skeleton_unknown():
  with pytest.raises(InputError, match="unknown skeleton 'BODY25': use one of body25"):
    skeletons.get_skeleton('BODY25')
  with pytest.raises(InputError, match='use one of .*coco17.*wholebody133'):
    skeletons.get_skeleton('zzz')
