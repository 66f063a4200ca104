"""The sports: one module each, with `CLASSES` and `perform`."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sportjax.errors import InputError
from sportjax.synth.athletes import Athlete
from sportjax.synth.mistakes import Mistake, marked
from sportjax.synth.motion import Motion
from sportjax.synth.skills import (
  basketball,
  diving,
  football,
  golf,
  gymnastics,
  skating,
  tennis,
  weightlifting,
)

_MODULES = {
  'diving': diving,
  'gymnastics': gymnastics,
  'skating': skating,
  'tennis': tennis,
  'golf': golf,
  'basketball': basketball,
  'football': football,
  'weightlifting': weightlifting,
}
SPORTS: tuple[str, ...] = tuple(_MODULES)


def classes(sport: str) -> tuple[str, ...]:
  """The fine classes of a sport. Raises: InputError for an unknown sport."""
  return _module(sport).CLASSES


def perform(
  sport: str,
  athlete: Athlete,
  label: str,
  rng: np.random.Generator,
  proficiency: Mapping[str, float] | None = None,
  mistake: Mistake | None = None,
) -> Motion:
  """One action with idle motion around it.

  `proficiency` in [0, 1] by attribute; what is not named is at its best. A `mistake` is its attribute at zero.

  Raises:
    InputError: unknown sport, class or attribute, or a mistake that the class cannot show.
  """
  if mistake is None:
    return _module(sport).perform(athlete, label, rng, proficiency)
  motion = _module(sport).perform(athlete, label, rng, {**(proficiency or {}), mistake.attribute: 0.0})
  return marked(motion, mistake)


def _module(sport: str):
  if sport not in _MODULES:
    raise InputError(f'no sport {sport!r}; the world has {", ".join(SPORTS)}')
  return _MODULES[sport]
