import gzip
import json
import pathlib
import pickle
import shutil

import numpy as np
import pytest

from sportjax.errors import InputError
from sportjax.formats import coco, files, keypoints, openpose

_VIDEO = pathlib.Path('videos/clip.mp4')


@pytest.mark.parametrize(
  ('path', 'skeleton', 'frames'),
  [
    ('openpose_coco18', 'coco18', [0, 0, 2]),
    ('openpose_body25b', 'body25b', [0, 0, 2]),
    ('pose2sim_halpe26', 'halpe26', [0]),
    ('coco/results.json', 'coco17', [0, 2]),
    ('coco/wholebody.json', 'wholebody133', [1]),
    ('alphapose/alphapose-results.json', 'halpe26', [0, 1]),
    ('mediapipe/landmarks.json', 'mediapipe33', [0]),
    ('motchallenge/gt.txt', '', [0, 0, 1]),
    ('ultralytics/labels', 'coco17', [0, 2]),
    ('pyskl/skeletons.pkl', 'coco17', [0, 2, 2]),
    ('vpd', 'coco17', [0, 0, 2]),
    ('vpd/coco_keypoints.json.gz', 'coco17', [0, 0, 2]),
    ('vpd/boxes.json', '', [0, 2]),
  ],
)
def test_read_keypoints_recognises_the_format(golden, path, skeleton, frames):
  named = skeleton if skeleton == 'body25b' else None
  found = keypoints.read_keypoints(golden / path, image_size=(1280, 960), n_frames=3, skeleton=named)
  assert found.skeleton == skeleton
  np.testing.assert_array_equal(found.frame, frames)
  assert (found.boxes.dtype, found.keypoints.dtype, found.scores.dtype) == (np.float32,) * 3


@pytest.mark.parametrize(
  ('name', 'content', 'message'),
  [
    ('clip.json', b'', 'the file is empty'),
    ('clip.json', b'[{"image_id": 1', 'not valid JSON at line 1, column 16'),
    ('clip.json', b'\xff\xfe[', 'not UTF-8 text'),
    ('clip.json', b'[' * 100000, 'nested too deeply|not valid JSON'),
    ('clip.json', b'{"people": []}', 'one frame of OpenPose; give the folder'),
    ('clip.json', b'{"images": [], "annotations": []}', 'COCO annotations, not results'),
    ('clip.json', b'{"other": []}', 'a JSON object with the keys other, none of them this video'),
    ('clip.json', b'3', 'a JSON int, not a list of records'),
    ('clip.json', b'[3]', 'a JSON list of int, not of records'),
    ('clip.json', b'[{"image_id": 0, "bbox": [0.1, 0.2, 0.3, 0.4]}]', 'coordinates are fractions of the image'),
    ('clip.json', b'[{"image_id": 0, "bbox": [900, 20, 30, 40]}]', '100% of the people lie outside the 640x480 video'),
    ('clip.json.gz', gzip.compress(b'[]' * 100)[:-9], 'damaged gzip'),
    ('clip.pkl', b'', 'the file is empty'),
    ('clip.pkl', pickle.dumps([1])[:-3], 'not a readable pickle'),
    ('clip.txt', b'hello\n', 'no known keypoint format'),
    ('clip.trc', b'PathFileType\t4\n', '3D markers, not keypoints'),
  ],
)
def test_read_keypoints_bad_file(tmp_path, name, content, message):
  (tmp_path / name).write_bytes(content)
  with pytest.raises(InputError, match=message) as error:
    keypoints.read_keypoints(tmp_path / name, image_size=(640, 480), n_frames=3)
  assert str(tmp_path / name) in str(error.value)
  assert '\n' not in str(error.value)


def test_read_keypoints_absent_file(tmp_path):
  with pytest.raises(InputError, match='cannot be read'):
    keypoints.read_keypoints(tmp_path / 'clip.json', image_size=(640, 480), n_frames=3)


def test_read_keypoints_empty_file_in_a_folder(golden, tmp_path):
  shutil.copytree(golden / 'openpose_coco18', tmp_path / 'clip')
  (tmp_path / 'clip' / 'clip_000000000001_keypoints.json').write_bytes(b'')
  with pytest.raises(InputError, match='clip_000000000001_keypoints.json: the file is empty'):
    keypoints.read_keypoints(tmp_path / 'clip', image_size=(640, 480), n_frames=3)


def test_read_keypoints_mixed_folder(tmp_path):
  with pytest.raises(InputError, match='neither JSON nor txt files'):
    keypoints.read_keypoints(tmp_path, image_size=(640, 480), n_frames=3)
  for name in ('a_1.txt', 'a_1.json'):
    (tmp_path / name).write_text('x')
  with pytest.raises(InputError, match='both JSON and txt files'):
    keypoints.read_keypoints(tmp_path, image_size=(640, 480), n_frames=3)


def test_read_keypoints_named_format(golden):
  with pytest.raises(InputError, match="unknown keypoint format 'openpos'; use one of alphapose, coco"):
    keypoints.read_keypoints(golden / 'vpd', image_size=(640, 480), n_frames=3, format='openpos')
  path = golden / 'motchallenge' / 'gt.txt'
  for format in keypoints.FORMATS:
    if format != 'motchallenge':
      with pytest.raises(InputError, match='gt.txt'):
        keypoints.read_keypoints(path, image_size=(900, 900), n_frames=3, format=format)


def test_read_keypoints_skeleton_the_format_contradicts(golden):
  path = golden / 'mediapipe' / 'landmarks.json'
  with pytest.raises(InputError, match='its skeleton is mediapipe33, not coco17'):
    keypoints.read_keypoints(path, image_size=(640, 480), n_frames=3, skeleton='coco17')
  path = golden / 'coco' / 'results.json'
  with pytest.raises(InputError, match="unknown skeleton 'coc017': use one of coco17"):
    keypoints.read_keypoints(path, image_size=(640, 480), n_frames=3, skeleton='coc017')


def test_read_keypoints_numbered_from_one(tmp_path, some_people):
  people = some_people()
  coco.write_coco_results(tmp_path / 'clip.json', people)
  found = keypoints.read_keypoints(tmp_path / 'clip.json', image_size=(640, 480), n_frames=7, first_frame=-1)
  np.testing.assert_array_equal(found.frame, people.frame + 1)


@pytest.mark.parametrize(
  'name', ['clip.json', 'clip.json.gz', 'clip_keypoints.json', 'clip.pkl', 'clip.txt', 'clip.mp4.json']
)
def test_find_keypoints_file(tmp_path, name):
  for other in (name, 'clip2.json', 'other.pkl', 'clip.trc', 'clip.mp4'):
    (tmp_path / other).write_text('x')
  assert keypoints.find_keypoints(tmp_path, _VIDEO) == tmp_path / name


@pytest.mark.parametrize('name', ['clip', 'clip_keypoints', 'clip_json'])
def test_find_keypoints_folder(tmp_path, name):
  (tmp_path / name).mkdir()
  (tmp_path / 'clip2').mkdir()
  assert keypoints.find_keypoints(tmp_path, _VIDEO) == tmp_path / name


def test_find_keypoints_none_or_two(tmp_path):
  with pytest.raises(InputError, match=r'no keypoints of videos/clip.mp4; expected clip.json') as error:
    keypoints.find_keypoints(tmp_path, _VIDEO)
  assert str(tmp_path) in str(error.value)
  (tmp_path / 'clip.json').write_text('[]')
  (tmp_path / 'clip').mkdir()
  with pytest.raises(InputError, match=r'several keypoint files belong to it, .*clip and .*clip.json'):
    keypoints.find_keypoints(tmp_path, _VIDEO)
  with pytest.raises(InputError, match=r'no such file or folder of keypoints for videos/clip.mp4'):
    keypoints.find_keypoints(tmp_path / 'absent', _VIDEO)


def test_find_keypoints_one_file_for_all_videos(tmp_path, golden, some_people, assert_same):
  people = {name: some_people(seed=seed) for seed, name in enumerate(('clip', 'jump'))}
  records = {}
  for name, told in people.items():
    coco.write_coco_results(tmp_path / f'{name}.json', told)
    records[name] = files.read_json(tmp_path / f'{name}.json')
  (tmp_path / 'all').mkdir()
  (tmp_path / 'all' / 'everything.json').write_text(json.dumps(records))
  for name, told in people.items():
    path = keypoints.find_keypoints(tmp_path / 'all', pathlib.Path(f'{name}.mp4'))
    assert path == keypoints.find_keypoints(path, pathlib.Path(f'{name}.mp4'))
    assert_same(keypoints.read_keypoints(path, image_size=(640, 480), n_frames=6, name=name), told)
  with pytest.raises(InputError, match=r'no keypoints of fall.mp4'):
    keypoints.find_keypoints(tmp_path / 'all', pathlib.Path('fall.mp4'))
  pickled = keypoints.find_keypoints(golden / 'pyskl', _VIDEO)
  assert len(keypoints.read_keypoints(pickled, image_size=(640, 480), n_frames=3, name='clip')) == 3


def test_find_keypoints_one_file_of_another_video(tmp_path, some_people):
  coco.write_coco_results(tmp_path / 'jump.json', some_people())
  with pytest.raises(InputError, match=r'no keypoints of videos/clip.mp4'):
    keypoints.find_keypoints(tmp_path, _VIDEO)
  with pytest.raises(InputError, match=r'no keypoints of videos/clip.mp4'):
    keypoints.find_keypoints(tmp_path / 'jump.json', _VIDEO)


def test_find_and_read_keypoints_real_views(shared_data):
  beam = shared_data / 'video_clips' / 'beam_four_views'
  for view in ('cam01', 'cam02', 'cam03', 'cam04'):
    path = keypoints.find_keypoints(beam / 'openpose_body25b', beam / f'{view}.mp4')
    assert path == beam / 'openpose_body25b' / view
    found = keypoints.read_keypoints(path, image_size=(1080, 1920), n_frames=100, skeleton='body25b')
    assert set(found.frame) == set(range(100))
  assert len(found) == len(openpose.read_openpose(path, n_frames=100, skeleton='body25b'))
