import json
import pathlib
import subprocess
import sys

import av
import cv2
import numpy as np
import pytest

from configs import check_data as check_data_config
from sportjax.formats.coco import write_coco_results
from sportjax.pose.skeletons import get_skeleton
from sportjax.pose.track import Detections
from sportjax.video.encode import write_video
from sportjax.workflows import dispatch

ROOT = pathlib.Path(__file__).parents[2]
N, SIZE = 24, (160, 200)  # frames at 25 a second; height and width

EVEN = np.arange(N) * 40.0


def film(path, t_ms=EVEN, size=SIZE):
  texture = cv2.GaussianBlur(np.random.default_rng(0).integers(0, 255, (*size, 3), dtype=np.uint8), (0, 0), 2)
  write_video(path, [np.roll(texture, 3 * i, axis=1) for i in range(len(t_ms))], t_ms, crf=10)
  return path


def person(left=60.0, skeleton='coco17'):
  """A standing figure 120 pixels tall, joints by their names' heights."""
  heights = {'nose': 20, 'shoulder': 45, 'elbow': 65, 'wrist': 80, 'hip': 85, 'knee': 110, 'ankle': 135}
  joints = [
    (left + 20 * joint.startswith('right'), next((y for part, y in heights.items() if part in joint), 20.0), 0.9)
    for joint in get_skeleton(skeleton).joints
  ]
  return np.array(joints, np.float32)


def keypoints(path, frames, people=None):
  """A COCO-results file with the same people in each of the frames."""
  people = [person()] if people is None else people
  rows = [(frame, one) for frame in frames for one in people]
  joints = np.stack([one for _, one in rows]) if rows else np.zeros((0, 17, 3), np.float32)
  corners = [np.concatenate([one[:, :2].min(0) - 10, one[:, :2].max(0) + 10]) for one in joints]
  n = len(rows)
  found = Detections(
    np.array([frame for frame, _ in rows], np.int64), np.array(corners, np.float32).reshape(-1, 4),
    np.ones(n, np.float32), joints, np.full(n, -1), 'coco17', str(path),
  )  # fmt: skip
  write_coco_results(path, found)


@pytest.fixture
def folder(tmp_path):
  """Two sound videos with keypoints, labelled."""
  (tmp_path / 'kp').mkdir()
  for name in ('a', 'b'):
    film(tmp_path / 'clips' / f'{name}.mp4')
    keypoints(tmp_path / 'kp' / f'{name}.json', range(N))
  return tmp_path


@pytest.fixture
def check(folder, capsys):
  """Runs the check as the command line does; gives its status, the list's lines, and the record."""

  def check(labels=None, with_keypoints=True, **settings):
    config = check_data_config.get_config()
    config.videos, config.processes = str(folder / 'clips'), 0
    config.keypoints = str(folder / 'kp') if with_keypoints else None
    config.update(settings)
    if labels is not None:
      (folder / 'labels.csv').write_text('video,start_ms,end_ms,label,athlete,split\n' + labels)
      config.labels = str(folder / 'labels.csv')
    capsys.readouterr()
    status = dispatch.run(dispatch.Command('run', config, folder / 'work'))
    lines = capsys.readouterr().out.splitlines()
    return status, lines, json.loads((folder / 'work' / 'findings.json').read_text())

  return check


def told(record):
  return [(found['severity'], found['subject'], found['message']) for found in record['findings']]


LABELS = 'a,0,400,dive,anna,train\nb,0,400,dive,berta,test\nb,400,900,turn,berta,test\n'


def test_sound_folder_gives_no_finding_and_status_0(check, folder):
  status, lines, record = check(LABELS)
  page = folder / 'work' / 'report' / 'report.html'
  assert (status, record) == (0, {'videos': 2, 'errors': 0, 'findings': []})
  assert lines == [f'2 videos: nothing was found wrong; {page}']
  assert 'Nothing was found wrong' in page.read_text()


def test_broken_videos_are_errors_each_with_its_reason(check, folder):
  clips = folder / 'clips'
  whole = (clips / 'a.mp4').read_bytes()
  (clips / 'cut.mp4').write_bytes(whole[: len(whole) // 2])
  (clips / 'empty.mp4').write_bytes(b'')
  (clips / 'text.mp4').write_text('not a video')
  status, lines, record = check(with_keypoints=False)
  assert status == 1
  errors = [found for found in told(record) if found[0] == 'error']
  assert [subject for _, subject, _ in errors] == ['cut.mp4', 'empty.mp4', 'text.mp4']
  assert 'cut off' in errors[0][2]
  assert 'the file is empty (0 bytes)' in errors[1][2]
  assert 'not a video that can be opened' in errors[2][2]
  assert all(found['remedy'] for found in record['findings'] if found['severity'] == 'error')
  assert not any(str(folder) in message for _, _, message in told(record))
  assert told(record)[-1] == ('info', 'keypoints', 'none are given: only videos and labels are checked')
  assert lines[-1].startswith('5 videos: 3 errors, 1 note; ')


def test_video_that_breaks_off_while_it_is_decoded_is_an_error_too(check, folder):
  path = folder / 'clips' / 'c.avi'
  with av.open(str(path), 'w') as container:
    stream = container.add_stream('libx264', rate=25, options={'g': '100'})
    stream.height, stream.width = SIZE
    for i in range(N):
      image = np.random.default_rng(i).integers(0, 255, (*SIZE, 3), dtype=np.uint8)
      container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format='rgb24')))
    container.mux(stream.encode(None))
  with av.open(str(path)) as container:
    places = [(packet.pos, packet.size) for packet in container.demux(video=0) if packet.size]
  data = bytearray(path.read_bytes())
  position, size = places[12]
  data[position + 8 : position + size] = bytes(size - 8)
  path.write_bytes(data)
  keypoints(folder / 'kp' / 'c.json', range(N))
  status, _, record = check()
  assert status == 1
  assert [found[:2] for found in told(record)] == [('error', 'c.avi')]
  assert 'frames do not decode' in told(record)[0][2]


def test_list_is_aligned_errors_first(check, folder):
  film(folder / 'clips' / 'small.mp4', size=(96, 90))
  (folder / 'clips' / 'empty.mp4').write_bytes(b'')
  status, lines, record = check(with_keypoints=False)
  assert status == 1
  assert lines[0] == 'error    empty.mp4  the file is empty (0 bytes)'
  assert lines[1] == '                    get it again'
  assert lines[2].startswith('warning  small.mp4  90x96 pixels')
  assert lines[4].startswith('note     keypoints  none are given')
  page = (folder / 'work' / 'report' / 'report.html').read_text()
  assert all(found['message'] in page for found in record['findings'])


def test_files_without_their_partner_are_named(check, folder):
  film(folder / 'clips' / 'c.mp4')
  keypoints(folder / 'kp' / 'stray.json', range(N))
  keypoints(folder / 'kp' / 'b_keypoints.json', range(N))
  (folder / 'clips' / 'notes.txt').write_text('x')
  status, _, record = check()
  assert status == 1
  found = told(record)
  assert found[0][:2] == ('error', 'b.mp4')
  assert 'several keypoint files belong to it, kp/b.json and kp/b_keypoints.json' in found[0][2]
  assert found[1] == ('error', 'c.mp4', 'kp: no keypoints of c.mp4')
  assert ('warning', 'kp', 'these belong to no video: b.json, b_keypoints.json, stray.json') in found
  assert ('info', 'clips', 'not taken for videos: notes.txt') in found


@pytest.mark.parametrize(
  ('frames', 'people', 'severity', 'says'),
  [
    (range(N + 6), None, 'error', 'a.json: record 24: frame 24 lies outside the video, whose frames are 0 to 23'),
    (range(18), None, 'warning', 'keypoints end at frame 17 of 24'),
    ([*range(5), *range(19, N)], None, 'warning', 'nobody is detected 1 times for more than 500 ms'),
    ([], None, 'error', 'a.json: nobody is detected in any frame'),
    (range(4), None, 'error', 'a.json: nobody is seen in 5 frames or more of a.mp4'),
    (range(N), [person(40), person(120)], 'info', 'several people: the one followed has 50%'),
  ],
)
def test_keypoints_that_do_not_fit_the_video_are_named(check, folder, frames, people, severity, says):
  keypoints(folder / 'kp' / 'a.json', frames, people)
  status, _, record = check()
  assert status == int(severity == 'error')
  assert any(found[:2] == (severity, 'a.mp4') and says in found[2] for found in told(record))
  assert not any(subject == 'b.mp4' for _, subject, _ in told(record))


def test_broken_keypoints_do_not_hide_what_is_wrong_with_the_video(check, folder):
  (folder / 'kp' / 'a.json').write_text('[{"image_id"')
  film(folder / 'clips' / 'a.mp4', t_ms=np.cumsum(np.tile([20.0, 60.0], N // 2)))
  status, _, record = check()
  assert status == 1
  assert [found[:2] for found in told(record)] == [('error', 'a.mp4'), ('info', 'a.mp4')]
  assert told(record)[0][2].startswith('a.json: ')
  assert 'variable frame rate' in told(record)[1][2]


def test_poses_without_hips_are_an_error(check, folder):
  one = person()
  one[[joint.endswith('hip') for joint in get_skeleton('coco17').joints], 2] = 0
  keypoints(folder / 'kp' / 'a.json', range(N), [one])
  status, _, record = check()
  assert status == 1
  assert 'no pose in any of 24 frames' in told(record)[0][2]


@pytest.mark.parametrize(
  ('labels', 'severity', 'subject', 'says'),
  [
    (
      'a,5000,6000,x,anna,train\n',
      'error',
      'a.mp4',
      "label 'x', 5000 to 6000 ms: holds no frame, the video runs from 0",
    ),
    ('a,500,1500,x,anna,train\n', 'warning', 'a.mp4', 'ends after the video, the video runs from 0 to 920 ms'),
    ('a,1,3,x,anna,train\n', 'error', 'a.mp4', 'holds no frame'),
    ('a,0,81,x,anna,train\n', 'warning', 'a.mp4', 'holds 3 frames, 4 are needed'),
    ('aa,0,400,x,anna,train\n', 'error', 'labels.csv', "1 clip of 'aa', which is none of the videos"),
    ('b,0,800,x,berta,train\n', 'error', 'labels.csv', "video 'b' has clips in train and in test"),
    ('a,0,800,x,berta,train\n', 'warning', 'labels.csv', "athlete 'berta' is in train and in test"),
    ('a,9,3,x,anna,train\n', 'error', 'labels.csv', 'line 5: start_ms=9 must lie before end_ms=3'),
  ],
)
def test_labels_that_do_not_fit_are_named(check, labels, severity, subject, says):
  status, _, record = check(LABELS + labels)
  (found,) = told(record)
  assert found[:2] == (severity, subject)
  assert says in found[2]
  assert status == int(severity == 'error')


def test_label_up_to_the_end_of_the_last_frame_is_inside(check):
  assert check(LABELS + 'a,500,960,x,anna,train\n')[0::2] == (0, {'videos': 2, 'errors': 0, 'findings': []})


@pytest.mark.parametrize(
  ('labels', 'expected'),
  [
    ('a,0,400,x,anna,train\nb,0,400,x,berta,test\n', ('error', 'clips in the split test: 1; 2 are needed to compare')),
    ('a,0,400,x,anna,test\nb,0,400,x,berta,test\n', ('error', 'every video is in the split test: none is left to '
                                                               'train on')),
    ('a,0,400,x,anna,test\na,400,900,x,anna,test\n', ('info', '1 of 2 videos have no labels: they only train')),
  ],
)  # fmt: skip
def test_splits_that_leave_nothing_to_do_are_named(check, labels, expected):
  _, _, record = check(labels)
  assert [(severity, message) for severity, _, message in told(record)] == [expected]


def test_finished_check_is_not_done_again_and_a_mended_file_is(check, folder):
  keypoints(folder / 'kp' / 'a.json', [])
  assert check()[0] == check()[0] == 1
  assert len(list((folder / 'work' / 'stages').glob('check-*'))) == 1
  keypoints(folder / 'kp' / 'a.json', range(N))
  assert check()[0] == 0


def test_command_ends_with_the_status_and_the_list_on_stdout(folder):
  (folder / 'clips' / 'empty.mp4').write_bytes(b'')
  command = [
    sys.executable, 'launch.py', '--mode=run', '--config=configs/check_data.py', '--config.processes=2',
    f'--config.videos={folder}/clips/*.mp4', f'--config.keypoints={folder}/kp', f'--workdir={folder}/work',
  ]  # fmt: skip
  done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240)
  assert done.returncode == 1, done.stderr
  assert 'error    empty.mp4  the file is empty (0 bytes)' in done.stdout.splitlines()
  assert done.stdout.splitlines()[-1].startswith('3 videos: 2 errors; ')
  assert 'Traceback' not in done.stderr
