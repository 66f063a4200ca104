"""Clips read end to end: which frames are drawn, and that they are the frames of the clip."""

import numpy as np
import pytest

from sportjax.data import segments
from sportjax.data.clip_input import ClipBatches, FrameClips, SkeletonClips
from sportjax.data.features import TrackFeatures, write_features
from sportjax.data.labels import Clip
from sportjax.errors import InputError

CLIPS = [Clip('v1', 0.0, 400.0, 'a', 'v1', 'train'), Clip('v2', 300.0, 700.0, 'b', 'v2', 'train'),
         Clip('away', 0.0, 400.0, 'b', 'x', 'train')]  # fmt: skip


@pytest.mark.parametrize('length', [1, 3, 8, 50])
def test_every_segment_gives_a_frame_of_its_own_in_order(length):
  rng = np.random.default_rng(0)
  bounds = np.arange(9) * length / 8
  for _ in range(20):
    found = segments.drawn(length, 8, rng)
    assert (found >= np.floor(bounds[:-1])).all()
    assert (found < np.ceil(bounds[1:] + 1e-9)).all()
    assert found.max() < length
    assert (np.diff(found) >= 0).all()


def test_evaluation_takes_middles_and_with_two_clips_starts_too():
  np.testing.assert_array_equal(segments.spread(8, 4), [[1, 3, 5, 7]])
  np.testing.assert_array_equal(segments.spread(8, 4, clips=2), [[0, 2, 4, 6], [1, 3, 5, 7]])
  np.testing.assert_array_equal(segments.spread(1, 3, clips=2), np.zeros((2, 3)))


@pytest.mark.parametrize(('length', 'count'), [(0, 4), (4, 0)])
def test_nothing_cannot_be_spread(length, count):
  with pytest.raises(InputError, match='both must be at least 1'):
    segments.spread(length, count)


def test_frames_of_a_clip_are_those_of_its_time(dataset):
  source = FrameClips(dataset, 'train', CLIPS)
  times = np.arange(20) * 1001 / 30
  within = [np.flatnonzero((times >= clip.start_ms) & (times < clip.end_ms)) for clip in CLIPS[:2]]
  np.testing.assert_array_equal(source.lengths, [len(within[0]), len(within[1]), 0])
  found = source.read(np.array([1, 0]), np.array([[0, 2, 10], [3, 3, 0]]))
  assert found.shape == (2, 3, 16, 16, 6)
  expected = [[20 + within[1][p] // 2 for p in (0, 2, 10)], [10 + within[0][p] // 2 for p in (3, 3, 0)]]
  np.testing.assert_allclose(found[..., 0].mean((2, 3)), expected, atol=2)


def test_batches_follow_from_seed_and_step_and_draw_other_frames_each_time(dataset):
  source = FrameClips(dataset, 'train', CLIPS)
  made = [ClipBatches(source, np.array([0, 1]), np.array([0, 1, 1]), 5, 4, seed) for seed in (3, 3, 4)]
  first, again, other = (batches[7] for batches in made)
  np.testing.assert_array_equal(first['clip'], again['clip'])
  assert first['clip'].shape == (4, 5, 16, 16, 6)
  assert sorted(first['label'].tolist()) == [0, 0, 1, 1]
  np.testing.assert_array_equal(first['clip'][..., 0].mean((1, 2, 3)) > 16, first['label'] == 1)
  assert (first['clip'] != other['clip']).any()
  assert (made[0][8]['clip'] != first['clip']).any()


def store(folder, width=51, views=2):
  rng = np.random.default_rng(0)
  features = rng.normal(size=(20, views, width)).astype(np.float32)
  write_features(folder, [TrackFeatures('v1', np.arange(20), 40.0 * np.arange(20), features)], source='joints')
  return features


def test_skeletons_are_read_as_views_of_joints(tmp_path):
  features = store(tmp_path)
  source = SkeletonClips(tmp_path, [CLIPS[2], CLIPS[0]])
  np.testing.assert_array_equal(source.lengths, [0, 10])
  found = source.read(np.array([1]), np.array([[2, 9]]))
  np.testing.assert_array_equal(found, features[[2, 9]].reshape(1, 2, 2, 17, 3))


def test_bones_point_from_parents_and_take_the_mean_confidence(tmp_path):
  features = store(tmp_path)
  parents = [max(joint - 2, 0) for joint in range(17)]
  found = SkeletonClips(tmp_path, CLIPS[:1], parents).read(np.array([0]), np.array([[2, 9]]))
  joints = features[[2, 9]].reshape(1, 2, 2, 17, 3)
  np.testing.assert_allclose(found[..., 9, :2], joints[..., 9, :2] - joints[..., 7, :2], rtol=1e-6)
  np.testing.assert_allclose(found[..., 9, 2], (joints[..., 9, 2] + joints[..., 7, 2]) / 2, rtol=1e-6)
  assert not found[..., 0, :2].any()  # which is its own parent
  assert found.dtype == np.float32
  assert found.shape == joints.shape


@pytest.mark.parametrize(('width', 'views'), [(50, 2), (51, 1)])
def test_features_that_are_no_skeletons_are_refused(tmp_path, width, views):
  store(tmp_path, width, views)
  with pytest.raises(InputError, match='give two views of x, y and confidence of joints'):
    SkeletonClips(tmp_path, CLIPS[:1])
