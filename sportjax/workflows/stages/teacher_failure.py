"""Where the weak teacher fails, and whether its confidence says so: error and score of its poses, frame by frame."""

from __future__ import annotations

import pathlib
from collections.abc import Mapping, Sequence

import numpy as np

from sportjax.pipeline import Work, write_json
from sportjax.pose.normalise import TEACHER_DIM, teacher_pose
from sportjax.pose.skeletons import convert, get_skeleton
from sportjax.pose.track import Track
from sportjax.pose.track_file import load_track
from sportjax.synth.body import ATHLETE
from sportjax.synth.trials import TrialTake
from sportjax.typing import Float
from sportjax.workflows.stages.reliability import pose_error

SCORES, FRAMES, CURVES = 'scores.npy', 'frames.npz', 'curves.json'
COLUMNS = ('error', 'score', 'turned over, degrees', 'movement, pixels a frame')  # of a row of FRAMES
_EDGES = {
  'turned over, degrees': (0, 30, 60, 90, 120, 150, 181),
  'movement, pixels a frame': (0, 1, 2, 4, 6, 9, 14, 99),
}
_BINS, _MIN_FRAMES = 8, 30  # frames in a bin, to be shown

Paths = Mapping[str, pathlib.Path]


def measure(work: Work, *, tracks: Paths, truth: Paths, films: Paths) -> None:
  """Writes `frames.npz` (a row a frame, see COLUMNS) and `curves.json`: how error goes with confidence."""
  table = np.concatenate([_frames(load_track(tracks[name]), load_track(truth[name]), films[name]) for name in tracks])
  np.savez(work.folder / FRAMES, allow_pickle=False, table=table)
  error, score = table[:, 0], table[:, 1]
  record = {
    'by score': _binned(score, error),
    'on the corpora': {name: _curve(table, COLUMNS.index(name), edges) for name, edges in _EDGES.items()},
    'error': float(error.mean()),
    'mean_pose_error': float(pose_error(*_against_mean(tracks, truth)).mean()),
    'correlation': float(np.corrcoef(error, score)[0, 1]),
  }
  write_json(work.folder / CURVES, record)
  work.count(frames=len(table))


def measure_trials(work: Work, *, takes: Sequence[TrialTake], tracks: Paths, films: Paths) -> None:
  """Writes `curves.json`: by trouble, mean error and score at each strength, over all frames that have a track."""
  found: dict[str, dict[float, list[np.ndarray]]] = {}
  for take in takes:
    if take.name not in tracks:
      work.skip(take.name, 'no track')
      continue
    rows = _frames(load_track(tracks[take.name]), load_track(films[take.name] / 'track.npz'), films[take.name])
    found.setdefault(take.trouble, {}).setdefault(take.strength, []).append(rows[:, :2])
  curves = {}
  for trouble, by_strength in found.items():
    error, score = np.array([np.concatenate(rows).mean(0) for _, rows in sorted(by_strength.items())]).T.tolist()
    curves[trouble] = {'x': sorted(by_strength), 'error': error, 'score': score}
  write_json(work.folder / CURVES, curves)
  work.count(takes_in=len(takes), takes_out=sum(len(rows) for some in found.values() for rows in some.values()))


def real_scores(work: Work, *, tracks: Paths) -> None:
  """Writes `scores.npy`: the mean confidence of the joints, of every frame of tracks of some other estimator."""
  scores = np.concatenate([teacher_pose(_coco(load_track(path)), track=name)[1] for name, path in tracks.items()])
  np.save(work.folder / SCORES, scores, allow_pickle=False)
  work.count(frames=len(scores))


def _frames(said: Track, known: Track, film: pathlib.Path) -> Float[np.ndarray, 't 4']:
  """COLUMNS of the frames that both tracks have."""
  _, i, j = np.intersect1d(said.frame, known.frame, return_indices=True)
  pose, score = teacher_pose(_coco(said)[i], track=said.id)
  true, _ = teacher_pose(_coco(known)[j], track=known.id)
  with np.load(film / 'truth.npz', allow_pickle=False) as stored:
    joints = stored['joints_px']
  frame = known.frame[j]
  up = joints[:, ATHLETE.index('pelvis')] - joints[:, ATHLETE.index('neck')]
  turned = np.degrees(np.abs(np.arctan2(up[:, 0], up[:, 1])))
  movement = np.linalg.norm(np.gradient(joints, axis=0), axis=-1).mean(1)
  return np.stack([pose_error(pose[:, 0], true[:, 0]), score, turned[frame], movement[frame]], axis=1)


def _coco(track: Track) -> Float[np.ndarray, 't 17 3']:
  return convert(track.keypoints, get_skeleton(track.skeleton), get_skeleton('coco17'))


def _against_mean(tracks: Paths, truth: Paths) -> tuple[np.ndarray, np.ndarray]:
  """The mean true pose, repeated, and the true poses."""
  poses = np.concatenate([teacher_pose(_coco(load_track(truth[name])), track=name)[0][:, 0] for name in tracks])
  return np.broadcast_to(poses.mean(0), (len(poses), TEACHER_DIM)), poses


def _curve(table: Float[np.ndarray, 't 4'], column: int, edges: Sequence[float]) -> dict[str, list[float]]:
  """Means of the column, of error and of score in bins between edges, and how many frames each has."""
  bins = np.digitize(table[:, column], edges) - 1
  kept = [rows for b in range(len(edges) - 1) if (rows := table[bins == b]).shape[0] >= _MIN_FRAMES]
  means = {
    name: [float(rows[:, at].mean()) for rows in kept] for name, at in (('x', column), ('error', 0), ('score', 1))
  }
  return means | {'frames': [len(rows) for rows in kept]}


def _binned(x: np.ndarray, error: np.ndarray) -> dict[str, list[float]]:
  """Means of both in bins of equally many frames."""
  bins = np.array_split(np.argsort(x, kind='stable'), min(_BINS, len(x)))
  return {'x': [float(x[rows].mean()) for rows in bins], 'error': [float(error[rows].mean()) for rows in bins]}
