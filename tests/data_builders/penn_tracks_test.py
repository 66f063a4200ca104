"""`sports_tracks` of Penn Action as it is handed out, on images and annotations made here."""

import pathlib
import pickle

import cv2
import numpy as np
import pytest
import scipy.io
import tensorflow_datasets as tfds

from data_builders.__main__ import main
from sportjax.data.frames import FrameConfig, split_frames
from sportjax.data.tracks import TrackRecords, decode_frames
from sportjax.formats import vpd_features
from sportjax.pose.normalise import teacher_pose
from sportjax.video.crop import crop
from sportjax.video.flow import bytes_to_flow

FRAMES, SPEED = 6, 3
SEQUENCES = {'0001': 1, '0002': -1}


def picture(frame):
  """A person of texture that moves to the right over a texture."""
  rng = np.random.default_rng(0)
  still, moving = (cv2.GaussianBlur(rng.integers(0, 255, (120, 200, 3), np.uint8), (0, 0), 2) for _ in range(2))
  image = cv2.normalize(still, None, 0, 255, cv2.NORM_MINMAX)
  image[30:90, 80 + SPEED * frame : 120 + SPEED * frame] = cv2.normalize(moving, None, 0, 255, cv2.NORM_MINMAX)[
    :60, :40
  ]
  return image


@pytest.fixture
def penn(tmp_path):
  """Two sequences, the second of the test; the last frame has no box, in frame 2 four joints are hidden."""
  (tmp_path / 'labels').mkdir()
  rng = np.random.default_rng(1)
  for name, train in SEQUENCES.items():
    visible = np.ones((FRAMES, 13), np.uint8)
    visible[2, [5, 6, 11, 12]] = 0
    frame = np.arange(FRAMES - 1)
    boxes = np.stack([80 + SPEED * frame, 30 + 0 * frame, 120 + SPEED * frame, 90 + 0 * frame], 1).astype(float)
    content = {'action': 'bowl', 'train': train, 'nframes': FRAMES, 'dimensions': np.array([[120, 200, FRAMES]]),
      'x': rng.uniform(85, 115, (FRAMES, 13)), 'y': rng.uniform(35, 85, (FRAMES, 13)), 'visibility': visible,
      'bbox': boxes}  # fmt: skip
    scipy.io.savemat(tmp_path / 'labels' / f'{name}.mat', content)
    folder = tmp_path / 'frames' / name
    folder.mkdir(parents=True)
    for n in range(FRAMES):
      cv2.imwrite(str(folder / f'{n + 1:06d}.jpg'), picture(n)[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 100])
  return tmp_path


def command(penn, *more):
  return ['sports_tracks', f'--penn={penn}', f'--out={penn / "out"}', '--crop_size=96', *more]


def built(penn, capsys, *more):
  assert main(command(penn, *more)) == 0, capsys.readouterr().err
  return pathlib.Path(capsys.readouterr().out.rsplit(': ', 1)[0])


def failure(penn, capsys, *more):
  assert main(command(penn, *more)) == 2
  told = capsys.readouterr().err
  assert told.count('\n') == 1
  return told


def test_a_student_trains_on_the_sets_own_split(penn, capsys):
  directory = built(penn, capsys)
  assert sorted(tfds.builder_from_directory(directory).info.splits) == ['test', 'train']
  records = TrackRecords(directory, 'train')
  (record,) = (records[i] for i in range(len(records)))
  assert record['track'] == b'0001'
  np.testing.assert_array_equal(record['frame'], np.arange(FRAMES - 1))
  assert record['boxes'][0].tolist() == [45, 5, 155, 115]  # 60 px high, and 25 px on each side
  np.testing.assert_allclose(record['score'], [1, 1, 9 / 13, 1, 1], rtol=1e-6)
  frames = decode_frames(record, range(FRAMES - 1))
  stored = cv2.imread(str(penn / 'frames' / '0001' / '000001.jpg'))[..., ::-1]
  expected = crop(np.ascontiguousarray(stored), record['boxes'][0], 96)
  assert np.abs(frames[0, ..., :3].astype(int) - expected).mean() < 3
  motion = bytes_to_flow(frames[3, ..., 3:5])
  side = np.diff(record['boxes'][3][[0, 2]])[0]
  np.testing.assert_allclose(np.median(motion[34:62, 38:58], axis=(0, 1)), [SPEED * 96 / side, 0], atol=0.4)
  assert not frames[..., 5].any()
  split = split_frames(records.table(), FrameConfig())
  assert split.counts['kept'] == FRAMES - 2  # the first has nothing before it


def test_the_teacher_is_the_joints_by_hand(penn, capsys):
  record = TrackRecords(built(penn, capsys), 'train')[0]
  content = scipy.io.loadmat(penn / 'labels' / '0001.mat')
  joints = np.zeros((FRAMES, 17, 3), np.float32)
  # Penn's order is that of COCO without eyes and ears, and with the head for the nose.
  joints[:, [0, *range(5, 17)]] = np.stack([content['x'], content['y'], content['visibility']], -1)
  pose, _ = teacher_pose(joints)
  np.testing.assert_allclose(record['pose'], pose[: FRAMES - 1], atol=1e-6)
  np.testing.assert_allclose(record['delta'][1:], pose[1:5] - pose[:4], atol=1e-6)


def test_the_teacher_may_be_other_features_and_the_crop_the_references(penn, capsys):
  values = np.random.default_rng(2).normal(size=(FRAMES, 2, 5)).astype(np.float32)
  for name in SEQUENCES:
    path = penn / 'vipe' / f'{name}{vpd_features.SUFFIX}'
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(pickle.dumps([(n, values[n], {'kp_score': 0.1 * n}) for n in range(1, FRAMES)]))
  directory = built(penn, capsys, f'--teacher={penn / "vipe"}', '--rules=reference', '--split=train=*')
  assert list(tfds.builder_from_directory(directory).info.splits) == ['train']
  record = TrackRecords(directory, 'train')[0]
  np.testing.assert_array_equal(record['frame'], [1, 2, 3, 4])
  np.testing.assert_array_equal(record['pose'], values[1:5])
  # The box of frame 1, for before it there is no pose: 60 px, and a tenth on each side.
  assert record['boxes'][0].tolist() == [103 - 30 - 6, 24, 103 + 30 + 6, 96]


def test_what_a_sequence_lacks_is_counted(penn, capsys):
  (penn / 'frames' / '0002' / '000003.jpg').unlink()
  told = failure(penn, capsys)
  assert '1 without images of all frames (0002), of 2 videos' in told
  assert list(tfds.builder_from_directory(built(penn, capsys, '--allow_missing')).info.splits) == ['train']
  assert '1 without features of the teacher (0001)' in failure(penn, capsys, f'--teacher={penn}')
  assert 'no .mat in it' in failure(penn / 'frames', capsys)
