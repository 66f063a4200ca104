"""Templates, their expansion and the held-out quarter."""

import numpy as np
import pytest

from sportjax.errors import InputError
from sportjax.text import phrases


def test_expansions_are_all_choices_and_slots():
  found = phrases.expansions('{bend|flex} the {strong} knee {|a little }now.', phrases.sides(left_handed=True))
  assert set(found) == {
    'Bend the left knee now.', 'Flex the left knee now.', 'Bend the left knee a little now.',
    'Flex the left knee a little now.',
  }  # fmt: skip


def test_expand_draws_every_expansion_and_nothing_else():
  rng = np.random.default_rng(0)
  template = '{a|b} {c|d|e}. {x} goes {on|}, now.'
  drawn = {phrases.expand(template, rng, {'x': 'it'}) for _ in range(400)}
  assert drawn == set(phrases.expansions(template, {'x': 'it'}))
  assert 'A c. It goes, now.' in drawn  # no space before a comma, capitals at the start of sentences


def test_every_fourth_template_is_held_out():
  templates = [f't{i}' for i in range(10)]
  assert phrases.of_split(templates, 'test') == ('t3', 't7')
  assert sorted(phrases.of_split(templates, 'train') + phrases.of_split(templates, 'test')) == templates


def test_draw_repeats_no_template_before_all_were_used():
  templates = ['a', 'b', 'c']
  drawn = phrases.draw(templates, 7, np.random.default_rng(3))
  assert sorted(drawn[:3]) == sorted(drawn[3:6]) == ['A', 'B', 'C']
  assert len(drawn) == 7
  assert phrases.draw(templates, 7, np.random.default_rng(3)) == drawn
  assert phrases.draw(templates, 0, np.random.default_rng(3)) == ()


def test_bad_input():
  rng = np.random.default_rng(0)
  with pytest.raises(InputError, match='slot {side} is not filled'):
    phrases.expand('the {side} foot', rng, {'strong': 'right'})
  with pytest.raises(InputError, match="no split 'valid'"):
    phrases.of_split(['a'], 'valid')
  with pytest.raises(InputError, match='no phrasings'):
    phrases.draw([], 1, rng)
