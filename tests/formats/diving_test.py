"""Diving48 and FineDiving."""

import json
import pickle

import pytest

from sportjax.errors import InputError
from sportjax.formats import diving48, finediving, spot
from sportjax.formats.actions import check_counts, read_few_shot, read_video_meta

_VOCABULARY = [['Back', '15som', '05Twis', 'FREE'], ['Back', '15som', '15Twis', 'FREE']]


def write(folder, train, version='v2'):
  (folder / diving48.VOCABULARY).write_text(json.dumps(_VOCABULARY))
  prefix = {'v1': 'Diving48', 'v2': 'Diving48_V2'}[version]
  (folder / f'{prefix}_train.json').write_text(json.dumps(train))
  dive = {'vid_name': '3PLiUG_DuC8_00063', 'label': 0, 'start_frame': 0, 'end_frame': 50}
  (folder / f'{prefix}_test.json').write_text(json.dumps([dive]))
  return folder


@pytest.mark.parametrize('version', ['v1', 'v2'])
def test_dives_of_both_versions(tmp_path, version):
  dive = {'vid_name': '-mmq0PT-u8k_00155', 'label': 1, 'start_frame': 0, 'end_frame': 120}
  first, second = diving48.read_diving48(write(tmp_path, [dive], version), version)
  assert (first.video, first.group, first.start_frame, first.end_frame) == (
    '-mmq0PT-u8k_00155', '-mmq0PT-u8k', 0, 120
  )  # fmt: skip
  assert (first.label, first.split, second.split) == ('Back 15som 15Twis FREE', 'train', 'test')


@pytest.mark.parametrize(
  ('dive', 'match'),
  [
    ({'vid_name': 'a', 'label': 2, 'start_frame': 0, 'end_frame': 9}, 'record 0 lacks a field or has an unknown class'),
    ({'vid_name': 'a', 'label': 0, 'start_frame': 0}, 'record 0 lacks a field'),
    ({'vid_name': 'a', 'label': 0, 'start_frame': 9, 'end_frame': 9}, 'a lasts from frame 9 to 9'),
  ],
)
def test_dives_that_cannot_be(tmp_path, dive, match):
  with pytest.raises(InputError, match=match):
    diving48.read_diving48(write(tmp_path, [dive]))


def test_real_few_shot_lists_name_known_clips(shared_data):
  """The label files are not here: the lists are checked against the lengths of all clips."""
  videos = read_video_meta(shared_data / 'vpd_labels' / 'video_meta' / 'diving48.json')
  assert sum(diving48.COUNTS['v1'].splits.values()) == len(videos)  # every clip of version 1 has a length
  subsets = read_few_shot(shared_data / 'vpd_labels' / 'action_dataset' / 'diving48')
  assert len(subsets) == 60
  assert all(name in videos for ids in subsets.values() for name in ids)
  assert {len(ids) for (k, _), ids in subsets.items() if k == 4} == {4 * diving48.COUNTS['v2'].n_classes}


@pytest.fixture
def annotations(shared_data):
  return shared_data / 'finediving_labels' / 'Annotations'


def test_real_dives_have_their_counts_scores_and_steps(annotations):
  dives = finediving.read_finediving(annotations)
  check_counts('FineDiving', [dive.action for dive in dives], finediving.COUNTS)
  for dive in dives:
    assert 0 <= dive.score <= 200, dive.action.id
    assert 1 <= dive.difficulty <= 5, dive.action.id
  assert sum(dive.steps[-1] == 'Entry' for dive in dives) > 2900


def test_real_dives_agree_with_spot(annotations, shared_data):
  """Another author's copy of the same annotation: lengths, and the frames of transitions, mended there by hand."""
  videos = {
    video.video: video
    for split in spot.SPLITS
    for video in spot.read_spot(shared_data / 'spot_labels' / 'data' / 'finediving' / f'{split}.json')
  }
  other = []
  for dive in finediving.read_finediving(annotations):
    video = videos[dive.action.video]
    assert video.n_frames == dive.action.end_frame
    if tuple(event.frame for event in video.events) != dive.transitions:
      other.append(dive.action.id)
  assert sorted(other) == [  # the steps of these have one change more
    '03__24', '03__67', '03__71', '14__3', 'FINAWorldChampionships2019_Women3mSynchronised_final_r1__5'
  ]  # fmt: skip


def test_the_released_pickles_read_as_the_json(annotations, tmp_path):
  for path in annotations.glob('*.json'):
    content = json.loads(path.read_text())
    if isinstance(content, dict) and '|' in next(iter(content)):
      content = {(key.split('|')[0], int(key.split('|')[1])): value for key, value in content.items()}
    elif isinstance(content, dict):
      content = {int(key): value for key, value in content.items()}
    else:
      content = [(competition, number) for competition, number in content]
    (tmp_path / f'{path.stem}.pkl').write_bytes(pickle.dumps(content))
  assert finediving.read_finediving(tmp_path) == finediving.read_finediving(annotations)


def test_a_dive_without_annotation(annotations, tmp_path):
  for path in annotations.glob('*.json'):
    (tmp_path / path.name).write_text(path.read_text())
  (tmp_path / 'test_split.json').write_text('[["nowhere", 1]]')
  with pytest.raises(InputError, match='test_split: record 0, nowhere__1: no annotation'):
    finediving.read_finediving(tmp_path)
