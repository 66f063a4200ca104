"""Baselines end to end on made skeletons: what a row of a table finds in the folder, with few labels and with all."""

import csv
import dataclasses
import json

import numpy as np
import pytest

from sportjax.data.features import FeatureStore, TrackFeatures, write_features
from sportjax.data.labels import Clip
from sportjax.errors import InputError
from sportjax.models.stgcn import STGCNConfig
from sportjax.pipeline import Work
from sportjax.pose.skeletons import get_skeleton
from sportjax.pose.track import Track
from sportjax.pose.track_file import load_track, save_track
from sportjax.tasks import recognise
from sportjax.train.loop import LoopConfig
from sportjax.train.optim import OptimConfig
from sportjax.workflows.stages import baseline_inputs, baselines
from sportjax.workflows.stages.baselines import BaselineSettings

TINY = {
  'stgcn': STGCNConfig(widths=(4, 8), strides=(1, 2), frames=3, dropout=0.0, segments=8),
}
SETTINGS = BaselineSettings(
  preset='stgcn', optim=OptimConfig(learning_rate=0.01), loop=LoopConfig(total_steps=40), batch_size=8
)


@pytest.fixture(autouse=True)
def tiny(monkeypatch):
  monkeypatch.setattr(recognise, 'PRESETS', TINY)
  monkeypatch.setattr(baselines, 'PRESETS', TINY)


@pytest.fixture
def skeletons(tmp_path):
  """Two classes that raise another arm, four athletes, two of them to test on; a clip of each class a video."""
  rng = np.random.default_rng(0)
  tracks, clips = [], []
  for athlete in range(10):
    pose = np.zeros((20, 17, 3), np.float32)
    for half, joint in enumerate((9, 16)):
      pose[10 * half : 10 * half + 10, joint, 1] = np.linspace(0, 5, 10)
    pose[..., :2] += 0.2 * rng.normal(size=(20, 17, 2))
    pose[..., 2] = rng.uniform(0.2, 1, (20, 17))
    name = f'v{athlete}'
    views = np.repeat(pose.reshape(20, 1, 51), 2, axis=1)
    tracks.append(TrackFeatures(name, np.arange(20), 40.0 * np.arange(20), views))
    split = 'test' if athlete < 2 else 'train'
    clips += [Clip(name, 0.0, 400.0, 'arm', name, split), Clip(name, 400.0, 800.0, 'leg', name, split)]
  write_features(tmp_path / 'joints', tracks, source='joints')
  return tmp_path / 'joints', clips


def work(tmp_path, name='work'):
  (tmp_path / name).mkdir()
  return Work(tmp_path / name)


def test_baseline_learns_two_classes_and_leaves_what_a_row_needs(skeletons, tmp_path):
  source, clips = skeletons
  done = work(tmp_path)
  baselines.train_baseline(done, source=source, clips=clips, settings=SETTINGS)
  record = json.loads((done.folder / 'accuracy.json').read_text())
  assert record['accuracy'] == 1.0
  assert (record['train_clips'], record['test_clips']) == ([16], 4)
  with (done.folder / 'predictions.csv').open() as file:
    rows = list(csv.DictReader(file))
  assert [(row['clip'], row['label']) for row in rows] == [(c.id, c.label) for c in clips if c.split == 'test']
  answers = baselines.read_answers(done.folder)
  assert answers['probabilities'].shape == (1, 4, 2)
  np.testing.assert_allclose(answers['probabilities'].sum(-1), 1, rtol=1e-5)
  assert answers['classes'].tolist() == ['arm', 'leg']


def test_subsets_train_apart_and_the_average_is_of_their_probabilities(skeletons, tmp_path):
  source, clips = skeletons
  one, two, both = (work(tmp_path, name) for name in ('one', 'two', 'both'))
  few = dataclasses.replace(SETTINGS, loop=LoopConfig(total_steps=2))
  subsets = [[0, 1], [2, 3]]
  baselines.train_baseline(one, source=source, clips=clips, settings=few, subsets=subsets)
  bone = dataclasses.replace(few, stream='bone')
  baselines.train_baseline(two, source=source, clips=clips, settings=bone, subsets=subsets)
  baselines.average(both, members=[one.folder, two.folder])
  first, second, mean = (baselines.read_answers(each.folder)['probabilities'] for each in (one, two, both))
  assert first.shape == (2, 4, 2)
  assert np.abs(first[0] - first[1]).max() > 1e-4
  assert np.abs(first - second).max() > 1e-4
  np.testing.assert_allclose(mean, (first + second) / 2, rtol=1e-6)


def test_average_of_other_clips_is_refused(skeletons, tmp_path):
  source, clips = skeletons
  one, two = work(tmp_path, 'one'), work(tmp_path, 'two')
  few = dataclasses.replace(SETTINGS, loop=LoopConfig(total_steps=1))
  baselines.train_baseline(one, source=source, clips=clips, settings=few)
  baselines.train_baseline(two, source=source, clips=clips[1:], settings=few)
  with pytest.raises(InputError, match='answers other clips'):
    baselines.average(work(tmp_path, 'both'), members=[one.folder, two.folder])


def test_clips_without_the_athlete_are_booked_and_none_left_is_an_error(skeletons, tmp_path):
  source, clips = skeletons
  done = work(tmp_path)
  few = dataclasses.replace(SETTINGS, loop=LoopConfig(total_steps=1))
  short = [Clip('v0', 0.0, 80.0, 'arm', 'v0', 'test'), Clip('nowhere', 0.0, 400.0, 'leg', 'x', 'train')]
  baselines.train_baseline(done, source=source, clips=[*clips, *short], settings=few)
  assert [skip.item for skip in done.skipped] == ['nowhere@0-400', 'v0@0-80']
  assert done.counts['test_clips_out'] == 4
  train_only = [clip for clip in clips if clip.split == 'train']
  with pytest.raises(InputError, match='none of 0 test clips'):
    baselines.train_baseline(work(tmp_path, 'other'), source=source, clips=train_only, settings=few)
  with pytest.raises(InputError, match='a subset of labels has no clip'):
    baselines.train_baseline(
      work(tmp_path, 'third'), source=source, clips=[*clips, *short], settings=few, subsets=[[16]]
    )


def test_settings_refuse_what_does_not_belong_together():
  with pytest.raises(InputError, match="preset='nonsense': known are stgcn"):
    BaselineSettings(preset='nonsense')
  with pytest.raises(InputError, match="stream 'rgb' is none of stgcn: choose joint or bone"):
    BaselineSettings(preset='stgcn', stream='rgb')


def track(tmp_path, name='a'):
  rng = np.random.default_rng(1)
  keypoints = rng.uniform(10, 90, (5, 17, 3)).astype(np.float32)
  keypoints[..., 2] = 0.8
  boxes = np.tile(np.array([[10, 20, 30, 60]], np.float32), (5, 1))
  made = Track(name, f'{name}.mp4', np.arange(5), 40.0 * np.arange(5), boxes, keypoints, 'coco17', (120, 90), 'made')
  save_track(tmp_path / f'{name}.npz', made)
  return made


def test_joints_are_centred_scaled_and_mirrored_with_their_confidence(tmp_path):
  made = track(tmp_path)
  done = work(tmp_path)
  baseline_inputs.joint_features(done, tracks={'a': tmp_path / 'a.npz'})
  joints = np.asarray(FeatureStore(done.folder).track('a').features).reshape(5, 2, 17, 3)
  hips = joints[:, 0, 11:13, :2].mean(1)
  np.testing.assert_allclose(hips, 0, atol=1e-6)
  torso = joints[:, 0, [5, 6, 11, 12], :2]
  reach = np.linalg.norm(torso[:, :, None] - torso[:, None], axis=-1).max((1, 2))
  np.testing.assert_allclose(reach, 0.5, rtol=1e-5)
  np.testing.assert_allclose(joints[..., 2], 0.8, rtol=1e-6)
  swap = get_skeleton('coco17').mirror
  np.testing.assert_allclose(joints[:, 1, :, 0], -joints[:, 0, swap, 0])
  assert np.ptp(made.keypoints[..., 0]) > 1


def test_widened_tracks_have_the_picture_as_their_box(tmp_path):
  made = track(tmp_path)
  done = work(tmp_path)
  baseline_inputs.widen_tracks(done, tracks={'a': tmp_path / 'a.npz'})
  wide = load_track(done.folder / 'items' / 'a' / 'track.npz')
  np.testing.assert_array_equal(wide.boxes, np.tile([0, 0, 120, 90], (5, 1)))
  np.testing.assert_array_equal(wide.keypoints, made.keypoints)
