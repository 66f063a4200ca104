import colorsys

import numpy as np

from sportjax.synth.filming.appearance import WARDROBE, body_of, sample_appearance


def _sample(domain, count=300):
  rng = np.random.default_rng(0)
  return [sample_appearance(rng, domain) for _ in range(count)]


def test_sample_appearance_domains_share_neither_pattern_nor_hue():
  looks = {domain: _sample(domain) for domain in ('teacher', 'target')}
  patterns = {domain: {look.pattern for look in some} for domain, some in looks.items()}
  assert not patterns['teacher'] & patterns['target']
  hues = {
    domain: np.array([colorsys.rgb_to_hsv(*np.array(look.top) / 255)[0] for look in some])
    for domain, some in looks.items()
  }
  apart = np.abs(hues['teacher'][:, None] - hues['target'])
  assert np.minimum(apart, 1 - apart).min() > 0.01


def test_sample_appearance_repeats_by_seed_and_differs_between_seeds():
  looks = [sample_appearance(np.random.default_rng(seed), 'target') for seed in (1, 1, 2)]
  assert looks[0] == looks[1] != looks[2]


def test_body_of_every_outfit_shows_skin_and_cloth():
  rng = np.random.default_rng(0)
  for outfit in WARDROBE['any']:
    look = next(look for look in iter(lambda: sample_appearance(rng, 'target'), None) if look.outfit == outfit)
    _, colours = body_of(look)
    skin = (colours == np.float32(look.skin)).all(1).mean()
    assert 0.03 < skin < 0.85, outfit
    assert len(np.unique(colours, axis=0)) >= 4, outfit
