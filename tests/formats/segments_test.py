"""Routines of whole recordings: the real list of figure skating by its real metadata, and FineGym's layout."""

import json

import pytest

from sportjax.errors import InputError
from sportjax.formats.actions import VideoMeta, read_video_meta, write_video_meta
from sportjax.formats.segments import read_finegym_segments, read_fs_segments


def test_names_of_all_routines_are_those_of_the_reference(shared_data):
  folder = shared_data / 'vpd_labels'
  known = read_video_meta(folder / 'video_meta' / 'fs.json')
  found = {}
  for segment in read_fs_segments(folder / 'action_dataset' / 'fs' / 'segments.csv'):
    start, end = (int(25 * s) for s in (segment.start_s, segment.end_s))  # all are filmed at 25 a second
    found[segment.name.format(start=start, end=end)] = end - start
  assert len(found) == 371
  assert found.keys() == known.keys()
  # The reference cut by ffmpeg's clock and may miss a frame.
  assert all(abs(length - known[name].num_frames) <= 1 for name, length in found.items())


ANNOTATIONS = {
  'abcdefghijk': {
    'E_000010_000012': {'event': 2, 'timestamps': [[10.04, 12.01]], 'segments': None},
    'E_000020_000022': {'event': 1, 'timestamps': [[20.0, 22.0]], 'segments': None},
  }
}


def test_routines_of_one_event_of_finegym(tmp_path):
  path = tmp_path / 'a.json'
  path.write_text(json.dumps(ANNOTATIONS))
  (segment,) = read_finegym_segments(path, 'FX')
  assert segment == ('abcdefghijk', 10.04, 12.01, 'abcdefghijk_E_000010_000012')
  with pytest.raises(InputError, match='no routine of BB'):
    read_finegym_segments(path, 'BB')
  with pytest.raises(InputError, match="event 'floor' is none of VT, FX"):
    read_finegym_segments(path, 'floor')


@pytest.mark.parametrize('times', [[], [[1, 2], [3, 4]], [[1]], None])
def test_routine_of_other_than_one_pair_of_times_is_refused(tmp_path, times):
  path = tmp_path / 'a.json'
  path.write_text(json.dumps({'v': {'E_1': {'event': 2, 'timestamps': times}}}))
  with pytest.raises(InputError, match='v E_1 has no event and one pair of times'):
    read_finegym_segments(path, 'FX')


@pytest.mark.parametrize(
  ('text', 'message'),
  [
    ('video,start\n', 'columns end, start, video are needed'),
    ('video,start,end\nv,0:00:10,ten\n', "line 2: 'ten' is not h:mm:ss"),
    ('video,start,end\nv,0:00:10,0:00:08\n', 'v has a part from 10 to 9 s'),
  ],
)
def test_damaged_lists_are_refused(tmp_path, text, message):
  (tmp_path / 's.csv').write_text(text)
  with pytest.raises(InputError, match=message):
    read_fs_segments(tmp_path / 's.csv')


def test_metadata_is_read_back(tmp_path):
  videos = {'b': VideoMeta(25.0, 100, 640, 360), 'a': VideoMeta(29.97, 1, 2, 3)}
  write_video_meta(tmp_path / 'new' / 'm.json', videos)
  assert read_video_meta(tmp_path / 'new' / 'm.json') == videos
