"""Routines: several actions of one athlete with what happens between them, minutes long, labelled in time."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np

from sportjax.errors import InputError
from sportjax.synth import kinematics as kin
from sportjax.synth.athletes import Athlete
from sportjax.synth.blending import blend, heading_deg, smooth, turned
from sportjax.synth.body import ATHLETE
from sportjax.synth.motion import Motion, cut_together, later
from sportjax.synth.placing import headed
from sportjax.synth.skills import perform
from sportjax.synth.walking import Stance, stance_of, standing, walk

_SETTLE_S = 0.8  # from an action's last pose to a stand, and from a stand to the next one's first pose
_AREA_M = 2.0  # the athlete comes back to within this of the middle
_APPROACH_M = 1.6
_GLIDE_S = (3.0, 4.5)
_CUT_SPORTS = ('diving', 'weightlifting')  # the diver is in the water, the bar is put down off camera
_FIXED = ('board', 'water', 'barbell')
_HANDLED = ('racket', 'club')


def routine(
  sport: str,
  athlete: Athlete,
  labels: Sequence[str],
  rng: np.random.Generator,
  proficiency: Mapping[str, float] | None = None,
) -> Motion:
  """The actions in order, with walks, stands and preparation between; diving and lifts begin anew at a cut.

  Raises:
    InputError: no labels, or as `skills.perform`.
  """
  if not labels:
    raise InputError('a routine needs at least one label')
  takes = [perform(sport, athlete, label, rng, proficiency) for label in labels]
  if sport in _CUT_SPORTS:
    return cut_together([_approached(take, athlete, rng) for take in takes])
  out = takes[0]
  for take in takes[1:]:
    out = _glided(out, take, rng) if sport == 'skating' else walked(out, take, athlete, rng)
  return out


def _joined(first: Motion, second: Motion) -> Motion:
  """One after the other; the second's times count on."""
  equipment = {name: np.concatenate([points, second.equipment[name]]) for name, points in first.equipment.items()}
  return dataclasses.replace(
    first,
    joints_m=np.concatenate([first.joints_m, second.joints_m]),
    actions=(*first.actions, *(later(action, first.duration_ms) for action in second.actions)),
    equipment=equipment,
  )


def _idle(joints: np.ndarray, before: Motion | None, after: Motion) -> Motion:
  equipment = {name: _between(name, before, after, joints) for name in after.equipment}
  return Motion(joints, after.fps, (), equipment)


_ON_FLOOR_M = 0.6


def _approached(take: Motion, athlete: Athlete, rng: np.random.Generator) -> Motion:
  """Walks up from behind to where the action starts; a lifter who starts with the bar in the rack has it already."""
  if 'barbell' in take.equipment and take.equipment['barbell'][0, :, 2].max() > _ON_FLOOR_M:
    return take
  end = stance_of(take.joints_m[0])
  floor_m = float(take.equipment['board'][0, 0, 2]) if 'board' in take.equipment else 0.0
  back = -_APPROACH_M * _onto_board(take, end)
  start = standing(athlete, end.pelvis_m[:2] + back, float(np.degrees(np.arctan2(-back[1], -back[0]))), floor_m)
  joints = walk(athlete, start, end, _SETTLE_S, floor_m, rng)
  return _joined(_idle(_into(joints, take), None, take), take)


def _onto_board(take: Motion, end: Stance) -> np.ndarray:
  """Direction over the ground in which the athlete comes: along the board, or the way the action faces."""
  if 'board' in take.equipment:
    board = take.equipment['board'][0]
    return kin.unit(board[0] - board[3])[:2]
  return np.array([np.cos(np.radians(end.heading)), np.sin(np.radians(end.heading))])


def walked(out: Motion, take: Motion, athlete: Athlete, rng: np.random.Generator) -> Motion:
  """A motion after which the athlete walks to where the next one starts, and does that."""
  angle, far = rng.uniform(0, 2 * np.pi), _AREA_M * np.sqrt(rng.random())
  place = far * np.array([np.cos(angle), np.sin(angle)]) - take.joints_m[0, ATHLETE.index('pelvis'), :2]
  take = headed(take, 0.0, tuple(place))
  joints = walk(athlete, stance_of(out.joints_m[-1]), stance_of(take.joints_m[0]), _SETTLE_S, 0.0, rng)
  idle = _idle(_into(_out_of(joints, out), take), out, take)
  return _joined(_joined(out, idle), take)


def _out_of(joints: np.ndarray, before: Motion) -> np.ndarray:
  """Starts a stand from the last pose of an action, which comes to rest."""
  count = round(_SETTLE_S * before.fps)
  held = _coasting(before.joints_m[-1], before.joints_m[-1] - before.joints_m[-2], count)
  weight = smooth(np.arange(1, count + 1) / (count + 1))
  return np.concatenate([blend(held, joints[:count], weight, before.joints_m[-1]), joints[count:]])


def _into(joints: np.ndarray, after: Motion) -> np.ndarray:
  """Ends a stand in the first pose of an action."""
  count = round(_SETTLE_S * after.fps)
  held = _coasting(after.joints_m[0], after.joints_m[0] - after.joints_m[1], count)[::-1]
  weight = smooth(np.arange(1, count + 1) / (count + 1))
  return np.concatenate([joints[:-count], blend(joints[-count:], held, weight, after.joints_m[0])])


_COAST_FRAMES = 12.0


def _coasting(pose_m: np.ndarray, step_m: np.ndarray, count: int) -> np.ndarray:
  """A pose whose movement fades; bones are made whole where it is blended."""
  gone = _COAST_FRAMES * (1 - np.exp(-np.arange(1, count + 1) / _COAST_FRAMES))
  return pose_m + gone[:, None, None] * step_m


def _glided(out: Motion, take: Motion, rng: np.random.Generator) -> Motion:
  """A skater glides on in a curve, into the next entry."""
  count = round(rng.uniform(*_GLIDE_S) * out.fps)
  speeds = [(x[-1, 0, :2] - x[0, 0, :2]) * out.fps / (len(x) - 1) for x in (out.joints_m[-6:], take.joints_m[:6])]
  start, end = (float(np.degrees(np.arctan2(v[1], v[0]))) for v in speeds)
  turn = float(rng.choice([-1, 1]) * rng.uniform(150, 210))
  take = headed(take, start + turn - end)
  share = np.arange(1, count + 1) / (count + 1)
  angle = np.radians(start + turn * smooth(share))
  rate = np.hypot(*speeds[0]) + smooth(share) * (np.hypot(*speeds[1]) - np.hypot(*speeds[0]))
  path = np.cumsum(rate[:, None] * np.stack([np.cos(angle), np.sin(angle)], 1), 0) / out.fps
  path += out.joints_m[-1, 0, :2]
  place = path[-1] + rate[-1] * np.array([np.cos(angle[-1]), np.sin(angle[-1])]) / out.fps - take.joints_m[0, 0, :2]
  take = headed(take, 0.0, tuple(place))
  joints = blend(
    _along(out.joints_m[-1], path, turn * smooth(share)),
    _along(take.joints_m[0], path, turn * (smooth(share) - 1)),
    smooth(share),
    take.joints_m[0],
  )
  return _joined(_joined(out, _idle(joints, out, take)), take)


def _along(pose_m: np.ndarray, path: np.ndarray, degrees: np.ndarray) -> np.ndarray:
  """A held pose carried along a path and turned with it."""
  held = np.repeat(pose_m[None], len(path), 0)
  held[..., :2] += path[:, None] - pose_m[0, :2]
  return turned(held, degrees)


def _between(name: str, before: Motion | None, after: Motion, joints: np.ndarray) -> np.ndarray:
  """A thing while nothing is done with it: left where it is, carried, or thrown back to the athlete."""
  last = after.equipment[name][0] if before is None else before.equipment[name][-1]
  first = after.equipment[name][0]
  if name in _FIXED:
    return np.repeat(first[None], len(joints), 0)
  if name in _HANDLED:
    assert before is not None, 'rackets and clubs are not walked up with'
    return _carried(last, first, joints, before)
  share = smooth(np.linspace(0.0, 1.0, len(joints)))[:, None, None]
  return last + share * (first - last) + np.sin(np.pi * share) ** 2 * (0.0, 0.0, 1.2)


def _carried(last: np.ndarray, first: np.ndarray, joints: np.ndarray, before: Motion) -> np.ndarray:
  """Handle in the hand that has it, its head ahead of the walker and a little down."""
  hands = [ATHLETE.index(f'{side}_hand') for side, _ in kin.SIDES]
  hand = min(hands, key=lambda j: np.linalg.norm(before.joints_m[-1, j] - last[0]))
  facing = np.radians(heading_deg(joints))
  easy = np.stack([0.9 * np.cos(facing), 0.9 * np.sin(facing), np.full_like(facing, -0.44)], axis=1)
  t = np.arange(1, len(joints) + 1) / before.fps
  near, far = smooth(t / _SETTLE_S), smooth((t[-1] + 1 / before.fps - t) / _SETTLE_S)
  along = [kin.unit(end[1] - end[0]) for end in (last, first)]
  w = np.stack([1 - near, near * far, 1 - far], axis=1)
  direction = kin.unit(w[:, :1] * along[0] + w[:, 1:2] * kin.unit(easy) + w[:, 2:] * along[1])
  grip = joints[:, hand] + w[:, :1] * (last[0] - joints[0, hand]) + w[:, 2:] * (first[0] - joints[-1, hand])
  rows = [grip, grip + np.linalg.norm(first[1] - first[0]) * direction]
  if len(first) == 3:  # a face: kept square to the shaft
    face = w[:, :1] * last[2] + w[:, 1:2] * np.cross(direction, (0, 0, 1.0)) + w[:, 2:] * first[2]
    rows.append(kin.unit(face - direction * np.sum(face * direction, -1, keepdims=True)))
  return np.stack(rows, axis=1)
