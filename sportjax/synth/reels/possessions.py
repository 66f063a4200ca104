"""What happens in a reel: a sequence of possessions, drawn from a player's skills and from nothing else of the player.

Skills show in three ways: in what comes off (outcomes), in what is tried (the mix of situations), and in how it is done
(execution: a proficiency per attribute, around what the skill is worth, the less steady the less consistent).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import numpy as np

from sportjax.synth.attributes import class_attributes

SHOT_KINDS = ('free_throw', 'two', 'three')
OFF_BALL = ('defensive_rebound', 'offensive_rebound', 'steal', 'guard')
KINDS = (*SHOT_KINDS, 'pass', 'dribble', *OFF_BALL)
OFF_BALL_ATTRIBUTES = ('knee_bend', 'arm_extension')
_LENGTHS = (0.9, 1.1)  # of possessions, relative to one another
_LEAST_S = 4.9  # mean: long enough for a pass, a catch and a shot

_LABELS: Mapping[str, tuple[str, ...]] = {
  'free_throw': ('free_throw',),
  'two': ('jump_shot', 'fadeaway', 'hook_shot', 'layup'),
  'three': ('jump_shot', 'set_shot_two_handed'),
  'pass': ('chest_pass', 'bounce_pass', 'overhead_pass', 'baseball_pass'),
  'dribble': ('crossover', 'between_legs', 'behind_back', 'hesitation'),
} | {kind: (kind,) for kind in OFF_BALL}
POINTS = {'free_throw': 1, 'two': 2, 'three': 3}

# How often a situation comes up, and which skill makes it come up more often, by a factor of e per unit.
_MIX: Mapping[str, tuple[float, str, float]] = {
  'free_throw': (0.11, 'impact', 1.6),
  'two': (0.17, 'contribution', 1.6),
  'three': (0.13, 'three_points', 1.0),
  'pass': (0.17, 'teamwork', 1.8),
  'dribble': (0.09, 'teamwork', -1.0),
  'defensive_rebound': (0.09, 'defensive_rebounds', 0.8),
  'offensive_rebound': (0.08, 'offensive_rebounds', 0.8),
  'steal': (0.07, 'steals', 0.8),
  'guard': (0.09, 'points_allowed', 0.4),
}
_QUALITY_NOISE, _HABIT_NOISE = (0.06, 0.34), 0.07


@dataclasses.dataclass(frozen=True)
class Possession:
  """One possession of a reel, as planned and as filmed."""

  start_ms: float
  end_ms: float
  kind: str  # of KINDS
  label: str  # a class of the skill module, or the kind where the player has no ball to play
  # made, missed; complete, assist, intercepted; kept, lost; secured, lost; won, lost; scored, stopped, foul
  outcome: str
  contested: bool
  points: int  # by the player, or by the team mate after an assist; negative: allowed
  execution: Mapping[str, float]  # proficiency by attribute


def sample_possessions(skills: Mapping[str, float], seconds: float, rng: np.random.Generator) -> tuple[Possession, ...]:
  """Possessions that fill a reel to the hundredth of a second; their lengths tell nothing of what is done."""
  count = max(1, int(seconds / _LEAST_S))
  lengths = rng.uniform(*_LENGTHS, count)
  edges = np.round(np.cumsum([0.0, *lengths]) * 100 * seconds / lengths.sum()) * 10
  habits = {name: rng.normal(0.0, _HABIT_NOISE) for name in sorted({a for k in KINDS for a in _attributes(k)})}
  weights = np.array([share * np.exp(slope * (skills[name] - 0.5)) for share, name, slope in _MIX.values()])
  kinds = rng.choice(list(_MIX), count, p=weights / weights.sum())
  return tuple(
    _possession(str(kind), float(start), float(end), skills, habits, rng)
    for kind, start, end in zip(kinds, edges[:-1], edges[1:], strict=True)
  )


def _attributes(kind: str) -> tuple[str, ...]:
  if kind in OFF_BALL:
    return OFF_BALL_ATTRIBUTES
  return tuple({name: None for label in _LABELS[kind] for name in class_attributes('basketball', label)})


def _possession(kind, start_ms, end_ms, skills, habits, rng) -> Possession:
  label = str(rng.choice(_LABELS[kind]))
  contested = kind in ('two', 'three') and bool(rng.random() < 0.75 - 0.5 * skills['efficiency'])
  outcome = _outcome(kind, contested, skills, rng)
  names = OFF_BALL_ATTRIBUTES if kind in OFF_BALL else class_attributes('basketball', label)
  consistency = skills['defensive_consistency' if kind in ('guard', 'steal', 'defensive_rebound')
                       else 'offensive_consistency']  # fmt: skip
  steady, wild = _QUALITY_NOISE
  noise = rng.normal(0.0, wild + consistency * (steady - wild), len(names))
  worth = {name: 0.2 + 0.6 * skills[_tells(kind, contested, name)] + habits[name] for name in names}
  execution = {name: float(np.clip(worth[name] + n, 0, 1)) for name, n in zip(names, noise, strict=True)}
  return Possession(start_ms, end_ms, kind, label, outcome, contested, _points(kind, outcome), execution)


def _tells(kind: str, contested: bool, attribute: str) -> str:
  """The skill that an attribute of the execution tells of."""
  if kind == 'pass':
    return {'rhythm': 'assists', 'balance': 'teamwork'}.get(attribute, 'passing_accuracy')
  if kind in ('two', 'three') and contested:
    return 'contested_shots'
  return {
    'free_throw': 'free_throw', 'two': 'two_points', 'three': 'three_points', 'dribble': 'turnovers',
    'defensive_rebound': 'defensive_rebounds', 'offensive_rebound': 'offensive_rebounds', 'steal': 'steals',
    'guard': 'points_allowed',
  }[kind]  # fmt: skip


def _outcome(kind: str, contested: bool, skills: Mapping[str, float], rng: np.random.Generator) -> str:
  """What comes of it."""
  first, second = rng.random(2)
  if kind in SHOT_KINDS:
    return 'made' if first < _accuracy(kind, contested, skills) else 'missed'
  if kind == 'pass':
    if first < 0.02 + 0.4 * (1 - skills['passing_accuracy']):
      return 'intercepted'
    return 'assist' if second < 0.1 + 0.65 * skills['assists'] else 'complete'
  if kind == 'dribble':
    return 'lost' if first < 0.02 + 0.5 * (1 - skills['turnovers']) else 'kept'
  if kind == 'steal':
    return 'won' if first < 0.1 + 0.65 * skills['steals'] else 'lost'
  if kind == 'guard':
    if first < 0.03 + 0.45 * (1 - skills['fouls']):
      return 'foul'
    return 'scored' if second < 0.12 + 0.6 * (1 - skills['points_allowed']) else 'stopped'
  name = 'defensive_rebounds' if kind == 'defensive_rebound' else 'offensive_rebounds'
  return 'secured' if first < 0.15 + 0.7 * skills[name] else 'lost'


def _accuracy(kind: str, contested: bool, skills: Mapping[str, float]) -> float:
  """The chance that a shot goes in."""
  if kind == 'free_throw':
    return 0.4 + 0.55 * skills['free_throw']
  own = skills['two_points' if kind == 'two' else 'three_points']
  best = 0.9 if kind == 'two' else 0.75
  if contested:
    return best * (0.1 + 0.2 * own + 0.45 * skills['contested_shots'])
  return best * (0.25 + 0.65 * own)


def _points(kind: str, outcome: str) -> int:
  if outcome == 'made':
    return POINTS[kind]
  return {'assist': 2, 'scored': -2}.get(outcome, 0)
