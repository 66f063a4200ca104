"""MediaPipe pose landmarks as JSON: 33 joints in fractions of the image, one result a frame."""

from __future__ import annotations

import pathlib
from collections.abc import Iterator
from typing import Any

import numpy as np

from sportjax.errors import InputError
from sportjax.formats import files, people
from sportjax.pose.track import Detections

_SKELETON = 'mediapipe33'
_LANDMARK_KEYS = ('pose_landmarks', 'landmarks')  # as the Python and the JavaScript tasks name them
_FRAME_KEYS = ('frame', 'frame_index')


def read_mediapipe(
  path: pathlib.Path, *, image_size: tuple[int, int], n_frames: int, first_frame: int = 0
) -> Detections:
  """People of a JSON list of PoseLandmarker results, `[{"pose_landmarks": [[{x, y, z, visibility}, ...]]}, ...]`.

  A result is the frame of its place in the list, or of its `frame`. The joint's score is its visibility; z is not
  kept.

  Raises:
    InputError: results that cannot be.
  """
  return from_results(files.read_json(path), path, image_size=image_size, n_frames=n_frames, first_frame=first_frame)


def from_results(
  results: Any, path: pathlib.Path, *, image_size: tuple[int, int], n_frames: int, first_frame: int = 0
) -> Detections:
  """People of the results, a list or `{"frames": list}`."""
  frames = results.get('frames') if isinstance(results, dict) else results
  if not isinstance(frames, list) or not all(isinstance(result, dict) for result in frames):
    raise InputError(f'{path}: MediaPipe results are a list with one result a frame; write one list for the video')
  told = _people(frames, path, image_size, first_frame)
  return people.collect(told, source=path, n_frames=n_frames, skeleton=_SKELETON, first_frame=first_frame)


def write_mediapipe(path: pathlib.Path, detections: Detections, *, image_size: tuple[int, int], n_frames: int) -> None:
  """Writes one result a frame in the Python task's layout; boxes, scores and ids have no place in it."""
  results = []
  for frame in range(n_frames):
    found = detections.keypoints[detections.frame == frame].astype(np.float64)
    found[:, :, :2] /= image_size
    landmarks = [[{'x': x, 'y': y, 'z': 0.0, 'visibility': v} for x, y, v in person] for person in found.tolist()]
    results.append({'frame': frame, 'pose_landmarks': landmarks})
  files.write_json(path, results)


def _people(
  frames: list[dict], path: pathlib.Path, image_size: tuple[int, int], first_frame: int
) -> Iterator[people.Person]:
  for at, result in enumerate(frames):
    where = f'result {at}'
    told = next((result[key] for key in _FRAME_KEYS if key in result), at + first_frame)
    landmarks = next((result[key] for key in _LANDMARK_KEYS if key in result), None)
    if landmarks is None:
      raise InputError(f'{path}: {where} has no pose_landmarks; write an empty list where nobody was found')
    for person in _persons(landmarks):
      joints = np.array([_landmark(joint, where, path) for joint in person])
      if len(joints):
        joints[:, :2] *= image_size
        yield people.Person(frame=people.frame_number(told, where, path), keypoints=joints, where=where)


def _persons(landmarks: Any) -> list:
  """The people of a result; where one person alone was asked for, the list of people may be left out."""
  if not landmarks:
    return []
  first = landmarks[0]
  alone = isinstance(first, dict) or (isinstance(first, list) and first and not isinstance(first[0], (dict, list)))
  return [landmarks] if alone else landmarks


def _landmark(joint: Any, where: str, path: pathlib.Path) -> tuple[float, float, float]:
  """x, y and visibility of {x, y, z, visibility} or [x, y, z, visibility]."""
  if isinstance(joint, list) and len(joint) >= 4:
    joint = {'x': joint[0], 'y': joint[1], 'visibility': joint[3]}
  if not isinstance(joint, dict) or not {'x', 'y', 'visibility'} <= joint.keys():
    raise InputError(f'{path}: {where} has a landmark without x, y and visibility; export all of the landmark')
  x, y, visibility = (people.number(joint[key], key, where, path) for key in ('x', 'y', 'visibility'))
  return x, y, visibility
