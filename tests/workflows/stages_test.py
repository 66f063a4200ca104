"""The small functions that stages stand on: pose change, crop coordinates, pose error, placement, tables."""

import dataclasses
import json
import pathlib

import numpy as np
import pytest

from sportjax.data.features import TrackFeatures, write_features
from sportjax.data.labels import Clip
from sportjax.errors import InputError
from sportjax.pipeline import Work
from sportjax.pose.change import pose_change
from sportjax.video.crop import crop, into_crops, out_of_crops, square_boxes
from sportjax.workflows import exhibits
from sportjax.workflows.stages import evaluate, reliability
from sportjax.workflows.stages.evaluate import EvaluateSettings


def test_pose_change_needs_the_very_frame_before_with_a_pose():
  frame = np.array([3, 4, 6, 7, 8])
  pose = np.arange(5, dtype=np.float32)[:, None, None] ** 2 * np.ones((1, 2, 3), np.float32)
  score = np.array([0.9, 0.1, 0.9, 0.0, 0.9], np.float32)
  delta, has = pose_change(frame, pose, score)
  np.testing.assert_array_equal(has, [False, True, False, False, False])
  assert (delta[1] == 1).all()
  assert not delta[[0, 2, 3, 4]].any()


def test_pose_change_of_one_frame_is_none():
  delta, has = pose_change(np.array([5]), np.ones((1, 2, 4), np.float32), np.ones(1, np.float32))
  assert not has.any()
  assert not delta.any()


def test_joints_land_where_the_crop_shows_them():
  image = np.zeros((60, 80, 3), np.uint8)
  x, y = 37, 22
  image[y, x] = 255
  box = square_boxes(np.array([[20, 10, 50, 45]], np.float32))
  shown = crop(image, box[0], 128)[..., 0].astype(float)
  yy, xx = np.mgrid[:128, :128]
  centre = (shown * xx).sum() / shown.sum(), (shown * yy).sum() / shown.sum()
  joints = into_crops(np.array([[[x, y, 0.7]]], np.float32), box, 128)
  np.testing.assert_allclose(joints[0, 0, :2], centre, atol=0.15)
  assert joints[0, 0, 2] == pytest.approx(0.7)
  np.testing.assert_allclose(out_of_crops(joints, box, 128), [[[x, y, 0.7]]], rtol=1e-6)


def test_pose_error_is_the_mean_distance_of_joints():
  a = np.zeros((2, 26), np.float32)
  b = a.copy()
  b[1, 0::2] = 0.3
  b[1, 1::2] = 0.4
  np.testing.assert_allclose(reliability.pose_error(a, b), [0, 0.5], atol=1e-6)


def test_placed_pose_fills_the_crop_and_keeps_its_shape():
  rng = np.random.default_rng(0)
  pose = rng.normal(size=26).astype(np.float32)

  placed = exhibits.place_pose(pose, 100)
  kept = placed[placed[:, 2] > 0, :2]
  span = kept.max(0) - kept.min(0)
  assert span.max() == pytest.approx(72, abs=0.1)
  shape = pose.reshape(13, 2) - pose.reshape(13, 2).mean(0)
  np.testing.assert_allclose((kept - kept.mean(0)) / span.max(), shape / np.ptp(shape, axis=0).max(), atol=1e-4)


@pytest.fixture
def corpus(tmp_path):
  """Three classes of well separated features, four athletes; clips of 12 frames in videos of 20."""
  rng = np.random.default_rng(0)
  centres = rng.normal(size=(3, 2, 6))
  tracks, clips = [], []
  for athlete in range(4):
    for label in range(3):
      name = f'v{athlete}{label}'
      walk = np.cumsum(rng.normal(size=(20, 2, 6)) * 0.01, axis=0)
      tracks.append(
        TrackFeatures(name, np.arange(20), np.arange(20) * 40.0, (centres[label] + walk).astype(np.float32))
      )
      clips.append(Clip(name, 160.0, 640.0, f'c{label}', f'p{athlete}', 'test' if athlete < 2 else 'train'))
  good, bad = tmp_path / 'good', tmp_path / 'bad'
  write_features(good, tracks, source='good')
  noise = [dataclasses.replace(t, features=rng.normal(size=t.features.shape).astype(np.float32)) for t in tracks]
  write_features(bad, noise, source='bad')
  return {'good': good, 'bad one': bad}, clips


SETTINGS = EvaluateSettings(ks=(1, 3), shots=1, subsets=3, resamples=50)


def run(tmp_path: pathlib.Path, rows, clips, query_sets=None) -> tuple[Work, pathlib.Path]:
  folder = tmp_path / 'evaluate.partial'
  folder.mkdir()
  work = Work(folder)
  query_sets = query_sets or {'all': [c.id for c in clips if c.split == 'test']}
  evaluate.evaluate_rows(work, rows=rows, clips=clips, query_sets=query_sets, settings=SETTINGS)
  return work, folder


def test_evaluation_tells_good_features_from_noise(tmp_path, corpus):
  rows, clips = corpus
  one = [clips[0].id]
  work, folder = run(tmp_path, rows, clips, {'all': [c.id for c in clips], 'one': one, 'none': []})
  results = json.loads((folder / 'results.json').read_text())
  assert set(results) == {'all', 'one'}  # a set without queries has no table, but is counted
  assert work.counts['queries: none'] == 0
  assert work.counts['queries: one'] == 1
  good, bad = results['all']['good'], results['all']['bad one']
  assert good['precision@1']['mean'] == 1.0
  assert good['precision@3']['mean'] == pytest.approx(1 / 3)  # one other clip of the class among the test clips
  assert good['1-shot accuracy']['mean'] == 1.0
  assert len(good['1-shot accuracy']['subsets']) == 3
  assert bad['precision@1']['mean'] < 1.0
  assert len(results['one']['good']['precision@1']['values']) == 1


def test_evaluation_skips_clips_that_any_row_lacks(tmp_path, corpus):
  rows, clips = corpus
  short = Clip('v00', 760.0, 800.0, 'c0', 'p0', 'test')
  absent = Clip('zz', 0.0, 500.0, 'c0', 'p0', 'test')
  work, _ = run(tmp_path, rows, [*clips, short, absent])
  assert work.counts['clips_in'] == 14
  assert work.counts['clips_out'] == 12
  assert {s.item for s in work.skipped} == {short.id, absent.id}
  assert 'only 1 frames' in work.skipped[0].reason


def test_evaluation_without_test_clips_says_so(tmp_path, corpus):
  rows, clips = corpus
  with pytest.raises(InputError, match='at least two are needed'):
    run(tmp_path, rows, [dataclasses.replace(c, split='train') for c in clips])
