"""Routines: labelled, seamless, feet on the ground."""

import functools

import numpy as np
import pytest
from scipy.ndimage import minimum_filter1d

from sportjax.errors import InputError
from sportjax.synth.athletes import sample_athlete
from sportjax.synth.blending import blend, heading_deg
from sportjax.synth.body import ATHLETE
from sportjax.synth.measures import measure
from sportjax.synth.routine import routine
from sportjax.synth.skills import SPORTS, classes, perform

J = ATHLETE.index


@functools.cache
def _routine(sport, seed=0):
  rng = np.random.default_rng((seed, 77))
  athlete = sample_athlete(rng)
  labels = [classes(sport)[i] for i in rng.integers(len(classes(sport)), size=4)]
  return athlete, labels, routine(sport, athlete, labels, rng)


def _whole(motion):
  """True for steps from frame to frame that no cut lies in."""
  step = np.ones(len(motion.joints_m) - 1, bool)
  for cut in motion.cuts_ms:
    step[round(cut * motion.fps / 1000) - 1] = False
  return step


@pytest.mark.parametrize('sport', SPORTS)
def test_actions_are_in_order_with_idle_time_between(sport):
  _, labels, motion = _routine(sport)
  assert [action.label for action in motion.actions] == labels
  ends = [0.0, *(action.end_ms for action in motion.actions)]
  starts = [*(action.start_ms for action in motion.actions), 1000 * len(motion.joints_m) / motion.fps]
  assert all(start > end for start, end in zip(starts, ends, strict=True))
  assert all(len(points) == len(motion.joints_m) for points in motion.equipment.values())
  assert all(np.isfinite(points).all() for points in motion.equipment.values())
  for action in motion.actions:
    assert action.start_ms <= action.events_ms['act'] <= action.end_ms + 400


@pytest.mark.parametrize('sport', SPORTS)
def test_bones_keep_their_length_and_nothing_pops(sport):
  _, labels, motion = _routine(sport)
  x = motion.joints_m
  for a, b in ATHLETE.bones:
    assert np.ptp(np.linalg.norm(x[:, J(a)] - x[:, J(b)], axis=1)) < 1e-6, (labels, a, b)
  whole = _whole(motion)
  jump = np.linalg.norm(np.diff(x, 2, axis=0), axis=-1).max(1) * motion.fps
  assert jump[whole[1:] & whole[:-1]].max() < 18, labels


@pytest.mark.parametrize('sport', sorted(set(SPORTS) - {'skating'}))
def test_planted_feet_do_not_slide(sport):
  _, labels, motion = _routine(sport)
  floor = motion.equipment['board'][:, 0, 2] if 'board' in motion.equipment else 0.0
  for side in ('left', 'right'):
    toe = motion.joints_m[:, J(f'{side}_toe')]
    down = (minimum_filter1d(np.abs(toe[:, 2] - floor) < 0.002, 15)[1:] > 0) & _whole(motion)
    slide = np.linalg.norm(np.diff(toe[:, :2], axis=0), axis=1) * motion.fps
    assert down.mean() > 0.4, labels
    assert np.percentile(slide[down], 98) < 0.05, (labels, side)


def test_the_athlete_walks_and_turns_between_strokes():
  _, _, motion = _routine('tennis')
  pelvis = motion.joints_m[:, J('pelvis'), :2]
  gaps = [(a.end_ms, b.start_ms) for a, b in zip(motion.actions[:-1], motion.actions[1:], strict=True)]
  moved = [np.linalg.norm(np.diff(pelvis[int(s / 10) : int(e / 10)], axis=0), axis=1).sum() for s, e in gaps]
  assert max(moved) > 0.8
  assert np.abs(pelvis).max() < 6


def test_diving_is_cut_between_dives_and_nothing_else_is_but_lifting():
  for sport in SPORTS:
    assert len(_routine(sport)[2].cuts_ms) == (3 if sport in ('diving', 'weightlifting') else 0)


def test_measures_find_their_action_in_a_routine():
  athlete, _, motion = _routine('golf')
  lone = [measure('head_still', motion, athlete, action) for action in motion.actions]
  assert len(set(lone)) == 4


def test_same_seed_same_bytes_and_no_label_is_an_input_error():
  athlete = sample_athlete(np.random.default_rng(4))
  a, b = (routine('golf', athlete, ['putt', 'chip'], np.random.default_rng(1)) for _ in range(2))
  assert a.joints_m.tobytes() == b.joints_m.tobytes()
  with pytest.raises(InputError, match='at least one'):
    routine('golf', athlete, [], np.random.default_rng(1))


def test_blend_starts_and_ends_at_its_ends_and_keeps_bones():
  athlete = sample_athlete(np.random.default_rng(4))
  a, b = (
    perform(sport, athlete, label, np.random.default_rng(1)).joints_m[:40]
    for sport, label in (('golf', 'drive'), ('tennis', 'smash'))
  )
  out = blend(a, b, np.linspace(0, 1, 40), a[0])
  np.testing.assert_allclose(out[0], a[0], atol=5e-3)
  np.testing.assert_allclose(out[-1], b[-1], atol=5e-3)
  for p, q in ATHLETE.bones:
    assert np.ptp(np.linalg.norm(out[:, J(p)] - out[:, J(q)], axis=1)) < 1e-9
  turn = np.diff(heading_deg(out))
  assert np.abs(turn).max() < 15
