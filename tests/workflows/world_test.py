"""The world's checks find what they look for: a thing that tells the class, features that do, a teacher that fails."""

import dataclasses
import json

import numpy as np
import pytest

from sportjax.data.features import TrackFeatures, write_features
from sportjax.data.labels import Clip
from sportjax.errors import InputError
from sportjax.pipeline import Work
from sportjax.synth import skills, trials
from sportjax.synth.body import ATHLETE
from sportjax.synth.world import World
from sportjax.workflows import world_report
from sportjax.workflows.stages import gallery, independence, separability, teacher_failure

LABELS = ('a', 'b', 'c', 'd')


def work_in(folder):
  folder.mkdir(parents=True, exist_ok=True)
  return Work(folder)


def clips_of(n_athletes):
  return [
    Clip(f'{k}_{label}', 0.0, 400.0, label, f'p{k}', 'train' if k < n_athletes // 2 else 'test')
    for k in range(n_athletes)
    for label in LABELS
  ]


@pytest.fixture
def measured(tmp_path):
  """Surroundings of 20 athletes in which the length tells the class and nothing else does."""
  rng = np.random.default_rng(0)
  for clip in clips_of(20):
    folder = tmp_path / 'measured' / 'items' / clip.video
    folder.mkdir(parents=True)
    (folder / 'item.json').write_text('{}')
    np.savez(
      folder / 'surroundings.npz',
      flow=rng.normal(size=(10, 6)).astype(np.float32),
      t_ms=np.arange(10) * 40.0,
      length=np.array([LABELS.index(clip.label) + rng.normal(0, 0.1), rng.normal()]),
      clothing=rng.normal(size=3),
    )
  return tmp_path / 'measured'


def test_a_thing_that_tells_the_class_is_found_and_no_other(measured, tmp_path):
  work = work_in(tmp_path / 'check')
  independence.check(work, measured=measured, clips=clips_of(20))
  found = json.loads((work.folder / 'independence.json').read_text())
  assert set(found) == {'length', 'clothing', independence.FLOW_ROW}
  assert found['length']['right'] > 30 > found['length']['most']
  for name in ('clothing', independence.FLOW_ROW):
    assert found[name]['right'] <= found[name]['most']
  assert all(row['of'] == 40 and row['chance'] == 0.25 for row in found.values())
  assert work.counts['above_chance'] == 1


def test_background_flow_that_tells_the_class_is_found(measured, tmp_path):
  for clip in clips_of(20):
    path = measured / 'items' / clip.video / 'surroundings.npz'
    stored = dict(np.load(path))
    stored['flow'][:, LABELS.index(clip.label)] += 4
    np.savez(path, **stored)
  work = work_in(tmp_path / 'check')
  independence.check(work, measured=measured, clips=clips_of(20))
  found = json.loads((work.folder / 'independence.json').read_text())
  assert found[independence.FLOW_ROW]['right'] == 40


def test_order_counts_only_where_it_is_left(tmp_path):
  """Two classes are the same frames in opposite order: the mean and the shuffled clip cannot tell them."""
  rng = np.random.default_rng(1)
  clips = [dataclasses.replace(c, label='up' if c.label in 'ab' else 'down') for c in clips_of(20)]
  tracks = []
  for clip in clips:
    ramp = np.linspace(0.2, 1, 12)[:: 1 if clip.label == 'up' else -1]
    x = np.stack([np.cos(ramp), np.sin(ramp), np.zeros(12)], axis=-1) + rng.normal(0, 0.01, (12, 3))
    tracks.append(TrackFeatures(clip.video, np.arange(12), np.arange(12) * 30.0, np.repeat(x[:, None], 2, axis=1)))
  write_features(tmp_path / 'store', tracks, source='ramps')
  rows = {left or 'whole': separability.Row(tmp_path / 'store', left) for left in separability.LEFT}
  work = work_in(tmp_path / 'tell')
  separability.tell_apart(work, rows=rows, clips=clips)
  found = json.loads((work.folder / 'accuracy.json').read_text())
  assert found['whole']['mean'] == 1.0
  for left in (', averaged over time', ', one random frame', ', frames shuffled'):
    assert found[left]['mean'] < 0.75, left
  assert found['whole']['clips'] == 40


def test_separability_needs_both_splits(tmp_path):
  clips = [dataclasses.replace(c, split='test') for c in clips_of(4)]
  frames = np.ones((12, 1, 2))
  write_features(tmp_path / 'store', [TrackFeatures(c.video, np.arange(12), np.arange(12.0), frames) for c in clips],
                 source='ones')  # fmt: skip
  with pytest.raises(InputError, match='both splits'):
    separability.tell_apart(work_in(tmp_path / 'w'), rows={'x': separability.Row(tmp_path / 'store')}, clips=clips)


def test_curve_follows_what_error_does():
  score = np.random.default_rng(2).uniform(0, 1, 4000)
  curve = teacher_failure._binned(score, 1 - score)
  np.testing.assert_allclose(curve['error'], 1 - np.array(curve['x']), atol=1e-9)
  assert len(curve['x']) == 8


def test_curve_of_a_trouble_has_the_bins_that_are_filled():
  table = np.column_stack([np.linspace(0, 1, 90), np.linspace(1, 0, 90), np.repeat([10.0, 170.0, 100.0], [40, 40, 10])])
  curve = teacher_failure._curve(np.column_stack([table, table[:, 2]]), 2, (0, 30, 150, 181))
  assert curve['x'] == [10, 170]
  assert curve['frames'] == [40, 40]
  assert curve['error'][0] < curve['error'][1]


def test_trials_change_one_thing_only():
  planned = trials.plan(('golf',), 2, 0)
  assert len(planned) == len({take.name for take in planned}) == 2 * sum(map(len, trials.TROUBLES.values()))
  for n in range(2):
    assert len({(take.label, take.seed) for take in planned if take.athlete == f'golf_{n:02d}'}) == 1


def test_turned_camera_turns_the_picture(tmp_path):
  takes = [take for take in trials.plan(('golf',), 1, 0) if take.trouble.startswith('camera')]
  ups = []
  for take in (takes[0], takes[-1]):
    (tmp_path / take.name).mkdir()
    take.film(tmp_path / take.name)
    with np.load(tmp_path / take.name / 'truth.npz') as truth:
      ups.append(truth['joints_px'][:, ATHLETE.index('neck')] - truth['joints_px'][:, ATHLETE.index('pelvis')])
  np.testing.assert_allclose(ups[1], -ups[0], atol=0.1)


def test_every_class_and_every_mistake_of_a_sport_is_shown():
  shown = gallery.examples(skills.SPORTS)
  assert {(one.sport, one.label) for one in shown} == {(s, label) for s in skills.SPORTS for label in skills.classes(s)}
  for sport in skills.SPORTS:
    can = {mistake for label in skills.classes(sport) for mistake in World().class_mistakes(sport, label)}
    assert {mistake for one in shown if one.sport == sport for mistake in one.mistakes} == can
    for one in shown:
      assert set(one.mistakes) <= set(World().class_mistakes(one.sport, one.label))


def test_tables_mark_what_is_above_chance():
  row = {'mean': 0.5, 'low': 0.4, 'high': 0.6, 'clips': 10}
  checks = {'zoom': {'right': 9, 'of': 10, 'most': 7, 'chance': 0.5}, 'pan': {'right': 5, 'of': 10, 'most': 7,
                                                                             'chance': 0.5}}  # fmt: skip
  text = world_report.markdown(
    world_report.Results({'golf': {'true pose': row}}, {'golf': checks}, {'on the corpora': {}}, {}, {})
  )
  assert '| true pose | 50 (40–60) |' in text
  assert '| zoom | **9/10** (7) |' in text
  assert '| pan | 5/10 (7) |' in text
