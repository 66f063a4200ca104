"""Commands on folders: each on files in the reference's format, and what they say of files that do not fit."""

import json
import pickle

import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

from data_builders.__main__ import main as build_set
from sportjax.commands.__main__ import COMMANDS, main
from sportjax.commands.recut import META
from sportjax.formats import files, vpd, vpd_features
from sportjax.formats.actions import VideoMeta, read_video_meta
from sportjax.models import vipe
from sportjax.models import vpd as vpd_models
from sportjax.pose.normalise import teacher_pose
from sportjax.pose.vipe_input import vipe_input
from sportjax.video.codec import decode_planes, encode_planes
from sportjax.video.crop_file import TrackCrops, save_crops
from sportjax.video.decode import probe
from sportjax.video.encode import write_video
from tests.models.vpd_reference_test import trained


def run(capsys, name, *args, out):
  assert main([name, *map(str, args), f'--out={out}']) == 0, capsys.readouterr().err
  return capsys.readouterr().out


def failure(capsys, name, *args, out):
  assert main([name, *map(str, args), f'--out={out}']) == 2
  told = capsys.readouterr()
  assert told.err.count('\n') == 1
  assert not told.out
  return told.err


@pytest.fixture
def poses(tmp_path):
  """One video in a folder of its own, of which frame 3 has two people, and one in a file."""
  rng = np.random.default_rng(0)
  joints = rng.uniform([10, 10, 0.3], [90, 90, 1], (5, 17, 3)).astype(np.float32)
  people = [[0.9, [0, 0, 100, 100], row.tolist()] for row in joints]
  files.write_json(tmp_path / 'poses' / 'a' / vpd.KEYPOINTS, [[2, people[:1]], [3, people[1:3]]])
  files.write_json(tmp_path / 'poses' / 'b.json.gz', [[0, people[3:4]], [5, people[4:]]])
  return tmp_path / 'poses', joints


def stored(path):
  return pickle.loads(path.read_bytes())  # noqa: S301 (what this test wrote)


def test_every_command_is_listed_with_what_it_does(capsys):
  assert main(['--list']) == 0
  listed = capsys.readouterr().out.splitlines()
  assert [line.split()[0] for line in listed] == sorted(COMMANDS.modules)
  assert all(len(line.split()) > 4 for line in listed)
  for name in COMMANDS.modules:
    with pytest.raises(SystemExit) as end:
      main([name, '--help'])
    assert not end.value.code
    assert '--out' in capsys.readouterr().out


def test_joints_are_written_as_the_reference_writes_them(poses, tmp_path, capsys):
  folder, joints = poses
  told = run(capsys, 'teacher_features', f'--poses={folder}', out=tmp_path / 'out')
  assert told.endswith('features of 2 videos, 4 frames\n')
  content = stored(tmp_path / 'out' / 'a.emb.pkl')
  expected, score = teacher_pose(joints[:2])  # the first person of a frame
  assert [frame for frame, _, _ in content] == [2, 3]
  for (_, views, about), pose, sure in zip(content, expected, score, strict=True):
    np.testing.assert_array_equal(views, pose)
    assert about == {'kp_score': pytest.approx(float(sure)), 'is_2d': True}


def test_vipe_is_the_mean_over_the_people_of_a_frame(poses, tmp_path, capsys):
  folder, joints = poses
  model = vipe.Vipe(vipe.VipeConfig(d=4, hidden=8, blocks=1), rngs=nnx.Rngs(0))
  vipe.save(tmp_path / 'vipe.safetensors', model)
  given = (f'--poses={folder}', f'--vipe={tmp_path}')
  run(capsys, 'teacher_features', *given, out=tmp_path / 'out')
  content = stored(tmp_path / 'out' / 'a.emb.pkl')
  views, score = vipe_input(joints)
  expected = np.asarray(vipe.embed(model, views.reshape(-1, 39))).reshape(5, 2, 4)
  np.testing.assert_allclose(content[0][1], expected[0], atol=1e-5)
  np.testing.assert_allclose(content[1][1], expected[1:3].mean(0), atol=1e-5)
  assert content[0][2] == {'kp_score': pytest.approx(float(score[0])), 'is_mean': False, 'is_flip': False}
  assert content[1][2] == {'kp_score': pytest.approx(float(score[1:3].min())), 'is_mean': True}
  run(capsys, 'teacher_features', *given, '--inverted', out=tmp_path / 'down')
  below, _ = vipe_input(joints, inverted=True)
  expected = np.asarray(vipe.embed(model, below.reshape(-1, 39))).reshape(5, 2, 4)
  np.testing.assert_allclose(stored(tmp_path / 'down' / 'b.emb.pkl')[0][1], expected[3], atol=1e-5)
  # Both side by side, as for diving.
  folders = (f'--first={tmp_path}/out', f'--second={tmp_path}/down')
  assert '2 videos side by side' in run(capsys, 'stack_features', *folders, out=tmp_path / 'both')
  both = vpd_features.read_features(tmp_path / 'both' / 'b.emb.pkl')
  assert both.features.shape == (2, 2, 8)
  np.testing.assert_allclose(both.features[0, :, 4:], expected[3], atol=1e-5)


def test_teachers_that_cannot_be_are_told(poses, tmp_path, capsys):
  folder, _ = poses
  assert '--inverted is for --vipe' in failure(
    capsys, 'teacher_features', f'--poses={folder}', '--inverted', out=tmp_path / 'o'
  )
  assert 'no weights of VIPE*' in failure(
    capsys, 'teacher_features', f'--poses={folder}', f'--vipe={tmp_path}', out=tmp_path / 'o'
  )
  (tmp_path / 'none').mkdir()
  assert 'no folders with coco_keypoints' in failure(
    capsys, 'teacher_features', f'--poses={tmp_path}/none', out=tmp_path / 'o'
  )


def test_folders_of_other_videos_are_not_stacked(tmp_path, capsys):
  one = vpd_features.FrameFeatures(np.arange(2), np.zeros((2, 2, 3), np.float32), np.ones(2, np.float32))
  for name in ('first/a', 'first/b', 'second/a'):
    vpd_features.write_features(tmp_path / f'{name}{vpd_features.SUFFIX}', one)
  folders = (f'--first={tmp_path}/first', f'--second={tmp_path}/second')
  assert 'second: has no b.emb.pkl (1 files are in one folder only)' in failure(
    capsys, 'stack_features', *folders, out=tmp_path / 'o'
  )


def test_a_student_of_the_reference_embeds_a_built_dataset(tmp_path, capsys):
  (tmp_path / 'student').mkdir()
  trained(tmp_path / 'student', size=16)
  images = np.random.default_rng(0).integers(1, 256, (3, 16, 16, 6), np.uint8)
  rgb, motion = zip(*(encode_planes(planes) for planes in images), strict=True)
  pose = np.zeros((3, 2, 26), np.float32)
  unknown = np.zeros((3, 4), np.float32), np.zeros((3, 17, 3), np.float32)
  sure = np.ones(3, np.float32), np.zeros(3, bool), True
  crops = TrackCrops(
    'v', 'v.mp4', np.array([4, 5, 7]), np.arange(3) * 40.0, *unknown, pose, pose, *sure, 16, rgb, motion
  )
  (tmp_path / 'crops').mkdir()
  save_crops(tmp_path / 'crops' / 'v.npz', crops)
  assert build_set(['sports_tracks', f'--crops={tmp_path}/crops', f'--out={tmp_path}/tfds']) == 0
  capsys.readouterr()
  dataset = next((tmp_path / 'tfds').rglob('dataset_info.json')).parent
  given = (f'--student={tmp_path}/student', f'--dataset={dataset}')
  assert 'features of 1 tracks, 3 frames' in run(capsys, 'student_features', *given, out=tmp_path / 'out')
  content = stored(tmp_path / 'out' / 'v.emb.pkl')
  assert [(frame, about) for frame, _, about in content] == [(4, {}), (5, {}), (7, {})]
  model = vpd_models.load_reference(tmp_path / 'student')
  seen = np.stack([decode_planes(*planes) for planes in zip(rgb, motion, strict=True)])
  for view, mirrored in enumerate((False, True)):
    expected = np.asarray(vpd_models.embed(model, jnp.asarray(seen), mirrored=mirrored))
    np.testing.assert_allclose([views[view] for _, views, _ in content], expected, rtol=1e-4, atol=1e-4)
  # With changes of each frame: as more views behind the two, and as their mean.
  run(capsys, 'student_features', *given, '--jitter=2', out=tmp_path / 'apart')
  apart = vpd_features.read_features(tmp_path / 'apart' / 'v.emb.pkl').features
  assert apart.shape == (3, 6, 6)
  np.testing.assert_allclose(apart[:, :2], [views for _, views, _ in content], atol=1e-4)
  run(capsys, 'student_features', *given, '--jitter=2', '--jitter_keep=mean', out=tmp_path / 'mean')
  mean = vpd_features.read_features(tmp_path / 'mean' / 'v.emb.pkl').features
  np.testing.assert_allclose(mean, apart.reshape(3, 3, 2, 6).mean(1), atol=1e-4)
  trained(tmp_path / 'student', size=32)
  assert 'crops of 16 px, the student takes 32' in failure(capsys, 'student_features', *given, out=tmp_path / 'o')
  assert 'no dataset there' in failure(
    capsys, 'student_features', given[0], f'--dataset={tmp_path}', out=tmp_path / 'o'
  )


def test_recordings_are_cut_and_their_metadata_written(tmp_path, capsys):
  (tmp_path / 'v').mkdir()
  images = (np.full((32, 48, 3), n, np.uint8) for n in range(120))
  write_video(tmp_path / 'v' / 'cup.mp4', images, np.arange(120) * 1000 / 30)
  segments = tmp_path / 'segments.csv'
  segments.write_text('video,order,start,end,duration\ncup,1,0:00:01,0:00:02,x\ncup,2,0:00:02,0:00:03,x\n')
  given = (f'--videos={tmp_path}/v', f'--segments={segments}')
  assert '2 routines of 1 recordings' in run(capsys, 'recut', *given, out=tmp_path / 'cut')
  meta = read_video_meta(tmp_path / 'cut' / META)
  assert list(meta) == ['cup_01_00000030_00000090', 'cup_02_00000060_00000120']
  assert meta['cup_01_00000030_00000090'] == VideoMeta(30.0, 60, 48, 32)
  assert all(probe(tmp_path / 'cut' / f'{name}.mp4').n_frames == 60 for name in meta)
  before = {path: path.stat().st_mtime_ns for path in (tmp_path / 'cut').glob('*.mp4')}
  run(capsys, 'recut', *given, out=tmp_path / 'cut')
  assert {path: path.stat().st_mtime_ns for path in (tmp_path / 'cut').glob('*.mp4')} == before
  events = {
    'cup': {'E_1': {'event': 2, 'timestamps': [[0.99, 2.01]]}},
    'gone': {'E_2': {'event': 2, 'timestamps': [[1, 2]]}},
  }
  (tmp_path / 'a.json').write_text(json.dumps(events))
  given = (f'--videos={tmp_path}/v', f'--segments={tmp_path}/a.json')
  assert '1 of 2 recordings are not in it, the first is gone' in failure(capsys, 'recut', *given, out=tmp_path / 'g')
  run(capsys, 'recut', *given, '--allow_missing', out=tmp_path / 'g')
  assert read_video_meta(tmp_path / 'g' / META)['cup_E_1'].num_frames == 61 - 29
