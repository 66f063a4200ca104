import numpy as np
import pytest

from sportjax.errors import InputError
from sportjax.formats import trc


def test_read_trc_golden_in_millimetres(golden):
  markers = trc.read_trc(golden / 'trc' / 'markers.trc')
  assert markers.name == ('RHip', 'Nose')
  np.testing.assert_allclose(markers.t_ms, [0, 20, 40])
  np.testing.assert_allclose(
    markers.xyz_m[:, 0], [[0.1, 0.9005, -0.02], [0.101, 0.901, -0.021], [0.102, 0.902, -0.022]]
  )
  np.testing.assert_allclose(markers.xyz_m[:, 1], [[0, 1.7, 0.05], [np.nan] * 3, [0.002, 1.702, 0.052]])


def test_read_trc_triangulated(shared_data):
  markers = trc.read_trc(shared_data / 'video_clips' / 'beam_four_views' / 'triangulated_3d.trc')
  assert markers.xyz_m.shape == (100, 21, 3)
  np.testing.assert_allclose(np.diff(markers.t_ms), 1000 / 60)
  thigh = np.linalg.norm(
    markers.xyz_m[:, markers.name.index('LHip')] - markers.xyz_m[:, markers.name.index('LKnee')], axis=1
  )
  assert 0.3 < np.median(thigh) < 0.5  # metres


def test_write_trc_reads_back(tmp_path):
  xyz_m = np.random.default_rng(0).normal(size=(4, 3, 3))
  xyz_m[2, 2] = xyz_m[1, 0] = np.nan
  markers = trc.Markers(('a', 'b', 'c'), np.array([0, 10.0, 20.0, 35.0]), xyz_m)
  trc.write_trc(tmp_path / 'markers.trc', markers)
  found = trc.read_trc(tmp_path / 'markers.trc')
  assert found.name == markers.name
  np.testing.assert_allclose(found.t_ms, markers.t_ms, rtol=1e-15)
  np.testing.assert_array_equal(found.xyz_m, xyz_m)


@pytest.mark.parametrize(
  ('old', 'new', 'message'),
  [
    ('mm', 'ft', "Units 'ft' is none of m, cm, mm"),
    ('PathFileType', 'Path', 'not a TRC file'),
    ('3\t0.04\t102\t902\t-22\t2\t1702\t52\n', '', 'the header says 3 frames, the file has 2'),
    ('900.5', 'x', 'line 7 is not tab-separated numbers'),
    ('900.5', '900.5\t1', 'line 7 has 9 fields, not 8'),
  ],
)
def test_read_trc_bad_file(tmp_path, golden, old, new, message):
  text = (golden / 'trc' / 'markers.trc').read_text()
  assert old in text
  (tmp_path / 'markers.trc').write_text(text.replace(old, new))
  with pytest.raises(InputError, match=message):
    trc.read_trc(tmp_path / 'markers.trc')
