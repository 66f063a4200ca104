import sys
import types

import numpy as np
import pytest

from sportjax.errors import InputError
from sportjax.video.encode import write_video
from sportjax.video.pose_mediapipe import landmark_people


def video_at(tmp_path, t_ms):
  write_video(tmp_path / 'v.mp4', [np.full((80, 160, 3), 60, np.uint8)] * len(t_ms), t_ms)
  return tmp_path / 'v.mp4'


def fake_mediapipe(calls, per_frame):
  """The few names of mediapipe's tasks that we use, with a landmarker of planted answers."""

  def mark(x, y, visibility):
    return types.SimpleNamespace(x=x, y=y, visibility=visibility)

  class Landmarker:
    @classmethod
    def create_from_options(cls, options):
      calls.append(options)
      if 'broken' in options.base_options:
        raise RuntimeError('unable to open the zip archive')
      return cls()

    def __enter__(self):
      return self

    def __exit__(self, *error):
      return None

    def detect_for_video(self, picture, t_ms):
      calls.append((t_ms, picture['data'].shape))
      people = [[mark(0.25, 0.5, 0.9)] + [mark(0.5, 0.75, None)] * 32] * per_frame
      return types.SimpleNamespace(pose_landmarks=people)

  vision = types.SimpleNamespace(
    PoseLandmarker=Landmarker,
    PoseLandmarkerOptions=types.SimpleNamespace,
    RunningMode=types.SimpleNamespace(VIDEO='video'),
  )
  python = types.SimpleNamespace(BaseOptions=lambda model_asset_path: model_asset_path, vision=vision)
  image = types.SimpleNamespace(Image=dict, ImageFormat=types.SimpleNamespace(SRGB='srgb'))
  return {'mediapipe': image, 'mediapipe.tasks': types.SimpleNamespace(), 'mediapipe.tasks.python': python}


@pytest.fixture
def task_file(tmp_path):
  path = tmp_path / 'pose.task'
  path.write_bytes(b'task')
  return path


def test_landmarks_become_pixels_and_times_whole_increasing_milliseconds(tmp_path, task_file, monkeypatch):
  calls = []
  for name, module in fake_mediapipe(calls, per_frame=2).items():
    monkeypatch.setitem(sys.modules, name, module)
  found = landmark_people(video_at(tmp_path, [0.0, 0.3, 0.6, 40.0]), task_file, people=2)
  assert calls[0].num_poses == 2
  assert calls[1:] == [(t, (80, 160, 3)) for t in (0, 1, 2, 40)]
  assert found.skeleton == 'mediapipe33'
  assert found.frame.tolist() == [0, 0, 1, 1, 2, 2, 3, 3]
  np.testing.assert_allclose(found.keypoints[0, 0], [40, 40, 0.9])
  np.testing.assert_allclose(found.keypoints[0, 1:, 2], 0)


def test_file_that_is_no_task_is_refused(tmp_path, monkeypatch):
  for name, module in fake_mediapipe([], per_frame=1).items():
    monkeypatch.setitem(sys.modules, name, module)
  (tmp_path / 'broken.task').write_bytes(b'x')
  with pytest.raises(InputError, match=r'broken\.task: not a PoseLandmarker task file'):
    landmark_people(video_at(tmp_path, [0.0]), tmp_path / 'broken.task')
  with pytest.raises(InputError, match=r'none\.task: no such file'):
    landmark_people(video_at(tmp_path, [0.0]), tmp_path / 'none.task')


def test_missing_mediapipe_says_what_to_do(tmp_path, task_file, monkeypatch):
  monkeypatch.setitem(sys.modules, 'mediapipe', None)
  with pytest.raises(InputError, match='pip install mediapipe there, or use an ONNX pose model'):
    landmark_people(video_at(tmp_path, [0.0]), task_file)
