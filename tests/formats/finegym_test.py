import collections
import json

import pytest

from sportjax.errors import InputError
from sportjax.formats import finegym
from sportjax.formats.actions import VideoMeta

_VIDEO = 'A0xRKzuZsLI_E_007203_007306'
_META = {_VIDEO: VideoMeta(30.0, 3090, 1280, 720)}
_CATEGORIES = (
  'Clabel:   0; set:  1; Glabel:   1; (VT) round-off\n'
  'Clabel:   6; set: 21; Glabel: 100; (FX) switch leap with 0.5 turn\n'
)


def write(folder, train, *, timestamps=((8.6, 10.2),)):
  (folder / finegym.CATEGORIES).write_text(_CATEGORIES)
  segments = {'A_0008_0011': {'stages': 1, 'timestamps': timestamps}}
  annotations = {'A0xRKzuZsLI': {'E_007203_007306': {'event': 2, 'segments': segments}}}
  (folder / finegym.ANNOTATIONS).write_text(json.dumps(annotations))
  (folder / finegym.SPLITS['train']).write_text(train)
  (folder / finegym.SPLITS['test']).write_text(f'{_VIDEO}_A_0008_0011 0\n')
  return folder


def test_an_element_starts_a_quarter_of_a_second_early(tmp_path):
  found = finegym.read_finegym(write(tmp_path, f'{_VIDEO}_A_0008_0011 6\n'), _META)
  (only,) = found  # the vault of the test list is not a floor exercise
  assert (only.video, only.label, only.split) == (_VIDEO, 'switch leap with 0.5 turn', 'train')
  assert (only.start_frame, only.end_frame) == (250, 307)  # floor(8.35 * 30), ceil(10.2 * 30) and that frame too


def test_an_element_at_the_start_has_nothing_before_it(tmp_path):
  folder = write(tmp_path, f'{_VIDEO}_A_0008_0011 6\n', timestamps=((0.1, 1.0),))
  assert finegym.read_finegym(folder, _META)[0].start_frame == 0


@pytest.mark.parametrize(
  ('train', 'timestamps', 'match'),
  [
    (f'{_VIDEO}_A_0008_0011 7\n', ((1, 2),), "is of class '7'"),
    (f'{_VIDEO}_A_0008_0011 six\n', ((1, 2),), "is of class 'six'"),
    (f'{_VIDEO}_A_0009_0011 6\n', ((1, 2),), 'has no timestamps in finegym_annotation_info_v1.1.json'),
    (f'{_VIDEO}_A_0008_0011 6\n', None, 'has no timestamps'),
    (f'{_VIDEO}_A_0008_0011 6\n', ((2, 1),), r'lasts from 2.0 to 1.0 s'),
    ('A0xRKzuZsLI_A_0008_0011 6\n', ((1, 2),), 'is not <video>_E_<start>_<end>_A_<start>_<end>'),
  ],
)
def test_elements_that_cannot_be(tmp_path, train, timestamps, match):
  with pytest.raises(InputError, match=match):
    finegym.read_finegym(write(tmp_path, train, timestamps=timestamps), _META)


def test_a_recording_without_metadata(tmp_path):
  with pytest.raises(InputError, match='is not in the metadata'):
    finegym.read_finegym(write(tmp_path, f'{_VIDEO}_A_0008_0011 6\n'), {})


def test_real_categories_have_35_floor_exercises(shared_data):
  path = shared_data / 'vpd_labels' / 'finegym' / 'data' / finegym.CATEGORIES
  events = collections.Counter(category.event for category in finegym.read_categories(path).values())
  assert events.total() == 99
  assert events['FX'] == 35


def test_categories_of_another_layout(tmp_path):
  (tmp_path / 'a.txt').write_text('0 (VT) round-off\n')
  with pytest.raises(InputError, match='line 1 is not'):
    finegym.read_categories(tmp_path / 'a.txt')
