import gzip
import json

import numpy as np
import pytest

from sportjax.errors import InputError
from sportjax.formats.vipe_views import read_views


def joints(n):
  return np.full((17, 3), float(n)).tolist()


def write(path, content):
  path.write_bytes(gzip.compress(json.dumps(content).encode()))


def test_human36m_has_a_file_a_camera_and_its_first_person_is_the_subject(tmp_path):
  told = [
    [5, [[0.9, [0, 0, 1, 1], joints(5)], [0.5, [0, 0, 1, 1], joints(99)]]],
    [6, []],
    [2, [[0.9, [0] * 4, joints(2)]]],
  ]
  write(tmp_path / 'S9.Walking 1.54138969.mp4.json.gz', told)
  write(tmp_path / 'S9._ALL.54138969.mp4.json.gz', told)
  (only,) = read_views(tmp_path, 'human36m')
  assert (only.person, only.action, only.camera) == ('S9', 'Walking 1', '54138969')
  assert only.frame.tolist() == [2, 5]  # of frame 6 nobody was found
  assert only.keypoints[:, 0, 0].tolist() == [2, 5]
  assert only.keypoints.shape == (2, 17, 3)


@pytest.mark.parametrize(
  ('body', 'name', 'person', 'action', 'first'),
  [
    ('3dpeople', 'woman04__01_03', 'woman04', '01_03', 0),  # its frames count from 1
    ('amass', 'CMU_01_01', 'CMU', '01_01', 1),
    ('nba2k', 'alfred', 'alfred', '', 1),
  ],
)
def test_the_others_have_all_cameras_in_a_file(tmp_path, body, name, person, action, first):
  told = [[1, [['a', [0.9, joints(1)]], ['b', [joints(2)]]]], [26, [['b', [joints(3)]]]]]
  write(tmp_path / f'{name}.json.gz', told)
  a, b = read_views(tmp_path, body)
  assert {(each.person, each.action) for each in (a, b)} == {(person, action)}
  assert (a.camera, a.frame.tolist(), b.camera, b.frame.tolist()) == ('a', [first], 'b', [first, first + 25])
  assert b.keypoints[:, 3, 1].tolist() == [2, 3]


@pytest.mark.parametrize(
  ('content', 'match'),
  [
    ({}, r'item 0 is not \[frame'),
    ([[1]], r'item 0 is not \[frame'),
    ([[1, [['a']]]], 'item 0 has a view that is not'),
    ([[1, [['a', []]]]], 'item 0 has a view that is not'),
    ([[1, [['a', [joints(1)[:16]]]]]], 'item 0 has not 17 joints'),
  ],
)
def test_other_layouts(tmp_path, content, match):
  write(tmp_path / 'CMU_01.json.gz', content)
  with pytest.raises(InputError, match=match):
    list(read_views(tmp_path, 'amass'))


def test_folders_and_names_that_are_none(tmp_path):
  with pytest.raises(InputError, match='no .json.gz in it'):
    list(read_views(tmp_path, 'amass'))
  write(tmp_path / 'S9_Walking.json.gz', [])
  with pytest.raises(InputError, match='not named <person>.<action>.<camera>'):
    list(read_views(tmp_path, 'human36m'))
