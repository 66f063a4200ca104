"""Every sport: plausible bodies, contacts, flight; and nothing but the movement tells the class."""

import functools

import numpy as np
import pytest
from scipy.ndimage import minimum_filter1d
from scipy.stats import binom
from sklearn.ensemble import RandomForestClassifier
from sklearn.neighbors import KNeighborsClassifier

from sportjax.errors import InputError
from sportjax.synth import kinematics as kin
from sportjax.synth.athletes import sample_athlete
from sportjax.synth.body import ATHLETE
from sportjax.synth.skills import SPORTS, classes, perform

J = ATHLETE.index


@functools.cache
def _clips(sport, per_class):
  """(athlete, label, motion), a new athlete for every clip."""
  out = []
  for k, label in enumerate(classes(sport)):
    for repeat in range(per_class):
      rng = np.random.default_rng((k, repeat))
      athlete = sample_athlete(rng)
      out.append((athlete, label, perform(sport, athlete, label, rng)))
  return out


def test_unknown_names_are_input_errors():
  athlete, rng = sample_athlete(np.random.default_rng(0)), np.random.default_rng(0)
  with pytest.raises(InputError, match='no sport'):
    perform('chess', athlete, 'castling', rng)
  for sport in SPORTS:
    with pytest.raises(InputError, match='no class'):
      perform(sport, athlete, 'castling', rng)


@pytest.mark.parametrize('sport', SPORTS)
def test_classes_are_at_least_five_and_labelled(sport):
  assert len(set(classes(sport))) == len(classes(sport)) >= 5
  for _, label, motion in _clips(sport, 3):
    (action,) = motion.actions
    assert action.label == label
    assert 0 < action.start_ms < action.end_ms < 1000 * len(motion.joints_m) / motion.fps
    assert motion.fps >= 100


@pytest.mark.parametrize('sport', SPORTS)
def test_same_seed_same_bytes_other_seed_differs(sport):
  athlete, label = sample_athlete(np.random.default_rng(1)), classes(sport)[0]
  a, b, c = (perform(sport, athlete, label, np.random.default_rng(seed)) for seed in (5, 5, 6))
  assert a.joints_m.tobytes() == b.joints_m.tobytes()
  assert a.joints_m.shape != c.joints_m.shape or not np.allclose(a.joints_m, c.joints_m)


@pytest.mark.parametrize('sport', SPORTS)
def test_bones_keep_their_length(sport):
  for _, label, motion in _clips(sport, 3):
    for a, b in ATHLETE.bones:
      length = np.linalg.norm(motion.joints_m[:, J(a)] - motion.joints_m[:, J(b)], axis=1)
      assert np.ptp(length) < 1e-6, (label, a, b)


@pytest.mark.parametrize('sport', SPORTS)
def test_knees_bend_towards_the_toes(sport):
  for _, label, motion in _clips(sport, 3):
    x = motion.joints_m
    for side in ('left', 'right'):
      hip, knee, ankle, toe = (x[:, J(f'{side}_{name}')] for name in ('hip', 'knee', 'ankle', 'toe'))
      # Knee and ankle turn about the same axis, in opposite senses.
      bend = np.sum(
        np.cross(kin.unit(knee - hip), kin.unit(ankle - knee))
        * np.cross(kin.unit(toe - ankle), kin.unit(ankle - knee)),
        1,
      )
      assert (bend > -0.06).all(), (label, side, bend.min(), bend.argmin(), len(x))


@pytest.mark.parametrize('sport', SPORTS)
def test_movement_is_smooth(sport):
  for _, label, motion in _clips(sport, 3):
    speed = np.linalg.norm(np.diff(motion.joints_m, axis=0), axis=-1) * motion.fps
    jump = np.linalg.norm(np.diff(motion.joints_m, 2, axis=0), axis=-1) * motion.fps
    assert speed.max() < 40, label
    assert jump.max() < 18, label  # m/s from one hundredth of a second to the next: no joint pops


@pytest.mark.parametrize('sport', SPORTS)
def test_nobody_is_below_the_floor(sport):
  if sport == 'diving':
    pytest.skip('divers end below the water')
  for _, label, motion in _clips(sport, 3):
    assert motion.joints_m[..., 2].min() > -0.015, label


@pytest.mark.parametrize('sport', sorted(set(SPORTS) - {'skating'}))
def test_a_planted_foot_does_not_slide(sport):
  for _, label, motion in _clips(sport, 3):
    floor = motion.equipment['board'][0, 0, 2] if 'board' in motion.equipment else 0.0
    for side in ('left', 'right'):
      toe = motion.joints_m[:, J(f'{side}_toe')]
      down = minimum_filter1d(np.abs(toe[:, 2] - floor) < 0.002, 15)[1:]
      slide = np.linalg.norm(np.diff(toe[:, :2], axis=0), axis=1) * motion.fps
      assert down.sum() > 20, label
      assert np.percentile(slide[down], 97) < 0.05, (label, side, np.percentile(slide[down], 97))


@pytest.mark.parametrize('sport', ['diving', 'gymnastics', 'skating'])
def test_the_centre_of_mass_falls_freely_in_flight(sport):
  for _, label, motion in _clips(sport, 3):
    centre = kin.centre_of_mass(motion.joints_m)
    fall = np.diff(centre, 2, axis=0) * motion.fps**2
    free = np.abs(fall - (0, 0, -kin.GRAVITY_M_S2)).max(1) < 0.05
    longest = max(len(run) for run in ''.join('x' if f else ' ' for f in free).split(' '))
    assert longest > 0.45 * motion.fps, label


def _at_chance(scores, labels, groups):
  """Accuracy of a forest on held-out clips, and the largest that chance explains once in a thousand times."""
  held = groups % 3 == 0
  forest = RandomForestClassifier(200, min_samples_leaf=3, random_state=0).fit(scores[~held], labels[~held])
  right = int((forest.predict(scores[held]) == labels[held]).sum())
  return right, binom.ppf(0.999, int(held.sum()), 1 / len(set(labels)))


@pytest.mark.parametrize('sport', SPORTS)
def test_duration_size_and_travel_do_not_tell_the_class(sport):
  clips = _clips(sport, 9)
  labels = np.array([label for _, label, _ in clips])
  groups = np.arange(len(clips)) % 9
  seen = []
  for athlete, _, motion in clips:
    pelvis = motion.joints_m[:, J('pelvis')]
    heading = pelvis[-1, :2] - pelvis[0, :2]
    action = motion.actions[0]
    seen.append([
      len(motion.joints_m), action.start_ms, action.end_ms - action.start_ms, athlete.height_m, np.sign(heading[0]),
    ])  # fmt: skip
  right, most = _at_chance(np.array(seen), labels, groups)
  assert right <= most


@pytest.mark.parametrize('sport', SPORTS)
def test_pose_over_time_tells_the_class_across_athletes(sport):
  clips = _clips(sport, 9)
  labels = np.array([label for _, label, _ in clips])
  groups = np.arange(len(clips)) % 9
  features = np.array([_upright(motion, athlete.left_handed) for athlete, _, motion in clips])
  held = groups % 3 == 0
  nearest = KNeighborsClassifier(1).fit(features[~held], labels[~held])
  accuracy = nearest.score(features[held], labels[held])
  assert accuracy > max(0.5, 5 / len(set(labels)))


def _upright(motion, left_handed):
  """Twenty frames of the action, in the heading of its first frame, about the pelvis; a right-handed view of it."""
  x = motion.joints_m - motion.joints_m[:, :1]
  action = motion.actions[0]
  frames = np.linspace(action.start_ms, action.end_ms, 20) / 1000 * motion.fps
  x = x[np.clip(frames.round().astype(int), 0, len(x) - 1)]
  across = x[0, J('left_hip')] - x[0, J('right_hip')]
  x = x @ kin.rotation('z', np.degrees(np.arctan2(-across[0], across[1])))
  if left_handed:
    x = x[:, ATHLETE.mirror] * (1, -1, 1)
  return x.ravel()
