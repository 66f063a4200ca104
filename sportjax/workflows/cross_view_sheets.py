"""Pictures of the cross-view experiment: the track, poses of the unseen view, frames that alignment puts together."""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Mapping, Sequence

import cv2
import numpy as np
from absl import logging

from sportjax.data.features import FeatureStore
from sportjax.evals import cross_view as evals
from sportjax.pose.normalise import KEPT_JOINTS
from sportjax.pose.skeletons import convert, get_skeleton
from sportjax.pose.track import Track
from sportjax.pose.track_file import load_track
from sportjax.report.draw import contact_sheet, draw_pose
from sportjax.typing import Boxes, Float32, FrameIndex, Image, Images, Keypoints
from sportjax.video.crop import crop, into_crops
from sportjax.video.crop_file import load_crops
from sportjax.video.decode import read_frames
from sportjax.workflows.chain import Prepared
from sportjax.workflows.stages import cross_view
from sportjax.workflows.stages.held_out import Fold, held_out_poses
from sportjax.workflows.stages.reliability import pose_error
from sportjax.workflows.stages.scene import Scene

_COCO17 = get_skeleton('coco17')
_SIDE, _COLUMNS, _WHOLE_HEIGHT = 160, 8, 280  # pixels of a crop, frames of a sheet, pixels of a whole frame
_LEAST, _MOST = 8, 4
_TORSO = [_COCO17.index(f'{side}_{joint}') for side in ('left', 'right') for joint in ('shoulder', 'hip')]
_HIPS = [_COCO17.index('left_hip'), _COCO17.index('right_hip')]
_BOX, _TEACHER, _STUDENT, _TRUE = (230, 30, 30), (230, 159, 0), (0, 114, 178), (0, 158, 115)


@dataclasses.dataclass(frozen=True)
class View:
  """One view's frames, small: whole pictures of a few with the track's box, and a crop of each."""

  whole: list[Image]
  whole_frame: list[int]
  frame: FrameIndex
  crops: Images
  boxes: Boxes  # of the crops, image pixels
  teacher: Keypoints  # COCO-17, image pixels


def write(workdir: pathlib.Path, folds: Sequence[Fold], prepared: Prepared, scene: Scene | None, seed: int) -> None:
  """Writes track.png, and for each view of the first seed's folds poses_<view>.png and aligned_<view>.png."""
  views = {name: _view(path, prepared.crops[name], scene) for name, path in prepared.tracks.items()}
  save(workdir / 'track.png', track_sheet(views))
  for fold in (fold for fold in folds if fold.seed == folds[0].seed):
    if scene:
      save(workdir / f'poses_{fold.held_out}.png', pose_sheet(fold, views[fold.held_out], prepared.tracks, scene))
    save(workdir / f'aligned_{fold.held_out}.png', aligned_sheet(fold, views, seed))


def save(path: pathlib.Path, image: Image) -> None:
  """Writes a PNG."""
  if not cv2.imwrite(str(path), image[..., ::-1]):
    raise OSError(f'{path}: could not be written')
  logging.info('picture: %s', path)


def track_sheet(views: Mapping[str, View]) -> Image:
  """One row a view: frames at even distances with the track's box, and the projected joints where known."""
  whole = [image for view in views.values() for image in view.whole]
  captions = [f'{name}, frame {frame}' for name, view in views.items() for frame in view.whole_frame]
  return contact_sheet(whole, _COLUMNS, captions)


def pose_sheet(fold: Fold, view: View, tracks: Mapping[str, pathlib.Path], scene: Scene) -> Image:
  """Rows teacher, student, truth; columns the frames in which the teacher is least sure, then most."""
  poses = held_out_poses(fold, tracks, scene)
  order = np.argsort(poses.score, kind='stable')
  chosen = np.concatenate([np.sort(order[:_LEAST]), np.sort(order[-_MOST:])])
  at = np.searchsorted(view.frame, poses.frame[chosen])
  truth = scene.projected(fold.held_out, poses.frame[chosen])
  student = np.stack([place_at(pose, j) for pose, j in zip(poses.rows['student'][chosen], truth, strict=True)])
  error = {row: pose_error(poses.rows[row], poses.truth)[chosen] for row in ('teacher', 'student')}
  said = [f'teacher: sure {s:.2f}, error {e:.2f}' for s, e in zip(poses.score[chosen], error['teacher'], strict=True)]
  images, captions = [], said + [f'student: error {e:.2f}' for e in error['student']]
  captions += [f'projected 3D, frame {frame}' for frame in poses.frame[chosen]]
  for colour, joints in ((_TEACHER, view.teacher[at]), (_STUDENT, student), (_TRUE, truth)):
    drawn = into_crops(joints, view.boxes[at], _SIDE)
    images += [draw_pose(view.crops[i], pose, _COCO17, colour) for i, pose in zip(at, drawn, strict=True)]
  return contact_sheet(images, len(chosen), captions)


def aligned_sheet(fold: Fold, views: Mapping[str, View], seed: int) -> Image:
  """A cut of the held-out view, and below the frames that the student's alignment finds for it in each other view."""
  store = FeatureStore(fold.rows['student'])
  frames = cross_view.common_frames(store)
  track = store.track(fold.held_out)
  t_ms = track.t_ms[np.isin(track.frame, frames)]
  cut = evals.sample_cuts(len(frames), 1, seed)[0]
  others = [name for name in views if name != fold.held_out]
  found = {
    name: evals.find_cut(cross_view.pair_costs(store, fold.held_out, name, frames), t_ms, cut) for name in others
  }
  shown = found[others[0]][0]
  chosen = np.linspace(0, len(shown) - 1, _COLUMNS).round().astype(int)
  images, captions = [], []
  for name, rows in ((fold.held_out, shown), *((name, rows) for name, (_, rows) in found.items())):
    images += [views[name].crops[np.searchsorted(views[name].frame, frames[row])] for row in rows[chosen]]
    off_ms = (t_ms[rows] - t_ms[shown])[chosen]
    found_at = [f'{name}, {t_ms[rows[i]]:.0f} ms' for i in chosen]
    captions += (
      found_at if name == fold.held_out else [f'{a} ({o:+.0f})' for a, o in zip(found_at, off_ms, strict=True)]
    )
  return contact_sheet(images, _COLUMNS, captions)


def place_at(pose: Float32[np.ndarray, 'd'], anchor: Float32[np.ndarray, '17 3']) -> Keypoints:
  """A normalised pose at the place and size of another: same middle of the hips, same torso."""
  torso = anchor[_TORSO, :2]
  length = np.linalg.norm(torso[:, None] - torso[None], axis=-1).max()
  joints = np.zeros((len(_COCO17.joints), 3), np.float32)
  joints[list(KEPT_JOINTS), :2] = pose.reshape(-1, 2) * length / 0.5 + anchor[_HIPS, :2].mean(axis=0)
  joints[list(KEPT_JOINTS), 2] = np.nan  # a pose without scores
  return joints


def _view(track_path: pathlib.Path, crop_path: pathlib.Path, scene: Scene | None) -> View:
  track, crops = load_track(track_path), load_crops(crop_path)
  track = track.take(np.isin(track.frame, crops.frame))
  shown = track.frame[np.linspace(0, len(track.frame) - 1, _COLUMNS).round().astype(int)]
  truth = scene.projected(track.id, track.frame) if scene else None
  whole, small = [], []
  row_of = {int(frame): row for row, frame in enumerate(track.frame)}
  for frame, _, image in read_frames(track.video, start=int(track.frame[0]), stop=int(track.frame[-1]) + 1):
    if frame in row_of:
      small.append(crop(image, crops.boxes[row_of[frame]], _SIDE))
    if frame in shown:
      whole.append(_whole(image, track, row_of[frame], None if truth is None else truth[row_of[frame]]))
  teacher = convert(track.keypoints, get_skeleton(track.skeleton), _COCO17)
  return View(whole, shown.tolist(), track.frame, np.stack(small), crops.boxes, teacher)


def _whole(image: Image, track: Track, row: int, truth: Float32[np.ndarray, '17 3'] | None) -> Image:
  drawn = image.copy() if truth is None else draw_pose(image, truth, _COCO17, _TRUE)
  x0, y0, x1, y1 = track.boxes[row].round().astype(int).tolist()
  cv2.rectangle(drawn, (x0, y0), (x1, y1), _BOX, max(2, image.shape[0] // _WHOLE_HEIGHT * 2))
  scale = _WHOLE_HEIGHT / image.shape[0]
  return cv2.resize(drawn, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
