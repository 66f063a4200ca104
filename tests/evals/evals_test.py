"""Evaluators on motions whose class is known: perfect where it can be seen, chance where it cannot."""

import numpy as np
import pytest

from sportjax.errors import InputError
from sportjax.evals import few_shot, recognition, retrieval, warp


def motions(count, seed=0, noise=0.05, classes=3):
  """Clips (t, 2, d) of a few smooth motions at varying tempo, and their classes."""
  rng = np.random.default_rng(seed)
  shapes = np.random.default_rng(9).normal(size=(classes, 4, 5))
  labels = np.arange(count) % classes
  clips = []
  for label in labels:
    phase = np.linspace(0, 2 * np.pi, rng.integers(18, 24))[:, None]
    waves = np.concatenate([np.sin(phase), np.cos(phase), np.sin(2 * phase), np.cos(2 * phase)], 1)
    clip = waves @ shapes[label] + noise * rng.normal(size=(len(phase), 5))
    clips.append(np.stack([clip, clip[:, ::-1]], 1).astype(np.float32))
  return clips, labels


def test_subsets_hold_the_shots_and_depend_on_the_seed_alone():
  labels, groups = np.repeat(['axel', 'lutz', 'loop'], [40, 30, 5]), np.arange(75) % 10
  subsets = few_shot.few_shot_subsets(labels, groups, shots=8, n_subsets=5, seed=3)
  again = few_shot.few_shot_subsets(labels, groups, shots=8, n_subsets=5, seed=3)
  for subset, same in zip(subsets, again, strict=True):
    np.testing.assert_array_equal(subset, same)
    assert [np.sum(labels[subset] == name) for name in ('axel', 'lutz', 'loop')] == [8, 8, 5]
    assert len(set(groups[subset][labels[subset] == 'axel'])) == 8  # as many athletes as shots
    assert len(set(subset)) == len(subset)
  assert any(not np.array_equal(a, b) for a, b in zip(subsets, subsets[1:], strict=False))


def test_fewer_subsets_are_the_first_of_more():
  labels = np.arange(40) % 4
  few, more = (few_shot.few_shot_subsets(labels, n_subsets=n) for n in (2, 5))
  assert all(np.array_equal(a, b) for a, b in zip(few, more, strict=False))


def test_listed_subsets_are_those_of_the_files(shared_data):
  folder = shared_data / 'vpd_labels' / 'action_dataset' / 'fs'
  labels = dict(row.rsplit(' ', 1) for row in (folder / 'all.txt').read_text().splitlines())
  ids = list(labels)
  lists = [(folder / f'train_4_{i}.ids.txt').read_text().split() for i in range(5)]
  for subset in few_shot.listed_subsets(ids, lists):
    assert np.unique([labels[ids[i]] for i in subset], return_counts=True)[1].tolist() == [4] * 6
  with pytest.raises(InputError, match="list 1 names 'nobody', which is no example"):
    few_shot.listed_subsets(ids, [ids[:2], ['nobody']])
  with pytest.raises(InputError, match='list 0 is empty'):
    few_shot.listed_subsets(ids, [[]])


def test_nearest_neighbour_falls_back_only_where_nothing_is_feasible():
  distances = np.array([[1.0, np.inf, 2.0], [np.inf, 0.0, np.inf]])
  fallback = np.array([[9.0, 0.0, 9.0], [5.0, 9.0, 3.0]])
  subset, labels = np.array([0, 2]), np.array(['a', 'b', 'c'])
  assert few_shot.nearest_neighbour(distances, labels, subset, fallback).tolist() == ['a', 'c']
  with pytest.raises(InputError, match='1 queries have no path'):
    few_shot.nearest_neighbour(distances, labels, subset)


def test_retrieval_is_perfect_for_clean_motions_and_at_chance_for_permuted_labels():
  clips, labels = motions(24)
  groups = np.arange(24) // 3
  values = retrieval.precisions(clips, labels, ks=(1, 5))
  summary = retrieval.summarize(values, groups)
  assert summary['P@5'].mean == 1
  permuted = retrieval.precisions(clips, np.random.default_rng(0).permutation(labels), ks=(1, 5))
  assert retrieval.summarize(permuted, groups)['P@5'].mean < 0.6
  assert retrieval.compare(values, permuted, groups)['P@5'].low > 0


def test_clip_without_features_counts_as_a_failed_query():
  clips, labels = motions(12)
  clips[4] = clips[4][:0]
  values = retrieval.precisions(clips, labels, ks=(1,), queries=np.array([3, 4, 5]))
  assert values[1].tolist() == [1, 0, 1]


def test_nearest_names_clips_by_their_place_in_the_whole_list():
  clips, labels = motions(12)
  clips[2] = clips[2][:0]
  found = retrieval.nearest(clips, k=2, queries=np.array([0, 2, 5]))
  assert (labels[found.index[[0, 2]]] == labels[[0, 5]][:, None]).all()
  assert 2 not in found.index[[0, 2]]
  assert found.index[1].tolist() == [-1] * 2
  assert np.isinf(found.distance[1]).all()


def test_recognition_by_alignment_uses_symmetric2_for_clips_of_any_length():
  train, labels = motions(18)
  test, expected = motions(9, seed=1)
  test = [*test[:-1], np.repeat(test[-1], 3, axis=0)]
  subsets = few_shot.few_shot_subsets(labels, shots=3, n_subsets=2)
  result = recognition.evaluate(train, labels, test, expected, subsets)
  assert result.mean == 1
  assert result.spread == 0
  assert result.interval(np.arange(9) // 3).low == 1


def test_recognition_spread_is_over_subsets_and_difference_over_groups():
  correct = np.array([[1.0, 1, 0, 0], [1, 1, 1, 1]])
  ours = recognition.FewShot(np.zeros((2, 4)), correct)
  theirs = recognition.FewShot(np.zeros((2, 4)), correct * 0)
  assert ours.mean == 0.75
  assert ours.spread == 0.25
  assert ours.difference(theirs, np.array([0, 0, 1, 1])).mean == 0.75


def walk(frames=120, d=6, seed=0):
  """A motion that never repeats, at 25 frames a second."""
  steps = np.random.default_rng(seed).normal(size=(frames, d))
  smooth = np.apply_along_axis(lambda x: np.convolve(x, np.ones(9) / 9, 'same'), 0, steps)
  return np.cumsum(smooth, axis=0), 40.0 * np.arange(frames)


def test_warps_are_increasing_within_the_clip_and_fixed_by_the_seed():
  x = np.linspace(0, 1, 300)
  for seed in range(20):
    values = warp.sample_warp(np.random.default_rng(seed))(x)
    assert (np.diff(values) > 0).all()
    assert 0 <= values[0] < values[-1] <= 1
    slopes = np.diff(values) / np.diff(x) / (values[-1] - values[0])
    assert slopes.min() > 2 / 3
    assert slopes.max() < 3 / 2
    np.testing.assert_array_equal(values, warp.sample_warp(np.random.default_rng(seed))(x))


def test_alignment_recovers_a_warp_and_nothing_recovers_it_from_noise():
  features, times = walk()
  warping = warp.sample_warp(np.random.default_rng(1), offset=0)
  seen, true_ms = warp.cut_and_resample(features, times, warping, 110)
  assert warp.alignment_error_ms(features, seen, times, true_ms) <= 20
  assert warp.nearest_frame_error_ms(features, seen, times, true_ms) <= 20
  noise = np.random.default_rng(2).normal(size=seen.shape)
  assert warp.nearest_frame_error_ms(features, noise, times, true_ms) > 200
  assert warp.alignment_error_ms(features, seen[::4], times, true_ms[::4]) == np.inf


def test_path_error_is_zero_for_the_true_path():
  times = 10.0 * np.arange(5)
  path = np.array([[0, 0], [1, 1], [2, 1], [3, 2], [4, 3]])
  np.testing.assert_allclose(warp.path_error_ms(path, times, np.array([0.0, 15, 30, 40])), 0)
