"""Sets of recorded people: who is held out, whose bones they have, and what is said of an incomplete folder."""

import collections
import itertools

import numpy as np
import pytest
import scipy.io

from sportjax.errors import InputError
from sportjax.synth import mocap_recordings, sets
from sportjax.synth.body import ATHLETE
from sportjax.synth.mocap import landmarks, retarget
from sportjax.synth.mocap_corpus import MocapSpec, plan
from sportjax.synth.mocap_person import recorded_athlete
from sportjax.synth.takes import read_about, read_actions


def test_ui_prmd_has_twenty_classes_and_holds_people_out(shared_data):
  takes = sets.plan('ui_prmd', 'medium', shared_data)
  assert len(takes) == 594  # as many files as there are
  assert len({take.name for take in takes}) == len(takes)
  counts = collections.Counter((take.recording.label, take.split) for take in takes)
  assert len({label for label, _ in counts}) == 20
  assert all(counts[label, split] >= 6 for label, _ in counts for split in ('train', 'test'))
  people = {split: {take.athlete for take in takes if take.split == split} for split in ('train', 'test')}
  assert (len(people['train']), len(people['test'])) == (7, 3)
  assert not people['train'] & people['test']


@pytest.mark.parametrize('name', ['ui_prmd', 'mocap'])
def test_sizes_are_nested_and_views_differ_in_seed_only(name, shared_data):
  sizes = [{take.name: take for take in sets.plan(name, size, shared_data)} for size in sets.SIZES]
  for smaller, larger in itertools.pairwise(sizes):
    assert set(smaller) < set(larger)
    assert all(larger[key].seed == take.seed for key, take in smaller.items())
  views = [take for take in sizes[-1].values() if take.recording == next(iter(sizes[0].values())).recording]
  assert len({take.seed for take in views}) == len(views) > 1
  assert len({take.athlete_seed for take in views}) == 1


def test_recorded_people_move_as_they_were_recorded(shared_data):
  """With their own proportions, the joints lie where the recording has them, a few centimetres for the floor aside."""
  chosen = {'deepmimic_backflip', 'cmu_02_03', 'cmu_13_30'}
  found = [r for r in mocap_recordings.several(shared_data) if r.name in chosen]
  for recording in (*found, *mocap_recordings.ui_prmd(shared_data, 2, 1, 1)):
    points = landmarks(recording.read(recording.path), recording.source)
    athlete = recorded_athlete(
      landmarks(recording.read(recording.measured), recording.source), np.random.default_rng(0)
    )
    motion = retarget(recording.read(recording.path), recording.source, athlete, 'x')
    t_ms = 1000 * np.arange(len(motion.joints_m)) / motion.fps
    own = recording.read(recording.path).t_ms
    for joint in ('left_wrist', 'right_ankle', 'left_knee', 'neck'):
      recorded = points[joint] - points['pelvis']
      recorded = np.stack([np.interp(t_ms, own, column) for column in recorded.T], axis=1)
      moved = motion.joints_m[:, ATHLETE.index(joint)] - motion.joints_m[:, ATHLETE.index('pelvis')]
      assert np.median(np.linalg.norm(moved - recorded, axis=1)) < 0.06, (recording.name, joint)


def test_two_people_differ_in_proportion(shared_data):
  athletes = []
  for recording in mocap_recordings.ui_prmd(shared_data, 1, 4, 1)[::2]:
    points = landmarks(recording.read(recording.measured), recording.source)
    athletes.append(recorded_athlete(points, np.random.default_rng(0)))
  assert len({round(athlete.height_m, 3) for athlete in athletes}) == len(athletes)
  assert all(1.45 < athlete.height_m < 2.05 for athlete in athletes)
  assert all(0 < metres < 0.6 for athlete in athletes for metres in athlete.segments_m.values())


def test_labelled_exercises_are_those_of_the_published_table(shared_data):
  table = scipy.io.loadmat(shared_data / 'cmu_mocap6' / 'mocap6.mat', simplify_cells=True)
  names = [str(name) for name in table['ActionNames']]
  published = {str(row['filename']): row['TrueZ'].ravel() for row in table['DataBySeq']}
  for recording in mocap_recordings.several(shared_data):
    if recording.labels is None:
      continue
    stem = recording.path.stem
    # The published table leaves out the first tenth of a second.
    labels = np.concatenate([published[stem][:1], published[stem]])
    for action in recording.actions(1e9):
      numbers = labels[round(action.start_ms / 100) : round(action.end_ms / 100)]
      assert len(set(numbers)) == 1
      assert action.label.replace('_', '') == names[int(numbers[0]) - 1].lower()


def test_recording_is_filmed_up_to_where_it_is_asked(shared_data, tmp_path):
  (take,) = plan(MocapSpec('several', names=('cmu_13_30',), until_s=2.5), shared_data)
  counts = take.film(tmp_path)
  assert 58 <= counts['frames'] <= 63
  first, second = read_actions(tmp_path)
  assert (first.label, first.end_ms) == ('jump_jack', second.start_ms)
  assert second.end_ms <= 2510
  about = read_about(tmp_path)
  assert (about.kind, about.athlete, about.recording) == ('mocap', 's13', '13_30.amc')


def test_folder_without_the_recordings_is_named_with_what_must_be_there(tmp_path):
  with pytest.raises(InputError, match=r"no folder ui_prmd_vicon in it; .*'Segmented Movements'") as error:
    sets.plan('ui_prmd', 'tiny', tmp_path)
  assert '\n' not in str(error.value)
  with pytest.raises(InputError, match='no folder deepmimic_motions in it'):
    sets.plan('mocap', 'tiny', tmp_path)
  (tmp_path / 'ui_prmd_vicon').mkdir()
  with pytest.raises(InputError, match=r'm01_s01_e01_positions\.txt\.gz: no such file'):
    sets.plan('ui_prmd', 'tiny', tmp_path)
  (tmp_path / 'deepmimic_motions').mkdir()
  with pytest.raises(InputError, match=r'no humanoid3d_\*\.txt in it'):
    sets.plan('mocap', 'tiny', tmp_path)


@pytest.mark.parametrize('text', ['1 2 x', '', '0 1', '1 13'])
def test_labels_that_are_none_are_named(text, tmp_path):
  path = tmp_path / 'labels.txt'
  path.write_text(text)
  recording = mocap_recordings.Recording('r', path, 'acclaim', 's', '', path, None, path)
  with pytest.raises(InputError, match=r'labels\.txt: '):
    recording.actions(1e9)


def test_settings_out_of_range_are_input_errors(shared_data):
  with pytest.raises(InputError, match='must be at least 1'):
    MocapSpec('ui_prmd', views=0)
  with pytest.raises(InputError, match="no recording 'cmu_99'"):
    plan(MocapSpec('several', names=('cmu_99',)), shared_data)
