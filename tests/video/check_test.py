import re

import cv2
import numpy as np
import pytest

from sportjax.pose.track import Detections
from sportjax.video.check import check_video
from sportjax.video.encode import write_video


def film(path, t_ms, still=False, repeat=1, size=(160, 200)):
  texture = cv2.GaussianBlur(np.random.default_rng(0).integers(0, 255, (*size, 3), dtype=np.uint8), (0, 0), 2)
  frames = [np.roll(texture, 0 if still else 3 * (i // repeat), axis=1) for i in range(len(t_ms))]
  write_video(path, frames, t_ms, crf=10)
  return path


def people_in(frames, score=0.9, box=(50, 20, 100, 140)):
  n = len(frames)
  keypoints = np.full((n, 17, 3), 60, np.float32)
  keypoints[..., 2] = score
  return Detections(
    frame=np.array(frames), boxes=np.tile(np.array(box, np.float32), (n, 1)), scores=np.ones(n, np.float32),
    keypoints=keypoints, ids=np.full(n, -1), skeleton='coco17', source='clip.json',
  )  # fmt: skip


EVEN = np.arange(40) * 40.0


def kinds(findings):
  return [(finding.severity, finding.what) for finding in findings]


def test_nothing_is_found_where_nothing_is_wrong(tmp_path):
  assert check_video(film(tmp_path / 'v.mp4', EVEN), people_in(range(40))) == []


@pytest.mark.parametrize(
  ('people', 'severity', 'says'),
  [
    (None, 'error', 'no keypoints'),
    (people_in([]), 'error', 'nobody is detected in any frame'),
    (people_in(range(50)), 'error', 'up to frame 49, the video has 40'),
    (people_in(range(0, 40, 2)), 'warning', 'one frame of 2 only, from 0 to 38'),
    (people_in(range(33)), 'warning', r'end at frame 32 of 40, as if counted at 20\.6'),
    (people_in([*range(10), *range(30, 40)]), 'warning', '1 times for more than 500 ms, at most 840 ms'),
    (people_in(range(16, 40)), 'warning', '1 times for more than 500 ms, at most 640 ms'),
    (people_in(range(40), score=0.1), 'warning', r'median score of joints is 0\.10'),
    (people_in(range(40), box=(50, 50, 60, 80)), 'warning', 'people are 30 pixels tall'),
    (people_in(range(40), box=(500, 500, 600, 700)), 'error', '40 of 40 people lie outside'),
  ],
)
def test_each_fault_of_keypoints_is_named_alone(tmp_path, people, severity, says):
  (finding,) = check_video(film(tmp_path / 'v.mp4', EVEN), people)
  assert finding.severity == severity
  assert finding.remedy
  assert re.search(says, finding.what)


@pytest.mark.parametrize(
  ('options', 'severity', 'says'),
  [
    ({'t_ms': np.cumsum(np.tile([20.0, 60.0], 20))}, 'note', r'variable frame rate: 20\.0 to 60\.0 ms'),
    ({'t_ms': np.arange(40) * 100.0}, 'warning', '10.0 frames per second'),
    ({'t_ms': EVEN, 'size': (160, 90)}, 'warning', '90x160 pixels'),
    ({'t_ms': EVEN, 'still': True}, 'error', 'all frames show the same picture'),
    ({'t_ms': EVEN, 'repeat': 2}, 'warning', '20 of 40 frames repeat'),
  ],
)
def test_each_fault_of_the_video_is_named_alone(tmp_path, options, severity, says):
  (finding,) = check_video(film(tmp_path / 'v.mp4', **options), people_in(range(40)))
  assert finding.severity == severity
  assert re.search(says, finding.what)


def test_what_does_not_decode_is_one_finding(tmp_path):
  whole = film(tmp_path / 'v.mp4', EVEN).read_bytes()
  (tmp_path / 'v.mp4').write_bytes(whole[: len(whole) // 2])
  (finding,) = check_video(tmp_path / 'v.mp4', people_in(range(40)))
  assert finding.severity == 'error'
  assert 'cut off' in finding.what
  assert finding.remedy.startswith('get the whole file again')
  (missing,) = check_video(tmp_path / 'none.mp4', None)
  assert 'no such file' in missing.what


def test_damaged_frames_are_counted(tmp_path):
  import av

  path = film(tmp_path / 'v.mp4', EVEN)
  with av.open(str(path)) as container:
    places = sorted((p.pos, p.size) for p in container.demux(video=0) if p.size)
  data = bytearray(path.read_bytes())
  position, size = places[14]
  data[position : position + size] = np.random.RandomState(1).bytes(size)
  path.write_bytes(data)
  findings = check_video(path, people_in(range(40)))
  assert ('error', True) in [(f.severity, 'frames do not decode' in f.what) for f in findings]


def test_real_views_are_sound(shared_data):
  from sportjax.formats.keypoints import read_keypoints

  root = shared_data / 'video_clips' / 'beam_four_views'
  people = read_keypoints(
    root / 'openpose_body25b' / 'cam01', image_size=(1080, 1920), n_frames=100, skeleton='body25b'
  )
  assert check_video(root / 'cam01.mp4', people) == []
