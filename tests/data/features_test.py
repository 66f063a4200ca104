"""The feature store and label files."""

import numpy as np
import pytest

from sportjax.data.features import FeatureStore, TrackFeatures, write_features
from sportjax.data.labels import Clip, read_labels, write_labels
from sportjax.data.pca import fit_pca, mirror
from sportjax.errors import InputError


def track(name, n, seed=0):
  rng = np.random.default_rng([seed, n])
  return TrackFeatures(name, np.arange(n) + 3, np.arange(n) * 40.0, rng.normal(size=(n, 2, 5)).astype(np.float32))


def test_store_gives_back_tracks_and_clips(tmp_path):
  tracks = [track('a', 10), track('b', 1), track('c', 4)]
  assert write_features(tmp_path, iter(tracks), source='test') == 15
  store = FeatureStore(tmp_path)
  assert store.tracks == ('a', 'b', 'c')
  for each in tracks:
    np.testing.assert_array_equal(store.track(each.track).features, each.features)
  clip = store.clip(Clip('a', 80, 200, 'x', 'p', 'test'))
  np.testing.assert_array_equal(clip.t_ms, [80, 120, 160])  # end exclusive
  assert len(store.clip(Clip('a', 5000, 6000, 'x', 'p', 'test')).frame) == 0


def test_store_refuses_what_cannot_be_used(tmp_path):
  with pytest.raises(InputError, match='no feature store there'):
    FeatureStore(tmp_path / 'none')
  bad = track('a', 3)
  bad.features[1, 0, 0] = np.nan
  with pytest.raises(InputError, match='track a are not finite'):
    write_features(tmp_path, [bad], source='test')
  with pytest.raises(InputError, match='no tracks'):
    write_features(tmp_path, [], source='test')
  write_features(tmp_path, [track('a', 3)], source='test')
  np.save(tmp_path / 'features.npy', np.zeros((2, 2, 5), np.float32))
  with pytest.raises(InputError, match='cut short'):
    FeatureStore(tmp_path)
  write_features(tmp_path, [track('a', 3)], source='test')
  store = FeatureStore(tmp_path)
  with pytest.raises(InputError, match="track 'z' is not in"):
    store.track('z')


def test_labels_round_trip_and_default_split_is_by_athlete(tmp_path):
  clips = tuple(
    Clip(f'v{i}', 40.0 * i, 40.0 * i + 100, 'a,"b"', f'p{i % 3}', 'train' if i % 3 else 'test') for i in range(6)
  )
  write_labels(tmp_path / 'l.csv', clips)
  assert read_labels(tmp_path / 'l.csv') == clips
  rows = ''.join(f'v{i}.mp4,0,10,x,p{i % 40}\n' for i in range(400))
  (tmp_path / 'short.csv').write_text('video,start_ms,end_ms,label,athlete\n' + rows)
  by_athlete = {}
  for clip in read_labels(tmp_path / 'short.csv'):
    assert by_athlete.setdefault(clip.athlete, clip.split) == clip.split
  assert 4 <= list(by_athlete.values()).count('test') <= 20


@pytest.mark.parametrize(
  ('text', 'message'),
  [
    ('', 'no column video'),
    ('video,start_ms,end_ms,label\n', 'no labelled clips'),
    ('video,start_ms,end_ms\nv,1,2\n', 'no column label'),
    ('video,start_ms,end_ms,label\nv,a,2,x\n', 'line 2: start_ms and end_ms must be numbers'),
    ('video,start_ms,end_ms,label\nv,1,2,x\nv,5,2,x\n', 'line 3: start_ms=5 must lie before end_ms=2'),
    ('video,start_ms,end_ms,label\nv,nan,2,x\n', 'line 2: start_ms=nan must lie before'),
    ('video,start_ms,end_ms,label\nv,1,2,x\nv,1,2,y\n', r'v@1-2 ms is labelled more than once'),
    ('video,start_ms,end_ms,label,split\nv,1,2,x,dev\n', "split='dev' must be one of train, test"),
  ],
)
def test_bad_label_file_is_answered_with_the_line(tmp_path, text, message):
  (tmp_path / 'l.csv').write_text(text)
  with pytest.raises(InputError, match=message):
    read_labels(tmp_path / 'l.csv')


@pytest.mark.parametrize('planes', ['flow', 'pixels'])
def test_pca_agrees_with_scikit_learn(planes):
  decomposition = pytest.importorskip('sklearn.decomposition')
  rng = np.random.default_rng(0)
  frames = rng.integers(0, 256, (60, 16, 16, 6), np.uint8)
  ours = fit_pca(frames, planes, 4)(frames)
  chosen = frames[..., 3:5] if planes == 'flow' else frames[..., :3]
  flat = (chosen.reshape(60, -1).astype(np.float32) - 128) / 127
  theirs = decomposition.PCA(4, svd_solver='full').fit_transform(flat)
  np.testing.assert_allclose(np.abs(ours[:, 0]), np.abs(theirs), atol=1e-3)


def test_mirror_twice_is_the_frame_itself_and_zero_flow_stays_zero():
  rng = np.random.default_rng(1)
  frames = rng.integers(1, 256, (3, 8, 8, 6), np.uint8)
  np.testing.assert_array_equal(mirror(mirror(frames)), frames)
  still = np.full((1, 8, 8, 6), 128, np.uint8)
  np.testing.assert_array_equal(mirror(still), still)
