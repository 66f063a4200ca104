"""Who films when: the exposures of a take, and the cameras of the operators it is cut together from."""

from __future__ import annotations

import dataclasses

import numpy as np

from sportjax.errors import InputError
from sportjax.synth.body import ATHLETE
from sportjax.synth.filming.camera import Cameras, Operator, follow
from sportjax.synth.filming.recordings import Recordings
from sportjax.synth.filming.shots import Shot
from sportjax.synth.motion import Motion
from sportjax.typing import Float, Int

_TOO_NEAR_M, _CLEAR_M = 2.2, 5.0
_NEARLY_S = 1e-6  # cuts are given in milliseconds or seconds, recordings in samples


def expose(motion: Motion, shot: Shot, recordings: Recordings) -> tuple[Float[np.ndarray, 't s'], Int[np.ndarray, 't']]:
  """Instants of each frame's exposure, and its recording, which none of them leaves.

  Raises: InputError for a motion shorter than one exposure.
  """
  period = 1 / shot.fps
  duration = (len(motion.joints_m) - 1) / motion.fps
  start = (np.arange(int(duration / period) + 1) + shot.phase) * period
  opened = np.linspace(0, shot.shutter, shot.sub_frames) * period
  start = start[start + opened[-1] <= duration]
  if not len(start):
    raise InputError(f'a motion of {duration:.3f} s is shorter than one exposure; make it at least {2 * period:.3f} s')
  t_s = start[:, None] + opened
  number = recordings.of(t_s[:, t_s.shape[1] // 2])
  return recordings.within(t_s, number), number


def watched_m(motion: Motion) -> Float[np.ndarray, 't 3']:
  """What the cameras follow."""
  return motion.joints_m.mean(1) if motion.focus_m is None else motion.focus_m


def set_up_cameras(
  motion: Motion, shot: Shot, recordings: Recordings, t_s: np.ndarray, number: np.ndarray, rng: np.random.Generator
) -> tuple[Cameras, Int[np.ndarray, 't']]:
  """The camera of every instant, flat, and the set-up of every frame: it counts on at the shot's and motion's cuts.

  A recording that starts at a cut of the shot has the shot's operator, any other one a new one.
  """
  segment = np.searchsorted(shot.cuts_s, t_s[:, 0] + _NEARLY_S, side='right')
  path, stature = watched_m(motion), _stature_m(motion.joints_m[0])
  parts = []
  for r in range(len(recordings)):
    operators = _operators(shot, recordings, r, rng)
    rows = np.flatnonzero(number == r)
    if not len(rows):
      continue
    clock = t_s[rows].ravel() - recordings.start_s(r)
    used, which = np.unique(segment[rows], return_inverse=True)
    seen = path[recordings.span(r)]
    each = [follow(_clear_of(operators[k], seen), seen[:, None], motion.fps, clock, shot.size, stature) for k in used]
    parts.append(_join(each, np.repeat(which, t_s.shape[1])))
  names = [field.name for field in dataclasses.fields(Cameras)]
  return Cameras(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in names}), segment + number


def _operators(shot: Shot, recordings: Recordings, number: int, rng: np.random.Generator) -> list[Operator]:
  """Who films each of the shot's segments during a recording."""
  if number == 0:
    return list(shot.operators)
  start = recordings.start_s(number)
  before, begun = np.searchsorted(shot.cuts_s, (start - _NEARLY_S, start + _NEARLY_S))
  if before < begun:
    return list(shot.operators)
  return [*shot.operators[:begun], _another(shot.operators[begun], rng), *shot.operators[begun + 1 :]]


def _clear_of(operator: Operator, path_m: Float[np.ndarray, 't 3']) -> Operator:
  """The operator stands back where the athlete would come so near that the room flies past."""
  turn = np.deg2rad(operator.azimuth)
  towards = np.array([np.sin(turn), -np.cos(turn)])
  around = path_m[:, :2] - np.median(path_m[:, :2], axis=0)
  if np.linalg.norm(around - operator.distance_m * towards, axis=-1).min() > _TOO_NEAR_M:
    return operator
  return dataclasses.replace(operator, distance_m=float((around @ towards).max()) + _CLEAR_M)


def _another(operator: Operator, rng: np.random.Generator) -> Operator:
  """Somebody with the same hand, who stands elsewhere."""
  return dataclasses.replace(
    operator,
    azimuth=rng.uniform(-40, 40),
    distance_m=rng.uniform(7, 13),
    height_m=rng.uniform(-0.2, 1.6),
    fill=operator.fill * rng.uniform(0.9, 1.1),
    phases=tuple(rng.uniform(0, 2 * np.pi, 8)),
  )


def _stature_m(joints_m: Float[np.ndarray, 'j 3']) -> float:
  """Height from bone lengths, so that the zoom does not depend on what is done."""
  chain = ('head', 'neck', 'chest', 'spine', 'pelvis', 'left_hip', 'left_knee', 'left_ankle', 'left_heel')
  points = joints_m[[ATHLETE.index(joint) for joint in chain]]
  return float(np.linalg.norm(np.diff(points, axis=0), axis=-1).sum())


def _join(each: list[Cameras], which: Int[np.ndarray, 't']) -> Cameras:
  """The cameras of several operators, cut together."""
  rows = np.arange(len(which))
  names = [field.name for field in dataclasses.fields(Cameras)]
  return Cameras(**{name: np.stack([getattr(one, name) for one in each])[which, rows] for name in names})
