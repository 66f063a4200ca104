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
  """Two classes that move another joint, ten athletes, two of them to test on; a clip of each class a video."""
  rng = np.random.default_rng(0)
  tracks, clips = [], []
  for athlete in range(10):
    pose = np.zeros((20, 17, 3), np.float32)
    for half, joint in enumerate((9, 16)):
      pose[10 * half : 10 * half + 10, joint, 1] = rng.uniform(3, 6) * np.linspace(0, 1, 10)
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


def test_subsets_train_apart_each_on_its_own(skeletons, tmp_path):
  source, clips = skeletons
  done = work(tmp_path)
  bone = dataclasses.replace(SETTINGS, stream='bone', loop=LoopConfig(total_steps=2))
  baselines.train_baseline(done, source=source, clips=clips, settings=bone, subsets=[[0, 1], [2, 3]])
  record = json.loads((done.folder / 'accuracy.json').read_text())
  assert (record['train_clips'], record['stream'], len(record['subsets'])) == ([2, 2], 'bone', 2)
  found = baselines.read_answers(done.folder)['probabilities']
  assert found.shape == (2, 4, 2)
  assert np.abs(found[0] - found[1]).max() > 1e-4


def answers(tmp_path, name, clips, found):
  made = work(tmp_path, name)
  baselines.write_answers(made.folder, clips, np.array(['arm', 'leg']), np.asarray(found, float), {})
  return made.folder


def test_average_is_of_probabilities_and_can_be_right_where_a_member_is_wrong(skeletons, tmp_path):
  clips = skeletons[1][:2]
  one = answers(tmp_path, 'one', clips, [[[0.4, 0.6], [0.0, 1.0]]])
  two = answers(tmp_path, 'two', clips, [[[0.9, 0.1], [0.2, 0.8]]])
  both = work(tmp_path, 'both')
  baselines.average(both, members=[one, two])
  np.testing.assert_allclose(baselines.read_answers(both.folder)['probabilities'], [[[0.65, 0.35], [0.1, 0.9]]])
  accuracy = [json.loads((folder / 'accuracy.json').read_text())['accuracy'] for folder in (one, two, both.folder)]
  assert accuracy == [0.5, 1.0, 1.0]


def test_average_of_other_clips_or_subsets_is_refused(skeletons, tmp_path):
  clips = skeletons[1]
  one = answers(tmp_path, 'one', clips[:2], [[[0.4, 0.6], [0.0, 1.0]]])
  two = answers(tmp_path, 'two', clips[2:4], [[[0.4, 0.6], [0.0, 1.0]]])
  more = answers(tmp_path, 'more', clips[:2], [[[0.4, 0.6], [0.0, 1.0]]] * 2)
  for number, other in enumerate((two, more)):
    with pytest.raises(InputError, match='answers other clips, classes or subsets'):
      baselines.average(work(tmp_path, f'both{number}'), members=[one, other])
  with pytest.raises(InputError, match='train the baseline first'):
    baselines.read_answers(tmp_path)


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
