"""How a performance is worse where an attribute lacks: what changes in its script, in proportion to what lacks."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping

import numpy as np

from sportjax.synth.athletes import Athlete
from sportjax.synth.attributes import Use, check_proficiency, use_of
from sportjax.synth.choreography import Departure, Hesitation, Script

Fault = Callable[[Script, Use, float, float], None]  # script, where it shows, when, strength in [0, 1]

_STANDING = 0.97  # height of the pelvis, in leg lengths
_HESITATION_S = 0.75
_ARM = ('arm_plane', 'arm_lift', 'arm_reach', 'arm_swivel')
_LEG = ('hip_flex', 'hip_abduct', 'knee')
_GOLF_ARMS = ('arms', 'cock')  # curves of the golf swing: there the hands follow the club


def weaken(script: Script, athlete: Athlete, proficiency: Mapping[str, float] | None) -> None:
  """Changes a script to that of an athlete who is less than perfect; attributes that are not named are perfect.

  Raises:
    InputError: unknown attribute or a value outside [0, 1].
  """
  if not proficiency:
    return
  check_proficiency(proficiency)
  action = script.actions[0]
  for name, value in proficiency.items():
    use = use_of(action.sport, action.label, name)
    if use and value < 1.0:
      _FAULTS[name](script, use, event_s(script.events_s, use.at), 1.0 - value)


def event_s(events_s: Mapping[str, float], at: str) -> float:
  """Time of an event, or the middle of the flight, or some time after the landing."""
  if at == 'flight':
    return 0.5 * (events_s['take_off'] + events_s.get('land', events_s['finish']))
  if at == 'landed':
    return events_s['land'] + 0.35
  return events_s[at]


def _depart(script: Script, at_s: float, half_s: float, ease_s: float, names: tuple[str, ...], **how: float) -> None:
  script.departures.append(Departure(names, at_s - half_s, at_s + half_s, ease_s, **how))


def _sided(use: Use, *parts: str) -> tuple[str, ...]:
  return tuple(f'{side}_{part}' for side in use.sides for part in parts)


def _limb(use: Use) -> tuple[str, ...]:
  return _sided(use, *(_LEG if use.limb == 'leg' else _ARM)) + _GOLF_ARMS


def _shallow(script: Script, start_s: float, end_s: float, share: float) -> None:
  """Takes the pelvis `share` of the way up to standing, at the keys between two times."""
  for i, (time, (x, y, z)) in enumerate(script.pelvis):
    if start_s <= time <= end_s:
      script.pelvis[i] = (time, (x, y, z + share * max(_STANDING - z, 0.0)))


def _knee_bend(script: Script, use: Use, at_s: float, lack: float) -> None:
  _shallow(script, at_s - 0.3, at_s + 0.3, 0.9 * lack)


def _landing_softness(script: Script, use: Use, at_s: float, lack: float) -> None:
  _shallow(script, at_s + 0.02, at_s + 0.45, 0.9 * lack)


def _hip_rotation_timing(script: Script, use: Use, at_s: float, lack: float) -> None:
  start_s, end_s = script.events_s['prepare'], script.events_s['finish'] + 0.1
  script.departures.append(Departure(('yaw',), start_s, end_s, 0.25, late_s=0.14 * lack))


def _shoulder_rotation(script: Script, use: Use, at_s: float, lack: float) -> None:
  _depart(script, at_s, 0.1, 0.2, ('spine_twist',), toward=0.85 * lack)


def _elbow_height(script: Script, use: Use, at_s: float, lack: float) -> None:
  _depart(script, at_s, 0.15, 0.2, _sided(use, 'arm_lift'), add=-46 * lack)


def _arm_extension(script: Script, use: Use, at_s: float, lack: float) -> None:
  _depart(script, at_s, 0.06, 0.15, _sided(use, 'arm_reach'), add=-0.26 * lack)


def _preparation_depth(script: Script, use: Use, at_s: float, lack: float) -> None:
  act_s = script.events_s['act']
  script.departures.append(Departure(_limb(use), at_s - 0.1, act_s, 0.15, toward=0.6 * lack, about_s=act_s))


def _follow_through(script: Script, use: Use, at_s: float, lack: float) -> None:
  act_s = script.events_s['act']
  middle_s, half_s = 0.5 * (act_s + at_s) + 0.15, 0.5 * (at_s - act_s) + 0.05
  if use.held:
    _depart(script, middle_s, half_s, 0.12, _sided(use, 'arm_lift'), add=-55 * lack)
    _depart(script, middle_s, half_s, 0.12, _sided(use, 'arm_reach'), add=-0.3 * lack)
  else:
    _depart(script, middle_s, half_s, 0.12, (*_limb(use), 'spine_twist'), toward=0.65 * lack, about_s=act_s)


def _head_still(script: Script, use: Use, at_s: float, lack: float) -> None:
  _depart(script, at_s + 0.1, 0.15, 0.14, ('neck_flex',), add=-34 * lack)


def _head_alignment(script: Script, use: Use, at_s: float, lack: float) -> None:
  _depart(script, at_s, 0.12, 0.15, ('neck_flex',), add=-42 * lack)


def _posture(script: Script, use: Use, at_s: float, lack: float) -> None:
  _depart(script, at_s + (0.15 if use.at == 'land' else -0.05), 0.12, 0.2, ('spine_flex',), add=36 * lack)


def _balance(script: Script, use: Use, at_s: float, lack: float) -> None:
  times_s, degrees = zip(*sorted(script.roots.get('roll', [(0.0, 0.0)])), strict=True)
  side = 1.0 if np.interp(at_s + 0.25, times_s, degrees) >= 0 else -1.0
  _depart(script, at_s + 0.25, 0.03, 0.2, ('roll',), add=side * 17 * lack)


def _symmetry(script: Script, use: Use, at_s: float, lack: float) -> None:
  _depart(script, at_s, 0.12, 0.2, ('left_arm_lift',), add=-20 * lack)
  _depart(script, at_s, 0.12, 0.2, ('left_arm_reach',), add=-0.36 * lack)


def _stance_width(script: Script, use: Use, at_s: float, lack: float) -> None:
  feet = {p.side: np.array([p.x_m, p.y_m]) for p in script.plants if p.start_s <= at_s <= p.end_s}
  inwards = {side: 0.55 * lack * (sum(feet.values()) / len(feet) - place) for side, place in feet.items()}
  for i, plant in enumerate(script.plants):
    x, y = inwards.get(plant.side, (0.0, 0.0))
    script.plants[i] = dataclasses.replace(plant, x_m=plant.x_m + x, y_m=plant.y_m + y)


def _leg_extension(script: Script, use: Use, at_s: float, lack: float) -> None:
  half_s, ease_s = _leg_span(script, use)
  _depart(script, at_s, half_s, ease_s, _sided(use, 'knee'), add=45 * lack)
  _depart(script, at_s, half_s, ease_s, _sided(use, 'hip_flex'), add=14 * lack)


def _toe_point(script: Script, use: Use, at_s: float, lack: float) -> None:
  _depart(script, at_s, *_leg_span(script, use), _sided(use, 'ankle'), add=-48 * lack)


def _leg_span(script: Script, use: Use) -> tuple[float, float]:
  """How long a leg's fault lasts to either side, and its ease: it is over before the feet land."""
  if use.at != 'flight':
    return 0.08, 0.15
  end_s = script.events_s.get('land', script.events_s['finish'])
  flight_s = end_s - script.events_s['take_off']
  return 0.2 * flight_s, 0.15 * flight_s


def _rhythm(script: Script, use: Use, at_s: float, lack: float) -> None:
  end_s = min(at_s, script.events_s.get('take_off', at_s))
  script.hesitation = Hesitation(max(0.0, end_s - _HESITATION_S), end_s, 0.95 * lack)


_FAULTS: Mapping[str, Fault] = {
  'knee_bend': _knee_bend,
  'hip_rotation_timing': _hip_rotation_timing,
  'shoulder_rotation': _shoulder_rotation,
  'elbow_height': _elbow_height,
  'arm_extension': _arm_extension,
  'preparation_depth': _preparation_depth,
  'follow_through': _follow_through,
  'head_still': _head_still,
  'head_alignment': _head_alignment,
  'posture': _posture,
  'balance': _balance,
  'symmetry': _symmetry,
  'stance_width': _stance_width,
  'landing_softness': _landing_softness,
  'leg_extension': _leg_extension,
  'toe_point': _toe_point,
  'rhythm': _rhythm,
}
