"""Indices on disk: what is found in them, and what is said of broken ones."""

import json

import numpy as np
import pytest

from sportjax.data.features import FeatureStore, TrackFeatures, write_features
from sportjax.data.labels import Clip
from sportjax.errors import InputError
from sportjax.retrieval import corpus, index, search, write_index

SPORTS = [('tennis', 'golf', 'diving')[i % 3] for i in range(12)]


@pytest.fixture
def store(tmp_path):
  rng = np.random.default_rng(0)
  tracks = [
    TrackFeatures(f'v{i}', np.arange(200), 40.0 * np.arange(200), rng.normal(size=(200, 2, 4)).astype(np.float32))
    for i in range(3)
  ]
  write_features(tmp_path / 'store', tracks, source='student')
  return FeatureStore(tmp_path / 'store')


def labelled(count=12):
  rng = np.random.default_rng(1)
  starts = 40.0 * rng.integers(0, 100, count)
  ends = starts + 40.0 * rng.integers(10, 40, count)
  return [
    Clip(f'v{i % 3}', start, end, f'class {i % 4}', f'athlete {i % 5}', 'test' if i % 2 else 'train')
    for i, (start, end) in enumerate(zip(starts, ends, strict=True))
  ]


@pytest.fixture
def folder(store, tmp_path):
  write_index.write_index(tmp_path / 'index', store, labelled(), about={'sport': SPORTS})
  return tmp_path / 'index'


@pytest.mark.parametrize('dtype', ['float16', 'float32'])
def test_index_answers_as_the_clips_of_the_store(store, tmp_path, dtype):
  clips = labelled()
  features = [corpus.unit(found.features).astype(dtype).astype(np.float32) for found in store.clips(clips)]
  write_index.write_index(tmp_path / 'index', store, clips, dtype=dtype)
  opened = index.open_index(tmp_path / 'index')
  assert isinstance(opened.corpus.frames, np.memmap)
  assert opened.corpus.frames.dtype == dtype
  for i, row in enumerate(opened.corpus.rows):
    np.testing.assert_array_equal(opened.corpus.clip(row), features[i])
  everything = np.arange(len(clips))
  apart = search.Apart(everything, everything)
  on_disk = search.search(search.Request(opened.corpus, opened.corpus, 5, apart=apart))
  in_memory = corpus.of_clips(features)
  expected = search.search(search.Request(in_memory, in_memory, 5, apart=apart))
  np.testing.assert_array_equal(on_disk.index, expected.index)
  np.testing.assert_array_equal(on_disk.distance, expected.distance)


def test_clips_are_chosen_by_what_is_known_of_them(folder):
  opened = index.open_index(folder)
  np.testing.assert_array_equal(opened.where(split='test'), np.arange(12) % 2 == 1)
  np.testing.assert_array_equal(
    opened.where(sport=('tennis', 'golf'), split='train'), (np.arange(12) % 3 < 2) & (np.arange(12) % 2 == 0)
  )
  assert opened.column('athlete')[7] == 'athlete 2'
  with pytest.raises(InputError, match="'club' of its clips; choose one of id, label, athlete, split, sport"):
    opened.where(club='a')


def test_norms_are_those_of_the_rounded_frames(folder):
  frames = np.load(folder / 'frames.npy').astype(np.float32)
  np.testing.assert_allclose(np.load(folder / 'norms.npy'), np.sum(frames * frames, axis=-1), rtol=1e-6)


def test_writing_refuses_what_cannot_be_searched(store, folder, tmp_path):
  clips = labelled()
  with pytest.raises(InputError, match='there is something already'):
    write_index.write_index(folder, store, clips)
  empty = [*clips[:3], Clip('v0', 9000, 9100, 'x', 'y', 'test')]
  with pytest.raises(InputError, match='clip v0@9000-9100 has no frames'):
    write_index.write_index(tmp_path / 'empty', store, empty)
  with pytest.raises(InputError, match='no clips'):
    write_index.write_index(tmp_path / 'none', store, [])
  with pytest.raises(InputError, match='sport is given for 2 of 12 clips'):
    write_index.write_index(tmp_path / 'sport', store, clips, about={'sport': SPORTS[:2]})
  assert not (tmp_path / 'empty').exists()


@pytest.mark.parametrize('bad', [np.nan, np.inf, 1e6])
def test_features_beyond_the_dtype_are_refused_and_leave_no_index(tmp_path, bad):
  clips = [np.ones((9, 1, 2), np.float32), np.full((8, 1, 2), bad, np.float32)]
  with pytest.raises(InputError, match='clip b: NaN, infinite or beyond float16; leave it out or write float32'):
    write_index.write(tmp_path / 'x', np.array([9, 8]), clips.__getitem__, about={'id': 'ab'}, source='test')
  with pytest.raises(InputError, match='no index there'):
    index.open_index(tmp_path / 'x')


def test_clips_of_another_width_are_refused(tmp_path):
  clips = [np.ones((8, 1, 2), np.float32), np.ones((9, 1, 3), np.float32)]
  with pytest.raises(InputError, match=r'clip b has shape \(9, 1, 3\); expected \(9, 1, 2\)'):
    write_index.write(tmp_path / 'x', np.array([8, 9]), clips.__getitem__, about={'id': 'ab'}, source='test')


def header(folder, **changed):
  record = json.loads((folder / 'index.json').read_text())
  (folder / 'index.json').write_text(json.dumps(record | changed))


def cut(folder, name, size):
  path = folder / f'{name}.npy'
  path.write_bytes(path.read_bytes()[:size])


def replace(folder, name, change):
  path = folder / f'{name}.npy'
  np.save(path, change(np.load(path)))


@pytest.mark.parametrize(
  ('damage', 'message'),
  [
    (lambda f: header(f, version=0), 'index of version 0, this code reads 1'),
    (lambda f: header(f, frames=7), r'frames.npy has shape .* its header says \(7, 2, 4\)'),
    (lambda f: header(f, features=9), 'frames.npy has shape'),
    (lambda f: (f / 'index.json').write_text('{"version": '), 'index.json is not whole'),
    (lambda f: cut(f, 'frames', 500), 'frames.npy: missing or cut short'),
    (lambda f: cut(f, 'norms', 0), 'norms.npy: missing or cut short'),
    (lambda f: (f / 'about-sport.npy').unlink(), 'about-sport.npy: missing'),
    (lambda f: replace(f, 'norms', lambda x: np.where(x == x.max(), np.nan, x)), 'NaN or infinity'),
    (lambda f: replace(f, 'lengths', lambda x: x * (x > x.min())), 'empty or do not add up'),
    (lambda f: replace(f, 'position', lambda x: x * 0), 'positions of clips'),
  ],
)
def test_broken_indices_say_what_is_wrong(folder, damage, message):
  damage(folder)
  with pytest.raises(InputError, match=message) as error:
    index.open_index(folder)
  assert '\n' not in str(error.value)
