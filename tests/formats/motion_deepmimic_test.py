import json

import numpy as np
import pytest

from sportjax.errors import InputError
from sportjax.formats.motion_deepmimic import read_deepmimic

_REST = [
  0.1,
  0,
  0.9,
  0,
  *(1, 0, 0, 0) * 3,
  *(1, 0, 0, 0),
  0,
  *(1, 0, 0, 0) * 2,
  0,
  *(1, 0, 0, 0),
  0,
  *(1, 0, 0, 0) * 2,
  0,
]


def _write(path, frames):
  path.write_text(json.dumps({'Loop': 'none', 'Frames': frames}))
  return path


def test_rest_pose_and_hinges_by_hand(tmp_path):
  bent = list(_REST)
  bent[20], bent[29] = -np.pi / 2, np.pi / 2  # right knee back, right elbow forward
  markers = read_deepmimic(_write(tmp_path / 'a.txt', [_REST, bent, _REST]))
  np.testing.assert_allclose(markers.t_ms, [0, 100, 200])
  at = {name: markers.xyz_m[:, i] for i, name in enumerate(markers.name)}
  np.testing.assert_allclose(at['right_ankle'][0], [0, 0.9 - 0.421546 - 0.40987, 0.084887])
  np.testing.assert_allclose(at['right_ankle'][1], [-0.40987, 0.9 - 0.421546, 0.084887], atol=1e-9)
  np.testing.assert_allclose(at['left_ankle'][1], at['left_ankle'][0])
  shoulder = np.array([-0.02405, 0.9 + 0.236151 + 0.2435, 0.18311])
  np.testing.assert_allclose(at['right_wrist'][1], shoulder + [0.258947, -0.274788, 0], atol=1e-9)
  assert at['left_shoulder'][0, 2] < 0  # x ahead, y up: the left is at -z


@pytest.mark.parametrize(
  ('record', 'match'),
  [
    ({'Loop': 'none'}, 'no table'),
    ({'Frames': [[0.1, 0, 1, 0]]}, 'rows of 44'),
    ({'Frames': [[0.0, *_REST[1:]], _REST]}, 'no duration'),
  ],
)
def test_other_records_are_input_errors(tmp_path, record, match):
  path = tmp_path / 'a.txt'
  path.write_text(json.dumps(record))
  with pytest.raises(InputError, match=match):
    read_deepmimic(path)


def test_every_real_motion_is_read_and_stays_in_reach_of_the_ground(shared_data):
  paths = sorted((shared_data / 'deepmimic_motions' / 'data' / 'motions').glob('*.txt'))
  assert len(paths) == 20
  for path in paths:
    markers = read_deepmimic(path)
    assert len(markers.t_ms) == len(json.loads(path.read_text())['Frames'])
    lowest = markers.xyz_m[..., 1].min(1)
    assert -0.3 < lowest.min() < 0.25, path.name
    assert lowest.max() < 1.2, path.name
