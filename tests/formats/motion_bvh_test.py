import pathlib

import numpy as np
import pytest

from sportjax.errors import InputError
from sportjax.formats.motion_bvh import read_bvh

ARM = pathlib.Path(__file__).parents[1] / 'golden' / 'formats' / 'arm.bvh'


def test_joints_are_where_the_rotations_put_them():
  markers = read_bvh(ARM)
  assert markers.name == ('Hips', 'Arm', 'Hand', 'Hand_end')
  np.testing.assert_allclose(markers.t_ms, [0, 50, 100])
  by_hand = [
    # At rest: up the y axis, then out along x.
    [(0, 90, 0), (0, 100, 0), (20, 100, 0), (25, 100, 0)],
    # The hips turn by 90 about y (x becomes -z), the arm by 90 about z before it (x becomes y).
    [(1, 90, 2), (1, 100, 2), (1, 120, 2), (1, 125, 2)],
    # Z after X: the x turn carries y to z, which z then leaves there; x goes to y. The hand turns x to -z in its own
    # frame, which is y turned to -x by z, turned about x first: -z goes to y by x, and y to -x by z.
    [(0, 90, 0), (0, 90, 10), (0, 110, 10), (-5, 110, 10)],
  ]
  np.testing.assert_allclose(markers.xyz_m, np.array(by_hand) / 100, atol=1e-12)


def test_unit_is_the_callers():
  np.testing.assert_allclose(read_bvh(ARM, unit_m=0.0254).xyz_m, read_bvh(ARM, unit_m=1.0).xyz_m * 0.0254)


@pytest.mark.parametrize(
  ('old', 'new', 'match'),
  [
    ('HIERARCHY', 'HIERARCHIE', 'HIERARCHY'),
    ('Frames: 3', 'Frames: 4', '9 numbers a frame, but 12'),
    ('0 90 0 0 0 0 0 0 0 0 0 0\n', '0 90\n', 'not a whole BVH'),
    ('CHANNELS 3 Zrotation Xrotation Yrotation\n\t\t\tEnd', 'CHANNELS 1 Zrotation\n\t\t\tEnd', 'channels'),
    ('OFFSET 20', 'OFSET 20', 'unknown word'),
  ],
)
def test_damaged_files_are_input_errors(tmp_path, old, new, match):
  path = tmp_path / 'damaged.bvh'
  text = ARM.read_text()
  assert old in text
  path.write_text(text.replace(old, new))
  with pytest.raises(InputError, match=match):
    read_bvh(path)
