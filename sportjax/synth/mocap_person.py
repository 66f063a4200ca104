"""The person behind a recording as an athlete: their own proportions, as far as the recording tells them."""

from __future__ import annotations

import dataclasses
from types import MappingProxyType

import numpy as np

from sportjax.synth.athletes import SEGMENT_FRACTIONS, Athlete, sample_athlete
from sportjax.synth.kinematics import SIDES
from sportjax.synth.mocap import Points, height_m

_TRUNK = {
  'abdomen': ('pelvis', 'spine'), 'thorax': ('spine', 'chest'), 'upper_chest': ('chest', 'neck'),
  'head': ('neck', 'head'), 'hip_width': ('left_hip', 'right_hip'),
}  # fmt: skip
_LIMBS = {
  'upper_arm': ('shoulder', 'elbow'), 'forearm': ('elbow', 'wrist'), 'hand': ('wrist', 'hand'),
  'thigh': ('hip', 'knee'), 'shank': ('knee', 'ankle'),
}  # fmt: skip
_FEET = ('ankle_height', 'foot', 'heel')  # recorded points lie on the shoe, not at its sole: shares of stature instead


def recorded_athlete(points: Points, rng: np.random.Generator) -> Athlete:
  """An athlete with the lengths of a recorded person; what no recording tells (sex, build) is drawn."""
  height = height_m(points)
  segments = {name: _length_m(points, a, b) for name, (a, b) in _TRUNK.items()}
  for name, (a, b) in _LIMBS.items():
    segments[name] = float(np.mean([_length_m(points, f'{side}_{a}', f'{side}_{b}') for side, _ in SIDES]))
  reach = np.mean([_length_m(points, 'neck', f'{side}_shoulder') for side, _ in SIDES])
  # `retarget` puts the shoulder at the hypotenuse of half the width and a tenth of the upper chest.
  segments['shoulder_width'] = 2 * float(np.sqrt(max(reach**2 - (0.1 * segments['upper_chest']) ** 2, 0.0)))
  segments |= {name: SEGMENT_FRACTIONS[name] * height for name in _FEET}
  drawn = sample_athlete(rng)
  mass_kg = drawn.mass_kg * (height / drawn.height_m) ** 2
  return dataclasses.replace(drawn, height_m=height, mass_kg=mass_kg, segments_m=MappingProxyType(segments))


def _length_m(points: Points, a: str, b: str) -> float:
  return float(np.median(np.linalg.norm(points[a] - points[b], axis=1)))
