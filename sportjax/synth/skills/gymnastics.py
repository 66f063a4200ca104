"""Floor gymnastics: saltos by direction, position and twist, and jumps by the shape of the legs."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import numpy as np

from sportjax.synth.athletes import Athlete
from sportjax.synth.choreography import FPS, Script, pose
from sportjax.synth.motion import Action, Motion
from sportjax.synth.skills.aerial import hold_shape
from sportjax.synth.skills.common import check_label, perform_script, stand


@dataclasses.dataclass(frozen=True)
class Element:
  """One element of a floor routine."""

  label: str
  shape: str  # of aerial.py or of _LEGS
  somersaults: int = 0  # forward positive
  half_twists: int = 0


_LEGS = {
  'split': {'left_hip_flex': 95, 'right_hip_flex': -50, 'spine_flex': -8, 'ankle': 50},
  'straddle': {'hip_flex': 80, 'hip_abduct': 62, 'ankle': 50, 'spine_flex': 25},
  'wolf': {'left_hip_flex': 95, 'right_hip_flex': 95, 'right_knee': 130, 'ankle': 45, 'spine_flex': 12},
  'cat': {'left_hip_flex': 100, 'left_knee': 110, 'right_hip_flex': 60, 'right_knee': 115, 'ankle': 45},
}
ELEMENTS: Mapping[str, Element] = {
  element.label: element
  for element in (
    *(
      Element(f'{name}_salto_{shape}', shape, turns)
      for name, turns in (('forward', 1), ('back', -1))
      for shape in ('tuck', 'pike', 'straight')
    ),
    Element('forward_salto_straight_0.5_twist', 'wrapped', 1, 1),
    Element('forward_salto_straight_1_twist', 'wrapped', 1, 2),
    Element('back_salto_straight_0.5_twist', 'wrapped', -1, 1),
    Element('back_salto_straight_1_twist', 'wrapped', -1, 2),
    *(Element(f'{legs}_jump', legs) for legs in _LEGS),
    *(Element(f'{legs}_jump_0.5_turn', legs, 0, 1) for legs in ('wolf', 'straddle')),
  )
}
CLASSES: tuple[str, ...] = tuple(ELEMENTS)

_UP = pose(arm_lift=168, arm_plane=30, ankle=0)


def perform(
  athlete: Athlete, label: str, rng: np.random.Generator, proficiency: Mapping[str, float] | None = None
) -> Motion:
  """One element from a stand to a stand.

  Raises:
    InputError: no such class.
  """
  check_label('gymnastics', label, CLASSES)
  return perform_script(_script(ELEMENTS[label], athlete, rng), athlete, rng, proficiency)


def _script(element: Element, athlete: Athlete, rng: np.random.Generator) -> Script:
  off = round(rng.uniform(0.95, 1.3) * FPS) / FPS
  land = off + round((0.84 + 0.02 * np.clip(athlete.habit('tempo'), -2, 2) + rng.uniform(-0.07, 0.07)) * FPS) / FPS
  end = land + rng.uniform(0.75, 1.1)
  # Some cut the element close, some with the stand before and after it.
  begin_s, done_s = off - rng.uniform(0.25, 0.8), land + rng.uniform(0.15, 0.7)
  script = Script(
    end,
    actions=[Action(element.label, 1000 * begin_s, 1000 * done_s, 'gymnastics')],
    events_s={'act': off, 'take_off': off, 'finish': land, 'land': land},
  )
  travel = rng.uniform(0.5, 1.3) * (-1 if element.somersaults < 0 else 1)
  final_yaw = 180.0 * element.half_twists
  _ground(script, off, land, end, travel, final_yaw, athlete, rng)
  closed, opened = (off + rng.uniform(*span) * (land - off) for span in ((0.32, 0.38), (0.56, 0.62)))
  if element.shape in _LEGS:
    arms = {'arm_lift': rng.uniform(85, 100), 'arm_plane': rng.uniform(75, 95)}
    shape = pose(**_LEGS[element.shape], **arms, arm_reach=0.98)
    script.poses += [(closed, shape), (opened, shape)]
  else:
    hold_shape(script, element.shape, closed, opened, athlete, rng)
  turns = 360.0 * element.somersaults
  side = np.sign(turns)
  facing = 1.0 if element.half_twists % 2 == 0 or not turns else -1.0  # a twisted body leans the other way
  script.root('pitch', (0.0, 0.0), (off - 0.3, 9.0), (off, 6 * side))
  script.root('pitch', (land, turns - 8 * side), (land + 0.3, turns + 7 * facing), (end, turns))
  if turns:
    script.spins.append(('pitch', off, land))
  if element.half_twists:
    spin = 'twist' if turns else 'yaw'
    begin, done = (off + 0.08, land - 0.1) if turns else (off, land)
    script.root(spin, (0.0, 0.0), (begin, 0.0), (done, final_yaw), (end, final_yaw))
    script.spins.append((spin, round(begin * FPS) / FPS, round(done * FPS) / FPS))
  return script


def _ground(
  script: Script, off: float, land: float, end: float, travel: float, final_yaw: float, athlete: Athlete, rng
):
  """Stand, arm swing, take-off, landing in a knee bend and rise to a stand."""
  low, depth = off - rng.uniform(0.22, 0.3), rng.uniform(0.78, 0.86)
  script.events_s['prepare'] = low
  start = pose(arm_lift=rng.choice([8, 90, 165]), arm_plane=rng.uniform(10, 80))
  script.poses += [
    (0.0, start),
    (low - 0.28, pose(start, arm_lift=rng.uniform(70, 110), arm_plane=60)),
    (low, pose(arm_lift=-38, arm_plane=10, spine_flex=22, neck_flex=-12)),
    (off, pose(_UP, hip_flex=-4, ankle=50)),
    (off + 0.84 * (land - off), pose(arm_lift=110, arm_plane=50, hip_flex=22, knee=22, ankle=5)),
    (land + 0.17, pose(arm_lift=80, arm_plane=25, spine_flex=24, neck_flex=-10)),
    (min(land + 0.55, end - 0.1), pose(arm_lift=165, arm_plane=35)),
    (end, pose(arm_lift=rng.choice([20, 165]), arm_plane=45)),
  ]
  script.pelvis += [
    (0.0, (0.0, 0.0, 0.985)), (low - 0.28, (0.0, 0.0, 0.98)), (low, (-0.05, 0.0, depth)), (off, (0.02, 0.0, 1.07)),
    (land, (travel, 0.0, 0.97)), (land + 0.17, (travel, 0.0, rng.uniform(0.66, 0.78))),
    (land + 0.5, (travel, 0.0, 0.975)), (end, (travel, 0.0, 0.985)),
  ]  # fmt: skip
  script.flights.append((off, land))
  stand(script, athlete, 0.0, off, width=0.6, step=False)
  stand(script, athlete, land, end, at=(travel, 0.0), width=0.85, yaw=final_yaw)
