"""How good detections in time are: average precision of scored intervals at an overlap with the true ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np

from sportjax.errors import InputError
from sportjax.typing import Bool, Float

AP = Literal['voc', 'vpd_reference']


class Scored(NamedTuple):
  """What was found in one video: [start, end) in any unit, and a score each."""

  intervals: Float[np.ndarray, 'n 2']
  scores: Float[np.ndarray, 'n']


def merge_overlapping(intervals: Float[np.ndarray, 'n 2']) -> Float[np.ndarray, 'm 2']:
  """Sorted intervals; those that overlap or touch are one, as in the truth of VPD's reference."""
  merged: list[list[float]] = []
  for start, end in np.asarray(intervals, np.float64).reshape(-1, 2)[np.argsort(np.ravel(intervals)[::2])]:
    if merged and start <= merged[-1][1]:
      merged[-1][1] = max(merged[-1][1], end)
    else:
      merged.append([start, end])
  return np.array(merged, np.float64).reshape(-1, 2)


def temporal_iou(a: Float[np.ndarray, 'n 2'], b: Float[np.ndarray, 'm 2']) -> Float[np.ndarray, 'n m']:
  """Length of intersection over length of union of every pair; 0 where they only touch."""
  shared = np.minimum(a[:, None, 1], b[None, :, 1]) - np.maximum(a[:, None, 0], b[None, :, 0])
  hull = np.maximum(a[:, None, 1], b[None, :, 1]) - np.minimum(a[:, None, 0], b[None, :, 0])
  return np.where(shared > 0, shared / np.where(shared > 0, hull, 1), 0.0)


def average_precision(
  found: Sequence[Scored], truths: Sequence[Float[np.ndarray, 'm 2']], tiou: float, *, rule: AP = 'voc'
) -> float:
  """AP over all videos at one overlap; NaN where there is nothing to find.

  `voc`: by descending score, each detection takes the free true interval that it overlaps most, if by `tiou` or more;
  precision is interpolated at all recalls. `vpd_reference` counts as VPD's code: a detection takes every free interval
  that it overlaps enough, and interpolation leaves points out, by which it is NaN for some tiny inputs.

  Raises:
    InputError: found and true are not of as many videos, or a score is not a number.
  Source: Everingham et al. 2010 (PASCAL VOC), in its all-point form.
  """
  if len(found) != len(truths):
    raise InputError(f'detections in {len(found)} videos against the truth of {len(truths)}: give one of each a video')
  scores = np.concatenate([np.zeros(0), *(np.asarray(each.scores, np.float64) for each in found)])
  if np.isnan(scores).any():
    raise InputError('a score of a detection is NaN; check the features it was made from')
  positives = sum(len(truth) for truth in truths)
  if not positives:
    return float('nan')
  take = _take_best if rule == 'voc' else _take_all
  hits = [_hits(each, truth, tiou, take) for each, truth in zip(found, truths, strict=True)]
  ranked = np.concatenate([np.zeros(0, bool), *hits])[np.argsort(-scores, kind='stable')]
  if not ranked.any():
    return 0.0
  precision, recall = np.cumsum(ranked) / np.arange(1, len(ranked) + 1), np.cumsum(ranked) / positives
  return _all_points(precision, recall) if rule == 'voc' else _reference_area(precision, recall)


def _hits(found: Scored, truth: Float[np.ndarray, 'm 2'], tiou: float, take) -> Bool[np.ndarray, 'n']:
  """Whether each detection takes a true interval, where better scores choose first; videos do not affect each other."""
  overlap = temporal_iou(np.asarray(found.intervals, np.float64).reshape(-1, 2), np.asarray(truth).reshape(-1, 2))
  free, hits = np.ones(len(truth), bool), np.zeros(len(overlap), bool)
  for row in np.argsort(-np.asarray(found.scores), kind='stable'):
    taken = take(overlap[row], free & (overlap[row] >= tiou))
    hits[row] = taken.any()
    free &= ~taken
  return hits


def _take_best(overlap: Float[np.ndarray, 'm'], enough: Bool[np.ndarray, 'm']) -> Bool[np.ndarray, 'm']:
  best = np.zeros_like(enough)
  if enough.any():
    best[np.argmax(np.where(enough, overlap, -1))] = True
  return best


def _take_all(overlap: Float[np.ndarray, 'm'], enough: Bool[np.ndarray, 'm']) -> Bool[np.ndarray, 'm']:
  del overlap
  return enough


def _all_points(precision: Float[np.ndarray, 'n'], recall: Float[np.ndarray, 'n']) -> float:
  best_from_here = np.maximum.accumulate(precision[::-1])[::-1]
  return float(np.sum(np.diff(recall, prepend=0) * best_from_here))


def _reference_area(precision: Float[np.ndarray, 'n'], recall: Float[np.ndarray, 'n']) -> float:
  """From the last detection to the first, a step ends where recall falls and precision passes that of the last step."""
  corners: list[tuple[float, float]] = []  # (recall, precision) from right to left
  highest, lowest_recall = 0.0, 1.0
  for p, r in zip(precision[::-1], recall[::-1], strict=True):
    if r < lowest_recall and (not corners or p > corners[-1][1]):
      corners.append((lowest_recall, highest))
    highest, lowest_recall = max(highest, p), min(lowest_recall, r)
  falls = all(a[0] > b[0] and a[1] < b[1] for a, b in zip(corners, corners[1:], strict=False))
  if not corners or corners[0][0] != 1 or not falls:  # the reference stops with an assertion
    return float('nan')
  left = [r for r, _ in corners[1:]] + [0.0]
  return float(sum(p * (r - to) for (r, p), to in zip(corners, left, strict=True)))
