"""A coach who stands and shifts about while talking, where the demonstration takes place; nothing is done."""

from __future__ import annotations

import numpy as np

from sportjax.synth import kinematics as kin
from sportjax.synth.athletes import Athlete
from sportjax.synth.blending import heading_deg
from sportjax.synth.body import ATHLETE
from sportjax.synth.motion import Motion
from sportjax.synth.walking import stance_of, standing, walk

_SETTLE_S = 0.8
_STEP_M = (0.2, 0.9)
_FROM_TIP_M = (0.6, 2.2)  # where one stands on a springboard
_BEHIND_BAR_M = 0.75
_PLATE_RADIUS_M = 0.225
_RADII_M = {'basketball': 0.12, 'football': 0.11, 'tennis_ball': 0.04, 'golf_ball': 0.021}
_HELD = ('racket', 'club')


def stand_about(take: Motion, athlete: Athlete, seconds: float, rng: np.random.Generator) -> Motion:
  """Idle motion of so many seconds in the scene of a performance, with its equipment at rest."""
  floor_m = float(take.equipment['board'][0, 0, 2]) if 'board' in take.equipment else 0.0
  wanted = max(2, round(seconds * take.fps))
  stance = standing(athlete, _place(take, rng), rng.uniform(-180, 180), floor_m)
  parts: list[np.ndarray] = []
  while sum(map(len, parts)) < wanted:
    on_board = 'board' in take.equipment
    at_m = _place(take, rng) if on_board else _near(stance.pelvis_m[:2], rng)
    end = standing(athlete, at_m, stance.heading + rng.normal(0, 35), floor_m)
    parts.append(walk(athlete, stance, end, _SETTLE_S, floor_m, rng))
    stance = stance_of(parts[-1][-1])
  joints = np.concatenate(parts)[:wanted]
  return Motion(joints, take.fps, (), {name: _at_rest(name, take, joints) for name in take.equipment})


def _place(take: Motion, rng: np.random.Generator) -> np.ndarray:
  """Where one stands to talk: on the board, behind the bar, else where the performance starts."""
  if 'board' in take.equipment:
    board = take.equipment['board'][0]
    tip, back = board[:2].mean(0), board[2:].mean(0)
    return (tip + rng.uniform(*_FROM_TIP_M) * kin.unit(back - tip))[:2]
  start = take.joints_m[0, ATHLETE.index('pelvis'), :2]
  if 'barbell' in take.equipment:
    return start - _BEHIND_BAR_M * _facing(take)
  return start


def _facing(take: Motion) -> np.ndarray:
  yaw = np.radians(heading_deg(take.joints_m[:1])[0])
  return np.array([np.cos(yaw), np.sin(yaw)])


def _near(at_m: np.ndarray, rng: np.random.Generator) -> np.ndarray:
  """A few steps away, or the same spot."""
  angle, far = rng.uniform(0, 2 * np.pi), rng.uniform(*_STEP_M) * (rng.random() < 0.5)
  return at_m + far * np.array([np.cos(angle), np.sin(angle)])


def _at_rest(name: str, take: Motion, joints: np.ndarray) -> np.ndarray:
  """A thing that is not used: held in the hand that will use it, on the ground, or where it always is."""
  first = take.equipment[name][0]
  if name in _HELD:
    return _in_hand(first, take, joints)
  if name == 'barbell':
    first = first * (1, 1, 0) + (0, 0, _PLATE_RADIUS_M)
  elif name in _RADII_M:
    ahead = take.joints_m[0, ATHLETE.index('pelvis'), :2] + 0.6 * _facing(take)
    first = np.array([[*ahead, _RADII_M[name]]])
  return np.repeat(first[None], len(joints), 0)


def _in_hand(first: np.ndarray, take: Motion, joints: np.ndarray) -> np.ndarray:
  """Handle in the hand, the head ahead and a little down."""
  hands = [ATHLETE.index(f'{side}_hand') for side, _ in kin.SIDES]
  hand = min(hands, key=lambda j: np.linalg.norm(take.joints_m[0, j] - first[0]))
  yaw = np.radians(heading_deg(joints))
  along = kin.unit(np.stack([0.9 * np.cos(yaw), 0.9 * np.sin(yaw), np.full_like(yaw, -0.44)], axis=1))
  rows = [joints[:, hand], joints[:, hand] + np.linalg.norm(first[1] - first[0]) * along]
  if len(first) == 3:  # a racket's face
    rows.append(kin.unit(np.cross(along, (0, 0, 1.0))))
  return np.stack(rows, axis=1)
