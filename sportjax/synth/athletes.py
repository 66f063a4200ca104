"""Simulated people: segment lengths, build, handedness and habits, sampled with human spread."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

# Fractions of stature. Source: Drillis and Contini 1966 as tabled in Winter, Biomechanics and Motor Control of Human
# Movement, fig. 4.1. Widths are between joint centres, not the skin, so they are below the tabled breadths; the trunk
# (0.288 from hips to shoulders) is divided at the navel and the breastbone.
SEGMENT_FRACTIONS: Mapping[str, float] = MappingProxyType({
  'hip_width': 0.100, 'shoulder_width': 0.215,
  'abdomen': 0.095, 'thorax': 0.105, 'upper_chest': 0.100, 'head': 0.170,
  'upper_arm': 0.186, 'forearm': 0.146, 'hand': 0.060,
  'thigh': 0.245, 'shank': 0.246, 'ankle_height': 0.039, 'foot': 0.115, 'heel': 0.037,
})  # fmt: skip

HABITS = (
  'tempo', 'arm_placement', 'elbow_bend', 'knee_angle', 'back_arch', 'crouch_depth', 'stance_width', 'head_carriage',
  'foot_turnout', 'lean', 'shape_depth', 'asymmetry',
)  # fmt: skip

_SPREAD = 0.035  # standard deviation of a segment's length relative to its mean share of stature
_STATURE_M = {'female': (1.655, 0.065), 'male': (1.785, 0.07)}
_BMI = {'female': (21.3, 1.7), 'male': (23.2, 1.9)}
_SEX_RATIOS = {
  'female': {'hip_width': 1.06, 'shoulder_width': 0.94},
  'male': {'hip_width': 0.96, 'shoulder_width': 1.04},
}


@dataclasses.dataclass(frozen=True)
class Athlete:
  """One person. Lengths in metres; `girth` is the thickness of limbs and trunk relative to the average build."""

  sex: str  # 'female' or 'male'
  height_m: float
  mass_kg: float
  girth: float
  left_handed: bool
  segments_m: Mapping[str, float]  # keys of SEGMENT_FRACTIONS
  style: tuple[float, ...]  # one standard normal value per name in HABITS

  def habit(self, name: str) -> float:
    """How far this person's way departs from the average, in standard deviations."""
    return self.style[HABITS.index(name)]

  @property
  def leg_m(self) -> float:
    """From the hip's centre to the floor, standing."""
    return self.segments_m['thigh'] + self.segments_m['shank'] + self.segments_m['ankle_height']

  @property
  def arm_m(self) -> float:
    """From the shoulder's centre to the wrist, arm straight."""
    return self.segments_m['upper_arm'] + self.segments_m['forearm']


def sample_athlete(rng: np.random.Generator) -> Athlete:
  """A person drawn from the population: the same generator state gives the same person."""
  sex = ('female', 'male')[int(rng.integers(2))]
  height_m = float(rng.normal(*_STATURE_M[sex]))
  bmi = float(np.clip(rng.normal(*_BMI[sex]), 17.5, 29.0))
  ratios = {
    name: fraction * _SEX_RATIOS[sex].get(name, 1.0) * float(np.clip(rng.normal(1, _SPREAD), 0.9, 1.1))
    for name, fraction in SEGMENT_FRACTIONS.items()
  }
  return Athlete(
    sex=sex,
    height_m=height_m,
    mass_kg=bmi * height_m**2,
    girth=float(np.sqrt(bmi / 22.0)),  # limbs are cylinders: mass at a given length goes with the square of girth
    left_handed=bool(rng.random() < 0.12),
    segments_m=MappingProxyType({name: ratio * height_m for name, ratio in _to_stature(ratios).items()}),
    style=tuple(float(x) for x in rng.normal(size=len(HABITS))),
  )


_UPRIGHT = ('ankle_height', 'shank', 'thigh', 'abdomen', 'thorax', 'upper_chest', 'head')


def _to_stature(ratios: dict[str, float]) -> dict[str, float]:
  """Scales the segments that stand on each other so that they add up to the stature."""
  scale = 1.0 / sum(ratios[name] for name in _UPRIGHT)
  return {name: ratio * (scale if name in _UPRIGHT else 1.0) for name, ratio in ratios.items()}
