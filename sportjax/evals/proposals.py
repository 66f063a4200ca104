"""Intervals from scores per frame: runs above a threshold, made as long as actions are."""

from __future__ import annotations

import dataclasses
import math
from typing import Literal

import numpy as np

from sportjax.errors import InputError
from sportjax.metrics.detection import Scored
from sportjax.typing import Bool, Float, Int


@dataclasses.dataclass(frozen=True)
class ProposalRules:
  """Which runs of frames count, and what becomes of those much shorter or longer than the mean action.

  `last_frame` says where an interval ends: after its last frame, or at that frame's beginning. `refit='mean'` gives a
  run that is too short or too long the mean length about its middle, 'limit' the nearest length that is allowed.
  """

  min_frames: int = 3
  shortest: float = 0.67  # of the mean length
  longest: float = 1.33
  refit: Literal['mean', 'limit'] = 'mean'
  last_frame: Literal['in', 'out'] = 'in'

  def __post_init__(self):
    if self.min_frames < 1 or not 0 <= self.shortest <= self.longest:
      raise InputError('proposals: min_frames must be at least 1, and 0 <= shortest <= longest')


PAPER = ProposalRules()  # VPD (arXiv 2109.01305), supplement D
REFERENCE = ProposalRules(min_frames=5, refit='limit', last_frame='out')  # its code, in whole frames


def propose(
  activations: Float[np.ndarray, 't'], threshold: float, mean_frames: float, rules: ProposalRules = PAPER
) -> Scored:
  """Runs of frames at or above the threshold as [start, end) in frames, scored by their mean activation."""
  activations = np.asarray(activations, np.float64)
  runs = _runs(activations >= threshold)
  runs = runs[runs[:, 1] - runs[:, 0] >= rules.min_frames]
  scores = np.array([activations[start:end].mean() for start, end in runs])
  refit = _to_mean if rules.refit == 'mean' else _to_limit
  ends = runs - [0, rules.last_frame == 'out']
  found = [refit(float(start), float(end), mean_frames, rules) for start, end in ends]
  return Scored(np.array(found, np.float64).reshape(-1, 2), scores)


def _runs(above: Bool[np.ndarray, 't']) -> Int[np.ndarray, 'n 2']:
  edges = np.diff(np.concatenate([[False], above, [False]]).astype(int))
  return np.stack([np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)], axis=1)


def _to_mean(start: float, end: float, mean: float, rules: ProposalRules) -> tuple[float, float]:
  if rules.shortest * mean <= end - start <= rules.longest * mean:
    return start, end
  middle = (start + end) / 2
  return max(0.0, middle - mean / 2), middle + mean / 2


def _to_limit(start: float, end: float, mean: float, rules: ProposalRules) -> tuple[float, float]:
  """Source: VPD's reference implementation, with its rounding."""
  low, high = (share * math.ceil(mean) for share in (rules.shortest, rules.longest))
  wanted = low if end - start < low else high if end - start > high else None
  if wanted is None:
    return start, end
  middle = (start + end) // 2
  return max(0.0, middle - wanted // 2), middle + wanted // 2
