"""Gaps in a track, filled by OpenCV's CSRT: nearer the truth than a line, and not where it goes astray."""

import dataclasses

import cv2
import numpy as np
import pytest

from sportjax.errors import InputError
from sportjax.pose.track import Detections
from sportjax.video import csrt
from sportjax.video.athlete import AthleteParams, follow_athlete
from sportjax.video.decode import probe
from sportjax.video.encode import write_video

FRAMES, LONGEST_MS = 24, 1000.0
KEPT = np.array([0, 1, 2, 3, 4, 14, 15, 16, 17, 19, 20, 21, 22, 23])  # ten frames are lost, and one


def texture(height, width, seed):
  noise = np.random.default_rng(seed).integers(0, 255, (height, width, 3), np.uint8)
  return cv2.normalize(cv2.GaussianBlur(noise, (0, 0), 2), None, 0, 255, cv2.NORM_MINMAX) // 2


def place(frame):
  return 20 + 5 * frame + int(15 * np.sin(frame / 3)), 40 + int(20 * np.sin(frame / 4))


def true_boxes():
  low = np.array([place(frame) for frame in range(FRAMES)], np.float32)
  return np.concatenate([low, low + [30, 50]], axis=1).astype(np.float32)


def film(path, seen=range(FRAMES)):
  """A person of bright texture who swerves over a dark one; in frames not `seen` there is nobody."""
  ground, person, images = texture(160, 240, 0), texture(50, 30, 1) + 127, []
  for frame in range(FRAMES):
    image, (x, y) = ground.copy(), place(frame)
    if frame in seen:
      image[y : y + 50, x : x + 30] = person
    images.append(image)
  write_video(path, images, np.arange(FRAMES) * 40.0, crf=12)
  return probe(path)


def error(frame, boxes):
  return np.abs(boxes - true_boxes()[frame]).max(1)


def test_a_swerve_is_followed_where_a_line_cuts_it(tmp_path):
  info, true = film(tmp_path / 'v.mp4'), true_boxes()
  frame, boxes = csrt.follow(info, KEPT, true[KEPT], LONGEST_MS)
  np.testing.assert_array_equal(frame, np.arange(FRAMES))
  np.testing.assert_array_equal(boxes[KEPT], true[KEPT])
  line = np.stack([np.interp(frame, KEPT, edge) for edge in true[KEPT].T], 1)
  assert error(frame, line).max() > 10
  assert error(frame, boxes).max() < 4
  again = csrt.follow(info, KEPT, true[KEPT], LONGEST_MS)[1]
  np.testing.assert_array_equal(again, boxes)


def test_large_people_are_followed_at_a_smaller_size(tmp_path, monkeypatch):
  monkeypatch.setattr(csrt, '_SIDE_PX', 25)
  frame, boxes = csrt.follow(film(tmp_path / 'v.mp4'), KEPT, true_boxes()[KEPT], LONGEST_MS)
  assert error(frame, boxes).max() < 8


def test_gaps_that_cannot_be_followed_stay(tmp_path):
  true = true_boxes()
  info = film(tmp_path / 'v.mp4')
  short = csrt.follow(info, KEPT, true[KEPT], 80.0)[0]  # 400 ms is too long, 80 ms is not
  assert set(range(FRAMES)) - set(short.tolist()) == set(range(5, 14))
  elsewhere = true[KEPT] + np.where(KEPT >= 14, 60, 0)[:, None].astype(np.float32)
  assert set(range(5, 14)).isdisjoint(csrt.follow(info, KEPT, elsewhere, LONGEST_MS)[0].tolist())
  outside = true[KEPT] + np.float32(1000)
  np.testing.assert_array_equal(csrt.follow(info, KEPT, outside, LONGEST_MS)[0], KEPT)
  np.testing.assert_array_equal(csrt.follow(info, KEPT[:1], true[:1], LONGEST_MS)[0], [0])


def test_an_athlete_is_bridged_as_the_params_say(tmp_path):
  info, true = film(tmp_path / 'v.mp4'), true_boxes()
  n = len(KEPT)
  people = Detections(KEPT, true[KEPT], np.ones(n, np.float32), np.ones((n, 17, 3), np.float32), np.zeros(n, np.int64),
    'coco17', 'made.json')  # fmt: skip
  errors = {}
  for bridge in ('line', 'csrt'):
    params = AthleteParams(bridge=bridge, smooth_ms=1.0)
    track, quality = follow_athlete(people, info, params=params)
    assert (len(track.frame), quality.bridged, quality.longest_gap_ms) == (FRAMES, FRAMES - n, 400.0)
    assert not track.keypoints[7].any()  # nobody estimated them there
    errors[bridge] = error(track.frame, track.boxes).max()
  assert errors['csrt'] < 4 < 10 < errors['line']
  far = dataclasses.replace(AthleteParams(bridge='csrt'), csrt_ms=10.0, bridge_ms=100.0)
  assert len(follow_athlete(people, info, params=far)[0].frame) == n + 1


def test_an_opencv_without_it_is_told(tmp_path, monkeypatch):
  monkeypatch.delattr(cv2, 'TrackerCSRT_create')
  with pytest.raises(InputError, match='pip install opencv-contrib-python-headless'):
    csrt.follow(film(tmp_path / 'v.mp4'), KEPT, true_boxes()[KEPT], LONGEST_MS)
