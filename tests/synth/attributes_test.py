"""Attributes: what they are worth in numbers, and that a body with faults is still a body."""

import collections
import functools

import numpy as np
import pytest
from scipy.stats import rankdata, spearmanr

from sportjax.errors import InputError
from sportjax.synth.athletes import sample_athlete
from sportjax.synth.attributes import (
  ATTRIBUTES,
  LEVELS,
  class_attributes,
  level,
  sample_proficiency,
  sport_attributes,
  use_of,
)
from sportjax.synth.body import ATHLETE
from sportjax.synth.measures import measure
from sportjax.synth.motion import Action, Motion
from sportjax.synth.skills import SPORTS, classes, perform

J = ATHLETE.index


def _covering(sport):
  """Few classes that show all attributes of a sport between them."""
  left, out = set(sport_attributes(sport)), []
  while left:
    out.append(max(classes(sport), key=lambda label: len(left & set(class_attributes(sport, label)))))
    left -= set(class_attributes(sport, out[-1]))
  return out


@functools.cache
def _samples(sport, per_class=28):
  """(label, athlete, proficiency, motion) with every attribute drawn by itself."""
  out = []
  for k, label in enumerate(_covering(sport)):
    for repeat in range(per_class):
      rng = np.random.default_rng((11, k, repeat))
      athlete = sample_athlete(rng)
      proficiency = {name: float(rng.random()) for name in class_attributes(sport, label)}
      out.append((label, athlete, proficiency, perform(sport, athlete, label, rng, proficiency)))
  return out


@pytest.mark.parametrize('sport', SPORTS)
def test_measures_rise_with_proficiency_whatever_the_other_attributes(sport):
  seen = collections.defaultdict(lambda: collections.defaultdict(list))
  for label, athlete, proficiency, motion in _samples(sport):
    for name, value in proficiency.items():
      seen[name][label].append((value, measure(name, motion, athlete)))
  assert set(seen) == set(sport_attributes(sport))
  for name, by_label in seen.items():
    ranks = np.concatenate([rankdata(np.array(pairs), axis=0) for pairs in by_label.values()])
    # The least is leg_extension of a kick (0.6): a pointed toe bends the knee too, to clear the ground.
    assert spearmanr(*ranks.T)[0] > 0.5, name


@pytest.mark.parametrize('sport', SPORTS)
def test_a_body_with_faults_is_still_a_body(sport):
  for label, _, _, motion in _samples(sport):
    x = motion.joints_m
    assert np.isfinite(x).all()
    for a, b in ATHLETE.bones:
      assert np.ptp(np.linalg.norm(x[:, J(a)] - x[:, J(b)], axis=1)) < 1e-6, (label, a, b)
    assert np.linalg.norm(np.diff(x, 2, axis=0), axis=-1).max() * motion.fps < 25, label
    if sport != 'diving':
      assert x[..., 2].min() > -0.03, label


@pytest.mark.parametrize('sport', SPORTS)
def test_full_proficiency_is_the_motion_without_faults(sport):
  athlete, label = sample_athlete(np.random.default_rng(2)), classes(sport)[-1]
  best = dict.fromkeys(ATTRIBUTES, 1.0)
  plain, perfect = (perform(sport, athlete, label, np.random.default_rng(3), p) for p in (None, best))
  assert plain.joints_m.tobytes() == perfect.joints_m.tobytes()


def test_attributes_are_many_shared_and_on_every_class():
  assert len(ATTRIBUTES) >= 12
  sports_of = {name: [sport for sport in SPORTS if name in sport_attributes(sport)] for name in ATTRIBUTES}
  assert all(len(sports) >= 2 for sports in sports_of.values()), sports_of
  assert all(len(class_attributes(sport, label)) >= 3 for sport in SPORTS for label in classes(sport))


def test_events_are_in_order_and_in_the_motion():
  for sport in SPORTS:
    for label in classes(sport):
      rng = np.random.default_rng(5)
      motion = perform(sport, sample_athlete(rng), label, rng)
      (action,) = motion.actions
      events = action.events_ms
      assert action.sport == sport
      assert 0 <= events['prepare'] < events['act'] < events['finish'] < 1000 * len(motion.joints_m) / motion.fps, label
      for name in class_attributes(sport, label):
        at = use_of(sport, label, name).at
        assert at in events or at in ('flight', 'landed'), (label, name)


def test_unknown_names_and_values_are_input_errors():
  athlete, rng = sample_athlete(np.random.default_rng(0)), np.random.default_rng(0)
  with pytest.raises(InputError, match='no attribute'):
    perform('golf', athlete, 'drive', rng, {'luck': 0.5})
  with pytest.raises(InputError, match='from 0 to 1'):
    perform('golf', athlete, 'drive', rng, {'balance': 1.5})
  with pytest.raises(InputError, match='does not show'):
    measure('toe_point', perform('golf', athlete, 'drive', rng), athlete)
  with pytest.raises(InputError, match='no attributes of sport'):
    sport_attributes('chess')


def _still(sport, label, frames=200, **at):
  """A person at rest: joints given by hand, the rest at the origin; prepare at 0.5 s, act at 1 s, finish at 1.5 s."""
  joints = np.zeros((frames, len(ATHLETE.joints), 3))
  for name, point in at.items():
    joints[:, J(name)] = point
  events_ms = {'prepare': 500.0, 'act': 1000.0, 'finish': 1500.0}
  return Motion(joints, 100.0, (Action(label, 0.0, 1900.0, sport, events_ms),), {})


def _right_handed():
  return next(
    a for a in (sample_athlete(np.random.default_rng(seed)) for seed in range(20)) if not a.left_handed
  )  # fmt: skip


def test_measures_of_a_still_body_are_plain_geometry():
  athlete = _right_handed()
  apart = _still('golf', 'drive', left_toe=(0.1, 0.3, 0), right_toe=(0.1, -0.2, 0))
  assert np.isclose(measure('stance_width', apart, athlete), 0.5)
  lean = np.radians(30)
  bowed = _still(
    'golf', 'drive', left_hip=(0, 0.1, 1), right_hip=(0, -0.1, 1), pelvis=(0, 0, 1), spine=(0, 0, 1.2),
    chest=(0, 0, 1.4), neck=(0.2 * np.sin(lean), 0, 1.4 + 0.2 * np.cos(lean)),
  )  # fmt: skip
  assert np.isclose(measure('posture', bowed, athlete), -30)
  square = _still(
    'tennis', 'serve_flat', right_shoulder=(0, 0, 1.4), right_elbow=(0, 0, 1.7), right_wrist=(0.2, 0, 1.7)
  )
  assert np.isclose(measure('arm_extension', square, athlete), 90)
  assert np.isclose(measure('elbow_height', square, athlete), 0.3)


def test_hip_timing_is_when_half_the_turn_is_done():
  motion = _still('golf', 'drive')
  turn = np.radians(np.interp(np.arange(200), [50, 120], [-40, 40]))  # half of it at frame 85, 150 ms before the act
  motion.joints_m[:, J('left_hip')] = np.stack([-np.sin(turn), np.cos(turn), 0 * turn], 1) * 0.1
  motion.joints_m[:, J('right_hip')] = -motion.joints_m[:, J('left_hip')]
  assert abs(measure('hip_rotation_timing', motion, _right_handed()) - 150) <= 10


def test_levels_follow_the_mean():
  assert [level({'balance': x}) for x in (0.0, 0.4, 0.6, 0.9)] == list(LEVELS)
  rng = np.random.default_rng(0)
  for wanted in LEVELS:
    for _ in range(50):
      drawn = sample_proficiency(rng, wanted)
      assert level(drawn) == wanted
      assert all(0 <= value <= 1 for value in drawn.values())
    assert np.std(list(drawn.values())) > 0.05
  with pytest.raises(InputError, match='no level'):
    sample_proficiency(rng, 'wizard')
  with pytest.raises(InputError, match='at least one'):
    level({})
