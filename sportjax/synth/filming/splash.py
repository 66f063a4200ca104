"""The splash where a diver meets the water."""

from __future__ import annotations

import numpy as np

from sportjax.synth.filming.recordings import Recordings
from sportjax.synth.filming.solids import Solid, both_sides
from sportjax.synth.motion import Motion
from sportjax.typing import Float

_DROPS = 44
_GRAVITY_M_S2 = 9.81


def meets_water(
  motion: Motion, recordings: Recordings, water_m: float
) -> tuple[Float[np.ndarray, 'r'], Float[np.ndarray, 'r 3']] | None:
  """Second and place at which the body first touches the water in each recording; None where it stays dry in all.

  The second is infinite in a dry recording.
  """
  lowest = motion.joints_m[..., 2].min(1)
  touch_s, place = np.full(len(recordings), np.inf), np.zeros((len(recordings), 3))
  for number in range(len(recordings)):
    span = recordings.span(number)
    wet = span.start + np.flatnonzero(lowest[span] < water_m)
    if len(wet):
      joints = motion.joints_m[wet[0]]
      touch_s[number] = wet[0] / motion.fps
      place[number] = [*joints[joints[:, 2].argmin(), :2], water_m]
  return (touch_s, place) if np.isfinite(touch_s).any() else None


def sample_drops(rng: np.random.Generator) -> Float[np.ndarray, 'd 5']:
  """Per drop: velocity in m/s, seconds after the touch, size in metres. The same whatever dive was done."""
  angle, outward = rng.uniform(0, 2 * np.pi, _DROPS), np.abs(rng.normal(0, 0.9, _DROPS))
  upward = rng.uniform(1.0, 4.5, _DROPS)
  delay, size = rng.uniform(0, 0.35, _DROPS), rng.uniform(0.015, 0.06, _DROPS)
  return np.stack([outward * np.cos(angle), outward * np.sin(angle), upward, delay, size], -1)


def splash_solid(
  drops: Float[np.ndarray, 't d 5'], touch_s: Float[np.ndarray, 't'], place_m: Float[np.ndarray, 't 3'], t_s: np.ndarray
) -> Solid:
  """The drops in flight; those not yet thrown up or fallen back have no size."""
  age = t_s[:, None] - touch_s[:, None] - drops[..., 3]
  rise = drops[..., 2] * age - 0.5 * _GRAVITY_M_S2 * age**2
  flying = (age > 0) & (rise > 0)
  middle = place_m[:, None] + np.stack([drops[..., 0] * age, drops[..., 1] * age, np.maximum(rise, 0)], -1)
  size = np.where(flying, drops[..., 4], 0.0)[..., None, None]
  corners = size * np.array([(-1, 0, -1), (1, 0, -1), (0, 1, 1.5), (0, -1, 1.5)])
  vertices = np.where(flying[..., None, None], middle[..., None, :] + corners, place_m[:, None, None])
  faces = np.arange(4 * _DROPS).reshape(_DROPS, 4)
  return both_sides(vertices.reshape(len(t_s), -1, 3), faces, (235, 242, 246), 1)
