import dataclasses

import numpy as np
import pytest

from sportjax.errors import InputError
from sportjax.synth.filming import actors
from sportjax.synth.filming.appearance import sample_appearance
from sportjax.synth.filming.equipment import equipment_solids
from sportjax.synth.filming.shoot import film
from sportjax.synth.filming.shots import sample_shot

SLAB = np.array([[-1.0, -0.3, 0.5], [1, -0.3, 0.5], [1, 0.3, 0.5], [-1, 0.3, 0.5]])
POINTS = {
  'ball': np.array([[0.6, 0, 1.0]]),
  'racket': np.array([[0.4, 0, 1.0], [0.9, 0, 1.2], [0, 1, 0]]),
  'club': np.array([[0.3, -0.4, 0.9], [0.7, -0.4, 0.05]]),
  'barbell': np.array([[-1.0, -0.4, 1.2], [1.0, -0.4, 1.2]]),
  'beam': SLAB,
  'board': SLAB,
  'hoop': np.array([[1.2, 0, 1.9], [1.6, 0, 2.2]]),
}


def _shot(**changes):
  return dataclasses.replace(sample_shot(np.random.default_rng(0), 'hall', 'clean'), fps=5.0, noise=0.0, **changes)


@pytest.mark.parametrize('name', POINTS)
def test_film_equipment_is_drawn_and_is_not_the_athlete(new_motion, name):
  bare = new_motion(turns=0)
  held = dataclasses.replace(bare, equipment={name: np.repeat(POINTS[name][None], len(bare.joints_m), 0)})
  look = sample_appearance(np.random.default_rng(1), 'target')
  without, having = (next(film(motion, look, _shot(), np.random.default_rng(0))) for motion in (bare, held))
  changed = (np.abs(without.rgb.astype(int) - having.rgb) > 12).any(-1)
  assert changed.sum() > 25
  assert not (having.mask & ~without.mask).any()


def test_film_water_hides_what_is_below(new_motion):
  bare = new_motion(turns=0)
  wet = dataclasses.replace(bare, equipment={'water': np.full((len(bare.joints_m), 1, 3), 0.9)})
  look = sample_appearance(np.random.default_rng(1), 'target')
  dry, half = (next(film(motion, look, _shot(), np.random.default_rng(0))) for motion in (bare, wet))
  assert 0.25 < half.mask.sum() / dry.mask.sum() < 0.75
  assert half.box[3] < dry.box[3] - 30


def test_film_splash_rises_only_after_the_body_meets_the_water(new_motion, monkeypatch):
  bare = new_motion(turns=0, seconds=1.6)
  fall = np.clip(np.arange(len(bare.joints_m)) / bare.fps - 0.6, 0, None)[:, None, None] * (0, 0, -3.0)
  water = {'water': np.full((len(bare.joints_m), 1, 3), 0.1)}
  motion = dataclasses.replace(bare, joints_m=bare.joints_m + (0, 0, 1.5) + fall, equipment=water)
  shot = dataclasses.replace(sample_shot(np.random.default_rng(0), 'pool', 'clean'), fps=10.0, noise=0.0)
  look = sample_appearance(np.random.default_rng(1), 'target')
  splashing = list(film(motion, look, shot, np.random.default_rng(0)))
  monkeypatch.setattr(actors, 'sample_drops', lambda rng: np.zeros((44, 5)))
  touch_ms = 1000 * (0.6 + 1.4 / 3)
  grown = []
  for with_drops, without in zip(splashing, film(motion, look, shot, np.random.default_rng(0)), strict=True):
    changed = (with_drops.rgb != without.rgb).any(-1).sum()
    assert with_drops.t_ms > touch_ms or not changed
    grown.append(changed)
  assert max(grown) > 40


def test_equipment_solids_unknown_name_is_refused():
  with pytest.raises(InputError, match="'javelin'"):
    equipment_solids({'javelin': np.zeros((3, 2, 3))})
