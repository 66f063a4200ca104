"""The twenty latent skills of a player, how they hang together, and the levels they make.

A skill is the share of players one is better than, in [0, 1]: a standard normal of factors that players differ in and
of a part of its own, seen through the normal distribution. Levels are its fifths, the same for everyone.

Source: names and order of Pan, Zhang, Bertasius 2025 (BASKET); its defensive consistency alone is rated in reverse.
The correlations are ours.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy.special import ndtr

from sportjax.errors import InputError
from sportjax.typing import Float, Int

SKILLS: tuple[str, ...] = (
  'free_throw', 'two_points', 'three_points', 'contested_shots', 'overall_shooting', 'rebounds', 'defensive_rebounds',
  'offensive_rebounds', 'steals', 'turnovers', 'points_allowed', 'defensive_consistency', 'assists',
  'passing_accuracy', 'fouls', 'contribution', 'offensive_consistency', 'teamwork', 'impact', 'efficiency',
)  # fmt: skip
REVERSED: tuple[str, ...] = ('defensive_consistency',)  # 0 is excellent
LEVELS = 5
BOUNDS: tuple[float, ...] = (0.2, 0.4, 0.6, 0.8)

_FACTORS = ('talent', 'touch', 'size', 'defence', 'vision', 'care')
# Weights of factors, of skills above it, and of a part of one's own; a skill's variance is made 1.
_WEIGHTS: Mapping[str, Mapping[str, float]] = {
  'free_throw': {'talent': 0.3, 'touch': 0.7, 'own': 0.6},
  'two_points': {'talent': 0.45, 'touch': 0.4, 'size': 0.35, 'own': 0.6},
  'three_points': {'talent': 0.3, 'touch': 0.75, 'size': -0.2, 'own': 0.55},
  'contested_shots': {'talent': 0.45, 'touch': 0.35, 'size': 0.3, 'own': 0.65},
  'overall_shooting': {'free_throw': 0.25, 'two_points': 0.45, 'three_points': 0.4, 'contested_shots': 0.3,
                       'own': 0.15},
  'defensive_rebounds': {'talent': 0.25, 'size': 0.65, 'defence': 0.3, 'own': 0.55},
  'offensive_rebounds': {'talent': 0.2, 'size': 0.65, 'own': 0.6},
  'rebounds': {'defensive_rebounds': 0.65, 'offensive_rebounds': 0.45, 'own': 0.12},
  'steals': {'talent': 0.25, 'size': -0.3, 'defence': 0.6, 'own': 0.6},
  'turnovers': {'talent': 0.3, 'vision': 0.3, 'care': 0.6, 'own': 0.55},
  'points_allowed': {'talent': 0.2, 'defence': 0.75, 'own': 0.5},
  'defensive_consistency': {'defence': 0.45, 'care': 0.45, 'own': 0.65},
  'assists': {'talent': 0.35, 'vision': 0.7, 'own': 0.5},
  'passing_accuracy': {'vision': 0.55, 'care': 0.45, 'own': 0.55},
  'fouls': {'size': -0.25, 'care': 0.6, 'own': 0.65},
  'contribution': {'talent': 0.5, 'overall_shooting': 0.3, 'rebounds': 0.2, 'assists': 0.2, 'own': 0.5},
  'offensive_consistency': {'touch': 0.3, 'care': 0.45, 'own': 0.7},
  'teamwork': {'vision': 0.5, 'care': 0.25, 'passing_accuracy': 0.2, 'own': 0.6},
  'impact': {'contribution': 0.45, 'points_allowed': 0.25, 'overall_shooting': 0.25, 'own': 0.5},
  'efficiency': {'overall_shooting': 0.5, 'turnovers': 0.3, 'own': 0.55},
}  # fmt: skip


def _mixing() -> Float[np.ndarray, 'k g']:
  """Rows make the skills, in the order of SKILLS, of independent standard normals: the factors, then own parts."""
  parts = dict(zip((*_FACTORS, *SKILLS), np.eye(len(_FACTORS) + len(SKILLS)), strict=True))
  rows: dict[str, np.ndarray] = {}
  for name, weights in _WEIGHTS.items():
    known = parts | rows | {'own': parts[name]}
    row = np.sum([w * known[part] for part, w in weights.items()], axis=0)
    rows[name] = row / np.linalg.norm(row)
  return np.stack([rows[name] for name in SKILLS])


_MIXING = _mixing()


def sample_skills(rng: np.random.Generator) -> dict[str, float]:
  """A player's skills, each uniform over the population; 1 is best in all of them."""
  values = ndtr(_MIXING @ rng.standard_normal(_MIXING.shape[1]))
  return dict(zip(SKILLS, values.tolist(), strict=True))


def correlation() -> Float[np.ndarray, 'k k']:
  """How the skills correlate before they are made uniform."""
  return _MIXING @ _MIXING.T


def levels(skills: Mapping[str, float]) -> dict[str, int]:
  """The level 0..4 of each skill: 4 is excellent, but of the REVERSED ones 0. Raises: InputError outside [0, 1]."""
  out = {}
  for name, value in skills.items():
    if not 0.0 <= value <= 1.0:
      raise InputError(f'skill {name}={value}: give a number from 0 to 1')
    level = int(np.searchsorted(BOUNDS, value, side='right'))
    out[name] = LEVELS - 1 - level if name in REVERSED else level
  return out


def level_array(skills: Mapping[str, float]) -> Int[np.ndarray, 'k']:
  """The levels in the order of SKILLS."""
  rated = levels(skills)
  return np.array([rated[name] for name in SKILLS])
