import collections
import json

import pytest

from sportjax.errors import InputError
from sportjax.formats import spot

# Videos and events of every split, counted in the facts about the reference's successor.
_REAL = {
  'fs_comp': ((178, 59, 134), 3674),
  'fs_perf': ((183, 94, 94), 3674),
  'tennis': ((1368, 455, 1622), 33791),
  'finediving': ((1801, 450, 749), 7010),
}


@pytest.mark.parametrize('name', _REAL)
def test_real_events_are_read_whole(shared_data, name):
  folder = shared_data / 'spot_labels' / 'data' / name
  splits = [spot.read_spot(folder / f'{split}.json') for split in spot.SPLITS]
  counts, n_events = _REAL[name]
  assert tuple(map(len, splits)) == counts
  events = [event for split in splits for video in split for event in video.events]
  assert len(events) == n_events
  assert {event.label for event in events} == set(spot.read_spot_classes(folder / 'class.txt'))
  assert all(list(video.events) == sorted(video.events, key=lambda e: e.frame) for split in splits for video in split)


def test_real_jumps_and_spins_by_name(shared_data):
  folder = shared_data / 'spot_labels' / 'data' / 'fs_comp'
  events = [
    event for split in spot.SPLITS for video in spot.read_spot(folder / f'{split}.json') for event in video.events
  ]
  labels = collections.Counter(event.label for event in events)
  assert labels['jump_takeoff'] == 1464
  assert labels['spin_takeoff'] == 373


def test_written_events_read_back(tmp_path, shared_data):
  given = spot.read_spot(shared_data / 'spot_labels' / 'data' / 'finediving' / 'val.json')
  assert given[0].fps == 0.0  # their -1: not known
  spot.write_spot(tmp_path / 'a.json', given)
  assert spot.read_spot(tmp_path / 'a.json') == given
  assert json.loads((tmp_path / 'a.json').read_text())[0]['fps'] == -1


def record(**changes):
  plain = {'video': 'a', 'num_frames': 10, 'fps': 25, 'width': 4, 'height': 3, 'events': [{'frame': 9, 'label': 'x'}]}
  return plain | changes


@pytest.mark.parametrize(
  ('content', 'match'),
  [
    ({}, 'not a list of videos'),
    ([record(events=[{'frame': 10, 'label': 'x'}])], 'record 0: a has 10 frames, but an event at 10'),
    ([record(), record(events=[{'label': 'x'}])], 'record 1 is not a video with events'),
    ([record(events=['x'])], 'record 0 is not a video with events'),
    ([record(fps=None)], 'record 0 is not a video with events'),
  ],
)
def test_other_layouts_are_input_errors(tmp_path, content, match):
  (tmp_path / 'a.json').write_text(json.dumps(content))
  with pytest.raises(InputError, match=match):
    spot.read_spot(tmp_path / 'a.json')
