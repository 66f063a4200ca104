"""Basketball reels: what is planned tells the skills and nothing else does; what is filmed obeys physics."""

import dataclasses
import functools
import itertools
import json

import numpy as np
import pytest

from sportjax.errors import InputError
from sportjax.synth.athletes import sample_athlete
from sportjax.synth.attributes import class_attributes
from sportjax.synth.body import ATHLETE
from sportjax.synth.filming.recordings import recordings_of
from sportjax.synth.filming.set_ups import expose, set_up_cameras
from sportjax.synth.filming.shots import sample_shot
from sportjax.synth.motion import Motion
from sportjax.synth.reels.abilities import BOUNDS, REVERSED, SKILLS, correlation, level_array, levels, sample_skills
from sportjax.synth.reels.ball import BALL_RADIUS_M, BOARD_M, RIM_M, RIM_RADIUS_M, along, made, missed, on_floor
from sportjax.synth.reels.possessions import KINDS, OFF_BALL, OFF_BALL_ATTRIBUTES, Possession, sample_possessions
from sportjax.synth.reels.reel import (
  ReelSpec,
  ReelTake,
  athlete_of,
  motion_of,
  plan,
  possessions_of,
  shot_of,
  skills_of,
)
from sportjax.synth.reels.scenes import sample_cast
from sportjax.synth.reels.staging import stage_possession

PLAYERS, TRAINING = 300, 200


@functools.cache
def _planned() -> tuple[ReelTake, ...]:
  return plan(ReelSpec(players=PLAYERS, test_players=PLAYERS - TRAINING))


@functools.cache
def _skills() -> np.ndarray:
  return np.array([[skills_of(take)[name] for name in SKILLS] for take in _planned()])


@functools.cache
def _events() -> tuple[tuple[Possession, ...], ...]:
  return tuple(possessions_of(take) for take in _planned())


def _levels() -> np.ndarray:
  return np.array([level_array(skills_of(take)) for take in _planned()])


# ---- skills and levels


def test_skills_are_basket_s_and_in_its_order():
  assert len(SKILLS) == len(set(SKILLS)) == 20
  assert SKILLS[:4] == ('free_throw', 'two_points', 'three_points', 'contested_shots')
  assert SKILLS[-2:] == ('impact', 'efficiency')
  assert REVERSED == ('defensive_consistency',)


def test_each_skill_is_uniform_so_that_levels_are_fifths():
  rng = np.random.default_rng(1)
  rated = np.array([level_array(sample_skills(rng)) for _ in range(3000)])
  for k in range(20):
    np.testing.assert_allclose(np.bincount(rated[:, k], minlength=5) / 3000, 0.2, atol=0.03)


def test_levels_rise_with_the_skill_but_fall_where_reversed():
  for value, want in ((0.0, 0), (0.199, 0), (0.2, 1), (0.5, 2), (0.8, 4), (1.0, 4)):
    rated = levels(dict.fromkeys(SKILLS, value))
    assert {rated[name] for name in SKILLS if name not in REVERSED} == {want}
    assert rated['defensive_consistency'] == 4 - want
  assert BOUNDS == (0.2, 0.4, 0.6, 0.8)
  with pytest.raises(InputError, match='free_throw'):
    levels({'free_throw': 1.2})


def test_skills_hang_together_as_the_structure_says():
  rng = np.random.default_rng(0)
  drawn = np.array([list(sample_skills(rng).values()) for _ in range(4000)])
  seen = np.corrcoef(drawn.T)
  np.testing.assert_allclose(seen, correlation(), atol=0.08)
  at = SKILLS.index
  assert seen[at('two_points'), at('three_points')] > 0.25
  assert seen[at('rebounds'), at('defensive_rebounds')] > 0.8
  assert seen[at('three_points'), at('defensive_rebounds')] < 0.15
  assert np.linalg.eigvalsh(seen).min() > 1e-3  # no skill is made of the others alone


# ---- what is planned


def test_plan_repeats_splits_by_player_and_fills_the_reel():
  takes = plan(ReelSpec(players=5, seconds=(10.0, 20.0), test_players=2, seed=3))
  assert takes == plan(ReelSpec(players=5, seconds=(10.0, 20.0), test_players=2, seed=3))
  assert takes != plan(ReelSpec(players=5, seconds=(10.0, 20.0), test_players=2, seed=4))
  assert [take.split for take in takes] == ['train'] * 3 + ['test'] * 2
  assert len({take.athlete for take in takes}) == 5
  for take in takes:
    events = possessions_of(take)
    assert events == possessions_of(take)
    assert events[0].start_ms == 0
    assert events[-1].end_ms == pytest.approx(1000 * take.seconds, abs=10)
    assert all(a.end_ms == b.start_ms for a, b in itertools.pairwise(events))
    assert all(4300 < event.end_ms - event.start_ms < 8200 for event in events)


@pytest.mark.parametrize(
  'settings', [{'players': 0}, {'players': 2, 'test_players': 2}, {'players': 1, 'seconds': (3.0, 9.0)},
               {'players': 1, 'seconds': (20.0, 10.0)}]
)  # fmt: skip
def test_impossible_sets_are_refused(settings):
  with pytest.raises(InputError, match='reels'):
    ReelSpec(**settings)


def test_a_better_player_scores_more_and_loses_fewer_balls():
  good, bad = (sample_possessions(dict.fromkeys(SKILLS, v), 6000.0, np.random.default_rng(0)) for v in (0.95, 0.05))

  def share(events, kind, outcome):
    of = [event for event in events if event.kind == kind]
    return np.mean([event.outcome == outcome for event in of])

  for kind, outcome in (('free_throw', 'made'), ('two', 'made'), ('three', 'made'), ('pass', 'assist'),
                        ('steal', 'won'), ('defensive_rebound', 'secured')):  # fmt: skip
    assert share(good, kind, outcome) > share(bad, kind, outcome) + 0.2, kind
  for kind, outcome in (('pass', 'intercepted'), ('dribble', 'lost'), ('guard', 'foul')):
    assert share(good, kind, outcome) < share(bad, kind, outcome) - 0.2, kind


def test_points_follow_from_kind_and_outcome():
  points = {(e.kind, e.outcome): e.points for events in _events() for e in events}
  assert points['three', 'made'] == 3
  assert points['free_throw', 'made'] == 1
  assert points['two', 'missed'] == points['pass', 'intercepted'] == 0
  assert points['guard', 'scored'] == -2
  assert {kind for kind, _ in points} == set(KINDS)


def _features(events: tuple[Possession, ...], execution: bool = True) -> list[float]:
  """What a scout would count: shares, rates, and by kind the mean and the spread of the execution."""
  out = []
  good = {'steal': 'won', 'dribble': 'kept', 'defensive_rebound': 'secured', 'offensive_rebound': 'secured'}
  for kind, contested in itertools.product(KINDS, (False, True)):
    if contested and kind not in ('two', 'three'):
      continue
    of = [event for event in events if (event.kind, event.contested) == (kind, contested)]
    out.append(len(of) / len(events))
    wanted = {'pass': ('assist', 'intercepted'), 'guard': ('scored', 'foul')}.get(kind, (good.get(kind, 'made'),))
    out += [(sum(event.outcome == name for event in of) + 0.5) / (len(of) + 1) for name in wanted]
    for name in (None, 'rhythm', 'balance') if execution else ():
      values = [v for event in of for key, v in event.execution.items() if name in (None, key)]
      out.append(float(np.mean(values)) if values else 0.5)
  for kinds in (('guard', 'steal', 'defensive_rebound'), ('free_throw', 'two', 'pass')) if execution else ():
    rest = []
    for kind in kinds:
      values = [list(event.execution.values()) for event in events if event.kind == kind and not event.contested]
      rest += [v - np.mean(list(itertools.chain(*values))) for row in values for v in row]
    out.append(float(np.std(rest)) if rest else 0.2)
  return out


def _read(features: np.ndarray, ridge: float = 20.0) -> np.ndarray:
  """Accuracy per skill on held-out players of a ridge regression cut at the training players' fifths."""
  x = (features - features[:TRAINING].mean(0)) / (features[:TRAINING].std(0) + 1e-9)
  x = np.c_[x, np.ones(len(x))]
  known, values = x[:TRAINING], _skills()
  weights = np.linalg.solve(known.T @ known + ridge * np.eye(x.shape[1]), known.T @ values[:TRAINING])
  guess = x @ weights
  cuts = np.quantile(guess[:TRAINING], BOUNDS, axis=0)
  rated = np.stack([np.searchsorted(cuts[:, k], guess[TRAINING:, k]) for k in range(20)], 1)
  backwards = [SKILLS.index(name) for name in REVERSED]
  rated[:, backwards] = 4 - rated[:, backwards]
  return (rated == _levels()[TRAINING:]).mean(0)


def test_events_and_execution_tell_most_levels():
  """The set can be solved: a plain regression on the truth reads nearly all skills far above the chance of a fifth."""
  accuracy = _read(np.array([_features(events) for events in _events()]))
  assert accuracy.mean() > 0.55
  assert (accuracy > 0.4).sum() >= 18
  assert accuracy.min() > 0.28


def test_outcomes_alone_tell_less():
  both = _read(np.array([_features(events) for events in _events()]))
  outcomes = _read(np.array([_features(events, execution=False) for events in _events()]))
  assert 0.27 < outcomes.mean() < both.mean() - 0.1


def test_body_place_camera_and_length_do_not_tell_levels():
  """The control: what is drawn apart from the skills reads them no better than chance."""
  rows = []
  for take in _planned():
    athlete, filming = athlete_of(take), np.random.default_rng([*take.seed, 2])
    shot = sample_shot(filming, 'court')
    operator = shot.operators[0]
    rows.append([athlete.height_m, athlete.mass_kg, athlete.left_handed, athlete.sex == 'male', athlete.arm_m,
                 take.seconds, len(possessions_of(take)), operator.azimuth, operator.distance_m, shot.gain, shot.gamma,
                 shot.noise, shot.shutter])  # fmt: skip
  accuracy = _read(np.array(rows, float))
  assert accuracy.mean() == pytest.approx(0.2, abs=0.035)
  assert accuracy.max() < 0.36


def test_cameras_are_drawn_alike_whatever_is_done():
  take = plan(ReelSpec(players=1, seconds=(10.0, 10.0)))[0]
  still = Motion(np.zeros((1000, len(ATHLETE.joints), 3)), 100.0, (), {}, cuts_ms=(5000.0,))
  moved = dataclasses.replace(still, joints_m=still.joints_m + 3)
  first, second = (shot_of(take, motion, np.random.default_rng(0)) for motion in (still, moved))
  assert first == second


# ---- what the ball does


def test_free_flights_fall_at_g_and_made_shots_go_through_the_rim():
  rng = np.random.default_rng(0)
  for _ in range(60):
    start = np.array([-rng.uniform(0.8, 7.2), rng.uniform(-2, 2), rng.uniform(2.0, 2.8)])
    shot, through = made(0.5, start, rng)
    t = np.arange(0.5, through.start_s, 0.01)
    path = shot.at(t)
    np.testing.assert_allclose(np.diff(path, 2, axis=0), np.broadcast_to((0, 0, -9.81e-4), (len(t) - 2, 3)), atol=1e-9)
    np.testing.assert_allclose(path[0], start)
    assert np.hypot(*(through.from_m - RIM_M)[:2]) < RIM_RADIUS_M - BALL_RADIUS_M
    assert shot.speed_at(through.start_s)[2] < -1
    assert 3 < np.linalg.norm(shot.velocity) < 12
    assert through.from_m[2] == pytest.approx(RIM_M[2])


def _crosses_rim(path: np.ndarray) -> bool:
  """Whether the ball's middle goes down through the ring."""
  down = np.flatnonzero((path[:-1, 2] >= RIM_M[2]) & (path[1:, 2] < RIM_M[2]))
  return any(np.hypot(*path[k, :2]) < RIM_RADIUS_M for k in down)


def test_missed_shots_touch_the_rim_leave_it_and_stay_before_the_board():
  rng = np.random.default_rng(1)
  for _ in range(120):
    far, angle = rng.uniform(0.9, 7.2), np.radians(rng.uniform(-50, 50))
    start = np.array([-far * np.cos(angle), far * np.sin(angle), rng.uniform(2.0, 2.7)])
    shot, off = missed(0.0, start, rng)
    t = np.arange(0, 4, 0.005)
    path = along([shot, *on_floor(off, 4.0)], t)
    assert not _crosses_rim(path)
    ring = np.hypot(np.hypot(off.from_m[0], off.from_m[1]) - RIM_RADIUS_M, off.from_m[2] - RIM_M[2])
    assert ring == pytest.approx(BALL_RADIUS_M, abs=1e-9)
    assert np.linalg.norm(off.velocity) < np.linalg.norm(shot.speed_at(off.start_s))
    assert path[(t > off.start_s) & (t < off.start_s + 0.6), 0].max() < BOARD_M[0]
    assert path[:, 2].min() >= BALL_RADIUS_M - 1e-9


# ---- possessions in motion


def _staged(kind: str, outcome: str, seed: int = 0, contested: bool = False, label: str = '') -> Motion:
  label = label or {'two': 'jump_shot', 'three': 'jump_shot', 'pass': 'chest_pass', 'dribble': 'crossover'}.get(
    kind, kind
  )
  names = OFF_BALL_ATTRIBUTES if kind in OFF_BALL else class_attributes('basketball', label)
  what = Possession(0.0, 5000.0, kind, label, outcome, contested, 0, dict.fromkeys(names, 0.8))
  rng = np.random.default_rng((seed, 5))
  return stage_possession(what, sample_athlete(rng), sample_cast(rng), rng)


OUTCOMES = [
  (kind, outcome)
  for kinds, outcomes in {
    ('free_throw', 'two', 'three'): ('made', 'missed'),
    ('pass',): ('complete', 'assist', 'intercepted'),
    ('dribble',): ('kept', 'lost'),
    ('defensive_rebound', 'offensive_rebound'): ('secured', 'lost'),
    ('steal',): ('won', 'lost'),
    ('guard',): ('scored', 'stopped', 'foul'),
  }.items()
  for kind, outcome in itertools.product(kinds, outcomes)
]


def _near(motion: Motion, joints: np.ndarray) -> np.ndarray:
  """Distance of the ball from the nearer hand."""
  ball = motion.apart['basketball'][:, 0]
  hands = [joints[:, ATHLETE.index(f'{side}_hand')] for side in ('left', 'right')]
  return np.min([np.linalg.norm(hand - ball, axis=-1) for hand in hands], axis=0)


@pytest.mark.parametrize(('kind', 'outcome'), OUTCOMES)
def test_outcomes_show_in_the_motion(kind, outcome):
  for seed in range(2):
    motion = _staged(kind, outcome, seed)
    ball, rim = motion.apart['basketball'][:, 0], motion.apart['hoop'][0, 0]
    assert len(motion.joints_m) == len(ball) == 500
    assert all(other.joints_m.shape == motion.joints_m.shape for other in motion.others)
    assert np.isfinite(ball).all()
    step = np.linalg.norm(np.diff(ball, axis=0), axis=1)
    assert step.max() < 0.3, 'the ball jumps'
    assert ball[:, 2].min() >= BALL_RADIUS_M - 0.02
    assert _crosses_rim(ball - rim * (1, 1, 0)) == (outcome in ('made', 'assist', 'scored'))
    end = slice(-40, None)
    if outcome in ('secured', 'won'):
      assert _near(motion, motion.joints_m)[end].max() < 0.35
    if outcome in ('lost', 'intercepted', 'complete'):
      assert _near(motion, motion.joints_m)[end].min() > 0.6
      assert min(np.median(_near(motion, other.joints_m)[end]) for other in motion.others) < 1.1


@pytest.mark.parametrize('label', ['jump_shot', 'layup', 'hook_shot', 'fadeaway'])
def test_contested_shots_have_a_raised_arm_near_them(label):
  gaps = {}
  for contested in (False, True):
    motion = _staged('two', 'made', 3, contested, label)
    act = round(motion.actions[0].events_ms['act'] / 10)
    wrists = [other.joints_m[act, ATHLETE.index('right_wrist')] for other in motion.others if not other.team_mate]
    head = motion.joints_m[act, ATHLETE.index('head')]
    gaps[contested] = min(np.hypot(*(wrist - head)[:2]) + 5 * (wrist[2] < 1.7) for wrist in wrists)
  assert gaps[True] < 1.3
  assert gaps[False] > gaps[True] + 0.7


def test_execution_reaches_the_body():
  """The same possession by a skilled and by a clumsy player: the arm is raised higher after the shot."""
  heights = {}
  for value in (0.0, 1.0):
    what = Possession(0.0, 5000.0, 'free_throw', 'free_throw', 'made', False, 1,
                      dict.fromkeys(class_attributes('basketball', 'free_throw'), value))  # fmt: skip
    rng = np.random.default_rng(8)
    athlete = dataclasses.replace(sample_athlete(rng), left_handed=False)
    motion = stage_possession(what, athlete, sample_cast(rng), rng)
    after = round(motion.actions[0].events_ms['act'] / 10) + 12
    hand, shoulder = (motion.joints_m[after, ATHLETE.index(f'right_{name}'), 2] for name in ('hand', 'shoulder'))
    heights[value] = hand - shoulder
  assert heights[1.0] > heights[0.0] + 0.03


def test_a_reel_is_cut_at_its_possessions_and_filmed(tmp_path):
  take = plan(ReelSpec(players=1, seconds=(10.0, 11.0), size=(160, 128)))[0]
  events, motion = possessions_of(take), motion_of(take)
  np.testing.assert_allclose(motion.cuts_ms, [event.start_ms for event in events[1:]])
  assert motion.duration_ms == pytest.approx(events[-1].end_ms)
  assert len(recordings_of(motion)) == len(events)
  assert take.film(tmp_path)['frames'] == pytest.approx(25 * take.seconds, abs=3)
  truth = np.load(tmp_path / 'truth.npz', allow_pickle=False)
  told = json.loads((tmp_path / 'possessions.json').read_text())
  assert told['levels'] == levels(skills_of(take)) == json.loads((tmp_path / 'about.json').read_text())['skills']
  assert [event['kind'] for event in told['possessions']] == [event.kind for event in events]
  changes = truth['t_ms'][1:][np.diff(truth['set_up']) > 0]
  np.testing.assert_allclose(changes, motion.cuts_ms, atol=45)
  assert (truth['box'][:, 2] > 0).mean() > 0.95
  assert len(truth['bystander_boxes']) > 1.5 * len(truth['t_ms'])


def test_player_and_hoop_are_in_the_picture():
  for take in plan(ReelSpec(players=3, seconds=(40.0, 40.0))):
    motion = motion_of(take)
    recordings = recordings_of(motion)
    shot = shot_of(take, motion, np.random.default_rng([*take.seed, 2]))
    t_s, number = expose(motion, shot, recordings)
    cameras, _ = set_up_cameras(motion, shot, recordings, t_s, number, np.random.default_rng(0))
    middle = t_s.shape[1] // 2
    for points, most in ((motion.joints_m, 0.99), (motion.apart['hoop'][:, :1], 0.95)):
      sampled = recordings.sample(points, t_s[:, middle])
      px, depth = cameras.take(slice(middle, None, t_s.shape[1])).project(sampled)
      assert ((px > 0) & (px < 256) & (depth[..., None] > 4)).all(-1).mean() > most
