"""The permuted world: the same movements under other names, in every sport others."""

import collections

import numpy as np
import pytest
from scipy.stats import spearmanr

from sportjax.errors import InputError
from sportjax.synth.athletes import sample_athlete
from sportjax.synth.attributes import class_attributes, sport_attributes
from sportjax.synth.skills import SPORTS, classes, perform
from sportjax.synth.world import World


@pytest.mark.parametrize('seed', range(3))
def test_permutation_is_a_derangement_and_no_two_sports_agree(seed):
  world, pairs = World(permuted=True, seed=seed), collections.Counter()
  for sport in SPORTS:
    movements = {name: world.movement(sport, name) for name in sport_attributes(sport)}
    assert sorted(movements.values()) == sorted(movements)
    assert all(name != movement for name, movement in movements.items())
    pairs.update(movements.items())
  assert max(pairs.values()) == 1


def test_permutations_differ_by_seed_and_repeat_by_seed():
  tables = [{n: World(True, seed).movement('tennis', n) for n in sport_attributes('tennis')} for seed in (0, 0, 1)]
  assert tables[0] == tables[1] != tables[2]


def test_the_plain_world_is_the_skills():
  athlete = sample_athlete(np.random.default_rng(1))
  proficiency = {'balance': 0.2, 'head_still': 0.4}
  a = World().perform('golf', athlete, 'iron', np.random.default_rng(2), proficiency)
  b = perform('golf', athlete, 'iron', np.random.default_rng(2), proficiency)
  assert a.joints_m.tobytes() == b.joints_m.tobytes()
  assert World().class_attributes('golf', 'iron') == class_attributes('golf', 'iron')


def test_measures_follow_the_names_of_the_permuted_world():
  world = World(permuted=True)
  names = world.class_attributes('tennis', 'serve_flat')
  seen = collections.defaultdict(list)
  for seed in range(16):
    rng = np.random.default_rng((3, seed))
    athlete = sample_athlete(rng)
    proficiency = {name: float(rng.random()) for name in names}
    motion = world.perform('tennis', athlete, 'serve_flat', rng, proficiency)
    for name in names:
      seen[name].append((proficiency[name], world.measure(name, motion, athlete), World().measure(
        name, motion, athlete) if name in class_attributes('tennis', 'serve_flat') else 0.0))  # fmt: skip
  told = np.mean([spearmanr(*np.array(pairs).T[:2])[0] for pairs in seen.values()])
  plain = np.mean([spearmanr(*np.array(pairs).T[[0, 2]])[0] for pairs in seen.values() if pairs[0][2]])
  assert told > 0.6
  assert plain < 0.3


def test_every_class_has_mistakes_in_the_permuted_world_too():
  world = World(permuted=True)
  for sport in SPORTS:
    for label in classes(sport):
      assert len(world.class_mistakes(sport, label)) >= 3
  rng = np.random.default_rng(0)
  mistake = world.class_mistakes('golf', 'drive')[0]
  motion = world.perform('golf', sample_athlete(rng), 'drive', rng, None, mistake)
  assert motion.actions[0].mistake == mistake.name
  with pytest.raises(InputError, match='does not show'):
    world.movement('golf', 'toe_point')
