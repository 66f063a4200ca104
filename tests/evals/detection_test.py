"""Detection: proposals by the paper's rules and the reference's, and actions found in videos of known answers."""

import csv
import dataclasses

import jax
import numpy as np
import pytest

from sportjax.data.features import FeatureStore, TrackFeatures, write_features
from sportjax.data.labels import Clip
from sportjax.errors import InputError
from sportjax.evals import detection, frame_classifier, proposals
from sportjax.evals.detection import DetectionConfig
from sportjax.evals.frame_classifier import FrameConfig
from sportjax.nn.sequence import SequenceConfig

QUICK = DetectionConfig(
  FrameConfig(SequenceConfig(hidden=8, layers=1), folds=2, window_frames=40, steps=40, batch=12, learning_rate=1e-2,
    val_every_steps=10),
  thresholds=(0.2, 0.5), tious=(0.3, 0.5),
)  # fmt: skip


def activations(*spans, count=60, height=0.8):
  values = np.full(count, 0.01)
  for start, end in spans:
    values[start:end] = height
  return values


def test_runs_are_whole_frames_and_at_least_three():
  found = proposals.propose(activations((4, 7), (20, 22), (57, 60)), 0.2, 3.0)
  assert found.intervals.tolist() == [[4, 7], [57, 60]]
  np.testing.assert_allclose(found.scores, 0.8)
  assert proposals.propose(activations(), 0.2, 3.0).intervals.shape == (0, 2)
  assert proposals.propose(activations((0, 60)), 0.8, 60.0).intervals.tolist() == [[0, 60]]


def test_runs_far_from_the_mean_length_take_it():
  found = proposals.propose(activations((0, 4), (20, 28), (40, 54)), 0.2, 10.0)
  assert found.intervals.tolist() == [[0, 7], [20, 28], [42, 52]]  # the first is cut by the beginning


def test_the_references_rules():
  # Skating: mean length 39.1 frames, so 26.8 and 53.2 frames are the limits; intervals end at their last frame.
  found = proposals.propose(activations((100, 104), (200, 205), (300, 400), count=500), 0.2, 39.1, proposals.REFERENCE)
  middle, half = (200 + 204) // 2, 26.8 // 2
  assert found.intervals.tolist() == [[middle - half, middle + half], [349 - 26, 349 + 26]]
  kept = proposals.propose(activations((100, 140), count=500), 0.2, 39.1, proposals.REFERENCE)
  assert kept.intervals.tolist() == [[100, 139]]


@pytest.mark.parametrize(('mean', 'lowest', 'highest'), [(39.1, 26.8, 53.2), (5.0, 3.35, 6.65)])
def test_the_references_limits_are_those_that_were_measured(mean, lowest, highest):
  """Of figure skating and of tennis: runs end at their last frame, and floor division halves what they are set to."""
  found = proposals.propose(activations((50, 55), (200, 300), count=400), 0.2, mean, proposals.REFERENCE)
  short, long = np.diff(found.intervals)[:, 0].tolist()
  assert short == (pytest.approx(2 * (lowest // 2)) if mean > 10 else 4)
  assert long == pytest.approx(2 * (highest // 2))


def world(count, seed, d=4, frames=90):
  """Videos whose actions are another posture; the mirrored view is the same with columns turned round."""
  rng = np.random.default_rng(seed)
  tracks, truths = [], {}
  for i in range(count):
    starts = np.sort(rng.choice(np.arange(5, frames - 20, 18), 2, replace=False))
    features = rng.normal(0, 0.3, (frames, 2, d))
    for start in starts:
      features[start : start + 10, 0, 0] += 2
      features[start : start + 10, 1, -1] += 2
    name = f'v{seed}{i}'
    t_ms = 40.0 * np.arange(frames)
    tracks.append(TrackFeatures(name, np.arange(frames), t_ms, features.astype(np.float32)))
    truths[name] = np.stack([40.0 * starts, 40.0 * (starts + 10)], 1)
  return tracks, truths


@pytest.fixture(scope='module')
def found(tmp_path_factory):
  (train, labelled), (test, truth) = world(4, 1), world(3, 2)
  folder = tmp_path_factory.mktemp('store')
  write_features(folder, [*train, *test], source='made up')
  store = FeatureStore(folder)
  return store, labelled, truth, detection.detect(store, labelled, truth, QUICK)


def test_actions_are_found_where_they_are_and_nowhere_else(found, tmp_path):
  store, labelled, truth, result = found
  assert result.ap.shape == (2, 2)
  assert result.ap.min() > 0.9
  elsewhere = [np.array([[15, 20]])] * len(truth)
  assert detection.sweep(result.activations, elsewhere, 10.0, QUICK).max() < 0.5
  result.write(tmp_path / 'found.csv', store)
  rows = list(csv.DictReader((tmp_path / 'found.csv').open()))
  for name, spans in truth.items():
    mine = np.array([[float(r['start_ms']), float(r['end_ms'])] for r in rows if r['video'] == name])
    assert all(np.abs(mine - span).sum(1).min() <= 160 for span in spans)


def test_features_without_the_action_detect_nothing(found, tmp_path):
  _, labelled, truth, _ = found
  tracks = [
    TrackFeatures(n, np.arange(90), 40.0 * np.arange(90), np.random.default_rng(i).normal(size=(90, 2, 4)))
    for i, n in enumerate((*labelled, *truth))
  ]
  write_features(tmp_path, tracks, source='noise')
  noise = detection.detect(FeatureStore(tmp_path), labelled, truth, QUICK)
  assert noise.ap.max() < 0.5


def test_folds_hold_every_video_once_and_members_never_see_theirs():
  folds = frame_classifier.split_folds(11, 5, seed=0)
  assert sorted(np.bincount(folds).tolist()) == [2, 2, 2, 2, 3]
  config = dataclasses.replace(QUICK.frames, steps=30)
  lengths = [60, 30, 100, 41]
  drawn = np.stack(list(frame_classifier._windows(lengths, np.array([0, 0, 1, 1]), 2, config, seed=0)))
  assert set(np.unique(drawn[:, 0, :, 0])) == {2, 3}  # of the member without fold 0
  assert set(np.unique(drawn[:, 1, :, 0])) == {0, 1}
  starts = np.maximum(np.array(lengths) - config.window_frames, 0)
  assert (drawn[..., 2] <= starts[drawn[..., 0]]).all()
  assert drawn[..., 2].max() > 50
  assert set(np.unique(drawn[..., 1])) == {0, 1}


def test_the_reference_draws_no_video_of_a_windows_length():
  config = dataclasses.replace(QUICK.frames, steps=30, drawn='longer')
  lengths, folds = [60, 40, 90, 41], np.array([0, 0, 1, 1])
  drawn = np.stack(list(frame_classifier._windows(lengths, folds, 2, config, seed=0)))
  assert set(np.unique(drawn[:, 1, :, 0])) == {0}  # by max(0, length - window), which is 0 for 40 frames
  assert drawn[:, 1, :, 2].max() == 19  # nor is the last window of a video
  without = np.concatenate(drawn[:, 0, :, 0])
  assert (without == 2).mean() > 0.95  # 50 windows to 1
  with pytest.raises(InputError, match='no video to train on has more than 40 frames'):
    list(frame_classifier._windows([60, 40], np.array([0, 1]), 2, config, seed=0))


def test_an_ensemble_may_have_fewer_members_than_folds():
  (train, _), d = world(4, 1), 4
  features = [np.asarray(track.features) for track in train]
  active = [track.features[:, 0, 0] > 1 for track in train]
  config = dataclasses.replace(QUICK.frames, steps=2, folds=4, members=1)
  one = frame_classifier.train_ensemble(features, active, config)
  assert {leaf.shape[0] for leaf in jax.tree.leaves(one.fitted.params)} == {1}
  assert one.activations(np.zeros((7, 2, d), np.float32)).shape == (7,)
  with pytest.raises(InputError, match='must be 1 to the 4 folds'):
    dataclasses.replace(config, members=5)


def test_labels_become_intervals():
  clips = [
    Clip('a', *span, label, 'a', 'train') for span, label in (((0, 80), 'x'), ((80, 120), 'y'), ((200, 240), 'x'))
  ]
  assert detection.intervals_of(clips)['a'].tolist() == [[0, 120], [200, 240]]
  t_ms = np.array([0.0, 33, 67, 100, 133])
  assert detection.ms_to_frames(t_ms, np.array([[30, 100.5]])).tolist() == [[1, 4]]
  np.testing.assert_allclose(detection.frames_to_ms(t_ms, np.array([[1, 5], [0, 2.5]])), [[33, 166], [0, 83.5]])


def test_bad_input_is_refused(found):
  store, labelled, truth, _ = found
  with pytest.raises(InputError, match='to be trained and tested on'):
    detection.detect(store, labelled, labelled, QUICK)
  with pytest.raises(InputError, match='no test videos'):
    detection.detect(store, labelled, {}, QUICK)
  with pytest.raises(InputError, match='no frame of the training videos'):
    detection.detect(store, {name: np.zeros((0, 2)) for name in labelled}, truth, QUICK)
  with pytest.raises(InputError, match='needs at least two'):
    detection.detect(store, dict(list(labelled.items())[:1]), truth, QUICK)
  with pytest.raises(InputError, match='recurrent and without attention'):
    FrameConfig(SequenceConfig('cnn'))
