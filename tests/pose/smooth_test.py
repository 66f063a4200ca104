import numpy as np
import pytest
import scipy.ndimage

from sportjax.pose import smooth


def _track(n=60, j=3, seed=0):
  rng = np.random.default_rng(seed)
  return np.concatenate([rng.normal(size=(n, j, 2)).cumsum(axis=0), rng.uniform(0.1, 1, (n, j, 1))], axis=2)


def test_smooth_of_sure_joints_is_scipys_gaussian_filter():
  track = _track()
  track[:, :, 2] = 1
  found = smooth.smooth(track, np.arange(60) * 40.0, sigma_ms=80)
  wanted = scipy.ndimage.gaussian_filter1d(track[:, :, :2], sigma=2, axis=0, truncate=4)
  inside = slice(8, -8)  # scipy reflects at the ends; we do not
  np.testing.assert_allclose(found[inside, :, :2], wanted[inside], rtol=1e-10)
  np.testing.assert_allclose(found[:, :, 2], 1)


def test_smooth_is_the_weighted_mean_at_uneven_times():
  track, rng = _track(30), np.random.default_rng(1)
  t_ms = np.cumsum(rng.uniform(5, 60, 30))
  track[10:15, 1] = 0
  gap = t_ms[:, None] - t_ms
  gauss = np.exp(-0.5 * (gap / 50) ** 2) * (np.abs(gap) <= 200)
  weight = gauss[:, :, None] * track[:, :, 2]
  wanted = np.einsum('tuj,ujc->tjc', weight, track[:, :, :2]) / weight.sum(axis=1)[:, :, None]
  found = smooth.smooth(track, t_ms, sigma_ms=50)
  np.testing.assert_allclose(found[:, :, :2], wanted)
  np.testing.assert_allclose(found[:, :, 2], weight.sum(axis=1) / gauss.sum(axis=1)[:, None])


def test_smooth_ignores_an_unsure_outlier():
  track = np.ones((21, 1, 3))
  track[10, 0] = [1000, 1000, 0]
  np.testing.assert_allclose(smooth.smooth(track, np.arange(21) * 20.0, sigma_ms=40)[:, :, :2], 1)


def test_smooth_joint_that_is_nowhere_near():
  track = np.zeros((100, 1, 3))
  track[0] = [5, 6, 1]
  found = smooth.smooth(track, np.arange(100.0) * 10, sigma_ms=20)
  np.testing.assert_allclose(found[:9, 0, :2], [[5, 6]] * 9)
  assert not found[9:].any()


def test_smooth_reduces_jitter_and_keeps_dtype():
  rng = np.random.default_rng(0)
  t_ms = np.arange(200) * 1000 / 30
  true = np.stack([np.sin(t_ms / 500), np.cos(t_ms / 500)], axis=1)[:, None] * 50
  noisy = np.concatenate([true + rng.normal(size=true.shape), np.ones((200, 1, 1))], axis=2).astype(np.float32)
  found = smooth.smooth(noisy, t_ms, sigma_ms=66)
  assert found.dtype == np.float32
  assert np.abs(found[:, :, :2] - true).mean() < 0.6 * np.abs(noisy[:, :, :2] - true).mean()


@pytest.mark.parametrize('n', [0, 1])
def test_smooth_and_interpolate_short_tracks(n):
  track = _track(n)
  np.testing.assert_allclose(smooth.smooth(track, np.arange(n) * 40.0, sigma_ms=80), track, rtol=1e-15)
  np.testing.assert_array_equal(smooth.interpolate(track, np.arange(n) * 40.0, max_gap_ms=100), track)


def test_smooth_without_a_width():
  with pytest.raises(ValueError, match='sigma_ms is 0'):
    smooth.smooth(_track(), np.arange(60.0), sigma_ms=0)


def test_interpolate_is_linear_in_time_within_the_limit():
  t_ms = np.array([0, 10, 40, 50, 60, 100, 200, 300.0])
  track = np.zeros((8, 2, 3))
  track[:, 0] = np.stack([t_ms, 2 * t_ms, np.full(8, 0.75)], axis=1)
  track[:, 1] = track[:, 0]
  lost = track.copy()
  lost[[1, 2], 0] = 0  # 0 to 50: within the limit
  lost[[5, 6], 0] = 0  # 60 to 300: beyond it
  lost[[0, 7], 1] = 0  # ends
  lost[3, 0, 2] = 0.5
  filled = smooth.interpolate(lost, t_ms, max_gap_ms=50)
  np.testing.assert_allclose(filled[[1, 2], 0, :2], track[[1, 2], 0, :2])
  np.testing.assert_array_equal(filled[[1, 2], 0, 2], 0.5)
  untouched = np.ones((8, 2), bool)
  untouched[[1, 2], 0] = False
  np.testing.assert_array_equal(filled[untouched], lost[untouched])


def test_interpolate_never_found():
  track = np.zeros((5, 2, 3))
  np.testing.assert_array_equal(smooth.interpolate(track, np.arange(5.0), max_gap_ms=100), track)
