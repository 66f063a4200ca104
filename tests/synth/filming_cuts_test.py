"""Filming across the cuts of a motion: every recording is filmed as if it were alone; and long motions."""

import dataclasses
import itertools

import numpy as np
import pytest

from sportjax.errors import InputError
from sportjax.synth.athletes import sample_athlete
from sportjax.synth.filming.appearance import sample_appearance
from sportjax.synth.filming.bystanders import Bystander
from sportjax.synth.filming.recordings import recordings_of
from sportjax.synth.filming.shoot import film
from sportjax.synth.filming.shots import sample_shot
from sportjax.synth.filming.stage import set_stage
from sportjax.synth.motion import Motion, Other, cut_together
from sportjax.synth.routine import routine
from sportjax.synth.skills import perform

FPS = 100.0
LOOK = sample_appearance(np.random.default_rng(5), 'target', 'hall')


def make_motion(place=(0.0, 0.0), seconds=0.8, habit='stand', heading=0.0) -> Motion:
  t = np.arange(round(seconds * FPS)) / FPS
  joints = Bystander(habit, place, heading, 1.75, 0.3).joints_m(t)
  return Motion(joints, FPS, (), {'ball': joints[:, :1] + (0.5, 0, 0)})


def make_shot(seed=0, cuts_s=(), **changes):
  shot = sample_shot(np.random.default_rng(seed), 'hall', 'broadcast', cuts_s)
  return dataclasses.replace(shot, **({'behind': 0, 'in_front': 0, 'posts': 0, 'movers': 0, 'phase': 0.3} | changes))


def take(motion, shot, seed=0, **options):
  return list(film(motion, LOOK, shot, np.random.default_rng(seed), **options))


@pytest.fixture(name='three', scope='module')
def _three() -> Motion:
  """Far apart, so that whatever is taken from both sides of a cut shows."""
  return cut_together([make_motion(place) for place in ((0, 0), (30, 0), (0, 40))])


def test_series_are_never_between_two_recordings(three):
  recordings = recordings_of(three)
  t_s = np.linspace(0, 2.4, 4801)
  sampled = recordings.sample(three.joints_m, t_s)[:, 0]
  ends = three.joints_m[[79, 80, 159, 160], 0]
  for cut_s, before, after in ((0.8, ends[0], ends[1]), (1.6, ends[2], ends[3])):
    near = np.abs(t_s - cut_s) < 0.0099
    held = sampled[near & (t_s < cut_s - 1e-6)]
    np.testing.assert_allclose(held, np.broadcast_to(before, held.shape), atol=1e-5)
    late = near & (t_s > cut_s)
    assert np.abs(sampled[late] - after).max() < 0.02


def test_no_exposure_straddles_a_cut_and_frames_keep_their_rate(three):
  for phase in np.linspace(0, 0.9, 7):
    stage = set_stage(three, LOOK, make_shot(phase=phase, shutter=0.9), np.random.default_rng(0))
    recordings = recordings_of(three)
    np.testing.assert_array_equal(recordings.of(stage.t_s), np.repeat(stage.number[:, None], stage.t_s.shape[1], 1))
    np.testing.assert_allclose(np.diff(stage.t_s[:, stage.middle]), 0.04, atol=1e-6)
    assert set(stage.set_up) == {0, 1, 2}


def test_each_recording_has_an_operator_of_its_own(three):
  stage = set_stage(three, LOOK, make_shot(), np.random.default_rng(0))
  eyes = [np.unique(stage.cameras.eye_m[np.repeat(stage.set_up, stage.t_s.shape[1]) == k], axis=0) for k in range(3)]
  assert all(len(eye) == 1 for eye in eyes)
  for eye, place in zip(eyes, ((0, 0), (30, 0), (0, 40)), strict=True):
    assert 6 < np.linalg.norm(eye[0, :2] - place) < 14
  offsets = np.array([eye[0, :2] - place for eye, place in zip(eyes, ((0, 0), (30, 0), (0, 40)), strict=True)])
  assert np.linalg.norm(offsets[0] - offsets[1]) > 0.3
  assert np.linalg.norm(offsets[1] - offsets[2]) > 0.3


def test_cameras_know_nothing_of_other_recordings(three):
  """The athlete is as near the middle right after a cut as before it: nobody pans over, nobody lags."""
  for frame in take(three, make_shot(seed=3), flow=False):
    middle = frame.joints_px.mean(0)
    assert np.abs(middle - 128).max() < 60
    assert frame.mask.sum() > 1000


def test_a_recording_is_filmed_as_if_it_were_alone():
  """With the shot's operators at the cuts, joints and cameras are those of the recording by itself."""
  parts = [make_motion((0, 0), habit='jog'), make_motion((12, 3), habit='jog', heading=1.0)]
  shot = make_shot(cuts_s=(0.8,), phase=0.0)
  together = take(cut_together(parts), shot)
  alone = take(parts[1], dataclasses.replace(shot, operators=shot.operators[1:], cuts_s=()))
  second = [frame for frame in together if frame.set_up == 2]
  assert len(second) == len(alone)
  for a, b in zip(second, alone, strict=True):
    assert a.t_ms == pytest.approx(b.t_ms + 800)
    np.testing.assert_allclose(a.joints_px, b.joints_px, atol=0.02)
    np.testing.assert_array_equal(a.visible, b.visible)


def test_shots_cut_within_a_recording_and_motions_cut_both_count(three):
  set_up = [frame.set_up for frame in take(three, make_shot(cuts_s=(0.4, 2.0)))]
  assert sorted(set(set_up)) == [0, 1, 2, 3, 4]
  assert set_up == sorted(set_up)


def test_flow_is_zero_after_a_cut_and_small_elsewhere(three):
  frames = take(three, make_shot(noise=0.0), flow=True)
  set_up = np.array([frame.set_up for frame in frames])
  for cut in np.flatnonzero(np.diff(set_up)) + 1:
    np.testing.assert_allclose(frames[cut].flow, 0, atol=1e-4)
  assert max(np.abs(frame.flow).max() for frame in frames) < 20


def test_room_and_people_come_along(three):
  """No recording is filmed out of the room, and the people around are seen in all of them."""
  frames = take(three, make_shot(4, behind=2, movers=1, noise=0.0))
  seen = {k: sum(len(f.bystander_boxes) for f in frames if f.set_up == k) for k in range(3)}
  assert all(seen.values()), seen
  stage = set_stage(three, LOOK, make_shot(4), np.random.default_rng(0))
  for plate in stage.plates:
    room, eye = stage.room_of(plate), plate.camera.eye_m[0]
    assert (room.low_m < eye).all()
    assert (eye < room.high_m).all()


def test_cuts_out_of_order_or_outside_are_refused():
  motion = make_motion()
  for cuts in ((500.0, 300.0), (0.0,), (900.0,), (300.0, 300.0)):
    with pytest.raises(InputError, match='cuts_ms'):
      take(dataclasses.replace(motion, cuts_ms=cuts), make_shot())


def test_recordings_shorter_than_a_frame_are_skipped():
  motion = cut_together([make_motion(seconds=0.5), make_motion((9, 9), seconds=0.01), make_motion(seconds=0.5)])
  assert len(take(motion, make_shot(phase=0.0))) >= 24


def test_every_dive_splashes():
  rng = np.random.default_rng(0)
  athlete = sample_athlete(rng)
  dives = [perform('diving', athlete, label, rng) for label in ('forward_1.5_pike', 'back_1.5_tuck')]
  motion = cut_together(dives)
  shot = dataclasses.replace(
    sample_shot(np.random.default_rng(0), 'pool', 'clean'), posts=0, operators=(make_shot().operators[0],)
  )
  stage = set_stage(motion, LOOK, shot, np.random.default_rng(0))
  splash = stage.actors[-1]
  starts = (0.0, len(dives[0].joints_m) / 100)
  for dive, start in zip(dives, starts, strict=True):
    wet = np.flatnonzero(dive.joints_m[..., 2].min(1) < 0)[0] / 100 + start
    for t, flying in ((wet - 0.05, False), (wet + 0.3, True)):
      assert (np.ptp(splash.solid(np.array([t])).vertices_m[0].reshape(-1, 4, 3), axis=1) > 0).any() == flying


def test_others_are_boxed_dressed_by_side_and_not_the_athlete():
  alone = make_motion()
  joints = [make_motion(place).joints_m for place in ((-1.3, 0.5), (1.3, 0.5), (1.8, 1.0))]
  others = tuple(Other(one, mate) for one, mate in zip(joints, (True, False, False), strict=True))
  among = dataclasses.replace(alone, others=others)
  stage = set_stage(among, LOOK, make_shot(), np.random.default_rng(0))
  plain = set_stage(alone, LOOK, make_shot(), np.random.default_rng(0))
  own, mate, one, other = (actor.solid(np.zeros(1)) for actor in stage.actors[:4])
  tops = [solid.colours[(solid.part == own.part.min()).nonzero()].mean(0) for solid in (own, mate, one, other)]
  np.testing.assert_allclose(tops[0], tops[1], atol=25)
  np.testing.assert_allclose(tops[2], tops[3], atol=25)
  assert len(plain.actors) + 3 == len(stage.actors)
  frames, bare = take(among, make_shot()), take(alone, make_shot())
  assert max(len(frame.bystander_boxes) for frame in frames) >= 2
  for a, b in zip(frames, bare, strict=True):
    assert not (a.mask & ~b.mask).any()


def test_focus_is_where_the_camera_looks():
  motion = make_motion()
  focus = motion.joints_m.mean(1) + (1.0, 0, 0)
  aside = take(dataclasses.replace(motion, focus_m=focus), make_shot())
  straight = take(motion, make_shot())
  shift = np.mean([a.joints_px.mean(0)[0] - b.joints_px.mean(0)[0] for a, b in zip(aside, straight, strict=True)])
  assert shift < -30


@pytest.mark.parametrize('sport', ['skating', 'diving'])
def test_long_motions_are_filmed_in_plates_of_bounded_size(sport):
  rng = np.random.default_rng(2)
  label = {'skating': 'loop_1', 'diving': 'forward_1.5_pike'}[sport]
  motion = routine(sport, sample_athlete(rng), [label] * 24, rng)
  assert len(motion.joints_m) / motion.fps > 120
  shot = sample_shot(rng, 'rink' if sport == 'skating' else 'pool')
  stage = set_stage(motion, LOOK, shot, rng)
  assert max(width * height for width, height in (plate.size for plate in stage.plates)) < 6e6
  path = motion.joints_m.mean(1)
  eyes = stage.cameras.eye_m[:: stage.t_s.shape[1]]
  sampled = stage.recordings.sample(path, stage.t_s[:, 0])
  assert np.linalg.norm(sampled - eyes, axis=-1).min() > 2
  frames = list(itertools.islice(film(motion, LOOK, shot, rng), 12))
  assert all(frame.mask.any() for frame in frames)
