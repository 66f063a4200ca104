"""`sports_tracks` from a user's folders of VPD's released code: crops, poses, and a teacher's features."""

import json
import pathlib
import pickle

import cv2
import numpy as np
import pytest
import tensorflow_datasets as tfds

from data_builders.__main__ import main
from sportjax.data.frames import FrameConfig, split_frames
from sportjax.data.tracks import TrackRecords, decode_frames
from sportjax.formats import vpd, vpd_features
from sportjax.pose.normalise import teacher_pose

VIDEOS = ('routine_1', 'routine_2')
FRAMES = 6


@pytest.fixture
def joints():
  rng = np.random.default_rng(0)
  xy = rng.uniform(10, 50, (FRAMES, 17, 2))
  return np.concatenate([xy, np.full((FRAMES, 17, 1), 0.75)], axis=-1)


@pytest.fixture
def folders(tmp_path, joints):
  """Two videos; of the second, frame 2 has no flow."""
  for video in VIDEOS:
    poses, crops = tmp_path / 'poses' / video, tmp_path / 'crops' / video
    poses.mkdir(parents=True)
    crops.mkdir(parents=True)
    (poses / vpd.BOXES).write_text(json.dumps([[n, [10, 10, 40, 40]] for n in range(FRAMES)]))
    people = [[n, [[0.9, [10, 10, 40, 40], joints[n].tolist()]]] for n in range(FRAMES)]
    (poses / vpd.KEYPOINTS).write_text(json.dumps(people))
    for n in range(FRAMES):
      cv2.imwrite(str(crops / f'{n}.png'), np.full((16, 16, 3), 20 * n, np.uint8))
      if (video, n) != ('routine_2', 2):
        cv2.imwrite(str(crops / f'{n}.flow.png'), np.full((16, 16, 3), (124, 124, 128), np.uint8))
  (tmp_path / 'meta.json').write_text(json.dumps(dict.fromkeys(VIDEOS, [25.0, FRAMES, 64, 48])))
  return tmp_path


def command(folders, *more):
  given = {'reference_crops': 'crops', 'poses': 'poses', 'video_meta': 'meta.json', 'out': 'out'}
  return ['sports_tracks', *(f'--{k}={folders / v}' for k, v in given.items()), '--crop_size=16', *more]


def built(folders, capsys, *more):
  assert main(command(folders, *more)) == 0
  return pathlib.Path(capsys.readouterr().out.rsplit(': ', 1)[0])


def failure(capsys, argv):
  assert main(argv) == 2
  told = capsys.readouterr().err
  assert told.count('\n') == 1
  return told


def test_a_student_can_train_on_crops_of_the_reference(folders, joints, capsys):
  directory = built(folders, capsys, '--split=test=routine_2')
  records = TrackRecords(directory, 'train')
  (record,) = (records[i] for i in range(len(records)))
  assert record['track'] == b'routine_1'
  np.testing.assert_array_equal(record['frame'], np.arange(FRAMES))
  np.testing.assert_array_equal(record['t_ms'], np.arange(FRAMES) * 40.0)
  np.testing.assert_allclose(record['pose'], teacher_pose(joints.astype(np.float32))[0])
  assert record['boxes'][0].tolist() == [6, 6, 54, 54]  # 40 px and a tenth on each side
  frames = decode_frames(record, [0, 5])
  assert np.abs(frames[1, ..., :3].astype(int) - 100).max() <= 2
  np.testing.assert_array_equal(frames[..., 3:5], 128)
  split = split_frames(records.table(), FrameConfig())
  assert split.counts['kept'] == FRAMES - 1  # the first has nothing before it
  (test,) = tfds.builder_from_directory(directory).as_data_source('test')
  assert test['frame'].tolist() == [0, 1, 3, 4, 5]
  assert test['has_delta'].tolist() == [False, True, True, True, True]  # frame 2 has a pose, though no flow


def test_the_teacher_may_be_other_features(folders, capsys):
  values = np.random.default_rng(1).normal(size=(FRAMES, 2, 5)).astype(np.float32)
  for video in VIDEOS:
    content = [(n, values[n], {'kp_score': 0.1 * n}) for n in range(FRAMES)]
    path = folders / 'vipe' / f'{video}{vpd_features.SUFFIX}'
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(pickle.dumps(content))
  directory = built(folders, capsys, f'--teacher={folders / "vipe"}')
  record = TrackRecords(directory, 'train')[0]
  np.testing.assert_array_equal(record['pose'], values)
  np.testing.assert_allclose(record['score'], 0.1 * np.arange(FRAMES), rtol=1e-6)
  np.testing.assert_allclose(record['delta'][2:], values[2:] - values[1:-1], rtol=1e-6)


def test_videos_that_lack_a_part_are_counted_once(folders, capsys):
  (folders / 'poses' / 'routine_1' / vpd.BOXES).unlink()
  told = failure(capsys, command(folders))
  assert f'1 without {vpd.BOXES} (routine_1), of 2 videos; add them, or build without them: --allow_missing' in told
  directory = built(folders, capsys, '--allow_missing')
  assert [r['track'] for r in tfds.builder_from_directory(directory).as_data_source('train')] == [b'routine_2']
  (folders / 'meta.json').write_text(json.dumps({'routine_1': [25.0, FRAMES, 64, 48]}))
  told = failure(capsys, command(folders, '--allow_missing', f'--out={folders / "again"}'))
  assert f'poses: 2, none with all parts; 1 without {vpd.BOXES} (routine_1); 1 without metadata' in told


def test_crops_without_their_flow(folders, capsys):
  assert '2 without crops with flow (routine_1, routine_2)' in failure(capsys, command(folders, '--flow=raft'))


def test_folders_that_go_with_the_crops(folders, capsys):
  argv = [each for each in command(folders) if not each.startswith('--poses')]
  assert '--reference_crops needs --poses' in failure(capsys, argv)
  assert 'absent: 0, none with all parts' in failure(capsys, [*argv, f'--poses={folders / "absent"}'])
