"""Where the weak teacher fails, and whether its confidence says so: error and score against what troubles a frame."""

from __future__ import annotations

import pathlib
from collections.abc import Mapping

import numpy as np

from sportjax.pipeline import Work, write_json
from sportjax.pose.normalise import TEACHER_DIM, teacher_pose
from sportjax.pose.skeletons import convert, get_skeleton
from sportjax.pose.track import Track
from sportjax.pose.track_file import load_track
from sportjax.synth.body import ATHLETE
from sportjax.typing import Float
from sportjax.workflows.stages.reliability import pose_error

SCORES, FRAMES, CURVES = 'scores.npy', 'frames.npz', 'curves.json'
_BINS = 8
_MIN_FRAMES = 30  # in a bin, to be shown
_CLEAR = {
  'turned over, degrees': 45.0,
  'hidden joints, share': 0.1,
  'movement, pixels a frame': 3.0,
}  # up to here no trouble
_TROUBLE = tuple(_CLEAR)


def measure(
  work: Work,
  *,
  tracks: Mapping[str, pathlib.Path],
  truth: Mapping[str, pathlib.Path],
  films: Mapping[str, pathlib.Path],
) -> None:
  """Writes `frames.npz` (a row a frame: error, score, troubles) and `curves.json`.

  A curve is of one trouble, over the frames which the others leave clear, in bins of equal numbers of frames.
  """
  table = np.concatenate([_frames(load_track(tracks[name]), load_track(truth[name]), films[name]) for name in tracks])
  np.savez(work.folder / FRAMES, allow_pickle=False, table=table, columns=np.array(['error', 'score', *_TROUBLE]))
  error, score = table[:, 0], table[:, 1]
  curves = {name: _curve(table, 2 + n) for n, name in enumerate(_TROUBLE)}
  mean_pose_error = float(pose_error(*_against_mean(tracks, truth)).mean())
  write_json(work.folder / CURVES, {
    'curves': curves, 'error': float(error.mean()), 'mean_pose_error': mean_pose_error,
    'correlation': float(np.corrcoef(error, score)[0, 1]),
    'by score': _binned(score, error, score),
  })  # fmt: skip
  work.count(frames=len(table))


def real_scores(work: Work, *, tracks: Paths) -> None:
  """Writes `scores.npy`: the mean confidence of the joints, of every frame of tracks of some other estimator."""
  scores = np.concatenate([teacher_pose(_coco(load_track(path)), track=name)[1] for name, path in tracks.items()])
  np.save(work.folder / SCORES, scores, allow_pickle=False)
  work.count(frames=len(scores))


def _frames(said: Track, known: Track, film: pathlib.Path) -> Float[np.ndarray, 't 5']:
  """Error, score and the three troubles of the frames that both tracks have."""
  _, i, j = np.intersect1d(said.frame, known.frame, return_indices=True)
  pose, score = teacher_pose(_coco(said)[i], track=said.id)
  true, _ = teacher_pose(_coco(known)[j], track=known.id)
  with np.load(film / 'truth.npz', allow_pickle=False) as stored:
    joints, visible = stored['joints_px'], stored['visible']
  frame = known.frame[j]
  up = joints[:, ATHLETE.index('pelvis')] - joints[:, ATHLETE.index('neck')]
  turned = np.degrees(np.abs(np.arctan2(up[:, 0], up[:, 1])))
  travel = np.linalg.norm(np.gradient(joints, axis=0), axis=-1).mean(1)
  rows = [pose_error(pose[:, 0], true[:, 0]), score, turned[frame], 1 - visible[frame].mean(1), travel[frame]]
  return np.stack(rows, axis=1)


def _coco(track: Track) -> Float[np.ndarray, 't 17 3']:
  return convert(track.keypoints, get_skeleton(track.skeleton), get_skeleton('coco17'))


def _against_mean(tracks: Paths, truth: Paths) -> tuple[np.ndarray, np.ndarray]:
  """The mean true pose, repeated, and the true poses."""
  poses = np.concatenate([teacher_pose(_coco(load_track(truth[name])), track=name)[0][:, 0] for name in tracks])
  return np.broadcast_to(poses.mean(0), (len(poses), TEACHER_DIM)), poses


def _curve(table: Float[np.ndarray, 't 5'], column: int) -> dict[str, list[float]]:
  clear = np.all([table[:, 2 + n] <= most for n, most in enumerate(_CLEAR.values()) if 2 + n != column], axis=0)
  return _binned(table[clear, column], *table[clear, :2].T)


def _binned(x: np.ndarray, error: np.ndarray, score: np.ndarray) -> dict[str, list[float]]:
  if not len(x):
    return {name: [] for name in ('x', 'error', 'score', 'frames')}
  edges = np.unique(np.quantile(x, np.linspace(0, 1, _BINS + 1)))
  bins = np.clip(np.searchsorted(edges, x, side='right') - 1, 0, max(len(edges) - 2, 0))
  kept = [b for b in range(max(len(edges) - 1, 1)) if (bins == b).sum() >= _MIN_FRAMES]
  means = {
    name: [float(v[bins == b].mean()) for b in kept] for name, v in (('x', x), ('error', error), ('score', score))
  }
  return means | {'frames': [int((bins == b).sum()) for b in kept]}
