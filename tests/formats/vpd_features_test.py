import pickle

import numpy as np
import pytest

from sportjax.errors import InputError
from sportjax.formats import vpd, vpd_features
from sportjax.pose.normalise import teacher_pose


def dump(path, content, protocol=4):
  path.write_bytes(pickle.dumps(content, protocol=protocol))
  return path


@pytest.mark.parametrize('protocol', [2, 3, 4, 5])
def test_the_layout_of_the_reference(tmp_path, protocol):
  """As VIPE* writes it: two views, and what is known of the pose."""
  views = [np.arange(6, dtype=np.float32).reshape(2, 3) + n for n in range(3)]
  about = {'kp_score': np.float64(0.75), 'is_mean': False, 'is_flip': False}
  content = [(n, views[n], about) for n in (0, 2, 1)]
  found = vpd_features.read_features(dump(tmp_path / 'a.emb.pkl', content, protocol))
  np.testing.assert_array_equal(found.frame, [0, 1, 2])
  np.testing.assert_array_equal(found.features, np.stack(views))
  np.testing.assert_array_equal(found.score, np.float32([0.75] * 3))


def test_one_view_and_no_score(tmp_path):
  """As a student of one view writes it."""
  found = vpd_features.read_features(dump(tmp_path / 'a.emb.pkl', [(4, np.ones(3, np.float32), {})]))
  assert found.features.shape == (1, 1, 3)
  assert np.isnan(found.score).all()


def test_the_first_score_is_that_of_dense_pose(tmp_path):
  content = [(0, np.ones(3), {'kp_score': 0.2, 'dp_score': 0.9}), (1, np.ones(3), {'kp_score': 0.2, 'dp_score': None})]
  found = vpd_features.read_features(dump(tmp_path / 'a.emb.pkl', content))
  np.testing.assert_array_equal(found.score, np.float32([0.9, 0.2]))


def test_a_frame_that_is_stored_twice_is_the_mean(tmp_path):
  content = [(5, np.float32([1, 2]), {}), (3, np.float32([0, 0]), {}), (5, np.float32([3, 6]), {})]
  found = vpd_features.read_features(dump(tmp_path / 'a.emb.pkl', content))
  np.testing.assert_array_equal(found.frame, [3, 5])
  np.testing.assert_array_equal(found.features[:, 0], [[0, 0], [2, 4]])


def test_frames_that_are_not_finite_are_counted(tmp_path):
  content = [(0, np.float32([1, np.nan]), {}), (1, np.float32([1, 2]), {}), (2, np.float32([np.inf, 2]), {})]
  found = vpd_features.read_features(dump(tmp_path / 'a.emb.pkl', content))
  assert (found.frame.tolist(), found.not_finite) == ([1], 2)


@pytest.mark.parametrize('views', [1, 2, 6])
def test_written_features_read_back(tmp_path, views):
  rng = np.random.default_rng(views)
  score = np.float32([0.5, np.nan, 0.25])
  given = vpd_features.FrameFeatures(np.array([1, 2, 9]), rng.normal(size=(3, views, 4)).astype(np.float32), score)
  vpd_features.write_features(tmp_path / 'new' / 'a.emb.pkl', given)
  found = vpd_features.read_features(tmp_path / 'new' / 'a.emb.pkl')
  for name in ('frame', 'features', 'score'):
    np.testing.assert_array_equal(getattr(found, name), getattr(given, name), strict=True)
  content = pickle.loads((tmp_path / 'new' / 'a.emb.pkl').read_bytes())  # what the reference's own code would see
  frame, features, about = content[0]
  assert (frame, about) == (1, {'kp_score': 0.5})
  assert features.shape == ((4,) if views == 1 else (views, 4))


@pytest.mark.parametrize(
  ('content', 'match'),
  [
    ([], 'not a list'),
    ({}, 'not a list'),
    ([(0, np.ones(3))], r'item 0 is not \(frame, features, about\)'),
    ([(0, np.ones(3), None)], 'item 0 is not'),
    ([(0, 'text', {})], 'item 0 is not'),
    ([(-1, np.ones(3), {})], 'frame -1 has features'),
    ([(0, np.ones((1, 1, 3)), {})], r'of shape \(1, 1, 3\)'),
    ([(0, np.ones(3), {}), (1, np.ones(4), {})], 'features of shapes'),
  ],
)
def test_other_layouts_are_input_errors(tmp_path, content, match):
  with pytest.raises(InputError, match=match):
    vpd_features.read_features(dump(tmp_path / 'a.emb.pkl', content))


class Evil:
  def __reduce__(self):
    return (print, ('run',))


def test_nothing_of_a_pickle_is_run(tmp_path, capsys):
  with pytest.raises(InputError, match=r'builtins\.print, which may run code'):
    vpd_features.read_features(dump(tmp_path / 'a.emb.pkl', [(0, Evil(), {})]))
  assert capsys.readouterr().out == ''


def some(frame, width=3, views=2, score=0.5):
  rng = np.random.default_rng(width)
  n = len(frame)
  values = rng.normal(size=(n, views, width)).astype(np.float32)
  return vpd_features.FrameFeatures(np.array(frame), values, np.full(n, score, np.float32))


def test_two_kinds_of_features_side_by_side():
  found = vpd_features.stack(some([0, 1]), some([0, 1], width=5, score=0.25), 'a')
  assert found.features.shape == (2, 2, 8)
  np.testing.assert_array_equal(found.features[..., :3], some([0, 1]).features)
  np.testing.assert_array_equal(found.score, np.float32([0.25, 0.25]))
  np.testing.assert_array_equal(vpd_features.stack(some([0]), some([0], score=np.nan), 'a').score, np.float32([0.5]))


@pytest.mark.parametrize('other', [some([0, 2]), some([0]), some([0, 1], views=1)])
def test_features_that_do_not_go_together(other):
  with pytest.raises(InputError, match='routine: the two kinds of features'):
    vpd_features.stack(some([0, 1]), other, 'routine')


def test_the_2d_teacher_is_of_the_first_person(tmp_path, some_people):
  people = some_people()
  vpd.write_coco_keypoints(tmp_path / vpd.KEYPOINTS, people)
  found = vpd_features.from_keypoints(vpd.read_coco_keypoints(tmp_path / vpd.KEYPOINTS, n_frames=6))
  np.testing.assert_array_equal(found.frame, [0, 1, 4, 5])
  pose, score = teacher_pose(people.keypoints[[0, 2, 3, 4]])
  np.testing.assert_array_equal(found.features, pose)
  np.testing.assert_array_equal(found.score, score)
