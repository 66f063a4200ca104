"""What a table's corpus is made of, before anything is filmed; and features side by side."""

import dataclasses
from typing import Any

import numpy as np
import pytest

from configs.vpd import table2, table4
from sportjax.data.features import FeatureStore, TrackFeatures, write_features
from sportjax.data.labels import Clip
from sportjax.errors import InputError
from sportjax.pipeline import Work
from sportjax.workflows import dispatch
from sportjax.workflows.stages import table_features
from sportjax.workflows.tables import filmed, methods
from sportjax.workflows.tables.filmed import Filmed, FilmedSpec


def test_sets_are_planned_with_their_own_settings():
  small = FilmedSpec('diving', 'small').takes(None, 0)
  assert len(small) == 288  # the quickstart's
  assert len({take.athlete for take in small if take.split == 'test'}) == 12
  fewer = FilmedSpec('diving', 'small', of_set={'classes': 3, 'athletes': 14}).takes(None, 0)
  assert len(fewer) == 42
  other = FilmedSpec('diving', 'small').takes(None, 1)
  assert not set(other) & set(small)


@pytest.mark.parametrize(
  ('spec', 'match'),
  [
    (FilmedSpec('divin'), "no set 'divin'"),
    (FilmedSpec('diving', 'huge'), "size='huge': sets come in tiny"),
    (FilmedSpec('diving', of_set={'athlets': 3}), 'of_set.athlets: no such setting of diving; did you mean athletes'),
    (FilmedSpec('ui_prmd'), 'films motion capture: set --config.markers'),
    (FilmedSpec('diving', recordings_only='cmu'), "no take of diving begins with 'cmu'"),
  ],
)
def test_what_cannot_be_planned_is_named(spec, match):
  with pytest.raises(InputError, match=match):
    spec.takes(None, 0)


def test_recorded_people_are_twenty_classes_by_ten_people(shared_data):
  config = table2.get_config('dataset=ui_prmd')
  config.markers = str(shared_data)
  settings = dispatch.resolve(config, 'run')[1]
  takes = settings.corpus.takes(settings.markers, 0)
  assert len({take.recording.label for take in takes}) == 20
  assert {take.athlete for take in takes if take.split == 'test'} == {'s03', 's06', 's09'}
  assert len({take.athlete for take in takes}) == 10

  config = table4.get_config('dataset=mocap')
  config.markers = str(shared_data)
  settings = dispatch.resolve(config, 'run')[1]
  assert tuple(take.name for take in settings.corpus.takes(settings.markers, 0)) == settings.corpus.held_out


CLIPS = tuple(
  Clip(f'v{n}', start, start + 100.0, label, f'p{n}', 'test' if n == 3 else 'train')
  for n in range(4)
  for start, label in ((0.0, 'squat'), (100.0, 'jog'))
)


def test_folds_hold_out_people_or_recordings():
  split = {clip.video: clip.split for clip in filmed._split(CLIPS, 'p0 v1')}
  assert split == {'v0': 'test', 'v1': 'test', 'v2': 'train', 'v3': 'train'}
  assert filmed._split(CLIPS, None) == CLIPS
  with pytest.raises(InputError, match="held_out: nobody is 'p9'"):
    filmed._split(CLIPS, 'p9')
  with pytest.raises(InputError, match='nobody is left to train on'):
    filmed._split(CLIPS, 'p0 p1 p2 p3')


def world(clips=CLIPS):
  never_run: Any = None
  return Filmed(never_run, dispatch.resolve(table2.get_config(), 'run')[1].chain, {}, {}, clips)


def test_exercises_that_follow_each_other_are_tasks_of_their_own():
  by_class = filmed._routines(world(), 0, (2, 5), by_class=True)
  assert list(by_class.tasks) == ['jog', 'squat']
  np.testing.assert_array_equal(by_class.tasks['jog']['v2'], [[100, 200]])
  assert (by_class.trials, by_class.test) == ((('v0', 'v1', 'v2'),), ('v3',))
  together = filmed._routines(world(), 0, (2, 2), by_class=False)
  np.testing.assert_array_equal(together.tasks['action']['v2'], [[0, 200]])
  assert [len(set(trial)) for trial in together.trials] == [2, 2]


def test_methods_change_the_student_and_nothing_else():
  given = world()
  plain = given.taught(methods.student('2d'))
  assert plain == given.settings
  rows = {method.key: given.taught(method).student for method in methods.ablations('2d')}
  assert (rows['2d-rgb'].flow, rows['2d-rgb'].motion) == (False, False)
  assert (rows['2d-flow'].flow, rows['2d-flow'].motion) == (True, False)
  assert given.taught(methods.above('2d', 0.9)).student.frames.min_score == 0.9
  with pytest.raises(InputError, match='set --config.chain.vipe'):
    given.taught(methods.student('vipe'))


def test_another_seed_is_another_start_and_other_held_out_frames():
  student = world().settings.student
  other = student.seeded(7)
  assert (other.frames.seed, other.loop.seed) == (7, 7)
  assert other.seeded(student.loop.seed) == dataclasses.replace(
    student, frames=dataclasses.replace(student.frames, seed=student.loop.seed)
  )


def store(folder, width, frames=5, value=1.0):
  values = np.full((frames, 2, width), value, np.float32)
  write_features(folder, [TrackFeatures('v', np.arange(frames), 40.0 * np.arange(frames), values)], source=folder.name)
  return folder


def test_features_stand_side_by_side(tmp_path):
  a, b, short = store(tmp_path / 'a', 2), store(tmp_path / 'b', 3, value=2.0), store(tmp_path / 'c', 3, frames=4)
  (tmp_path / 'out').mkdir()
  table_features.side_by_side(Work(tmp_path / 'out'), stores=[a, b])
  found = FeatureStore(tmp_path / 'out').track('v').features
  np.testing.assert_array_equal(found, np.tile([1, 1, 2, 2, 2], (5, 2, 1)))
  with pytest.raises(InputError, match='of other frames'):
    table_features.side_by_side(Work(tmp_path / 'out'), stores=[a, short])
