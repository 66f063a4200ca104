"""Windows of the real labels, against what was measured by running the reference's own code on them."""

import functools

import numpy as np
import pytest

from sportjax.data import windows
from sportjax.evals.detection import intervals_of
from sportjax.formats import vpd_labels
from sportjax.formats.actions import read_video_meta


@pytest.fixture
def labels(shared_data):
  return shared_data / 'vpd_labels'


def test_jumps_with_their_approach_last_as_long_as_in_the_reference(labels):
  jumps = vpd_labels.read_fs(labels / 'action_dataset' / 'fs')
  fps = {video: meta.fps for video, meta in read_video_meta(labels / 'video_meta' / 'fs.json').items()}
  spans = np.array([windows.jump(jump, fps[jump.video]) for jump in jumps])
  rates = np.array([fps[jump.video] for jump in jumps])
  assert (np.diff(spans)[:, 0] / rates).mean() == pytest.approx(3.304, abs=5e-4)
  trained = [jump.end_frame - jump.start_frame for jump in jumps if jump.split != 'test']
  assert np.mean(trained) == pytest.approx(39.1, abs=0.05)


def test_swings_to_be_detected_are_five_frames_and_none_touch(labels):
  videos = read_video_meta(labels / 'video_meta' / 'tennis.json')
  swings = vpd_labels.read_tennis(labels / 'action_dataset' / 'tennis', videos, vpd_labels.SWING_CLASSES)
  fps = {swing.video: videos[vpd_labels.tennis_video(swing.video)].fps for swing in swings}
  window = functools.partial(windows.swing, half_s=0.1)
  assert {int(np.diff(window(swing, fps[swing.video]))[0]) for swing in swings} == {5}
  clips = [windows.clip_of(swing, window, fps[swing.video]) for swing in swings if swing.split == 'test']
  intervals = intervals_of(clips)
  assert (len(clips), sum(map(len, intervals.values())), len(intervals)) == (2972, 2972, 955)
