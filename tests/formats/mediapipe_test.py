import json

import numpy as np
import pytest

from sportjax.errors import InputError
from sportjax.formats import mediapipe
from sportjax.pose.skeletons import get_skeleton


def test_read_mediapipe_golden(golden):
  found = mediapipe.read_mediapipe(golden / 'mediapipe' / 'landmarks.json', image_size=(640, 480), n_frames=2)
  assert found.skeleton == 'mediapipe33'
  np.testing.assert_array_equal(found.frame, [0])
  np.testing.assert_array_equal(found.keypoints[0], [[160 + 5 * i, 240, 0.75] for i in range(33)])
  left_heel = get_skeleton('mediapipe33').index('left_heel')
  assert left_heel == 29


def test_write_mediapipe_reads_back(tmp_path, some_people, assert_same):
  people = some_people(33, 'mediapipe33')
  mediapipe.write_mediapipe(tmp_path / 'landmarks.json', people, image_size=(640, 480), n_frames=6)
  found = mediapipe.read_mediapipe(tmp_path / 'landmarks.json', image_size=(640, 480), n_frames=6)
  assert_same(found, people, fields=('frame', 'keypoints'))


_LANDMARK = {'x': 0.5, 'y': 0.5, 'z': 0.0, 'visibility': 0.5}


@pytest.mark.parametrize(
  'results',
  [
    [{'landmarks': [[_LANDMARK] * 33]}],  # JavaScript
    [{'pose_landmarks': [_LANDMARK] * 33}],  # one person alone
    [{'frame': 0, 'pose_landmarks': [[0.5, 0.5, 0.0, 0.5]] * 33}],  # lists
    {'frames': [{'frame_index': 0, 'pose_landmarks': [[[0.5, 0.5, 0.0, 0.5]] * 33]}]},
  ],
)
def test_read_mediapipe_other_spellings(tmp_path, results):
  (tmp_path / 'landmarks.json').write_text(json.dumps(results))
  found = mediapipe.read_mediapipe(tmp_path / 'landmarks.json', image_size=(640, 480), n_frames=1)
  np.testing.assert_array_equal(found.keypoints, [[[320, 240, 0.5]] * 33])


@pytest.mark.parametrize(
  ('results', 'message'),
  [
    ([{}], 'result 0 has no pose_landmarks'),
    ([{'pose_landmarks': []}, {'pose_landmarks': [[_LANDMARK] * 33]}], 'frame 1 lies outside the video'),
    ([{'pose_landmarks': [[_LANDMARK] * 32]}], '32 keypoints a person, but mediapipe33 has 33'),
    ([{'pose_landmarks': [[{'x': 1}] * 33]}], 'result 0 has a landmark without x, y and visibility'),
    ([{'pose_landmarks': [[_LANDMARK | {'x': float('nan')}] * 33]}], 'x nan is not a number'),
    ('nothing', 'MediaPipe results are a list'),
  ],
)
def test_read_mediapipe_bad_results(tmp_path, results, message):
  (tmp_path / 'landmarks.json').write_text(json.dumps(results))
  with pytest.raises(InputError, match=message):
    mediapipe.read_mediapipe(tmp_path / 'landmarks.json', image_size=(640, 480), n_frames=1)
