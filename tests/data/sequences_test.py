import numpy as np
import pytest

from sportjax.data import sequences, windows
from sportjax.data.sequences import Reading, read_sequence
from sportjax.errors import InputError
from sportjax.formats import vpd_labels
from sportjax.formats.actions import Action


def ramp(frame):
  """Features that are their frame's number, in two views."""
  return np.tile(np.asarray(frame, np.float32)[:, None, None], (1, 2, 3))


def read(frame, window, reading, fps=25.0):
  kept, values = read_sequence(np.asarray(frame), ramp(frame), window, fps, reading)
  assert len(kept) == len(values)
  assert values.dtype == np.float32
  return kept.tolist(), values[:, 0, 0].tolist()


def test_gaps_are_left_out_or_filled_on_the_line():
  assert read([0, 4, 5], (0, 6), Reading()) == ([0, 4, 5], [0, 4, 5])
  assert read([0, 4, 5], (0, 6), Reading(gaps='interpolate')) == ([0, 1, 2, 3, 4, 5], [0, 1, 2, 3, 4, 5])


def test_the_reference_weighs_neighbours_the_wrong_way_round():
  """Measured on its own code: values 0 and 4 at frames 0 and 4 give 0, 3, 2, 1, 4."""
  assert read([0, 4], (0, 5), Reading(gaps='reference'))[1] == [0, 3, 2, 1, 4]


def test_the_reference_has_zeros_before_the_first_frame():
  assert read([3, 4], (1, 9), Reading(gaps='reference')) == ([1, 2, 3, 4], [0, 0, 3, 4])
  assert read([3, 4], (1, 9), Reading(gaps='interpolate')) == ([3, 4], [3, 4])


def test_gaps_are_filled_from_outside_the_window():
  assert read([0, 10], (4, 7), Reading(gaps='interpolate')) == ([4, 5, 6], [4, 5, 6])
  assert read([0, 10], (4, 7), Reading()) == ([], [])


@pytest.mark.parametrize('gaps', ['skip', 'interpolate', 'reference'])
def test_windows_without_features_are_empty(gaps):
  assert read([0, 1], (5, 9), Reading(gaps=gaps)) == ([], [])
  assert read([7, 8], (8, 8), Reading(gaps=gaps)) == ([], [])
  kept, values = read_sequence(np.zeros(0, np.int64), np.zeros((0, 2, 3)), (0, 9), 25.0, Reading(gaps=gaps))
  assert (len(kept), values.shape) == (0, (0, 2, 3))


@pytest.mark.parametrize(
  ('rate', 'fps', 'n'),
  [
    ('reference_fx', 30.0, 501), ('reference_diving48', 30.0, 506), ('reference_fx', 60.0, 251),
    ('reference_diving48', 60.0, 256), ('even', 30.0, 500), ('even', 60.0, 250), ('even', 25.0, 600),
    ('even', 24.9, 600), ('native', 60.0, 600),
  ],
)  # fmt: skip
def test_600_frames_at_25_a_second(rate, fps, n):
  """The counts of the reference's rules were measured on its own code."""
  assert len(read(range(600), (0, 600), Reading(rate=rate), fps)[0]) == n


def test_the_even_rate_does_not_drift_where_frames_are_missing():
  whole, _ = read(range(100), (0, 100), Reading(rate='even'), 50.0)
  assert whole == list(range(0, 100, 2))
  missing = [n for n in range(100) if n not in (10, 11, 30)]
  kept, _ = read(missing, (0, 100), Reading(rate='even'), 50.0)
  assert set(kept) - {31} == set(whole) - {10, 30}


def test_unit_norm_and_that_of_the_reference():
  values = np.float32([[[3, 4], [0, 0]], [[1, 0], [1, 2]]])
  np.testing.assert_allclose(
    sequences.normalised(values, 'unit'),
    [[[0.6, 0.8], [0, 0]], [[1, 0], [1 / 5**0.5, 2 / 5**0.5]]],
    rtol=1e-6,
  )
  half = 0.5**0.5
  np.testing.assert_allclose(
    sequences.normalised(values, 'reference_views'), [[[1, 1], [0, 0]], [[half, 0], [half, 1]]], rtol=1e-6
  )
  one_view = values[:, :1]
  np.testing.assert_array_equal(
    sequences.normalised(one_view, 'reference_views'), sequences.normalised(one_view, 'unit')
  )


@pytest.mark.parametrize('setting', [{'gaps': 'fill'}, {'rate': '25'}, {'norm': 'l2'}, {'fps': 0.0}])
def test_settings_that_do_not_exist(setting):
  with pytest.raises(InputError, match=f'{next(iter(setting))}='):
    Reading(**setting)


def action(start, end):
  return Action('a', 'v', start, end, 'axel', 'train', 'v')


def test_windows_by_hand():
  assert windows.jump(action(500, 540), 25.0) == (457, 540)  # 520 - 62.5 truncated; 532 is before the label's end
  assert windows.jump(action(20, 60), 25.0) == (0, 60)
  assert windows.jump(action(500, 700), 25.0) == (500, 700)
  assert windows.swing(action(100, 101), 29.97) == (85, 114)
  assert windows.swing(action(5, 6), 25.0) == (0, 17)
  assert windows.swing(action(100, 101), 25.0, half_s=0.1) == (97, 102)
  assert windows.as_labelled(action(5, 9), 25.0) == (5, 9)


def test_real_jumps_last_3_3_seconds(shared_data):
  """The paper's average of the interval that jumps are recognised from."""
  jumps = vpd_labels.read_fs(shared_data / 'vpd_labels' / 'action_dataset' / 'fs')
  clips = [windows.clip_of(each, windows.jump, 25.0) for each in jumps]
  assert np.mean([clip.end_ms - clip.start_ms for clip in clips]) == pytest.approx(3304, abs=1)
  assert {clip.split for clip in clips} == {'train', 'val', 'test'}
