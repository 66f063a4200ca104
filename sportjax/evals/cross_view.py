"""Alignment of two synchronised views of one motion, one of them cut and played at another tempo."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from sportjax.align import path, subsequence
from sportjax.align.path import DTWResult
from sportjax.evals import warp as warp_lib
from sportjax.typing import Float, Int, TimesMs

MEASURES = ('open ends', 'fixed ends', 'nearest frame')
_OFFSET = 0.15  # most that a cut takes off at either end: symmetricP2 still has a path through what is left


@dataclasses.dataclass(frozen=True)
class Cut:
  """A part of the query, at a tempo that varies about the one it was filmed at."""

  warp: warp_lib.Warp
  frames: int


def sample_cuts(n_frames: int, draws: int, seed: int) -> list[Cut]:
  """Random cuts of a view of `n_frames`, the first ones the same however many are drawn."""
  warps = [warp_lib.sample_warp(np.random.default_rng([seed, i]), offset=_OFFSET) for i in range(draws)]
  return [Cut(w, round((w.values[-1] - w.values[0]) * (n_frames - 1)) + 1) for w in warps]


def pair_costs(reference: Float[np.ndarray, 'n d'], query: Float[np.ndarray, 'm d']) -> Float[np.ndarray, 'n m']:
  """Distances of every frame of the reference to every frame of the query."""
  return np.linalg.norm(reference[:, None] - query[None], axis=-1).astype(np.float64)


def recovery_errors_ms(
  costs: Float[np.ndarray, 'n n'], t_ms: TimesMs, cuts: Sequence[Cut], *, shuffle: int | None = None
) -> Float[np.ndarray, 'b k']:
  """Median error over the frames of each cut (b) of the whole query, for each of `MEASURES` (k).

  With `open ends` the cut may lie anywhere in the reference (asymmetricP1), with `fixed ends` it must span all of it
  (symmetricP2, as in ranking), `nearest frame` does not align. `shuffle` is the seed of a permutation of each cut's
  frames, under which alignment must fail.
  """
  errors = []
  for draw, cut in enumerate(cuts):
    # Resampling takes whole frames, so the costs of a cut are columns of the costs of the whole.
    columns, true_ms = warp_lib.cut_and_resample(costs.T, t_ms, cut.warp, cut.frames)
    if shuffle is not None:
      columns = np.random.default_rng([shuffle, draw]).permutation(columns)
    aligned = [_median_error_ms(align(columns.T), t_ms, true_ms) for align in (subsequence.locate, path.dtw)]
    errors.append([*aligned, np.median(np.abs(t_ms[columns.argmin(axis=1)] - true_ms))])
  return np.array(errors)


def guess_errors_ms(t_ms: TimesMs, cuts: Sequence[Cut]) -> Float[np.ndarray, 'b k']:
  """As `recovery_errors_ms`, of who sees nothing: the cut lies in the middle, or spans all, or is the middle frame."""
  errors = []
  for cut in cuts:
    _, true_ms = warp_lib.cut_and_resample(t_ms[:, None], t_ms, cut.warp, cut.frames)
    spare, middle = len(t_ms) - cut.frames, (len(t_ms) - 1) / 2
    ends = ((spare / 2, spare / 2 + cut.frames - 1), (0, len(t_ms) - 1), (middle, middle))
    guesses = [np.interp(np.linspace(*end, cut.frames), np.arange(len(t_ms)), t_ms) for end in ends]
    errors.append([float(np.median(np.abs(guess - true_ms))) for guess in guesses])
  return np.array(errors)


def find_cut(
  costs: Float[np.ndarray, 'n n'], t_ms: TimesMs, cut: Cut
) -> tuple[Int[np.ndarray, 'm'], Int[np.ndarray, 'm']]:
  """For every frame of the cut: its frame in the query, and the reference's that alignment with open ends finds."""
  frames = np.arange(costs.shape[1])[:, None]
  shown = warp_lib.cut_and_resample(frames, t_ms, cut.warp, cut.frames)[0][:, 0]
  steps = subsequence.locate(costs[:, shown]).path
  return shown, steps[np.unique(steps[:, 1], return_index=True)[1], 0]


def _median_error_ms(result: DTWResult, t_ms: TimesMs, true_ms: TimesMs) -> float:
  return float(np.median(warp_lib.path_error_ms(result.path, t_ms, true_ms))) if len(result.path) else float('inf')
