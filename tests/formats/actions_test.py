import collections
import json
import pickle
import sys
import types

import pytest

from sportjax.errors import InputError
from sportjax.formats import actions
from sportjax.formats.actions import Action, Counts


def action(name, split='train', label='a'):
  return Action(name, name, 0, 5, label, split, name)


@pytest.fixture
def foreign_meta(monkeypatch):
  """The reference's own class of metadata, which lives in its module util.video."""
  module = types.ModuleType('util.video')
  module.VideoMetadata = collections.namedtuple('VideoMetadata', 'fps num_frames width height', module='util.video')
  monkeypatch.setitem(sys.modules, 'util', types.ModuleType('util'))
  monkeypatch.setitem(sys.modules, 'util.video', module)
  return module.VideoMetadata


def test_video_meta_of_the_reference_and_of_json_agree(tmp_path, foreign_meta):
  (tmp_path / 'fs.video_meta.pkl').write_bytes(pickle.dumps({'a': foreign_meta(25.0, 100, 1920, 1080)}))
  (tmp_path / 'fs.json').write_text(json.dumps({'a': [25.0, 100, 1920, 1080]}))
  pickled = actions.read_video_meta(tmp_path / 'fs.video_meta.pkl')
  assert pickled == actions.read_video_meta(tmp_path / 'fs.json')
  assert pickled['a'] == (25.0, 100, 1920, 1080)


def test_video_meta_may_not_name_another_class(tmp_path):
  (tmp_path / 'fs.video_meta.pkl').write_bytes(pickle.dumps({'a': collections.Counter}))
  with pytest.raises(InputError, match=r'collections\.Counter, which may run code'):
    actions.read_video_meta(tmp_path / 'fs.video_meta.pkl')


@pytest.mark.parametrize(
  ('content', 'match'),
  [
    ([], 'not a table of videos'),
    ({'a': [25.0, 100]}, "video 'a' has no rate"),
    ({'a': [0.0, 100, 10, 10]}, '100 frames at 0.0 a second'),
    ({'a': [25.0, 0, 10, 10]}, '0 frames'),
  ],
)
def test_video_meta_of_another_layout(tmp_path, content, match):
  (tmp_path / 'fs.json').write_text(json.dumps(content))
  with pytest.raises(InputError, match=match):
    actions.read_video_meta(tmp_path / 'fs.json')


def test_real_metadata_of_the_four_datasets(shared_data):
  """Videos and hours as in the facts about the reference."""
  folder = shared_data / 'vpd_labels' / 'video_meta'
  meta = {name: actions.read_video_meta(folder / f'{name}.json') for name in ('fs', 'tennis', 'fx', 'diving48')}
  assert {name: len(videos) for name, videos in meta.items()} == {
    'fs': 371, 'tennis': 1619, 'fx': 1214, 'diving48': 18404
  }  # fmt: skip
  hours = {name: sum(v.num_frames / v.fps for v in videos.values()) / 3600 for name, videos in meta.items()}
  assert [round(hours[name], 2) for name in ('fs', 'tennis', 'fx')] == [17.59, 8.60, 33.92]


def test_few_shot_lists_keep_what_is_labelled(tmp_path):
  (tmp_path / 'train_4_1.ids.txt').write_text('a\nb\n\n')
  (tmp_path / 'train_4_0.ids.txt').write_text('b\nof_another_class\n')
  (tmp_path / 'train.localize.0.txt').write_text('video\n')
  subsets = actions.read_few_shot(tmp_path)
  assert list(subsets) == [(4, 0), (4, 1)]
  kept = actions.few_shot_within(subsets, [action('a'), action('b'), action('c', 'test')])
  assert kept == {(4, 0): ('b',), (4, 1): ('a', 'b')}


@pytest.mark.parametrize(
  ('ids', 'match'), [('a\nc\n', "train_4_0: action 'c' is of test"), ('d\n', 'none of its actions is labelled')]
)
def test_few_shot_lists_of_another_dataset(tmp_path, ids, match):
  (tmp_path / 'train_4_0.ids.txt').write_text(ids)
  subsets = actions.read_few_shot(tmp_path)
  with pytest.raises(InputError, match=match):
    actions.few_shot_within(subsets, [action('a'), action('c', 'test')])


def test_few_shot_lists_that_are_not_there(tmp_path):
  for folder in (tmp_path, tmp_path / 'absent'):
    with pytest.raises(InputError, match='no few-shot lists'):
      actions.read_few_shot(folder)


def test_lines_with_repeats_or_of_another_form(tmp_path):
  path = tmp_path / 'all.txt'
  path.write_text('a x\nb y\na y\n')
  with pytest.raises(InputError, match="'a' is labelled more than once"):
    actions.read_labelled_lines(path)
  path.write_text('a x\nb\n')
  with pytest.raises(InputError, match='line 2 is not an id and a label'):
    actions.read_labelled_lines(path)
  path.write_text('a\nb\na\n')
  with pytest.raises(InputError, match="'a' is listed 2 times"):
    actions.read_lines(path)


def test_counts_that_are_wrong_are_one_line():
  found = [action('a', 'train', 'x'), action('b', 'test', 'x'), action('c', 'val', 'y')]
  actions.check_counts('set', found, Counts({'train': 1, 'test': 1, 'val': 1}, {'x': 2, 'y': 1}, n_classes=2))
  with pytest.raises(InputError) as error:
    actions.check_counts('set', found, Counts({'train': 2, 'test': 1}, {'x': 2, 'z': 1}, n_classes=3))
  told = str(error.value)
  assert '\n' not in told
  for part in ('set: ', '1 train, not 2', '1 val, not 0', '0 z, not 1', '1 y, not 0', '2 classes, not 3'):
    assert part in told
  assert 'test' not in told
