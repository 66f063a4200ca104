"""The other players of a possession: they stand, shuffle, run, raise their arms, hold and throw, on a few keys."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np
from scipy.ndimage import gaussian_filter1d

from sportjax.synth.body import ATHLETE
from sportjax.synth.choreography import FPS
from sportjax.synth.filming.bystanders import skeleton
from sportjax.typing import Float, Float32

# Flexion of shoulder and elbow, and how far the arms are spread, radians.
ARMS: Mapping[str, tuple[float, float, float]] = {
  'hang': (0.05, 0.3, 0.14),
  'ready': (0.6, 0.7, 0.75),
  'hold': (0.6, 1.3, -0.12),
  'cock': (2.0, 1.2, -0.08),
  'high': (2.75, 0.2, 0.1),
  'reach': (1.35, 0.15, 0.05),
  'dribble': (0.4, 0.9, 0.1),
}
_STRIDE_M = 1.35
_HANDS = [ATHLETE.index('left_hand'), ATHLETE.index('right_hand')]


@dataclasses.dataclass(frozen=True)
class Part:
  """What one player does: keys of time in seconds and value, in order."""

  places: Sequence[tuple[float, tuple[float, float]]]
  arms: Sequence[tuple[float, str]]  # of ARMS
  looks: tuple[float, float]  # at what place
  crouch: float = 0.35
  jump_s: float | None = None  # the top of a jump
  falls_s: float | None = None  # goes down to the floor


def played(part: Part, stature_m: float, phase: float, count: int) -> Float32[np.ndarray, 't j 3']:
  """Joints in the world, over `count` samples."""
  t = np.arange(count) / FPS
  path = np.stack([_keyed(t, part.places, axis) for axis in (0, 1)], 1)
  speed = np.linalg.norm(np.gradient(path, 1 / FPS, axis=0), axis=1)
  joints = skeleton(_angles(part, t, path, speed, phase)) * (stature_m / 1.75)
  joints[..., 2] -= joints[..., 2].min(1, keepdims=True)
  if part.jump_s is not None:
    joints[..., 2] += np.maximum(0.0, 0.4 - 4.9 * (t - part.jump_s) ** 2)[:, None]
  away = np.array(part.looks) - path
  heading = gaussian_filter1d(np.unwrap(np.arctan2(-away[:, 0], away[:, 1])), 0.1 * FPS)
  cos, sin = np.cos(heading)[:, None], np.sin(heading)[:, None]
  x, y = joints[..., 0].copy(), joints[..., 1].copy()
  joints[..., 0], joints[..., 1] = x * cos - y * sin + path[:, :1], x * sin + y * cos + path[:, 1:]
  return joints.astype(np.float32)


def _angles(part: Part, t: np.ndarray, path: np.ndarray, speed: np.ndarray, phase: float) -> dict[str, np.ndarray]:
  """Flexions over time: legs swing with the way gone, arms go from key to key."""
  swing = phase + 2 * np.pi * np.cumsum(speed) / FPS / _STRIDE_M
  stride, sway = np.minimum(0.3 * speed, 0.75), 0.04 * np.sin(2 * np.pi * 0.4 * t + phase)
  down = np.zeros_like(t) if part.falls_s is None else np.clip((t - part.falls_s) / 0.4, 0, 1)
  crouch = np.maximum(part.crouch * (1 + sway), 0.0) * (1 - down)
  arm, elbow, out = (_keyed(t, [(time, ARMS[name]) for time, name in part.arms], axis) for axis in range(3))
  bend = 1.3 * crouch + 0.15 + 0.9 * down
  hip = 0.65 * crouch + 0.08 + 1.5 * down
  return {
    'hip_l': hip + stride * np.sin(swing), 'hip_r': hip - stride * np.sin(swing),
    'knee_l': bend + stride * np.clip(np.cos(swing), 0, 1), 'knee_r': bend + stride * np.clip(-np.cos(swing), 0, 1),
    'arm_l': arm + sway, 'arm_r': arm - sway, 'elbow_l': elbow, 'elbow_r': elbow, 'out_l': out, 'out_r': out,
    'lean': 0.3 * crouch - 0.3 * down + sway,
  }  # fmt: skip


def _keyed(t: np.ndarray, keys: Sequence[tuple], axis: int) -> Float[np.ndarray, 't']:
  values = np.interp(t, [time for time, _ in keys], [value[axis] for _, value in keys])
  return gaussian_filter1d(values, 0.08 * FPS, mode='nearest')


def between_hands(joints: Float[np.ndarray, 't j 3']) -> Float[np.ndarray, 't 3']:
  """Where a player holds the ball: a little before the middle of the hands."""
  hands = joints[:, _HANDS].astype(float).mean(1)
  chest = joints[:, ATHLETE.index('chest')]
  away = (hands - chest) * (1, 1, 0)
  return hands + 0.08 * away / (np.linalg.norm(away, axis=-1, keepdims=True) + 1e-6)
