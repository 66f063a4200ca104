import gzip

import numpy as np
import pytest

from sportjax.errors import InputError
from sportjax.formats.motion_markers import PLUG_IN_GAIT, read_markers


def test_millimetres_become_metres_and_the_origin_is_not_found(tmp_path):
  path = tmp_path / 'two.txt.gz'
  path.write_bytes(gzip.compress(b'1000,2000,3000,0,0,0\n1100,2000,3000,5,0,0\n'))
  markers = read_markers(path, names=('A', 'B'), fps=50)
  np.testing.assert_allclose(markers.xyz_m[:, 0], [[1, 2, 3], [1.1, 2, 3]])
  assert np.isnan(markers.xyz_m[0, 1]).all()
  np.testing.assert_allclose(markers.xyz_m[1, 1], [0.005, 0, 0])
  np.testing.assert_allclose(markers.t_ms, [0, 20])


def test_other_widths_and_words_are_input_errors(tmp_path):
  path = tmp_path / 'bad.txt'
  path.write_text('1,2,3\n1,2\n')
  with pytest.raises(InputError, match='line 2'):
    read_markers(path, names=('A',))
  path.write_text('1,2,x\n')
  with pytest.raises(InputError, match='not numbers'):
    read_markers(path, names=('A',))


def test_real_markers_are_where_their_names_say(shared_data):
  folder = shared_data / 'ui_prmd_vicon' / 'Segmented Movements' / 'Vicon' / 'Positions'
  markers = read_markers(folder / 'm01_s01_e01_positions.txt.gz')
  assert markers.xyz_m.shape == (191, len(PLUG_IN_GAIT), 3)
  standing = dict(zip(markers.name, markers.xyz_m[0], strict=True))
  for chain in ('LFHD C7 T10', 'CLAV STRN LASI LTHI LKNE LTIB LANK LTOE', 'RASI RKNE RANK'):
    heights = [standing[name][2] for name in chain.split()]
    assert heights == sorted(heights, reverse=True), chain
  left = standing['LASI'] - standing['RASI']
  for name in PLUG_IN_GAIT:
    if name.startswith('L'):
      assert (standing[name] - standing['R' + name[1:]]) @ left > 0, name
  ahead = standing['LTOE'] - standing['LHEE']
  for front, back in (('LASI', 'LPSI'), ('RTOE', 'RHEE'), ('CLAV', 'C7'), ('RFHD', 'RBHD')):
    assert (standing[front] - standing[back]) @ ahead > 0
