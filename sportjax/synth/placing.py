"""Where in the world, and on which side of the body, a performance takes place."""

from __future__ import annotations

import dataclasses

import numpy as np

from sportjax.synth.athletes import Athlete
from sportjax.synth.body import ATHLETE
from sportjax.synth.kinematics import rotation
from sportjax.synth.motion import Motion

_DIRECTIONS = {'racket': 2}  # rows of equipment that are unit vectors, not points


def mirrored(motion: Motion) -> Motion:
  """The same performance by a left-handed person: reflected in the plane of the field's axis."""
  flip = np.array([1.0, -1.0, 1.0])
  return dataclasses.replace(
    motion,
    joints_m=motion.joints_m[:, ATHLETE.mirror] * flip,
    equipment={name: points * flip for name, points in motion.equipment.items()},
  )


def headed(motion: Motion, yaw_deg: float, to_m: tuple[float, float] = (0.0, 0.0)) -> Motion:
  """The same performance turned about the world's origin, then moved over the ground."""
  turn = rotation('z', np.array(yaw_deg)).T
  shift = np.array([*to_m, 0.0])
  equipment = {name: points @ turn + shift for name, points in motion.equipment.items()}
  for name, row in _DIRECTIONS.items():
    if name in equipment:
      equipment[name][:, row] -= shift
  return dataclasses.replace(motion, joints_m=motion.joints_m @ turn + shift, equipment=equipment)


def handed(motion: Motion, athlete: Athlete) -> Motion:
  """A performance written for right-handed people, by this athlete."""
  return mirrored(motion) if athlete.left_handed else motion


def anywhere(motion: Motion, rng: np.random.Generator) -> Motion:
  """Turned to a random side of the reference camera: the direction of travel says nothing."""
  return headed(motion, float(rng.integers(2)) * 180.0 + float(rng.normal(0.0, 12.0)))
