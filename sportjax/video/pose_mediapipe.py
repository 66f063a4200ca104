"""Keypoints from a MediaPipe PoseLandmarker task file."""

from __future__ import annotations

import os
import pathlib
from collections.abc import Iterator

import numpy as np

from sportjax.errors import InputError
from sportjax.formats.people import Person, collect
from sportjax.pose.track import Detections
from sportjax.typing import Image
from sportjax.video.decode import VideoInfo, probe, read_frames


def landmark_people(
  video: os.PathLike | str, task_file: os.PathLike | str, *, people: int = 4, lost: list[int] | None = None
) -> Detections:
  """Up to `people` persons with the 33 landmarks in each frame; a landmark's score is its visibility.

  Frames that do not decode are appended to `lost`, or raise where it is None.

  Raises: InputError when mediapipe is not installed or the task file does not load.
  """
  info = probe(video)
  found = _found(info, pathlib.Path(task_file), people, lost)
  return collect(found, source=pathlib.Path(task_file), n_frames=info.n_frames, skeleton='mediapipe33')


def _found(info: VideoInfo, task_file: pathlib.Path, people: int, lost: list[int] | None) -> Iterator[Person]:
  if not task_file.is_file():
    raise InputError(f'{task_file}: no such file; download a PoseLandmarker task file and give its path')
  try:
    import mediapipe  # ty: ignore[import-not-found]
    from mediapipe.tasks.python import BaseOptions, vision  # ty: ignore[import-not-found]
  except ImportError as error:
    raise InputError(
      f'{task_file}: task files need mediapipe, in an environment of its own as it brings another OpenCV; '
      'pip install mediapipe there, or use an ONNX pose model'
    ) from error
  options = vision.PoseLandmarkerOptions(
    base_options=BaseOptions(model_asset_path=os.fspath(task_file)),
    running_mode=vision.RunningMode.VIDEO,
    num_poses=people,
  )
  try:
    landmarker = vision.PoseLandmarker.create_from_options(options)
  except (RuntimeError, ValueError) as error:
    raise InputError(f'{task_file}: not a PoseLandmarker task file; download it again') from error
  with landmarker:
    clock_ms = -1
    for frame, t_ms, image in read_frames(info, lost=lost):
      clock_ms = max(clock_ms + 1, round(t_ms))  # it takes whole milliseconds that increase
      picture = mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=image)
      for landmarks in landmarker.detect_for_video(picture, clock_ms).pose_landmarks:
        yield Person(frame, _keypoints(landmarks, image), f'frame {frame}')


def _keypoints(landmarks: list, image: Image) -> np.ndarray:
  """Fractions of the image to pixels."""
  height, width, _ = image.shape
  return np.array([(mark.x * width, mark.y * height, mark.visibility or 0.0) for mark in landmarks], np.float32)
