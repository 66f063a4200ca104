"""Compare views of one motion: the track in each, poses of the view held out, and its alignment with the others."""

from __future__ import annotations

import pathlib
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from sportjax.data.features import FeatureStore
from sportjax.evals import cross_view
from sportjax.pipeline import Work, write_json
from sportjax.pose.track_file import load_track
from sportjax.typing import JSON, Float, FrameIndex
from sportjax.workflows.stages.held_out import Fold, pose_errors
from sportjax.workflows.stages.scene import Scene

RESULTS, ERRORS = 'results.json', 'errors.npz'
CEILING, GUESS = 'triangulated 3D pose', 'guess, no features'
_SEEDED = ('student', 'student, untrained')  # rows that depend on the student's seed
_SHUFFLED = ('teacher', 'student')
_NOISE_DIM = 26

Costs = Sequence[Sequence[Float[np.ndarray, 'n n']]]  # by seed and pair of views


def compare(
  work: Work, *, folds: Sequence[Fold], tracks: Mapping[str, pathlib.Path], scene: Scene | None, draws: int, seed: int
) -> None:
  """Writes `results.json`, and `errors.npz`: each row's alignment errors in ms by seed, pair, draw and measure."""
  first = [fold for fold in folds if fold.seed == folds[0].seed]
  pairs = [(fold.held_out, other) for fold in first for other in tracks if other != fold.held_out]
  errors = _alignment_errors(folds, pairs, scene, draws, seed)
  np.savez(work.folder / ERRORS, allow_pickle=False, **errors)
  results = {
    'coverage': {view: _coverage(path, scene) for view, path in tracks.items()},
    'pose': pose_errors(folds, tracks, scene) if scene else {},
    'alignment': {row: summary(e) for row, e in errors.items()},
    'pairs': [{'query': a, 'reference': b, 'angle_deg': scene.angle_deg(a, b) if scene else None} for a, b in pairs],
  }
  write_json(work.folder / RESULTS, results)
  work.count(folds=len(folds), pairs=len(pairs), draws=draws)


def summary(errors: Float[np.ndarray, 's q b k']) -> JSON:
  """Over seeds, pairs of views and draws: by measure, mean, quartiles, and the medians of each pair and each seed."""
  return {
    measure: {
      'mean': float(values.mean()),
      'sd_over_draws': float(values.mean(axis=(0, 1)).std(ddof=1)) if values.shape[2] > 1 else 0.0,
      'quartiles': np.quantile(values, [0.25, 0.5, 0.75]).tolist(),
      'pair_medians': np.median(values, axis=(0, 2)).tolist(),
      'seed_medians': np.median(values, axis=(1, 2)).tolist(),
    }
    for measure, values in zip(cross_view.MEASURES, np.moveaxis(errors, -1, 0), strict=True)
  }


def pair_costs(store: FeatureStore, query: str, reference: str, frames: FrameIndex) -> Float[np.ndarray, 'n n']:
  """Costs between two views at the same frames of both, features as filmed."""
  a, b = (store.track(view) for view in (reference, query))
  return cross_view.pair_costs(*(x.features[np.isin(x.frame, frames), 0] for x in (a, b)))


def common_frames(store: FeatureStore) -> FrameIndex:
  """Frames that all views have."""
  common = store.track(store.tracks[0]).frame
  for name in store.tracks[1:]:
    common = np.intersect1d(common, store.track(name).frame)
  return common


def _coverage(path: pathlib.Path, scene: Scene | None) -> JSON:
  """Frames with a box, those bridged over a gap, and those whose box holds the middle of the projected athlete."""
  track = load_track(path)
  counts = {'frames': len(track.frame), 'bridged': int((track.keypoints[..., 2] == 0).all(axis=1).sum())}
  if scene:
    truth = scene.projected(track.id, track.frame)
    middle = truth[..., :2].sum(axis=1) / np.maximum(truth[..., 2:].sum(axis=1), 1)
    inside = (middle >= track.boxes[:, :2]).all(axis=1) & (middle <= track.boxes[:, 2:]).all(axis=1)
    counts['on_athlete'] = int(inside.sum())
  return counts


def _alignment_errors(
  folds: Sequence[Fold], pairs: Sequence[tuple[str, str]], scene: Scene | None, draws: int, seed: int
) -> dict[str, Float[np.ndarray, 's q b k']]:
  """By row, for each pair of (query view held out, reference view) on the same cuts."""
  store = FeatureStore(folds[0].rows['teacher'])
  frames, track = common_frames(store), store.track(pairs[0][0])
  t_ms = track.t_ms[np.isin(track.frame, frames)]
  cuts = cross_view.sample_cuts(len(frames), draws, seed)

  def measure(costs: Costs, shuffle: int | None = None) -> np.ndarray:
    return np.array([[cross_view.recovery_errors_ms(c, t_ms, cuts, shuffle=shuffle) for c in each] for each in costs])

  errors = {}
  for row, costs in _row_costs(folds, pairs, frames):
    errors[row] = measure(costs)
    if row in _SHUFFLED:
      errors[f'{row}, frames shuffled'] = measure(costs, shuffle=seed)
  errors |= {row: measure(costs) for row, costs in _control_costs(len(pairs), frames, scene, seed).items()}
  return errors | {GUESS: cross_view.guess_errors_ms(t_ms, cuts)[None, None]}


def _row_costs(
  folds: Sequence[Fold], pairs: Sequence[tuple[str, str]], frames: FrameIndex
) -> Iterable[tuple[str, Costs]]:
  seeds = sorted({fold.seed for fold in folds})
  folder = {(fold.held_out, fold.seed): fold.rows for fold in folds}
  for row in folds[0].rows:
    used = seeds if row in _SEEDED else seeds[:1]
    yield (
      row,
      [[pair_costs(FeatureStore(folder[a, seed][row]), a, b, frames) for a, b in pairs] for seed in used],
    )


def _control_costs(n_pairs: int, frames: FrameIndex, scene: Scene | None, seed: int) -> dict[str, Costs]:
  """What the measure gives for nothing, and where joints are known in 3D for everything."""
  noise = np.random.default_rng([seed, 0xA11]).normal(size=(n_pairs, 2, len(frames), _NOISE_DIM))
  costs: dict[str, Costs] = {
    'noise': [[cross_view.pair_costs(a, b) for a, b in noise]],
    'constant': [[np.zeros((len(frames), len(frames)))]],
  }
  if scene:
    pose = scene.about_hips_m(frames)
    costs[CEILING] = [[cross_view.pair_costs(pose, pose)]]
  return costs
