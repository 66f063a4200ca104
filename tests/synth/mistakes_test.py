"""Mistakes: enough of them everywhere, seen in the measure of their attribute, at a time that is told."""

import numpy as np
import pytest

from sportjax.errors import InputError
from sportjax.synth.athletes import sample_athlete
from sportjax.synth.measures import measure
from sportjax.synth.mistakes import Mistake, class_mistakes, get_mistake
from sportjax.synth.skills import SPORTS, classes, perform


def test_every_class_can_show_three_mistakes():
  for sport in SPORTS:
    for label in classes(sport):
      mistakes = class_mistakes(sport, label)
      assert len({m.name for m in mistakes}) == len(mistakes) >= 3, (sport, label)
      assert all(get_mistake(m.name) == m for m in mistakes)


@pytest.mark.parametrize('sport', SPORTS)
def test_a_mistake_lowers_its_measure_and_tells_its_time(sport):
  athlete = sample_athlete(np.random.default_rng(1))
  for label in (classes(sport)[0], classes(sport)[-1]):
    right = perform(sport, athlete, label, np.random.default_rng(2))
    for mistake in class_mistakes(sport, label):
      wrong = perform(sport, athlete, label, np.random.default_rng(2), None, mistake)
      assert right.joints_m.shape == wrong.joints_m.shape
      assert measure(mistake.attribute, wrong, athlete) < measure(mistake.attribute, right, athlete), mistake
      (action,) = wrong.actions
      assert (action.label, action.mistake) == (label, mistake.name)
      assert 0 < action.events_ms['mistake'] < 1000 * len(wrong.joints_m) / wrong.fps
      # Long before the mistake nothing is wrong.
      early = round(action.events_ms['mistake'] / 10) - 110
      if early > 0 and mistake.attribute != 'stance_width':
        np.testing.assert_allclose(right.joints_m[:early], wrong.joints_m[:early], atol=4e-2)


def test_impossible_mistakes_are_input_errors():
  athlete, rng = sample_athlete(np.random.default_rng(0)), np.random.default_rng(0)
  with pytest.raises(InputError, match='no mistake'):
    get_mistake('bad_luck')
  with pytest.raises(InputError, match='cannot show'):
    perform('golf', athlete, 'drive', rng, None, Mistake('flexed_foot', 'toe_point'))
