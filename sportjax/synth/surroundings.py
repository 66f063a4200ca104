"""What a film shows beside the athlete's movement: camera, place, clothing, length; none of it may tell the class."""

from __future__ import annotations

import pathlib
from collections.abc import Iterator, Mapping

import cv2
import numpy as np

from sportjax.synth.body import ATHLETE
from sportjax.typing import Float, Image
from sportjax.video.decode import read_frames
from sportjax.video.flow import flow as optical_flow

_SIDE = 128  # frames are measured at this size
_CELLS = 6  # of the grid over which the background's flow is kept
_GROWN_PX = 9  # the athlete's outline is widened by this much: flow smears

Rows = dict[str, Float[np.ndarray, 'f']]


def background_flow(video: pathlib.Path, truth: Mapping[str, np.ndarray]) -> Float[np.ndarray, 't f']:
  """Optical flow of each frame where the athlete is not: medians over a grid of cells, then over the whole, pixels.

  A cell without background has the whole picture's median. The first frame has no flow before it: zeros.
  """
  rows, last = [], None
  for (_, _, image), outside in zip(read_frames(video), _outside(truth), strict=True):
    small = cv2.resize(image, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA)
    if last is None:
      rows.append(np.zeros(2 * (_CELLS**2 + 1), np.float32))
    else:
      rows.append(_medians(optical_flow(last[0], small, preset='fast'), outside & last[1]))
    last = small, outside
  return np.stack(rows)


def _outside(truth: Mapping[str, np.ndarray]) -> Iterator[np.ndarray]:
  """Where the athlete is not, frame by frame."""
  kernel = np.ones((2 * _GROWN_PX + 1,) * 2, np.uint8)
  for bits in truth['mask']:
    mask = np.unpackbits(bits, axis=-1)
    small = cv2.resize(mask[:, : mask.shape[0]], (_SIDE, _SIDE), interpolation=cv2.INTER_AREA)
    yield cv2.dilate((small > 0).astype(np.uint8), kernel) == 0


def _medians(flow: Float[np.ndarray, 'h w 2'], outside: np.ndarray) -> Float[np.ndarray, 'f']:
  whole = np.median(flow[outside], axis=0) if outside.any() else np.zeros(2)
  step = _SIDE / _CELLS
  out = []
  for y in range(_CELLS):
    for x in range(_CELLS):
      cell = np.s_[round(y * step) : round((y + 1) * step), round(x * step) : round((x + 1) * step)]
      seen = outside[cell]
      out.append(np.median(flow[cell][seen], axis=0) if seen.any() else whole)
  return np.concatenate([*out, whole]).astype(np.float32)


def nuisances(
  video: pathlib.Path,
  truth: Mapping[str, np.ndarray],
  action_ms: tuple[float, float],
  flow: Float[np.ndarray, 't f'],
) -> Rows:
  """What is to be independent of the class, a few numbers each."""
  still = next(image for number, _, image in read_frames(video) if number == 0)
  pan = flow[1:, -2:]
  inwards = _inwards(flow[1:])
  return {
    'clip length': np.array([len(truth['t_ms']), action_ms[1] - action_ms[0], action_ms[0]], float),
    'travel direction': np.array([_travel(truth['joints_camera_m'])]),
    'stature': np.array([_stature_m(truth['joints_camera_m'][0])]),
    'camera pan': np.concatenate([pan.mean(0), pan.std(0)]),
    'zoom': np.array([inwards.mean(), inwards.std()]),
    'background': cv2.resize(still, (4, 4), interpolation=cv2.INTER_AREA).ravel() / 255.0,
    'clothing': _clothing(still, truth['mask'][0]),
  }


def _inwards(flow: Float[np.ndarray, 't f']) -> Float[np.ndarray, 't']:
  """How much the picture grows from frame to frame: the flow's component away from the middle."""
  place = (np.arange(_CELLS) + 0.5) / _CELLS - 0.5
  away = np.stack(np.meshgrid(place, place), axis=-1).reshape(-1, 2)
  cells = flow[:, :-2].reshape(len(flow), -1, 2)
  return ((cells - cells.mean(1, keepdims=True)) * away).sum((1, 2)) / (away**2).sum()


def _travel(joints_m: Float[np.ndarray, 't j 3']) -> float:
  """-1 or 1: to the left or the right, as the camera sees it."""
  pelvis = joints_m[:, ATHLETE.index('pelvis')]
  return float(np.sign(pelvis[-1, 0] - pelvis[0, 0]))


def _stature_m(joints_m: Float[np.ndarray, 'j 3']) -> float:
  chain = ('head', 'neck', 'chest', 'spine', 'pelvis', 'left_hip', 'left_knee', 'left_ankle', 'left_heel')
  points = joints_m[[ATHLETE.index(joint) for joint in chain]]
  return float(np.linalg.norm(np.diff(points, axis=0), axis=-1).sum())


def _clothing(still: Image, bits: np.ndarray) -> Float[np.ndarray, 'f']:
  """Mean colours of the athlete's upper and lower half."""
  mask = np.unpackbits(bits, axis=-1)[:, : still.shape[1]].astype(bool)
  if not mask.any():
    return np.zeros(6)
  middle = np.median(np.flatnonzero(mask.any(1)))
  upper = np.arange(len(mask))[:, None] < middle
  halves = [mask & upper, mask & ~upper]
  return np.concatenate([still[half].mean(0) / 255 if half.any() else np.zeros(3) for half in halves])
