"""The simulated world, and its permuted twin in which an attribute means another movement in every sport.

In the twin each sport ties its attributes' names to one another's movements, so that nothing learned of a name in one
sport holds in the next: what transfers there did not come from shared attributes.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping

import numpy as np
from scipy.optimize import linear_sum_assignment

from sportjax.errors import InputError
from sportjax.synth import measures
from sportjax.synth.athletes import Athlete
from sportjax.synth.attributes import ATTRIBUTES, class_attributes, sport_attributes
from sportjax.synth.mistakes import Mistake
from sportjax.synth.motion import Action, Motion
from sportjax.synth.skills import SPORTS, perform


@dataclasses.dataclass(frozen=True)
class World:
  """Which movement an attribute is, sport by sport."""

  permuted: bool = False
  seed: int = 0  # of the permutation

  def movement(self, sport: str, name: str) -> str:
    """The attribute whose movement stands for `name` in a sport. Raises: InputError where the sport lacks `name`."""
    if name not in sport_attributes(sport):
      raise InputError(f'{sport} does not show {name!r}; it shows {", ".join(sport_attributes(sport))}')
    return _permutations(self.seed)[sport][name] if self.permuted else name

  def class_attributes(self, sport: str, label: str) -> tuple[str, ...]:
    """The attributes that one class shows here. Raises: InputError for an unknown sport."""
    shown = class_attributes(sport, label)
    return tuple(name for name in sport_attributes(sport) if self.movement(sport, name) in shown)

  def class_mistakes(self, sport: str, label: str) -> tuple[Mistake, ...]:
    """The mistakes that one class can show here. Raises: InputError for an unknown sport."""
    return tuple(Mistake(ATTRIBUTES[name].mistake, name) for name in self.class_attributes(sport, label))

  def perform(
    self,
    sport: str,
    athlete: Athlete,
    label: str,
    rng: np.random.Generator,
    proficiency: Mapping[str, float] | None = None,
    mistake: Mistake | None = None,
  ) -> Motion:
    """One action of this world; see `skills.perform`. Raises: InputError as it does."""
    if proficiency:
      proficiency = {self.movement(sport, name): value for name, value in proficiency.items()}
    if mistake:
      mistake = dataclasses.replace(mistake, attribute=self.movement(sport, mistake.attribute))
    return perform(sport, athlete, label, rng, proficiency, mistake)

  def measure(self, name: str, motion: Motion, athlete: Athlete, action: Action | None = None) -> float:
    """The measure of what `name` is here; see `measures.measure`. Raises: InputError as it does."""
    action = action or motion.actions[0]
    return measures.measure(self.movement(action.sport, name), motion, athlete, action)


@functools.cache
def _permutations(seed: int) -> Mapping[str, Mapping[str, str]]:
  """Per sport a derangement of its attributes; no two sports agree on a pair if that can be helped."""
  rng = np.random.default_rng([seed, 0x9E27])
  names = tuple(ATTRIBUTES)
  cost = np.where(np.eye(len(names), dtype=bool), 1e6, 0.0)
  out = {}
  for sport in SPORTS:
    own = [names.index(name) for name in sport_attributes(sport)]
    rows, columns = linear_sum_assignment(cost[np.ix_(own, own)] + rng.random((len(own), len(own))))
    out[sport] = {names[own[row]]: names[own[column]] for row, column in zip(rows, columns, strict=True)}
    for row, column in zip(rows, columns, strict=True):
      cost[own[row], own[column]] += 100.0
  return out
