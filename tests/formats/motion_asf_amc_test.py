import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from sportjax.errors import InputError
from sportjax.formats.motion_asf_amc import read_amc, read_asf

ASF = """:version 1.10
:units
  mass 1.0
  length 0.45
  angle deg
:root
   order TX TY TZ RX RY RZ
   axis XYZ
   position 0 0 0
   orientation 0 0 0
:bonedata
  begin
     id 1
     name thigh
     direction 0 -1 0
     length 9
     axis 10 20 30 XYZ
    dof rx ry rz
    limits (-160.0 20.0)
           (-70.0 70.0)
           (-60.0 70.0)
  end
  begin
     id 2
     name shank
     direction 0 -1 0
     length 4.5
     axis 0 0 20 XYZ
    dof rx
    limits (-10.0 170.0)
  end
:hierarchy
  begin
    root thigh
    thigh shank
  end
"""
AMC = """#!OML:ASF somewhere
:FULLY-SPECIFIED
:DEGREES
1
root 0 18 0 5 6 7
thigh 10 -20 30
shank 40
2
root 0 18 9 0 0 0
thigh 0 0 0
shank 0
"""


@pytest.fixture
def pair(tmp_path):
  for name, text in (('a.asf', ASF), ('a.amc', AMC)):
    (tmp_path / name).write_text(text)
  return tmp_path / 'a.asf', tmp_path / 'a.amc'


def test_bones_follow_acclaims_formula(pair):
  markers = read_amc(pair[1], read_asf(pair[0]))
  assert markers.name == ('root', 'thigh', 'shank')
  np.testing.assert_allclose(markers.t_ms, [0, 1000 / 120])
  unit = 0.0254 / 0.45
  # Lower-case axes: fixed, the first is applied first, as Acclaim says of XYZ.
  root = Rotation.from_euler('xyz', [5, 6, 7], degrees=True)
  rest = Rotation.from_euler('xyz', [10, 20, 30], degrees=True)
  thigh = root * rest * Rotation.from_euler('xyz', [10, -20, 30], degrees=True) * rest.inv()
  rest = Rotation.from_euler('z', 20, degrees=True)
  shank = thigh * rest * Rotation.from_euler('x', 40, degrees=True) * rest.inv()
  knee = np.array([0, 18, 0]) + thigh.apply([0, -9, 0])
  np.testing.assert_allclose(markers.xyz_m[0], np.array([[0, 18, 0], knee, knee + shank.apply([0, -4.5, 0])]) * unit)
  np.testing.assert_allclose(markers.xyz_m[1], np.array([[0, 18, 9], [0, 9, 9], [0, 4.5, 9]]) * unit, atol=1e-12)


@pytest.mark.parametrize(
  ('old', 'new', 'match'),
  [('shank 40', 'shank 40 1', 'does not fit'), ('shank 40\n', '', 'cut off'), ('thigh 10', 'hip 10', 'does not fit')],
)
def test_a_motion_of_another_skeleton_is_an_input_error(pair, old, new, match):
  pair[1].write_text(AMC.replace(old, new))
  with pytest.raises(InputError, match=match):
    read_amc(pair[1], read_asf(pair[0]))


def test_half_a_skeleton_is_an_input_error(pair):
  pair[0].write_text(ASF[: ASF.index(':hierarchy')])
  with pytest.raises(InputError, match='hierarchy'):
    read_asf(pair[0])
  pair[0].write_text(ASF.replace('length 9', 'length long'))
  with pytest.raises(InputError, match='cannot be read'):
    read_asf(pair[0])


def test_a_real_recording_walks_upright(shared_data):
  folder = shared_data / 'cmu_subject02' / 'data' / 'cmu' / '02'
  skeleton = read_asf(folder / '02.asf')
  assert len(skeleton.bones) == 30
  markers = read_amc(folder / '02_01.amc', skeleton)
  lines = (folder / '02_01.amc').read_text().splitlines()
  assert len(markers.t_ms) == sum(line.strip().isdigit() for line in lines)
  at = {name: markers.xyz_m[:, i] for i, name in enumerate(markers.name)}
  for bone in skeleton.bones:
    length = np.linalg.norm(at[bone.name] - at[bone.parent], axis=1)
    np.testing.assert_allclose(length, np.linalg.norm(bone.offset_m), atol=1e-9)
  height = (at['head'] - at['ltoes'])[:, 1]
  assert (height > 1.2).all()
  assert (height < 2.0).all()
  feet = np.minimum(at['ltoes'][:, 1], at['rtoes'][:, 1])  # a walker always has a foot on the ground
  assert np.ptp(feet) < 0.09
  assert np.abs(feet).max() < 0.1
