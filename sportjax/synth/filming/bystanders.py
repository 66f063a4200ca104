"""Other people in the picture: walkers, standers, watchers who clap or wave, each with a body of their own."""

from __future__ import annotations

import dataclasses
from typing import Literal

import numpy as np

from sportjax.synth.body import ATHLETE
from sportjax.typing import Float

Habit = Literal['walk', 'stand', 'clap', 'wave', 'sit', 'jog']
_PACE_HZ = {'walk': 0.9, 'jog': 1.4, 'stand': 0.2, 'clap': 1.8, 'wave': 1.1, 'sit': 0.2}
_REACH_M = 5.0
_BEHIND_M = {'pool': (8.0, 10.5)}  # nobody walks on water
_SPEED_M_S = {'walk': 1.3, 'jog': 2.8}


@dataclasses.dataclass(frozen=True)
class Bystander:
  """One person: where they are at the middle of the shot, which way they face, and what they do."""

  habit: Habit
  place_m: tuple[float, float]
  heading: float  # radians, 0 faces +y
  stature_m: float
  phase: float  # radians

  def joints_m(self, t_s: Float[np.ndarray, 't']) -> Float[np.ndarray, 't j 3']:
    """Joints in the world; time 0 is the middle of the shot."""
    travel, turned = self._travel(t_s)
    cos, sin, zero = np.cos(self.heading + turned), np.sin(self.heading + turned), np.zeros_like(t_s)
    turn = np.stack([cos, sin, zero, -sin, cos, zero, zero, zero, zero + 1], -1).reshape(-1, 3, 3)
    world = self._local(t_s) @ turn
    world[..., 0] += self.place_m[0] - (np.sin(self.heading) * travel)[:, None]
    world[..., 1] += self.place_m[1] + (np.cos(self.heading) * travel)[:, None]
    return world

  def _travel(self, t_s: Float[np.ndarray, 't']) -> tuple[np.ndarray, np.ndarray]:
    """Metres along the heading and radians turned: walkers go to and fro."""
    lap = _SPEED_M_S.get(self.habit, 0.0) * t_s / _REACH_M + 1
    phase = lap % 4
    turned = np.pi * (np.clip((phase - 1.9) / 0.2, 0, 1) - np.clip((phase - 3.9) / 0.1, 0, 1))
    return _REACH_M * (1 - np.abs(phase - 2)), turned

  def _local(self, t_s: Float[np.ndarray, 't']) -> Float[np.ndarray, 't j 3']:
    """Joints with the feet at the origin, x to the person's right and y ahead."""
    swing = np.sin(2 * np.pi * _PACE_HZ[self.habit] * t_s + self.phase)
    other = np.cos(2 * np.pi * _PACE_HZ[self.habit] * t_s + self.phase)
    angles = _angles(self.habit, swing, other)
    points = skeleton(angles) * (self.stature_m / 1.75)
    points[..., 2] -= points[..., 2].min(1, keepdims=True)
    return points


def _angles(habit: Habit, swing: np.ndarray, other: np.ndarray) -> dict[str, np.ndarray]:
  """Flexions in radians, per side; `out` is the arm's angle from the body."""
  still = np.zeros_like(swing)
  angles = dict.fromkeys(('hip_l', 'hip_r', 'knee_l', 'knee_r', 'arm_l', 'arm_r'), still)
  angles |= {'elbow_l': still + 0.3, 'elbow_r': still + 0.3, 'out_l': still + 0.12, 'out_r': still + 0.12}
  angles['lean'] = still + 0.03 * swing
  if habit in _SPEED_M_S:
    stride = 0.45 if habit == 'walk' else 0.75
    bend = 0.5 if habit == 'walk' else 1.1
    angles |= {'hip_l': stride * swing, 'hip_r': -stride * swing, 'arm_l': -stride * swing, 'arm_r': stride * swing}
    angles |= {'knee_l': bend * np.clip(other, 0.1, 1), 'knee_r': bend * np.clip(-other, 0.1, 1)}
    angles |= {'elbow_l': still + bend, 'elbow_r': still + bend}
  if habit == 'clap':
    angles |= {'arm_l': still + 0.8, 'arm_r': still + 0.8, 'elbow_l': still + 1.1, 'elbow_r': still + 1.1}
    angles |= {'out_l': -0.22 + 0.18 * swing, 'out_r': -0.22 + 0.18 * swing}
  if habit == 'wave':
    angles |= {'out_r': 2.5 + 0.35 * swing, 'arm_r': still + 0.1}
  if habit == 'sit':
    angles |= {'hip_l': still + 1.45, 'hip_r': still + 1.4, 'knee_l': still + 1.5, 'knee_r': still + 1.45}
    angles |= {'arm_l': still + 0.5, 'arm_r': still + 0.45}
  return angles


def _down(flexion: np.ndarray, out: np.ndarray | float = 0.0) -> Float[np.ndarray, 't 3']:
  """A limb's direction: hanging, swung forwards by `flexion` and to the right by `out`."""
  return np.stack(
    [np.sin(out) + 0 * flexion, np.cos(out) * np.sin(flexion), -np.cos(out) * np.cos(flexion)], axis=-1
  )  # fmt: skip


def skeleton(angles: dict[str, np.ndarray]) -> Float[np.ndarray, 't j 3']:
  """An adult of 1.75 m in the given pose, the pelvis at the origin."""
  up = -_down(-angles['lean'])
  right, ahead = np.array([1.0, 0, 0]), np.array([0, 1.0, 0])
  zero = np.zeros_like(up)
  joints = {'pelvis': zero}
  for name, height in (('spine', 0.16), ('chest', 0.34), ('neck', 0.54), ('head', 0.80)):
    joints[name] = height * up
  ears = 0.68 * up
  joints['nose'] = ears + 0.11 * ahead
  for name, side in (('left', -1.0), ('right', 1.0)):
    key = name[0]
    joints[f'{name}_ear'] = ears + side * 0.075 * right
    joints[f'{name}_eye'] = ears + side * 0.032 * right + 0.09 * ahead + 0.02 * up
    shoulder = 0.49 * up + side * 0.185 * right
    elbow = shoulder + 0.29 * _down(angles[f'arm_{key}'], side * angles[f'out_{key}'])
    forearm = _down(angles[f'arm_{key}'] + angles[f'elbow_{key}'], side * angles[f'out_{key}'])
    joints |= {f'{name}_shoulder': shoulder, f'{name}_elbow': elbow}
    joints |= {f'{name}_wrist': elbow + 0.25 * forearm, f'{name}_hand': elbow + 0.36 * forearm}
    hip = side * 0.09 * right + zero
    knee = hip + 0.43 * _down(angles[f'hip_{key}'])
    shank = angles[f'hip_{key}'] - angles[f'knee_{key}']
    ankle = knee + 0.43 * _down(shank)
    foot = _down(shank + np.pi / 2)
    joints |= {f'{name}_hip': hip, f'{name}_knee': knee, f'{name}_ankle': ankle}
    heel = ankle + 0.08 * _down(shank) - 0.05 * foot
    joints |= {f'{name}_heel': heel, f'{name}_toe': heel + 0.25 * foot}
  return np.stack([joints[name] for name in ATHLETE.joints], 1)


def sample_bystander(
  rng: np.random.Generator, athlete_m: Float[np.ndarray, '2'], eye_m: Float[np.ndarray, '2'], place: str, in_front: bool
) -> Bystander:
  """Someone behind the athlete as the camera sees it, or between the two of them."""
  ahead = athlete_m - eye_m
  distance = np.linalg.norm(ahead)
  ahead = ahead / distance
  reach = -rng.uniform(0.25, 0.5) * distance if in_front else rng.uniform(*_BEHIND_M.get(place, (1.5, 6.0)))
  across = rng.uniform(-1, 1) * (2.5 if not in_front else 1.5)
  spot = athlete_m + reach * ahead + across * np.array([ahead[1], -ahead[0]])
  habits: tuple[Habit, ...] = ('walk', 'jog') if in_front else ('walk', 'walk', 'stand', 'clap', 'wave', 'jog')
  habit = habits[rng.integers(len(habits))]
  # Walkers cross the picture; the others face the athlete, more or less.
  along = np.arctan2(-ahead[0], ahead[1])
  facing = along + (rng.choice((-1, 1)) * np.pi / 2 if habit in _SPEED_M_S else np.pi) + rng.normal(0, 0.3)
  return Bystander(habit, (float(spot[0]), float(spot[1])), float(facing), rng.uniform(1.5, 1.95),
                   rng.uniform(0, 2 * np.pi))  # fmt: skip
