import numpy as np

from sportjax.synth.athletes import SEGMENT_FRACTIONS, sample_athlete

_UPRIGHT = ('ankle_height', 'shank', 'thigh', 'abdomen', 'thorax', 'upper_chest', 'head')


def _people(n):
  return [sample_athlete(np.random.default_rng(seed)) for seed in range(n)]


def test_segments_add_up_to_stature():
  for athlete in _people(20):
    assert np.isclose(sum(athlete.segments_m[name] for name in _UPRIGHT), athlete.height_m)


def test_population_has_the_tabled_mean_and_real_spread():
  people = _people(400)
  ratios = np.array([[p.segments_m[name] / p.height_m for name in SEGMENT_FRACTIONS] for p in people])
  np.testing.assert_allclose(ratios.mean(0), list(SEGMENT_FRACTIONS.values()), rtol=0.03)
  assert (ratios.std(0) / ratios.mean(0) > 0.02).all()
  heights = {sex: [p.height_m for p in people if p.sex == sex] for sex in ('female', 'male')}
  assert abs(np.mean(heights['female']) - 1.655) < 0.03
  assert abs(np.mean(heights['male']) - 1.785) < 0.03
  assert 0.06 < np.mean([p.left_handed for p in people]) < 0.19


def test_same_seed_same_person_other_seed_another():
  a, b, c = (sample_athlete(np.random.default_rng(seed)) for seed in (3, 3, 4))
  assert (a.height_m, a.style, dict(a.segments_m)) == (b.height_m, b.style, dict(b.segments_m))
  assert a.height_m != c.height_m
