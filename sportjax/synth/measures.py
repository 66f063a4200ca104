"""What each attribute is in numbers, read off the joints of a motion: a higher measure is better execution."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping

import numpy as np
from scipy.ndimage import gaussian_filter1d

from sportjax.errors import InputError
from sportjax.synth.athletes import Athlete
from sportjax.synth.attributes import Use, use_of
from sportjax.synth.body import ATHLETE
from sportjax.synth.faults import event_s
from sportjax.synth.kinematics import unit
from sportjax.synth.motion import Action, Motion
from sportjax.typing import Float

_ANYWHERE = ('diving',)  # performed by either side, whichever hand the athlete prefers


def measure(name: str, motion: Motion, athlete: Athlete, action: Action | None = None) -> float:
  """The measure of an attribute in one action (the first), in the unit that `ATTRIBUTES` tells.

  Raises:
    InputError: unknown attribute, or one that the action's class does not show.
  """
  action = action or motion.actions[0]
  use = use_of(action.sport, action.label, name)
  if use is None:
    raise InputError(f'{action.sport} {action.label} does not show {name}; class_attributes tells what it shows')
  if athlete.left_handed and action.sport not in _ANYWHERE:
    use = dataclasses.replace(use, sides=tuple({'left': 'right', 'right': 'left'}[side] for side in use.sides))
  return float(_MEASURES[name](_Take(motion, {k: v / 1000 for k, v in action.events_ms.items()}), use))


@dataclasses.dataclass(frozen=True)
class _Take:
  """A motion with the times of its events."""

  motion: Motion
  events_s: Mapping[str, float]

  def at(self, use: Use) -> float:
    return event_s(self.events_s, use.at)

  def span(self, start_s: float, end_s: float) -> slice:
    last = len(self.motion.joints_m) - 1
    first = min(max(round(start_s * self.motion.fps), 0), last)
    return slice(first, max(min(round(end_s * self.motion.fps), last), first) + 1)

  def joint(self, name: str) -> Float[np.ndarray, 't 3']:
    return self.motion.joints_m[:, ATHLETE.index(name)]

  def sides(self, use: Use, name: str) -> Float[np.ndarray, 's t 3']:
    return np.stack([self.joint(f'{side}_{name}') for side in use.sides])

  def bend(self, side: str, a: str, b: str, c: str) -> Float[np.ndarray, 't']:
    """Angle at joint b, degrees; 180 is straight."""
    first, vertex, last = (self.joint(f'{side}_{name}') for name in (a, b, c))
    return np.degrees(np.arccos(np.clip(np.sum(unit(first - vertex) * unit(last - vertex), -1), -1, 1)))

  def across(self) -> Float[np.ndarray, 't 3']:
    return unit(self.joint('left_hip') - self.joint('right_hip'))


def _supporting_knee(take: _Take) -> Float[np.ndarray, 't']:
  """Flexion of the knee of the lower foot; of both, where both stand."""
  left, right = (180 - take.bend(side, 'hip', 'knee', 'ankle') for side in ('left', 'right'))
  lower = take.joint('left_ankle')[:, 2] - take.joint('right_ankle')[:, 2]
  share = np.clip(0.5 + lower / 0.06, 0.0, 1.0)  # of the right one
  return (1 - share) * left + share * right


def _knee_bend(take: _Take, use: Use) -> float:
  at_s = take.at(use)
  return _supporting_knee(take)[take.span(at_s - 0.15, at_s + 0.1)].max()


def _landing_softness(take: _Take, use: Use) -> float:
  at_s = take.at(use)
  return _supporting_knee(take)[take.span(at_s + 0.12, at_s + 0.4)].max()


def _heading(vectors: Float[np.ndarray, 't 3']) -> Float[np.ndarray, 't']:
  return np.degrees(np.unwrap(np.arctan2(vectors[:, 1], vectors[:, 0])))


def _hip_rotation_timing(take: _Take, use: Use) -> float:
  act_s, fps = take.at(use), take.motion.fps
  window = take.span(take.events_s['prepare'] - 0.1, take.events_s['finish'] + 0.25)
  turn = _heading(take.across())[window]
  act = round(act_s * fps) - window.start
  turn = turn * np.sign(turn[-1] - turn[: act + 1][0] + 1e-9)
  back = int(turn[: act + 1].argmin())
  half = 0.5 * (turn[back] + turn[act:].max())
  crossed = back + int(np.argmax(turn[back:] >= half))
  return 1000 * (act_s - (window.start + crossed) / fps)


def _shoulder_rotation(take: _Take, use: Use) -> float:
  at_s = take.at(use)
  shoulders = take.joint('left_shoulder') - take.joint('right_shoulder')
  apart = (_heading(shoulders) - _heading(take.across()) + 180) % 360 - 180
  return np.abs(apart[take.span(at_s - 0.06, at_s + 0.06)]).mean()


def _elbow_height(take: _Take, use: Use) -> float:
  at_s = take.at(use)
  above = take.sides(use, 'elbow')[..., 2] - take.sides(use, 'shoulder')[..., 2]
  return above[:, take.span(at_s - 0.12, at_s + 0.12)].mean()


def _arm_extension(take: _Take, use: Use) -> float:
  window = take.span(take.at(use) - 0.05, take.at(use) + 0.05)
  return np.mean([take.bend(side, 'shoulder', 'elbow', 'wrist')[window].mean() for side in use.sides])


def _limb_end(take: _Take, use: Use) -> Float[np.ndarray, 's t 3']:
  """Hands from their shoulders in the chest's frame, or feet from their hips in the pelvis'."""
  leg = use.limb == 'leg'
  end, root = ('toe', 'hip') if leg else ('hand', 'shoulder')
  lower, upper = ('pelvis', 'spine') if leg else ('chest', 'neck')
  across = unit(take.joint(f'left_{root}') - take.joint(f'right_{root}'))
  ahead = unit(np.cross(across, take.joint(upper) - take.joint(lower)))
  frame = np.stack([ahead, across, np.cross(ahead, across)], axis=1)
  return np.einsum('tij,stj->sti', frame, take.sides(use, end) - take.sides(use, root))


def _path_m(take: _Take, use: Use, start_s: float, end_s: float) -> float:
  return np.linalg.norm(np.diff(_limb_end(take, use)[:, take.span(start_s, end_s)], axis=1), axis=-1).sum(1).mean()


def _preparation_depth(take: _Take, use: Use) -> float:
  return _path_m(take, use, take.at(use) - 0.05, take.events_s['act'])


def _follow_through(take: _Take, use: Use) -> float:
  act_s, at_s = take.events_s['act'], take.at(use)
  if not use.held:
    return _path_m(take, use, act_s, at_s + 0.05)
  above = take.sides(use, 'hand')[..., 2] - take.sides(use, 'shoulder')[..., 2]
  return above[:, take.span(act_s + 0.1, at_s + 0.1)].mean()


def _head_still(take: _Take, use: Use) -> float:
  face = unit(take.joint('nose') - 0.5 * (take.joint('left_ear') + take.joint('right_ear')))
  raised = np.degrees(np.arcsin(face[take.span(take.at(use) - 0.22, take.at(use) + 0.06), 2]))
  return raised[0] - raised.max()


def _forward_angle(take: _Take, lower: np.ndarray, upper: np.ndarray) -> Float[np.ndarray, 't']:
  """Angle from one direction to another about the body's left: positive is flexion."""
  return np.degrees(np.arctan2(np.sum(np.cross(lower, upper) * take.across(), -1), np.sum(lower * upper, -1)))


def _head_alignment(take: _Take, use: Use) -> float:
  trunk, head = (take.joint(b) - take.joint(a) for a, b in (('chest', 'neck'), ('neck', 'head')))
  return _forward_angle(take, trunk, head)[take.span(take.at(use) - 0.1, take.at(use) + 0.1)].mean()


def _posture(take: _Take, use: Use) -> float:
  low, high = (take.joint(b) - take.joint(a) for a, b in (('pelvis', 'spine'), ('chest', 'neck')))
  at_s = take.at(use) + (0.15 if use.at == 'land' else -0.05)
  return -_forward_angle(take, low, high)[take.span(at_s - 0.1, at_s + 0.1)].mean()


def _balance(take: _Take, use: Use) -> float:
  level = unit(take.across() * (1, 1, 0))
  lean = np.degrees(np.arcsin(np.sum(unit(take.joint('neck') - take.joint('pelvis')) * level, -1)))
  return -np.ptp(lean[take.span(take.at(use) + 0.03, take.at(use) + 0.45)])


def _symmetry(take: _Take, use: Use) -> float:
  shoulders = [take.joint(f'{side}_shoulder') for side in ('left', 'right')]
  level, middle = unit(shoulders[0] - shoulders[1]), 0.5 * (shoulders[0] + shoulders[1])
  left, right = (take.joint(f'{side}_hand') - middle for side in ('left', 'right'))
  mirrored = left - 2 * np.sum(left * level, -1, keepdims=True) * level
  return -np.linalg.norm(mirrored - right, axis=-1)[take.span(take.at(use) - 0.08, take.at(use) + 0.08)].mean()


def _stance_width(take: _Take, use: Use) -> float:
  apart = (take.joint('left_toe') - take.joint('right_toe'))[:, :2]
  return np.linalg.norm(apart, axis=-1)[take.span(take.at(use) - 0.05, take.at(use) + 0.05)].mean()


def _leg_window(take: _Take, use: Use) -> slice:
  half_s = 0.06
  if use.at == 'flight':
    half_s = 0.15 * (take.events_s.get('land', take.events_s['finish']) - take.events_s['take_off'])
  return take.span(take.at(use) - half_s, take.at(use) + half_s)


def _leg_extension(take: _Take, use: Use) -> float:
  window = _leg_window(take, use)
  return np.mean([take.bend(side, 'hip', 'knee', 'ankle')[window].mean() - 180 for side in use.sides])


def _toe_point(take: _Take, use: Use) -> float:
  window = _leg_window(take, use)
  return np.mean([take.bend(side, 'knee', 'ankle', 'toe')[window].mean() for side in use.sides])


_FREE_ENDS = ('head', 'pelvis', 'left_hand', 'right_hand')
_RESTING_M_S = 0.15  # below it there is no movement whose smoothness could be judged


def _rhythm(take: _Take, use: Use) -> float:
  end_s = min(take.at(use), take.events_s.get('take_off', np.inf))
  window, fps = take.span(end_s - 0.72, end_s - 0.04), take.motion.fps
  joints = np.stack([take.joint(name) for name in _FREE_ENDS])
  velocity = gaussian_filter1d(np.gradient(joints, 1 / fps, axis=1), 0.02 * fps, axis=1)[:, window]
  jerk = (np.diff(velocity, 2, axis=1) * fps**2 * (velocity.shape[1] / fps) ** 2) ** 2
  peak = np.maximum((velocity**2).sum(-1).max(1), _RESTING_M_S**2)
  return -np.log1p(jerk.sum(-1).mean(1) / peak).mean()


_MEASURES: Mapping[str, Callable[[_Take, Use], float]] = {
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
