"""Instruction videos: what is shown, what is said of it, and when."""

import dataclasses
import functools
import itertools

import numpy as np
import pytest

from sportjax.errors import InputError
from sportjax.synth import lesson_script
from sportjax.synth.attributes import BY_MISTAKE
from sportjax.synth.body import ATHLETE
from sportjax.synth.instruction import InstructionSpec, events_of, plan, shoot, teach
from sportjax.synth.mistakes import class_mistakes
from sportjax.synth.skills import SPORTS, classes
from sportjax.synth.world import World
from sportjax.text import feedback, howto, phrases

J = ATHLETE.index


def _take(sport, coach=1):
  return plan(InstructionSpec(sport, 3, coach + 1, shortest_s=40, longest_s=45))[coach]


@functools.cache
def _taught(sport):
  return teach(_take(sport))


def _expansions(templates, left_handed, names):
  slots = phrases.sides(left_handed)
  return {text for t in templates for name in names for text in phrases.expansions(t, slots | {'skill': name})}


def test_plans_are_by_seed_and_grow_by_coaches():
  few, many = (plan(InstructionSpec('tennis', 11, coaches, videos=4)) for coaches in (3, 9))
  assert many[: len(few)] == few
  assert len({take.name for take in many}) == len(many) == 36
  assert {take.athlete for take in many if take.split == 'test'} == {'tennis_a002', 'tennis_a005', 'tennis_a008'}
  for _, own in itertools.groupby(many, key=lambda take: take.athlete):
    assert len({take.label for take in own}) == 4
  assert plan(InstructionSpec('tennis', 11, 3, videos=4, seed=1)) != few
  for take in many:
    assert 90 <= take.seconds <= 240
    assert any(name.lower() in take.title.lower() for name in howto.names('tennis', take.label))


@pytest.mark.parametrize('sport', SPORTS)
def test_segments_cover_the_video_and_hold_its_actions(sport):
  take, taught = _take(sport), _taught(sport)
  assert taught.motion.duration_ms >= 1000 * take.seconds
  edges = [edge for s in taught.segments for edge in (s.start_ms, s.end_ms)]
  np.testing.assert_allclose(edges[1:-1:2], edges[2::2])
  np.testing.assert_allclose((edges[0], edges[-1]), (0, taught.motion.duration_ms))
  shown = [s for s in taught.segments if s.shown != 'talk']
  assert [s.action for s in shown] == list(range(len(taught.motion.actions)))
  assert {'right', 'wrong', 'correction'} <= {s.shown for s in shown}
  for segment, action in zip(shown, taught.motion.actions, strict=True):
    assert segment.start_ms <= action.start_ms < action.end_ms <= segment.end_ms + 1
    assert (action.sport, action.label) == (sport, take.label)
    assert action.mistake == (segment.mistake if segment.shown == 'wrong' else '')
  assert all(s.action == -1 and s.end_ms - s.start_ms > 1000 for s in taught.segments if s.shown == 'talk')


@pytest.mark.parametrize('sport', SPORTS)
def test_nothing_pops_within_a_recording(sport):
  motion = _taught(sport).motion
  x, whole = motion.joints_m, np.ones(len(motion.joints_m) - 1, bool)
  assert motion.cuts_ms
  assert list(motion.cuts_ms) == sorted(motion.cuts_ms)
  for cut in motion.cuts_ms:
    assert 0 < cut < motion.duration_ms
    whole[round(cut * motion.fps / 1000) - 1] = False
  jump = np.linalg.norm(np.diff(x, 2, axis=0), axis=-1).max(1) * motion.fps
  assert jump[whole[1:] & whole[:-1]].max() < 18
  assert all(np.ptp(np.linalg.norm(x[:, J(a)] - x[:, J(b)], axis=1)) < 1e-6 for a, b in ATHLETE.bones)
  for name, points in motion.equipment.items():
    assert len(points) == len(x)
    assert np.isfinite(points).all(), name


def test_the_coach_stands_on_the_board_and_behind_a_bar_on_the_floor():
  for segment in (s for s in _taught('diving').segments if s.shown == 'talk'):
    motion = _taught('diving').motion
    span = slice(round(segment.start_ms / 10) + 1, round(segment.end_ms / 10) - 1)
    heel_m = motion.joints_m[span, J('left_heel')]
    board = motion.equipment['board'][span]
    assert np.abs(heel_m[:, 2].min(0) - board[0, 0, 2]) < 0.15
    along = np.linalg.norm(heel_m[:, :2] - board[:, :2, :2].mean(1), axis=-1)
    assert along.max() < 3.5
  segment, motion = _taught('weightlifting').segments[0], _taught('weightlifting').motion
  span = slice(0, round(segment.end_ms / 10) - 1)
  assert np.allclose(motion.equipment['barbell'][span, :, 2], 0.225)
  away = np.linalg.norm(
    motion.joints_m[span, J('pelvis'), :2] - motion.equipment['barbell'][span, :, :2].mean(1), axis=-1
  )
  assert away[0] > 0.5


@pytest.mark.parametrize('sport', SPORTS)
def test_one_sentence_after_the_other_and_each_of_what_it_says(sport):
  taught = _taught(sport)
  times = [time for said in taught.spoken for time in (said.start_ms, said.end_ms)]
  assert times == sorted(times)
  assert times[0] >= 0
  assert times[-1] <= taught.motion.duration_ms
  assert {'filler', 'topic', 'howto', 'fault', 'advice'} <= {said.sentence.kind for said in taught.spoken}
  by_action = {s.action: s for s in taught.segments if s.action >= 0}
  for said in taught.spoken:
    if said.sentence.kind in ('filler', 'topic'):
      assert said.action == -1
    if said.sentence.kind == 'howto':
      assert by_action[said.action].shown in ('right', 'replay')
    if said.sentence.kind in feedback.MENDING:
      segment = by_action[said.action]
      assert segment.shown == ('correction' if said.sentence.kind == 'advice' else 'wrong')
      assert BY_MISTAKE[segment.mistake].name == said.sentence.topic
  assert taught.cues
  assert taught.cues[-1].end_ms < taught.motion.duration_ms + 5000


def test_narration_is_out_of_step():
  late_s = [
    (said.start_ms - taught.motion.actions[said.action].start_ms) / 1000
    for taught in map(_taught, SPORTS)
    for said in taught.spoken
    if said.action >= 0 and said.sentence.kind != 'cue'
  ]
  assert np.mean(np.array(late_s) < -2) > 0.1
  assert np.mean(np.array(late_s) > 2) > 0.1
  assert np.mean(np.abs(late_s) < 2) > 0.1


def test_fillers_and_the_camera_do_not_see_the_class():
  take = _take('golf')
  other = dataclasses.replace(take, label=next(name for name in classes('golf') if name != take.label))

  def fillers(taught):
    return [said.sentence.text for said in taught.spoken if said.sentence.kind == 'filler'][:-1]

  pairs = list(zip(fillers(_taught('golf')), fillers(teach(other)), strict=False))
  assert len(pairs) >= 2
  assert all(a == b for a, b in pairs)
  shots = [shoot(each)[1] for each in (take, other)]
  assert shots[0] == shots[1]


@pytest.mark.parametrize('coach', [1, 2])
def test_held_out_coaches_speak_in_held_out_phrasings(coach):
  take = _take('weightlifting', coach)
  other = 'train' if take.split == 'test' else 'test'
  taught = teach(take)
  own = {name: howto.templates('weightlifting', take.label, name) for name in phrases.SPLITS}
  said = {s.sentence.text for s in taught.spoken if s.sentence.kind == 'howto'}
  assert said
  names = howto.names('weightlifting', take.label)
  for left_handed in (False, True):
    assert not said & _expansions(own[other], left_handed, names)
  assert said <= _expansions(own[take.split], False, names) | _expansions(own[take.split], True, names)


def test_every_class_can_be_taught_and_every_mistake_is_corrected():
  corrected = set()
  for sport, label in [(name, label) for name in SPORTS for label in classes(name)]:
    streams = [np.random.default_rng([7, i]) for i in range(3)]
    speech = lesson_script.prepare_speech(sport, label, 'train', False, *streams[:2])
    mistakes = class_mistakes(sport, label)
    further = lesson_script.rounds(speech, mistakes, streams[2])
    beats = [*lesson_script.opening(speech, streams[2])]
    while {beat.mistake for beat in beats if beat.shown == 'wrong'} < set(mistakes):
      beats += next(further)
    corrected |= {(sport, beat.mistake.name) for beat in beats if beat.shown == 'correction'}
    assert any(s.kind == 'howto' and s.topic == label for beat in beats for s, _ in beat.said)
  assert {name for _, name in corrected} == set(BY_MISTAKE)


def test_the_same_seeds_teach_the_same_in_either_world():
  take = _take('basketball')
  again = teach(take)
  np.testing.assert_array_equal(again.motion.joints_m, _taught('basketball').motion.joints_m)
  assert again.cues == _taught('basketball').cues
  twin = teach(dataclasses.replace(take, permuted=True))
  known = {mistake.name for mistake in World(permuted=True).class_mistakes('basketball', take.label)}
  assert {s.mistake for s in twin.segments} - {''} <= known


def test_events_tell_the_title_the_segments_and_the_sentences_in_time():
  take, taught = _take('football'), _taught('football')
  events = events_of(take, taught)
  assert (events[0].kind, events[0].text, events[0].about) == ('title', take.title, take.label)
  assert len(events) == 1 + len(taught.segments) + len(taught.spoken)
  starts = [event.start_ms for event in events]
  assert starts == sorted(starts)


def test_impossible_specifications_are_input_errors():
  with pytest.raises(InputError, match='golf has 7 classes'):
    plan(InstructionSpec('golf', 8, 1))
  with pytest.raises(InputError, match='instruction'):
    InstructionSpec('golf', 1, 0)
  with pytest.raises(InputError, match='seconds ascend'):
    InstructionSpec('golf', 1, 1, shortest_s=50, longest_s=40)
