"""Records, frame selection and the grain pipelines, on a tiny dataset with known frames."""

import dataclasses
import json
import shutil

import numpy as np
import pytest

from sportjax.data import frames as frames_lib
from sportjax.data.frames import FrameConfig, FrameReader
from sportjax.data.tracks import TrackRecords, decode_frames
from sportjax.errors import InputError
from sportjax.pipeline import Work
from sportjax.video.crop_file import load_crops, save_crops
from sportjax.workflows.stages import table_features

CONFIG = FrameConfig(batch_size=8, min_score=0.5, held_out=0.25, frames_per_read=3)


@pytest.fixture
def table(dataset):
  return TrackRecords(dataset, 'train').table()


@pytest.fixture
def reader(dataset, table):
  return FrameReader(dataset, 'train', table)


def brightness(frames):
  return frames[..., 0].astype(float).mean((1, 2))


def test_crop_file_round_trip_is_exact(tmp_path, crops):
  save_crops(tmp_path / 'c.npz', crops[0])
  loaded = load_crops(tmp_path / 'c.npz')
  for field in dataclasses.fields(loaded):
    np.testing.assert_array_equal(getattr(loaded, field.name), getattr(crops[0], field.name))


def test_records_hold_every_frame_in_order(dataset, crops, table):
  assert len(table) == 5 * 20
  assert set(table.tracks) == {f'v{i}' for i in range(5)}
  for track, name in enumerate(table.tracks):
    rows = table.track == track
    np.testing.assert_array_equal(table.frame[rows], np.arange(20))
    np.testing.assert_array_equal(table.score[rows], crops[int(name[1:])].score)
  runs = list(TrackRecords(dataset, 'train').whole_tracks())
  assert [sum(len(r['frame']) for r in run) for run in runs] == [20] * 5
  np.testing.assert_allclose(brightness(decode_frames(runs[0][1], [0, 3])), [8, 9], atol=2)


def test_numbers_come_back_exactly_in_every_dtype(dataset, crops):
  lookup = {c.track: c for c in crops}
  for run in TrackRecords(dataset, 'train').whole_tracks():
    stored = lookup[run[0]['track'].decode()]
    for name in ('frame', 't_ms', 'boxes', 'keypoints', 'pose', 'delta', 'score', 'has_delta'):
      read = np.concatenate([record[name] for record in run])
      assert read.dtype == getattr(stored, name).dtype
      np.testing.assert_array_equal(read, getattr(stored, name), strict=True)


def test_sampled_record_equals_the_decoding_of_tfds(dataset):
  records = TrackRecords(dataset, 'train')
  for index in range(len(records)):
    sampled, whole = records.sampled(index), records[index]
    for name in ('rgb', 'motion'):
      assert list(sampled[name]) == list(whole[name])
    for name in ('pose', 'delta'):
      np.testing.assert_array_equal(sampled[name], whole[name], strict=True)


@pytest.mark.parametrize(('name', 'feature'), [('pose', {}), ('delta', {'encoding': 'zlib'})])
def test_records_stored_in_another_form_are_refused(dataset, tmp_path, name, feature):
  shutil.copytree(dataset, tmp_path / 'other')
  path = tmp_path / 'other' / 'features.json'
  features = json.loads(path.read_text())
  tensor = features['featuresDict']['features'][name]['tensor']
  del tensor['encoding']
  tensor.update(feature)
  path.write_text(json.dumps(features))
  with pytest.raises(InputError, match='stored in another form than this version reads; build the dataset again'):
    TrackRecords(tmp_path / 'other', 'train')


def test_records_of_an_absent_split_or_folder_name_what_is_there(dataset, tmp_path):
  with pytest.raises(InputError, match=r"no split 'val'; it has"):
    TrackRecords(dataset, 'val')
  with pytest.raises(InputError, match='no dataset there'):
    TrackRecords(tmp_path, 'train')


def test_split_keeps_sure_frames_with_a_previous_one(table):
  split = frames_lib.split_frames(table, CONFIG)
  kept = np.concatenate([split.train, split.val])
  assert (table.score[kept] >= 0.5).all()
  assert table.has_delta[kept].all()
  assert len(set(kept.tolist())) == len(kept) == split.counts['kept'] == 50
  assert len(split.val) == round(0.25 * 50)
  again = frames_lib.split_frames(table, CONFIG)
  np.testing.assert_array_equal(split.val, again.val)
  other = frames_lib.split_frames(table, dataclasses.replace(CONFIG, seed=1))
  assert set(other.val.tolist()) != set(split.val.tolist())


def test_windows_are_kept_frames_of_a_track_in_a_row(table):
  config = dataclasses.replace(CONFIG, window=3)
  single, split = (frames_lib.split_frames(table, each) for each in (CONFIG, config))
  kept = np.concatenate([split.train, split.val])
  assert kept.shape == (split.counts['in_windows'] // 3, 3)
  assert split.counts['kept'] == single.counts['kept']
  assert np.isin(kept, np.concatenate([single.train, single.val])).all()
  assert len(np.unique(kept)) == kept.size
  assert (np.diff(table.track[kept]) == 0).all()
  assert (np.diff(table.frame[kept]) == 1).all()
  runs = np.split(np.sort(np.concatenate([single.train, single.val])), _breaks(table, single))
  assert len(kept) == sum(len(run) // 3 for run in runs)
  with pytest.raises(InputError, match=r'only 0 windows of 21 frames in a row among 50 frames; lower .*frames.window'):
    frames_lib.split_frames(table, dataclasses.replace(CONFIG, window=21))


def _breaks(table, split):
  rows = np.sort(np.concatenate([split.train, split.val]))
  after = zip(rows[:-1], rows[1:], strict=True)
  return [
    i + 1 for i, (a, b) in enumerate(after) if (table.track[b], table.frame[b]) != (table.track[a], table.frame[a] + 1)
  ]


def test_split_without_enough_frames_names_the_flag(table):
  blind = dataclasses.replace(table, score=np.zeros_like(table.score))
  with pytest.raises(InputError, match=r'only 0 of 100 frames .* lower --config.frames.min_score'):
    frames_lib.split_frames(blind, CONFIG)


def test_stream_yields_matching_frames_and_targets(table, reader, crops):
  rows = frames_lib.split_frames(table, CONFIG).train
  batches = iter(frames_lib.stream(reader, table, rows, CONFIG))
  lookup = {c.track: c for c in crops}
  known = {}
  for name in table.tracks:
    crop, index = lookup[name], int(name[1:])
    for f in range(20):
      known[np.concatenate([crop.pose[f], crop.delta[f]], -1).tobytes()] = 10 * index + f // 2
  for _ in range(6):
    batch = next(batches)
    assert batch['frames'].shape == (8, 16, 16, 6)
    assert batch['target'].shape == (8, 2, 8)
    expected = [known[target.tobytes()] for target in batch['target']]
    np.testing.assert_allclose(brightness(batch['frames']), expected, atol=2)


def test_stream_resumes_exactly(table, reader):
  rows = frames_lib.split_frames(table, CONFIG).train
  straight = iter(frames_lib.stream(reader, table, rows, CONFIG))
  expected = [next(straight)['target'] for _ in range(7)]
  first = iter(frames_lib.stream(reader, table, rows, CONFIG))
  for _ in range(3):
    next(first)
  state = first.get_state()
  second = iter(frames_lib.stream(reader, table, rows, CONFIG))
  second.set_state(state)
  for target in expected[3:]:
    np.testing.assert_array_equal(next(second)['target'], target)


def test_stream_shards_are_disjoint_and_cover_all(table, reader):
  rows = frames_lib.split_frames(table, CONFIG).train
  seen = []
  for index in range(2):
    batches = iter(frames_lib.stream(reader, table, rows, dataclasses.replace(CONFIG, batch_size=1), shard=(index, 2)))
    seen.append({next(batches)['target'].tobytes() for _ in range(len(rows) // 2)})
  assert len(rows) == 38
  assert not seen[0] & seen[1]
  assert len(seen[0] | seen[1]) == len(rows)


def test_decoded_rows_are_in_the_order_asked_for(table, reader):
  rows = np.random.default_rng(0).permutation(len(table))[:30]
  whole = frames_lib.decode_all(reader, table, rows, threads=2)
  again = frames_lib.read_rows(reader, table, rows)
  np.testing.assert_array_equal(whole.frames, again['frames'])
  np.testing.assert_array_equal(whole.target, again['target'])
  tracks = np.array([int(table.tracks[t][1:]) for t in table.track[rows]])
  np.testing.assert_allclose(brightness(whole.frames), 10 * tracks + table.frame[rows] // 2, atol=2)


def test_frames_outside_the_intervals_are_left_out(table):
  name = table.tracks[0]
  times = np.sort(table.t_ms[table.track == 0])
  within = {name: np.array([[times[1], times[3]], [times[-1], times[-1] + 1]])}
  inside = frames_lib.shown(table, within)
  np.testing.assert_array_equal(np.sort(table.t_ms[inside]), [times[1], times[2], times[-1]])
  assert (table.track[inside] == 0).all()

  half = {track: np.array([[0.7 * times[-1], np.inf]]) for track in table.tracks}
  split = frames_lib.split_frames(table, CONFIG, half)
  rows = np.concatenate([split.train, split.val])
  assert frames_lib.shown(table, half)[rows].all()
  whole = frames_lib.split_frames(table, CONFIG)
  assert 0 < split.counts['kept'] < whole.counts['kept']
  assert split.counts['frames'] == frames_lib.shown(table, half).sum()
  with pytest.raises(InputError, match='only 0 of 0 frames'):
    frames_lib.split_frames(table, CONFIG, {})


def test_kept_frames_are_counted_within_actions_and_over_all(tmp_path, dataset):
  work = Work(tmp_path)
  within = {f'v{n}': np.array([[0.0, 330.0]]) for n in range(5)}  # ten of twenty frames
  given = {'dataset': dataset, 'splits': ('train',), 'actions': within}
  table_features.count_kept(work, **given, min_score=0.5)
  shares = json.loads((tmp_path / table_features.KEPT).read_text())
  assert shares == {'kept, all frames': 0.5, 'kept, action frames': 0.0}  # scores rise from 0 to 1
  assert work.counts['frames'] == 100
