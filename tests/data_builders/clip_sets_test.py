"""Labelled actions from what a user of the VPD reference has: features, poses, crops, with and without gaps."""

import argparse
import dataclasses
import importlib
import json
import pathlib
import pickle

import cv2
import numpy as np
import pytest
import scipy.io

from data_builders import clip_set
from data_builders.__main__ import main
from sportjax.data.clip_records import read_clips
from sportjax.errors import InputError
from sportjax.formats import diving48, finegym, vpd, vpd_features, vpd_labels
from sportjax.formats.actions import Counts, read_few_shot, read_video_meta
from sportjax.pose.normalise import teacher_pose
from sportjax.video.codec import decode_planes

WIDTH = 3


def write_features(folder, video, frames, *, width=WIDTH, views=2):
  """Features as the reference writes them, whose first number is the frame's."""
  content = [(n, np.full((views, width), n, np.float32), {'kp_score': 0.9}) for n in frames]
  folder.mkdir(exist_ok=True)
  (folder / f'{video}{vpd_features.SUFFIX}').write_bytes(pickle.dumps(content))


def directory_of(capsys):
  return capsys.readouterr().out.rsplit(': ', 1)[0]


def path_of(text):
  return pathlib.Path(text)


@pytest.fixture(scope='module')
def labels():
  folder = pathlib.Path(__file__).parents[3] / 'shared' / 'data' / 'vpd_labels'
  if not folder.is_dir():
    pytest.skip('the labels of the reference are not beside this checkout (../shared/data/vpd_labels)')
  return folder


@pytest.fixture(scope='module')
def jumps(labels):
  return vpd_labels.read_fs(labels / 'action_dataset' / 'fs')


@pytest.fixture(scope='module')
def fs_features(jumps, tmp_path_factory):
  """Features of all 371 routines, of every fifth frame about each jump."""
  folder = tmp_path_factory.mktemp('fs') / 'features'
  frames = {}
  for jump in jumps:
    frames.setdefault(jump.video, set()).update(range(max(jump.start_frame - 60, 0), jump.end_frame, 5))
  for video, kept in frames.items():
    write_features(folder, video, sorted(kept))
  return folder


def fs_command(labels, features, out, *more):
  folder = labels / 'action_dataset' / 'fs'
  given = {'labels': folder, 'few_shot': folder, 'video_meta': labels / 'video_meta' / 'fs.json', 'out': out}
  return ['fs_jump6', *(f'--{k}={v}' for k, v in given.items()), f'--features={features}', *more]


def test_fs_jump6_needs_labels_and_features_only(labels, jumps, fs_features, tmp_path, capsys):
  assert main(fs_command(labels, fs_features, tmp_path)) == 0
  out = capsys.readouterr().out
  assert out.endswith('train 743 records, val 183 records, test 520 records\n')
  clips = read_clips(path_of(out.rsplit(': ', 1)[0]), 'train')
  of_id = {jump.id: jump for jump in jumps}
  for at in (0, 100, 742):
    jump, clip, found = of_id[clips.id[at]], clips.clips[at], clips.features[at]
    assert (clip.label, clip.video, clip.split) == (jump.label, jump.video, 'train')
    frames = found.frame
    assert frames[0] >= jump.start_frame - 63
    np.testing.assert_array_equal(np.diff(frames), 1)  # gaps of four are filled
    np.testing.assert_allclose(found.features, np.broadcast_to(frames[:, None, None], found.features.shape), rtol=1e-6)
    np.testing.assert_allclose(found.t_ms, frames * 40.0)
    assert clip.start_ms <= found.t_ms[0]
    assert found.t_ms[-1] < clip.end_ms
  lists = read_few_shot(labels / 'action_dataset' / 'fs')
  for shots, trial in ((4, 0), (16, 3), (128, 9)):
    assert {clips.id[row] for row in clips.subset(shots, trial)} == set(lists[shots, trial])
  with pytest.raises(InputError, match='no few-shot subset 10 of 4'):
    clips.subset(4, 10)


def failure(capsys, command):
  assert main(command) == 2
  told = capsys.readouterr().err
  assert told.count('\n') == 1
  return told


def test_what_is_missing_is_one_list(labels, jumps, fs_features, tmp_path, capsys):
  partial = tmp_path / 'features'
  partial.mkdir()
  videos = sorted({jump.video for jump in jumps})
  lost, empty, odd = videos[0], videos[1], videos[2]
  for path in fs_features.iterdir():
    if not path.name.startswith((lost, empty, odd)):
      (partial / path.name).symlink_to(path)
  write_features(partial, empty, [0, 1])
  content = [(n, np.full((2, WIDTH), np.nan if n == 1 else n), {'kp_score': 0.9}) for n in range(5000)]
  (partial / f'{odd}{vpd_features.SUFFIX}').write_bytes(pickle.dumps(content))
  n_lost, n_empty = (sum(jump.video == video for jump in jumps) for video in (lost, empty))
  told = failure(capsys, fs_command(labels, partial, tmp_path / 'out'))
  assert f'feature files of 1 of 371 videos ({lost})' in told
  assert f'features in the window of {n_lost + n_empty} of 1446 actions' in told
  assert 'features that are numbers of 1 frames' in told
  assert '--allow_missing' in told
  assert not (tmp_path / 'out').exists()

  assert main(fs_command(labels, partial, tmp_path / 'out', '--allow_missing')) == 0
  directory = path_of(directory_of(capsys))
  splits = {split: read_clips(directory, split) for split in ('train', 'val', 'test')}
  assert sum(len(split.id) for split in splits.values()) == 1446  # none is left out
  without = [c.video for split in splits.values() for c, f in zip(split.clips, split.features, strict=True)
             if not len(f.frame)]  # fmt: skip
  assert sorted(set(without)) == [lost, empty]
  about = json.loads((directory / 'metadata.json').read_text())
  assert about['missing']['feature_files'] == [lost]


def test_labels_of_another_number_are_refused(labels, fs_features, tmp_path, capsys):
  folder = tmp_path / 'fs'
  folder.mkdir()
  lines = (labels / 'action_dataset' / 'fs' / 'all.txt').read_text().splitlines()
  (folder / 'all.txt').write_text('\n'.join(lines[1:]))
  (folder / 'val.ids.txt').write_text((labels / 'action_dataset' / 'fs' / 'val.ids.txt').read_text())
  command = fs_command(labels, fs_features, tmp_path / 'out', f'--labels={folder}')
  assert 'fs_jump6: the labels have 742 train, not 743; 370 axel, not 371' in failure(capsys, command)


@pytest.mark.parametrize(
  ('more', 'match'), [([], 'give --features, --poses or --crops'), (['--features=absent'], 'absent: no such folder')]
)
def test_folders_that_are_not_given(labels, tmp_path, capsys, more, match):
  command = [each for each in fs_command(labels, 'x', tmp_path / 'out') if not each.startswith('--features')]
  assert match in failure(capsys, [*command, *more])


def test_videos_without_metadata_are_named(labels, jumps, fs_features, tmp_path, capsys):
  videos = json.loads((labels / 'video_meta' / 'fs.json').read_text())
  del videos[jumps[0].video]
  (tmp_path / 'fs.json').write_text(json.dumps(videos))
  command = fs_command(labels, fs_features, tmp_path / 'out', f'--video_meta={tmp_path / "fs.json"}')
  assert f'1 videos are not in it, such as {jumps[0].video}' in failure(capsys, command)


def test_features_of_two_widths_are_refused(labels, jumps, fs_features, tmp_path, capsys):
  mixed = tmp_path / 'features'
  mixed.mkdir()
  for path in fs_features.iterdir():
    (mixed / path.name).symlink_to(path)
  (mixed / f'{jumps[0].video}{vpd_features.SUFFIX}').unlink()
  write_features(mixed, jumps[0].video, range(5000), width=5)
  assert 'features differ in views and width' in failure(capsys, fs_command(labels, mixed, tmp_path / 'out'))


def test_tennis7_is_by_player_and_point(labels, tmp_path, capsys):
  points = read_video_meta(labels / 'video_meta' / 'tennis.json')
  folder = labels / 'action_dataset' / 'tennis'
  swings = vpd_labels.read_tennis(folder, points)
  frames = {}
  for swing in swings:
    frames.setdefault(swing.video, set()).update((swing.start_frame, swing.start_frame + 2))
  for video, kept in frames.items():
    write_features(tmp_path / 'features', video, sorted(kept))
  given = {
    'labels': folder, 'few_shot': folder, 'video_meta': labels / 'video_meta' / 'tennis.json',
    'features': tmp_path / 'features', 'out': tmp_path / 'out',
  }  # fmt: skip
  assert main(['tennis7', *(f'--{k}={v}' for k, v in given.items())]) == 0
  out = capsys.readouterr().out
  assert out.endswith('train 4592 records, val 1142 records, test 2509 records\n')
  clips = read_clips(path_of(out.rsplit(': ', 1)[0]), 'val')
  assert {clip.label for clip in clips.clips} == set(vpd_labels.TENNIS_CLASSES)
  assert {clip.athlete for clip in clips.clips} <= {swing.group for swing in swings}
  assert all(clip.end_ms - clip.start_ms <= 1000 for clip in clips.clips)


def build(name, counts, **given):
  """A dataset of a few made actions, which the command refuses for their number."""
  module = importlib.import_module(f'data_builders.{name}.build')
  parser = argparse.ArgumentParser()
  module.add_arguments(parser)
  args = parser.parse_args([f'--{k}={v}' for k, v in given.items()])
  builder = importlib.import_module(f'data_builders.{name}.{name}_dataset_builder').Builder
  info = clip_set.main(args, kind=dataclasses.replace(module.KIND, counts=counts), builder=builder)
  return path_of(info.data_dir)


def dives(folder, version):
  folder.mkdir()
  (folder / diving48.VOCABULARY).write_text(json.dumps([['Back', '15som'], ['Front', 'Dive']]))
  prefix = {'v1': 'Diving48', 'v2': 'Diving48_V2'}[version]
  for split, names in (('train', ('a_00001', 'a_00002')), ('test', ('b_00001',))):
    told = [{'vid_name': n, 'label': i, 'start_frame': 0, 'end_frame': 60} for i, n in enumerate(names)]
    (folder / f'{prefix}_{split}.json').write_text(json.dumps(told))
  videos = dict.fromkeys(('a_00001', 'a_00002', 'b_00001'), [50.0, 61, 64, 48])
  (folder / 'meta.json').write_text(json.dumps(videos))
  return folder


@pytest.mark.parametrize('version', ['v1', 'v2'])
def test_diving48_in_both_versions_at_25_frames_a_second(tmp_path, version):
  labels = dives(tmp_path / 'labels', version)
  for video in ('a_00001', 'a_00002', 'b_00001'):
    write_features(tmp_path / 'features', video, range(61))
  counts = {each: Counts({'train': 2, 'test': 1}) for each in ('v1', 'v2')}
  directory = build(
    'diving48', counts, labels=labels, video_meta=labels / 'meta.json', version=version,
    features=tmp_path / 'features', out=tmp_path / 'out',
  )  # fmt: skip
  assert f'/diving48/{version}/' in str(directory)
  clips = read_clips(directory, 'train')
  assert [clip.label for clip in clips.clips] == ['Back 15som', 'Front Dive']
  np.testing.assert_array_equal(clips.features[0].frame, np.arange(0, 60, 2))
  assert clips.features[0].t_ms[-1] == 58 * 20.0


def test_diving48_as_the_reference_reads_it(tmp_path):
  labels = dives(tmp_path / 'labels', 'v2')
  for video in ('a_00001', 'a_00002', 'b_00001'):
    write_features(tmp_path / 'features', video, range(61))
  directory = build(
    'diving48', {'v2': Counts({'train': 2, 'test': 1})}, labels=labels, video_meta=labels / 'meta.json',
    features=tmp_path / 'features', out=tmp_path / 'out', reading='reference',
  )  # fmt: skip
  frames = read_clips(directory, 'train').features[0].frame.tolist()
  assert frames[:3] == [0, 2, 4]
  assert len(frames) == 31  # its step of 0.51 gains a frame in fifty
  assert json.loads((directory / 'metadata.json').read_text())['reading']['rate'] == 'reference_diving48'


def test_diving48_counts_are_checked_by_the_command(tmp_path, capsys):
  labels = dives(tmp_path / 'labels', 'v2')
  write_features(tmp_path / 'features', 'a_00001', range(61))
  given = {'labels': labels, 'video_meta': labels / 'meta.json', 'features': tmp_path / 'features',
           'out': tmp_path / 'out'}  # fmt: skip
  told = failure(capsys, ['diving48', *(f'--{k}={v}' for k, v in given.items())])
  assert '2 train, not 15027; 1 test, not 1970; 2 classes, not 47' in told


def test_fx35_takes_the_floor_exercises(tmp_path):
  video = 'A0xRKzuZsLI_E_007203_007306'
  labels = tmp_path / 'labels'
  labels.mkdir()
  (labels / finegym.CATEGORIES).write_text(
    'Clabel: 0; set: 1; Glabel: 1; (VT) round-off\nClabel: 6; set: 21; Glabel: 100; (FX) leap\n'
  )
  segments = {f'A_000{n}_0009': {'timestamps': [[n, n + 1]]} for n in (1, 2, 3)}
  annotations = {'A0xRKzuZsLI': {'E_007203_007306': {'segments': segments}}}
  (labels / finegym.ANNOTATIONS).write_text(json.dumps(annotations))
  (labels / finegym.SPLITS['train']).write_text(f'{video}_A_0001_0009 6\n{video}_A_0002_0009 0\n')
  (labels / finegym.SPLITS['test']).write_text(f'{video}_A_0003_0009 6\n')
  (labels / 'meta.json').write_text(json.dumps({video: [50.0, 300, 64, 48]}))
  write_features(tmp_path / 'features', video, range(300))
  directory = build(
    'fx35', {'default': Counts({'train': 1, 'test': 1}, n_classes=1)}, labels=labels,
    video_meta=labels / 'meta.json', features=tmp_path / 'features', out=tmp_path / 'out',
  )  # fmt: skip
  clips = read_clips(directory, 'train')
  assert clips.id == (f'{video}_A_0001_0009',)
  np.testing.assert_array_equal(clips.features[0].frame, np.arange(37, 101, 2))


def test_penn_action_from_poses(tmp_path, some_joints):
  """Poses instead of features: the sequences are the 2D teacher's."""
  labels, poses = tmp_path / 'labels', tmp_path / 'poses'
  labels.mkdir()
  for name, train in (('0001', 1), ('0002', -1)):
    zeros = np.zeros((4, 13))
    scipy.io.savemat(
      labels / f'{name}.mat',
      {'action': 'bowl', 'train': train, 'nframes': 4, 'dimensions': np.array([[48, 64, 4]]), 'x': zeros, 'y': zeros,
       'visibility': zeros, 'bbox': np.zeros((4, 4))},
    )  # fmt: skip
    told = [[n, [[0.9, [0, 0, 10, 20], some_joints[n].tolist()]]] for n in range(4)]
    (poses / name).mkdir(parents=True)
    (poses / name / vpd.KEYPOINTS).write_text(json.dumps(told))
  counts = {'default': Counts({'train': 1, 'test': 1}, {'bowl': 2})}
  directory = build('penn_action', counts, labels=labels, poses=poses, out=tmp_path / 'out')
  clips = read_clips(directory, 'train')
  np.testing.assert_array_equal(clips.features[0].features, teacher_pose(some_joints)[0])


@pytest.fixture
def some_joints():
  rng = np.random.default_rng(0)
  return np.concatenate([rng.uniform(0, 40, (4, 17, 2)), np.full((4, 17, 1), 0.75)], axis=-1).astype(np.float32)


def test_clips_of_crops_alone(tmp_path):
  """No features: records hold images, flow and masks of the reference's crops, of the frames that have all."""
  import tensorflow_datasets as tfds

  labels = dives(tmp_path / 'labels', 'v2')
  rng = np.random.default_rng(0)
  for video in ('a_00001', 'a_00002', 'b_00001'):
    folder = tmp_path / 'crops' / video
    folder.mkdir(parents=True)
    for n in (3, 4):
      cv2.imwrite(str(folder / f'{n}.png'), np.full((16, 16, 3), (10, 20, 30 + n), np.uint8))
      cv2.imwrite(str(folder / f'{n}.flow.png'), np.full((16, 16, 3), (124, 186, 128), np.uint8))
    cv2.imwrite(str(folder / '4.mask.png'), (rng.random((16, 16)) < 0.5).astype(np.uint8) * 255)
  directory = build(
    'diving48', {'v2': Counts({'train': 2, 'test': 1})}, labels=labels, video_meta=labels / 'meta.json',
    crops=tmp_path / 'crops', crop_size=16, out=tmp_path / 'out',
  )  # fmt: skip
  record = tfds.builder_from_directory(str(directory)).as_data_source('test')[0]
  assert record['crop_frame'].tolist() == [3, 4]
  assert record['crop_has_mask'].tolist() == [False, True]
  assert record['frame'].shape == (0,)
  planes = decode_planes(record['rgb'][1], record['motion'][1])
  assert np.abs(planes[..., :3].astype(int) - [34, 20, 10]).max() <= 3
  assert set(np.unique(planes[..., 5])) == {0, 255}
