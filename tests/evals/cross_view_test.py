import numpy as np

from sportjax.evals import cross_view, warp

FRAMES, DRAWS = 80, 6
T_MS = np.arange(FRAMES) * 1000 / 60
CUTS = cross_view.sample_cuts(FRAMES, DRAWS, seed=0)
OPEN, FIXED, NEAREST = range(3)


def walk(seed=0):
  return np.cumsum(np.random.default_rng(seed).normal(size=(FRAMES, 6)), axis=0)


def errors(reference, query, **options):
  return cross_view.recovery_errors_ms(cross_view.pair_costs(reference, query), T_MS, CUTS, **options)


def test_more_draws_begin_with_the_same_cuts():
  more = cross_view.sample_cuts(FRAMES, DRAWS + 3, seed=0)
  for few, many in zip(CUTS, more, strict=False):
    assert few.frames == many.frames
    np.testing.assert_array_equal(few.warp.values, many.warp.values)
  assert len({cut.frames for cut in more}) > 1
  assert all(0.7 * FRAMES - 1 <= cut.frames <= FRAMES for cut in more)


def test_a_cut_is_recovered_from_what_both_views_share():
  found = errors(walk(), walk() + 0.1 * np.random.default_rng(1).normal(size=(FRAMES, 6)))
  assert found.shape == (DRAWS, 3)
  assert (found[:, OPEN] < 17).all()  # within a frame
  assert (found[:, NEAREST] < 17).all()


def test_fixed_ends_cannot_recover_what_was_cut_off():
  found = errors(walk(), walk())
  assert found[:, FIXED].mean() > 2 * found[:, OPEN].mean()


def test_nothing_is_recovered_from_shuffled_noisy_or_constant_features():
  right = errors(walk(), walk())[:, OPEN].mean()
  for wrong in (
    errors(walk(), walk(), shuffle=0),
    errors(walk(1), walk(2)),
    errors(np.zeros((FRAMES, 2)), np.zeros((FRAMES, 2))),
  ):
    assert wrong[:, OPEN].mean() > 5 * right
    assert wrong[:, NEAREST].mean() > 5 * right


def test_guesses_are_those_of_who_sees_nothing():
  whole = cross_view.Cut(warp.Warp(np.array([0.0, 1]), np.array([0.0, 1])), FRAMES)
  np.testing.assert_allclose(cross_view.guess_errors_ms(T_MS, [whole])[0], [0, 0, T_MS[-1] / 4], atol=20)
  early = cross_view.Cut(warp.Warp(np.array([0.0, 1]), np.array([0, 0.5])), FRAMES // 2)
  np.testing.assert_allclose(cross_view.guess_errors_ms(T_MS, [early])[0], np.array([1, 1, 1]) * T_MS[-1] / 4, atol=20)
  assert cross_view.guess_errors_ms(T_MS, CUTS).shape == (DRAWS, 3)


def test_found_frames_are_those_of_the_cut():
  shown, found = cross_view.find_cut(cross_view.pair_costs(walk(), walk()), T_MS, CUTS[0])
  assert len(shown) == len(found) == CUTS[0].frames
  assert np.abs(shown - found).max() <= 1
