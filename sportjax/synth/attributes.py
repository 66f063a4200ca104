"""What a coach judges, in every sport: attributes of skill, what each means in numbers, and the levels they make.

A proficiency in [0, 1] per attribute changes a performance (faults.py); its measure (measures.py) tells how much.
"""

from __future__ import annotations

import dataclasses
import fnmatch
from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np

from sportjax.errors import InputError


@dataclasses.dataclass(frozen=True)
class Attribute:
  """One attribute; its measure rises with proficiency."""

  name: str
  unit: str
  measured: str  # what the measure is
  mistake: str  # the name of its absence


_ATTRIBUTES = (
  Attribute('knee_bend', 'deg', 'deepest flexion of the supporting knee as the body loads', 'stiff_knees'),
  Attribute('hip_rotation_timing', 'ms', 'how long before the act half of the turn of the hips is done', 'late_hips'),
  Attribute('shoulder_rotation', 'deg', 'angle between the shoulders and the hips seen from above', 'no_shoulder_turn'),
  Attribute('elbow_height', 'm', 'height of the elbow above its shoulder', 'low_elbow'),
  Attribute('arm_extension', 'deg', 'angle of the elbow, 180 straight', 'bent_arm'),
  Attribute('preparation_depth', 'm', 'path of hand or foot from the preparation to the act', 'short_backswing'),
  Attribute(
    'follow_through', 'm', 'path of hand or foot after the act, or how high above the shoulder it is held', 'cut_short'
  ),
  Attribute('head_still', 'deg', 'how far the face rises just before the act, negative', 'early_head_lift'),
  Attribute('head_alignment', 'deg', 'flexion of the head on the trunk: thrown back is negative', 'head_thrown_back'),
  Attribute('posture', 'deg', 'forward flexion of the spine, negative', 'rounded_back'),
  Attribute('balance', 'deg', 'range of the sideways lean of the trunk, negative', 'loses_balance'),
  Attribute('symmetry', 'm', 'distance of one hand from the mirror image of the other, negative', 'uneven_arms'),
  Attribute('stance_width', 'm', 'distance between the feet', 'narrow_stance'),
  Attribute('landing_softness', 'deg', 'deepest flexion of the supporting knee after touch-down', 'stiff_landing'),
  Attribute('leg_extension', 'deg', 'flexion of the knee, negative', 'bent_leg'),
  Attribute('toe_point', 'deg', 'angle between shank and foot, 180 pointed', 'flexed_foot'),
  Attribute('rhythm', 'log', 'dimensionless squared jerk of hands, knees, head and pelvis, negative', 'hesitates'),
)
ATTRIBUTES: Mapping[str, Attribute] = MappingProxyType({a.name: a for a in _ATTRIBUTES})
BY_MISTAKE: Mapping[str, Attribute] = MappingProxyType({a.mistake: a for a in _ATTRIBUTES})


@dataclasses.dataclass(frozen=True)
class Use:
  """Where an attribute shows in a sport: at which event, in which classes (patterns), by which limbs."""

  at: str  # an event, or 'flight'
  labels: tuple[str, ...] = ('*',)
  sides: tuple[str, ...] = ('left', 'right')  # of a right-handed person
  limb: str = 'arm'
  held: bool = False  # follow_through: the limb stays up instead of going on


_RIGHT = ('right',)
_ROTATIONS = ('*_pike', '*_straight', '*_twist')
_SHOTS = ('jump_shot', 'fadeaway', 'free_throw', 'set_shot_two_handed')
_TWO_HANDED = ('set_shot_two_handed', 'chest_pass', 'bounce_pass', 'overhead_pass')
_PASSES = (*_TWO_HANDED[1:], 'baseball_pass')
_DRIBBLES = ('crossover', 'between_legs', 'behind_back', 'hesitation')
_KICKS = ('instep_drive', 'chip', '*_pass', 'curl', 'volley', 'toe_poke')
_SQUATS = ('*_squat',)
_DRIVES = ('push_press', '*_jerk')
_OVERHEAD = ('*snatch', 'overhead_squat', 'strict_press', *_DRIVES)
_FULL_SWINGS = ('drive', 'iron', 'pitch', 'bunker', 'flop')
_SERVES = ('serve_*',)
_STROKES = ('forehand_*', 'backhand_*_handed', 'smash', *_SERVES)

# What a class can show; the first use whose patterns match the class holds.
_TABLE: Mapping[str, Mapping[str, tuple[Use, ...]]] = {
  'diving': {
    'knee_bend': (Use('prepare'),),
    'preparation_depth': (Use('prepare'),),
    'posture': (Use('prepare'),),
    'arm_extension': (Use('finish'),),
    'head_alignment': (Use('finish'),),
    'symmetry': (Use('finish'),),
    'leg_extension': (Use('flight', _ROTATIONS, limb='leg'),),
    'toe_point': (Use('flight', limb='leg'),),
    'rhythm': (Use('act'),),
  },
  'gymnastics': {
    'knee_bend': (Use('prepare'),),
    'preparation_depth': (Use('prepare'),),
    'head_alignment': (Use('act'),),
    'symmetry': (Use('act'),),
    'posture': (Use('land'),),
    'balance': (Use('land'),),
    'landing_softness': (Use('land'),),
    'leg_extension': (Use('flight', ('*_pike', '*_straight*', 'split_*', 'straddle_*'), limb='leg'),),
    'toe_point': (Use('flight', limb='leg'),),
    'rhythm': (Use('act'),),
  },
  'skating': {
    'knee_bend': (Use('prepare'),),
    'posture': (Use('prepare'),),
    'head_alignment': (Use('flight'),),
    'arm_extension': (Use('landed'),),
    'leg_extension': (Use('landed', sides=('left',), limb='leg'),),
    'landing_softness': (Use('land'),),
    'balance': (Use('land'),),
    'rhythm': (Use('act'),),
  },
  'tennis': {
    'knee_bend': (Use('prepare'),),
    'hip_rotation_timing': (Use('act', _STROKES),),
    'shoulder_rotation': (Use('prepare'),),
    'elbow_height': (Use('prepare', _SERVES, sides=_RIGHT),),
    'preparation_depth': (Use('prepare', ('forehand_*', 'backhand_*', 'smash'), sides=_RIGHT),),
    'arm_extension': (Use('act', sides=_RIGHT),),
    'head_still': (Use('act'),),
    'follow_through': (Use('finish', sides=_RIGHT),),
    'balance': (Use('finish'),),
    'rhythm': (Use('act'),),
  },
  'golf': {
    'posture': (Use('prepare'),),
    'stance_width': (Use('prepare'),),
    'hip_rotation_timing': (Use('act', _FULL_SWINGS),),
    'shoulder_rotation': (Use('prepare', (*_FULL_SWINGS, 'chip')),),
    'preparation_depth': (Use('prepare'),),
    'head_still': (Use('act'),),
    'follow_through': (Use('finish'),),
    'balance': (Use('finish'),),
    'rhythm': (Use('act'),),
  },
  'basketball': {
    'knee_bend': (Use('load', (*_SHOTS, 'hook_shot', *_PASSES)), Use('act', _DRIBBLES[:3])),
    'hip_rotation_timing': (Use('act', ('baseball_pass',)),),
    'elbow_height': (Use('prepare', ('set_shot_two_handed',)), Use('prepare', _SHOTS, sides=_RIGHT)),
    'preparation_depth': (
      Use('prepare', ('chest_pass', 'overhead_pass')),
      Use('prepare', ('baseball_pass',), sides=_RIGHT),
    ),
    'arm_extension': (
      Use('act', _TWO_HANDED),
      Use('act', (*_SHOTS, 'hook_shot', 'layup', 'baseball_pass'), sides=_RIGHT),
    ),
    'head_still': (Use('act', (*_SHOTS, 'layup', *_DRIBBLES)),),
    'follow_through': (
      Use('finish', ('set_shot_two_handed', 'overhead_pass'), held=True),
      Use('finish', _SHOTS, sides=_RIGHT, held=True),
    ),
    'symmetry': (Use('act', _TWO_HANDED),),
    'posture': (Use('act', (*_PASSES, *_DRIBBLES)),),
    'stance_width': (Use('prepare', ('free_throw', 'set_shot_two_handed', *_DRIBBLES)),),
    'landing_softness': (Use('land', ('jump_shot', 'fadeaway', 'hook_shot', 'layup')),),
    'balance': (Use('finish'),),
    'rhythm': (Use('act'),),
  },
  'football': {
    'knee_bend': (Use('load', ('header_jumping',)), Use('prepare', ('header_standing',))),
    'hip_rotation_timing': (Use('act', ('instep_drive', 'curl', 'volley')),),
    'preparation_depth': (Use('prepare', _KICKS, sides=_RIGHT, limb='leg'), Use('prepare', ('throw_in',))),
    'arm_extension': (Use('act', ('throw_in',)),),
    'symmetry': (Use('act', ('throw_in',)),),
    'head_still': (Use('act', (*_KICKS, 'throw_in')),),
    'follow_through': (Use('finish', _KICKS, sides=_RIGHT, limb='leg'), Use('finish', ('throw_in',))),
    'leg_extension': (
      Use('act', ('instep_drive', 'chip', 'inside_pass', 'curl', 'volley', 'toe_poke'), sides=_RIGHT, limb='leg'),
    ),
    'toe_point': (Use('act', ('instep_drive', 'volley', 'outside_pass'), sides=_RIGHT, limb='leg'),),
    'posture': (Use('prepare', ('header_*', *_KICKS)),),
    'landing_softness': (Use('land', ('header_jumping',)),),
    'balance': (Use('finish', ('*_drive', 'chip', '*_pass', 'curl', 'toe_poke', 'header_*', 'throw_in')),),
    'rhythm': (Use('act'),),
  },
  'weightlifting': {
    'knee_bend': (Use('act', _SQUATS), Use('prepare', _DRIVES)),
    'arm_extension': (Use('finish', _OVERHEAD), Use('act', ('deadlift',))),
    'symmetry': (Use('finish', _OVERHEAD),),
    'head_alignment': (Use('act', ('*snatch', '*clean', 'strict_press', *_DRIVES)),),
    'posture': (Use('act', (*_SQUATS, 'deadlift', 'strict_press')), Use('prepare')),
    'stance_width': (Use('prepare', (*_SQUATS, 'deadlift', 'strict_press', 'push_press')),),
    'balance': (Use('finish'),),
    'rhythm': (Use('act'),),
  },
}


def sport_attributes(sport: str) -> tuple[str, ...]:
  """The attributes that some class of a sport shows. Raises: InputError for an unknown sport."""
  if sport not in _TABLE:
    raise InputError(f'no attributes of sport {sport!r}; known are {", ".join(_TABLE)}')
  return tuple(_TABLE[sport])


def class_attributes(sport: str, label: str) -> tuple[str, ...]:
  """The attributes that one class shows. Raises: InputError for an unknown sport."""
  return tuple(name for name in sport_attributes(sport) if use_of(sport, label, name))


def use_of(sport: str, label: str, name: str) -> Use | None:
  """Where an attribute shows in a class, None where it does not. Raises: InputError for an unknown attribute."""
  if name not in ATTRIBUTES:
    raise InputError(f'no attribute {name!r}; known are {", ".join(ATTRIBUTES)}')
  uses = _TABLE.get(sport, {}).get(name, ())
  return next((use for use in uses if any(fnmatch.fnmatchcase(label, pattern) for pattern in use.labels)), None)


def check_proficiency(proficiency: Mapping[str, float]) -> None:
  """Raises InputError for an unknown attribute or a proficiency outside [0, 1]."""
  for name, value in proficiency.items():
    if name not in ATTRIBUTES:
      raise InputError(f'no attribute {name!r}; known are {", ".join(ATTRIBUTES)}')
    if not 0.0 <= value <= 1.0:
      raise InputError(f'proficiency {name}={value}: give a number from 0 to 1')


LEVELS = ('novice', 'early_expert', 'intermediate_expert', 'late_expert')
_THRESHOLDS = (0.35, 0.55, 0.75)  # of the mean proficiency
_SPREAD = 0.2  # nobody is equally good at everything


def level(proficiency: Mapping[str, float]) -> str:
  """The level that a mean proficiency makes. Raises: InputError for an empty one."""
  if not proficiency:
    raise InputError('a level needs the proficiency of at least one attribute')
  return LEVELS[int(np.searchsorted(_THRESHOLDS, np.mean(list(proficiency.values())), side='right'))]


def sample_proficiency(
  rng: np.random.Generator, wanted: str, names: Sequence[str] = tuple(ATTRIBUTES)
) -> dict[str, float]:
  """A person's proficiency in `names`, whose mean lies in a level. Raises: InputError for an unknown level."""
  if wanted not in LEVELS:
    raise InputError(f'no level {wanted!r}; known are {", ".join(LEVELS)}')
  bounds = (0.05, *_THRESHOLDS, 0.95)
  low, high = bounds[LEVELS.index(wanted)], bounds[LEVELS.index(wanted) + 1]
  mean = rng.uniform(low + 0.02, high - 0.02)
  values = np.clip(mean + rng.normal(0.0, _SPREAD, len(names)), 0.0, 1.0)
  for _ in range(60):  # the clip moves the mean: move it back
    values = np.clip(values + mean - values.mean(), 0.0, 1.0)
  return dict(zip(names, values.tolist(), strict=True))
