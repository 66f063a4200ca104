import numpy as np
import pytest

from sportjax.errors import InputError
from sportjax.formats.qca import read_qca

CAMERA = """<?xml version='1.0' encoding='ASCII'?>
<calibration><cameras><camera serial="left">
<fov_video left="8" top="4" right="1087" bottom="1923"/>
<transform r11="1" r12="0" r13="0" r21="0" r22="0" r23="1" r31="0" r32="-1" r33="0" x="500" y="-4000" z="1000"/>
<intrinsic focalLengthU="64000" focalLengthV="65280" centerPointU="35072" centerPointV="61696" skew="0"
 radialDistortion1="-0.1" radialDistortion2="0.2" tangentalDistortion1="0.01" tangentalDistortion2="0.02"/>
</camera></cameras></calibration>
"""


def written(path, text=CAMERA):
  path.write_text(text)
  return path


def test_units_and_axes(tmp_path):
  cam = read_qca(written(tmp_path / 'a.qca.txt'))['left']
  np.testing.assert_allclose(cam.matrix, [[1000, 0, 540], [0, 1020, 960], [0, 0, 1]])
  assert cam.image_size == (1080, 1920)
  np.testing.assert_allclose(cam.distortion, [-0.1, 0.2, 0.01, 0.02])
  np.testing.assert_allclose(cam.centre_m, [0.5, -4, 1])
  # It stands at y = -4 and looks along +y: what is higher is further up in the picture, what is at x further right.
  centre, above, right = cam.project(np.array([[0.5, 0, 1], [0.5, 0, 1.1], [0.6, 0, 1]]))
  np.testing.assert_allclose(centre, [540, 960])
  assert above[1] < centre[1]
  assert right[0] > centre[0]


@pytest.mark.parametrize(
  ('old', 'new', 'says'),
  [
    ('</calibration>', '', 'not a Qualisys calibration'),
    ('focalLengthU', 'focalLength', '<intrinsic> has no focalLengthU'),
    ('<transform', '<place', 'not a Qualisys calibration'),
    ('skew="0"', 'skew="none"', 'could not convert'),
    ('serial="left"', '', 'has no serial'),
  ],
)
def test_a_damaged_file_is_one_clear_line(tmp_path, old, new, says):
  with pytest.raises(InputError, match=says):
    read_qca(written(tmp_path / 'a.qca.txt', CAMERA.replace(old, new)))


def test_no_camera_is_an_error(tmp_path):
  with pytest.raises(InputError, match='no <camera>'):
    read_qca(written(tmp_path / 'a.qca.txt', '<calibration/>'))


def test_the_real_calibration_has_its_four_cameras(shared_data):
  cameras = read_qca(shared_data / 'video_clips' / 'beam_four_views' / 'Calib.qca.txt')
  assert list(cameras) == ['cam01', 'cam02', 'cam03', 'cam04']
  for cam in cameras.values():
    np.testing.assert_allclose(cam.rotation @ cam.rotation.T, np.eye(3), atol=1e-9)
    assert np.linalg.det(cam.rotation) == pytest.approx(1)
    assert 1 < cam.centre_m[2] < 3  # metres above the floor
