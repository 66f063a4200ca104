"""Parts of recordings: which frames they are at every rate, and that they are those very frames."""

import math

import numpy as np
import pytest

from sportjax.errors import InputError
from sportjax.video.cut import cut, frames_between
from sportjax.video.decode import probe, read_frames
from sportjax.video.encode import write_video

NEAR_S = 0.0006  # a time this near to a frame's own is the frame's


def film(path, t_ms):
  """Frames that tell their number by their grey."""
  write_video(path, (np.full((32, 32, 3), 8 * n, np.uint8) for n in range(len(t_ms))), t_ms, crf=10)
  return probe(path)


@pytest.mark.parametrize('fps', [25.0, 29.97002997, 50.0, 60.0])
def test_frames_are_floors_and_ceilings_of_time_by_rate(tmp_path, fps):
  info = film(tmp_path / 'v.mp4', np.arange(30) * 1000 / fps)
  for start_s, end_s in ((0.0, 0.29), (0.12, 0.25), (0.2, 0.301), (7 / fps, 11 / fps), (0.0, 30 / fps)):
    low, high = (math.floor((s + NEAR_S) * fps) for s in (start_s, end_s))
    assert frames_between(info, start_s, end_s) == (low, high)
    assert frames_between(info, start_s, end_s, whole_end=True) == (low, math.ceil((end_s - NEAR_S) * fps))


def test_times_tell_where_the_rate_varies(tmp_path):
  t_ms = np.array([500, 540, 580, 900, 940, 980, 1020])  # the first frame is at 0 of the recording
  info = film(tmp_path / 'v.mp4', t_ms)
  assert frames_between(info, 0.3, 0.45) == (2, 4)  # frame 2 stays on screen until 400 ms
  cut(info, 2, 5, tmp_path / 'part.mp4')
  part = probe(tmp_path / 'part.mp4')
  np.testing.assert_allclose(part.t_ms, [0, 320, 360], atol=0.1)


def test_cut_frames_are_those_of_the_recording(tmp_path):
  info = film(tmp_path / 'v.mp4', np.arange(30) * 40.0)
  assert cut(info, 13, 20, tmp_path / 'part.mp4') == 7
  whole = [image.mean() for _, _, image in read_frames(info)]
  part = [image.mean() for _, _, image in read_frames(tmp_path / 'part.mp4')]
  np.testing.assert_allclose(part, whole[13:20], atol=1.5)  # neighbours are 8 apart
  assert probe(tmp_path / 'part.mp4').nominal_fps == pytest.approx(25)


@pytest.mark.parametrize(('start_s', 'end_s'), [(0.5, 1.3), (2.0, 3.0), (0.5, 0.5), (0.51, 0.515)])
def test_parts_outside_the_recording_are_refused(tmp_path, start_s, end_s):
  info = film(tmp_path / 'v.mp4', np.arange(30) * 40.0)
  with pytest.raises(InputError, match=r'lasts 1\.20 s, the part from'):
    frames_between(info, start_s, end_s)
