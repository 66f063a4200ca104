import dataclasses

import cv2
import numpy as np
import pytest

from sportjax.errors import InputError
from sportjax.pose.skeletons import Skeleton
from sportjax.synth.body import ATHLETE
from sportjax.synth.filming.appearance import sample_appearance
from sportjax.synth.filming.shoot import film
from sportjax.synth.filming.shots import sample_shot
from sportjax.synth.filming.stage import set_stage
from sportjax.synth.motion import Action

LOOK = sample_appearance(np.random.default_rng(5), 'target', 'hall')


def make_shot(seed=0, style='broadcast', cuts_s=(), **changes):
  shot = sample_shot(np.random.default_rng(seed), 'hall', style, cuts_s)
  return dataclasses.replace(shot, **({'behind': 0, 'in_front': 0, 'posts': 0, 'movers': 0, 'phase': 0.2} | changes))


def take(motion, shot, seed=0, **options):
  return list(film(motion, LOOK, shot, np.random.default_rng(seed), **options))


def test_film_repeats_by_seed(motion):
  shot = make_shot(behind=2, in_front=1, posts=1, movers=2)
  first, again, other = (take(motion, shot, seed) for seed in (0, 0, 1))
  for a, b in zip(first, again, strict=True):
    for field in dataclasses.fields(a):
      np.testing.assert_array_equal(getattr(a, field.name), getattr(b, field.name))
  assert any((a.rgb != b.rgb).any() for a, b in zip(first, other, strict=True))


def test_film_times_are_the_shots_rate_from_its_phase(motion):
  shot = make_shot(fps=30.0, phase=0.5, shutter=0.8)
  times = np.array([frame.t_ms for frame in take(motion, shot)])
  np.testing.assert_allclose(np.diff(times), 1000 / 30)
  assert times[0] == pytest.approx((0.5 + 0.4) * 1000 / 30)
  assert times[-1] < 1000 * (len(motion.joints_m) - 1) / motion.fps


def test_film_box_is_tight_and_joints_lie_in_the_mask(motion):
  for seed in range(3):
    for frame in take(motion, make_shot(seed)):
      rows, columns = np.nonzero(frame.mask)
      np.testing.assert_array_equal(frame.box, [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1])
      near = cv2.dilate(frame.mask.astype(np.uint8), np.ones((7, 7), np.uint8))
      x, y = np.round(frame.joints_px).astype(int).T
      inside = (x >= 0) & (x < 256) & (y >= 0) & (y < 256)
      assert inside.mean() > 0.8
      assert near[y[inside], x[inside]].all()


def test_film_camera_joints_project_onto_the_picture(motion):
  frames = take(motion, make_shot())
  for frame in frames[::5]:
    viewed = frame.joints_camera_m
    ratio = viewed[:, :2] / viewed[:, 2:]
    # One focal length and one centre explain all joints.
    slope = np.polyfit(ratio[:, 0], frame.joints_px[:, 0], 1), np.polyfit(ratio[:, 1], frame.joints_px[:, 1], 1)
    np.testing.assert_allclose(slope[0][0], slope[1][0], rtol=1e-3)
    np.testing.assert_allclose([slope[0][1], slope[1][1]], 128, atol=0.05)


def test_film_far_arm_is_hidden_and_near_arm_seen_from_the_side(new_motion):
  motion = new_motion(turns=0, heading=np.pi / 2)  # faces -x: the camera at -y sees the left side
  shot = make_shot(style='clean')
  shot = dataclasses.replace(shot, operators=(dataclasses.replace(shot.operators[0], azimuth=0.0, height_m=0.0),))
  frames = take(motion, shot)
  seen = dict(zip(ATHLETE.joints, np.mean([frame.visible for frame in frames], 0), strict=True))
  assert seen['left_elbow'] == seen['left_shoulder'] == seen['left_knee'] == 1
  assert seen['right_elbow'] == seen['right_shoulder'] == 0
  assert seen['left_ear'] == 1
  assert seen['right_ear'] == seen['right_eye'] == 0


def test_film_face_is_seen_from_the_front_only(new_motion):
  shot = make_shot(style='clean')
  for heading, want in ((np.pi, True), (0.0, False)):
    frame = take(new_motion(turns=0, heading=heading), shot)[0]
    assert frame.visible[ATHLETE.index('nose')] == want


def test_film_post_hides_joints_and_mask(new_motion):
  motion = new_motion(turns=0)
  clear, hidden = [], []
  for seed in range(12):
    clear += take(motion, make_shot(seed, fps=5.0), seed)
    hidden += take(motion, make_shot(seed, fps=5.0, posts=3), seed)
  lost = np.array([a.visible & ~b.visible for a, b in zip(clear, hidden, strict=True)])
  assert lost.any(1).mean() > 0.2
  for a, b, gone in zip(clear, hidden, lost, strict=True):
    np.testing.assert_array_equal(a.box, b.box)
    x, y = np.round(a.joints_px[gone]).astype(int).T
    assert not b.mask[y, x].any()
    assert b.mask.sum() <= a.mask.sum()


def _sharpness(frame) -> float:
  """Mean gradient just inside the athlete's outline."""
  grey = cv2.cvtColor(frame.rgb, cv2.COLOR_RGB2GRAY).astype(np.float32)
  gradient = np.hypot(cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1))
  edge = cv2.morphologyEx(frame.mask.astype(np.uint8), cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) > 0
  return float(gradient[edge].mean())


def test_film_blur_grows_with_speed_and_with_the_shutter(new_motion):
  steady = make_shot(style='clean', clutter=0.0, noise=0.0)
  middle = {}
  for turns in (0.0, 0.5, 1.5):
    for shutter in (0.02, 0.9):
      frames = take(new_motion(turns=turns), dataclasses.replace(steady, shutter=shutter, sub_frames=9))
      middle[turns, shutter] = np.mean([_sharpness(frame) for frame in frames[10:20]])
  ratios = [middle[turns, 0.9] / middle[turns, 0.02] for turns in (0.0, 0.5, 1.5)]
  assert ratios[0] > 0.95
  assert ratios[0] > ratios[1] + 0.05 > ratios[2] + 0.1


def test_film_flow_carries_each_frame_onto_the_next(motion):
  shot = make_shot(noise=0.0, shutter=0.1, behind=1)
  frames = take(motion, shot, flow=True)
  np.testing.assert_allclose(frames[0].flow, 0, atol=1e-4)
  y, x = np.mgrid[:256, :256].astype(np.float32)
  for before, now in zip(frames[7:20:3], frames[8:21:3], strict=True):
    old, new = before.rgb.astype(np.float32), now.rgb.astype(np.float32)
    carried = cv2.remap(old, x - now.flow[..., 0], y - now.flow[..., 1], cv2.INTER_LINEAR)
    still, moved = np.abs(old - new).mean(-1), np.abs(carried - new).mean(-1)
    assert moved[now.mask].mean() < 0.6 * still[now.mask].mean()
    assert moved.mean() < 0.7 * still.mean()


def test_film_flow_at_joints_is_their_displacement(motion):
  frames = take(motion, make_shot(), flow=True)
  errors = []
  for before, now in zip(frames[5:25], frames[6:26], strict=True):
    seen = now.visible & (now.joints_px > 1).all(1) & (now.joints_px < 254).all(1)
    x, y = np.round(now.joints_px[seen]).astype(int).T
    moved = now.joints_px[seen] - before.joints_px[seen]
    errors.append(np.linalg.norm(now.flow[y, x] - moved, axis=-1) / (1 + np.linalg.norm(moved, axis=-1)))
  assert np.median(np.concatenate(errors)) < 0.15


def test_film_cut_changes_the_camera_and_zeroes_flow(motion):
  shot = make_shot(cuts_s=(0.6,))
  frames = take(motion, shot, flow=True)
  set_up = np.array([frame.set_up for frame in frames])
  (cut,) = np.flatnonzero(np.diff(set_up)) + 1
  opened = np.array([frame.t_ms for frame in frames]) - 1000 / shot.fps * shot.shutter / 2
  assert opened[cut - 1] < 600 <= opened[cut]
  np.testing.assert_allclose(frames[cut].flow, 0, atol=1e-4)
  step = [np.abs(a.rgb.astype(int) - b.rgb).mean() for a, b in zip(frames, frames[1:], strict=False)]
  assert np.argmax(step) == cut - 1


def test_film_people_around_have_boxes_but_are_not_in_the_mask(motion):
  alone, among = take(motion, make_shot(3)), take(motion, make_shot(3, behind=2))
  assert all(not len(frame.bystander_boxes) for frame in alone)
  assert sum(len(frame.bystander_boxes) for frame in among) > len(among)
  for a, b in zip(alone, among, strict=True):
    assert not (b.mask & ~a.mask).any()


def test_film_labels_do_not_reach_the_picture(motion):
  shot = make_shot(behind=2, movers=2)
  labelled = dataclasses.replace(motion, actions=(Action('pike', 0, 900),))
  for a, b in zip(take(motion, shot), take(labelled, shot), strict=True):
    np.testing.assert_array_equal(a.rgb, b.rgb)


def test_film_setting_is_the_same_whatever_is_done(new_motion):
  """Same seeds, another motion: the same room, zoom, people, clothes and screens."""
  shot = make_shot(behind=2, movers=2)
  stages = [set_stage(new_motion(turns=turns), LOOK, shot, np.random.default_rng(0)) for turns in (1, 0.5)]
  for number in range(6):
    np.testing.assert_array_equal(*(stage.room.side(number) for stage in stages))
  for a, b in zip(*(stage.actors for stage in stages), strict=True):
    np.testing.assert_array_equal(a.solid(np.zeros(1)).colours, b.solid(np.zeros(1)).colours)
  first, second = (stage.cameras.focal_px[:10] for stage in stages)
  np.testing.assert_allclose(first, second, rtol=0.02)


def test_film_motion_shorter_than_an_exposure_is_refused(new_motion):
  with pytest.raises(InputError, match='shorter than one exposure'):
    take(new_motion(seconds=0.02), make_shot())


def test_film_joints_are_those_of_the_athlete_skeleton(motion):
  assert isinstance(ATHLETE, Skeleton)
  assert take(motion, make_shot(fps=5.0))[0].joints_px.shape == (len(ATHLETE.joints), 2)
