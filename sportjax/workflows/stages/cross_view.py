"""What a student knows of a view it has not seen: its poses beside the teacher's, its alignment with other views."""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from sportjax.data.features import FeatureStore, write_features
from sportjax.data.tracks import TrackRecords
from sportjax.errors import InputError
from sportjax.evals import cross_view
from sportjax.evals.extract import extract
from sportjax.formats.qca import read_qca
from sportjax.formats.trc import read_trc
from sportjax.pipeline import Work, write_json
from sportjax.pose.cameras import Camera, z_up
from sportjax.pose.normalise import teacher_pose
from sportjax.pose.skeletons import convert, get_skeleton
from sportjax.pose.track_file import load_track
from sportjax.typing import JSON, Float, Float32, FrameIndex, Keypoints
from sportjax.workflows.stages.distil import load_student
from sportjax.workflows.stages.reliability import pose_error

RESULTS, ERRORS = 'results.json', 'errors.npz'
CEILING = 'triangulated 3D pose'
_COCO17 = get_skeleton('coco17')
_SEEDED = ('student', 'student, untrained')  # rows that depend on the student's seed
_SHUFFLED = ('student', 'teacher')
_SIDES = {'L': 'left_', 'R': 'right_'}
_NOISE_DIM = 26


@dataclasses.dataclass(frozen=True)
class Fold:
  """One view held out of one training. `rows` are feature stores of all views, `decoded` holds the student's poses."""

  held_out: str
  seed: int
  rows: Mapping[str, pathlib.Path]
  decoded: pathlib.Path


@dataclasses.dataclass(frozen=True)
class Scene:
  """Calibrated cameras named as the videos, and the athlete's joints in 3D, triangulated from all of them."""

  calibration: pathlib.Path  # Qualisys .qca.txt
  markers: pathlib.Path  # TRC with y up, one row a frame of the videos

  def joints_m(self) -> Float[np.ndarray, 't 17 3']:
    """COCO-17 joints in the laboratory, NaN where the file lacks them."""
    markers = read_trc(self.markers)
    joints = np.full((len(markers.t_ms), len(_COCO17.joints), 3), np.nan)
    for at, marker in enumerate(markers.name):
      name = (_SIDES.get(marker[0], '') + marker[marker[0] in _SIDES :]).lower()
      if name in _COCO17.joints:
        joints[:, _COCO17.index(name)] = z_up(markers.xyz_m[:, at])
    return joints

  def camera(self, view: str) -> Camera:
    """The camera that filmed a view. Raises InputError where none has its name."""
    cameras = read_qca(self.calibration)
    if view not in cameras:
      raise InputError(f'{self.calibration}: no camera {view!r}, it has {", ".join(cameras)}; name videos as cameras')
    return cameras[view]

  def projected(self, view: str, frame: FrameIndex) -> Keypoints:
    """The joints in pixels of frames of a view, score 0 where they are not known."""
    joints = self.joints_m()
    if frame.max() >= len(joints):
      raise InputError(
        f'{self.markers}: {len(joints)} frames, but {view} has frame {frame.max()}; give one row a frame'
      )
    pixels = self.camera(view).project(joints[frame])
    known = np.isfinite(pixels).all(axis=-1, keepdims=True)
    return np.concatenate([np.where(known, pixels, 0), known], axis=-1).astype(np.float32)

  def angle_deg(self, a: str, b: str) -> float:
    """The angle at which two cameras see the athlete, at the middle of the motion."""
    middle = np.nanmean(self.joints_m(), axis=(0, 1))
    u, v = (self.camera(view).centre_m - middle for view in (a, b))
    return float(np.degrees(np.arccos(u @ v / np.linalg.norm(u) / np.linalg.norm(v))))


def decode_poses(work: Work, *, dataset: pathlib.Path, split: str, run: pathlib.Path) -> None:
  """The pose that the student's decoder reads out of every frame of a split, as a feature store."""
  frames = write_features(
    work.folder, extract(TrackRecords(dataset, split), load_student(run).pose), source="student's pose"
  )
  work.count(frames=frames)


def compare(
  work: Work, *, folds: Sequence[Fold], tracks: Mapping[str, pathlib.Path], scene: Scene | None, draws: int, seed: int
) -> None:
  """Writes `results.json`, and `errors.npz`: each row's alignment errors in ms by pair of views, draw and measure."""
  coverage = {view: _coverage(path, scene) for view, path in tracks.items()}
  first = [fold for fold in folds if fold.seed == folds[0].seed]
  pairs = [(fold.held_out, other) for fold in first for other in tracks if other != fold.held_out]
  errors = _alignment_errors(folds, pairs, scene, draws, seed)
  np.savez(work.folder / ERRORS, allow_pickle=False, **errors)
  poses = _pose_errors(folds, tracks, scene) if scene else {}
  results = {
    'coverage': coverage,
    'pose': poses,
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
  """By row, each pair of (query view held out, reference view) on the same cuts."""
  stores = {(fold.held_out, fold.seed, row): FeatureStore(p) for fold in folds for row, p in fold.rows.items()}
  seeds = sorted({fold.seed for fold in folds})
  frames = common_frames(stores.values())
  times = next(iter(stores.values())).track(pairs[0][0])
  t_ms = times.t_ms[np.isin(times.frame, frames)]
  cuts = cross_view.sample_cuts(len(frames), draws, seed)
  errors: dict[str, np.ndarray] = {}

  def measure(row: str, costs: Sequence[Sequence[np.ndarray]], shuffle: int | None = None) -> None:
    found = [[cross_view.recovery_errors_ms(c, t_ms, cuts, shuffle=shuffle) for c in each] for each in costs]
    errors[row] = np.array(found)

  for row in folds[0].rows:
    used = seeds if row in _SEEDED else seeds[:1]
    costs = [[pair_costs(stores[query, s, row], query, other, frames) for query, other in pairs] for s in used]
    measure(row, costs)
    if row in _SHUFFLED:
      measure(f'{row}, frames shuffled', costs, shuffle=seed)
  n = len(frames)
  rng = np.random.default_rng([seed, 0xA11])
  noise = rng.normal(size=(len(pairs), 2, n, _NOISE_DIM))
  measure('noise', [[cross_view.pair_costs(a, b) for a, b in noise]])
  measure('constant', [[np.zeros((n, n))]])
  if scene:
    pose = _normalised_3d(scene.joints_m()[frames])
    measure(CEILING, [[cross_view.pair_costs(pose, pose)]])
  return errors


def pair_costs(store: FeatureStore, query: str, reference: str, frames: FrameIndex) -> Float[np.ndarray, 'n n']:
  """Costs between two views at the same frames of both, features as filmed."""
  a, b = (store.track(view) for view in (reference, query))
  return cross_view.pair_costs(*(x.features[np.isin(x.frame, frames), 0] for x in (a, b)))


def common_frames(stores: Iterable[FeatureStore]) -> FrameIndex:
  """Frames that all views have; every store holds the same tracks."""
  store = next(iter(stores))
  common = store.track(store.tracks[0]).frame
  for name in store.tracks[1:]:
    common = np.intersect1d(common, store.track(name).frame)
  return common


def _normalised_3d(joints_m: Float[np.ndarray, 't 17 3']) -> Float[np.ndarray, 't d']:
  known = joints_m[:, np.isfinite(joints_m).all(axis=(0, 2))]
  hips = joints_m[:, [_COCO17.index('left_hip'), _COCO17.index('right_hip')]].mean(axis=1, keepdims=True)
  return (known - hips).reshape(len(known), -1)


def _pose_errors(folds: Sequence[Fold], tracks: Mapping[str, pathlib.Path], scene: Scene) -> JSON:
  """By held-out view and row: error of the normalised pose over all frames and over the third of least confidence."""
  found: dict[str, dict[str, list]] = {}
  for fold in folds:
    poses = held_out_poses(fold, tracks, scene)
    unsure = poses.score <= np.sort(poses.score)[len(poses.score) // 3 - 1]
    rows = found.setdefault(fold.held_out, {})
    for row, pose in poses.rows.items():
      error = pose_error(pose, poses.truth)
      rows.setdefault(row, []).append([float(error.mean()), float(error[unsure].mean())])
  return {
    view: {
      row: {'all': _spread([v[0] for v in values]), 'least sure third': _spread([v[1] for v in values])}
      for row, values in rows.items()
    }
    for view, rows in found.items()
  }


def _spread(values: Sequence[float]) -> JSON:
  """The mean over seeds, and every seed's value."""
  return {'mean': float(np.mean(values)), 'seeds': list(values)}


@dataclasses.dataclass(frozen=True)
class HeldOutPoses:
  """Normalised poses of a held-out view, as filmed, by row; frames in which the truth is not known are left out."""

  frame: FrameIndex
  score: Float32[np.ndarray, 't']  # the teacher's
  truth: Float32[np.ndarray, 't d']
  rows: Mapping[str, Float32[np.ndarray, 't d']]


def held_out_poses(fold: Fold, tracks: Mapping[str, pathlib.Path], scene: Scene) -> HeldOutPoses:
  """Teacher, smoothed teacher, student and two constant poses beside the truth."""
  view = fold.held_out
  teacher, smoothed = (FeatureStore(fold.rows[row]) for row in ('teacher', 'teacher, smoothed'))
  track, decoded = load_track(tracks[view]), FeatureStore(fold.decoded).track(view)
  score = teacher_pose(convert(track.keypoints, get_skeleton(track.skeleton), _COCO17), track=view)[1]
  truth, known = teacher_pose(scene.projected(view, track.frame), track=view)
  frame = np.intersect1d(decoded.frame, track.frame[known > 0])
  here = {'teacher': teacher.track(view), 'teacher, smoothed': smoothed.track(view), 'student': decoded}
  rows = {row: part.features[np.isin(part.frame, frame), 0] for row, part in here.items()}
  others = np.concatenate([teacher.track(name).features[:, 0] for name in tracks if name != view])
  rows['mean pose of the training views'] = np.broadcast_to(others.mean(axis=0), rows['teacher'].shape)
  rows["mean of the teacher's poses in this view"] = np.broadcast_to(rows['teacher'].mean(0), rows['teacher'].shape)
  used = np.isin(track.frame, frame)
  return HeldOutPoses(frame, score[used], truth[used, 0], rows)
