"""The main job: from videos with keypoints to a student, its features and what they are worth."""

from __future__ import annotations

import dataclasses
import functools
import pathlib
from collections.abc import Mapping
from typing import Any, Literal

from sportjax.data.features import FeatureStore
from sportjax.data.frames import Within
from sportjax.errors import InputError
from sportjax.pipeline import Done, Pipeline, item_folders
from sportjax.pose.normalise import TEACHER_DIM
from sportjax.tasks import vipe_teacher
from sportjax.video.strip import CropParams
from sportjax.workflows.stages import crop, dataset, distil, features, raft_flow, track
from sportjax.workflows.stages.distil import StudentSettings
from sportjax.workflows.stages.track import AthleteConfig


@dataclasses.dataclass(frozen=True)
class ChainSettings:
  """Settings of the stages that every workflow on videos shares."""

  athlete: AthleteConfig = AthleteConfig()
  crop: CropParams = CropParams()
  student: StudentSettings = StudentSettings()
  teacher: Literal['2d', 'vipe'] = '2d'  # whose features the student learns: the normalised joints, or VIPE*'s of them
  vipe: pathlib.Path | None = None  # with teacher='vipe': workdir of a run of configs/vipe.py, or a file of weights
  inverted: bool = False  # and its features of the pose upside down beside them, as the paper has it for diving
  raft: pathlib.Path | None = None  # torchvision's weights of RAFT, whose flow then stands in place of DIS's
  raft_preset: str = 'raft_large'
  smooth_ms: float = 60.0  # standard deviation of the baseline 'teacher smoothed in time'
  pca_dim: int = TEACHER_DIM
  processes: int = 2  # worker processes of the host stages

  def __post_init__(self):
    if self.processes < 0 or self.pca_dim < 1 or self.smooth_ms <= 0:
      raise InputError('processes must be 0 or more, pca_dim at least 1, smooth_ms above 0')
    if (self.teacher == 'vipe') != (self.vipe is not None) or (self.inverted and self.vipe is None):
      raise InputError("teacher='vipe' and vipe=FOLDER go together, and inverted=True only with them")

  @property
  def joints_row(self) -> str:
    """The row of normalised 2D joints, which is the teacher's own where it is no other."""
    return 'teacher' if self.teacher == '2d' else '2D joints'


@dataclasses.dataclass(frozen=True)
class Prepared:
  """Tracks and dataset, ready for training."""

  tracks: Mapping[str, pathlib.Path]  # track files by video name
  crops: Mapping[str, pathlib.Path]
  dataset: pathlib.Path
  done: Done
  splits: tuple[str, ...]
  teacher: Literal['2d', 'vipe'] = '2d'  # whose features are in it


def prepare(
  pipeline: Pipeline,
  videos: Mapping[str, tuple[pathlib.Path, pathlib.Path]],
  splits: Mapping[str, str],
  settings: ChainSettings,
) -> Prepared:
  """Track, crop, dataset; from (video, keypoint file) pairs and each video's split."""
  tracked = pipeline.run(
    'track',
    functools.partial(track.track_videos, videos=videos, config=settings.athlete, processes=settings.processes),
    inputs={'videos': {name: list(pair) for name, pair in videos.items()}, 'athlete': settings.athlete},
  )
  return pack(pipeline, tracked, splits, settings)


def pack(pipeline: Pipeline, tracked: Done, splits: Mapping[str, str], settings: ChainSettings) -> Prepared:
  """Crop and dataset, from a stage whose items are tracks."""
  tracks = {name: folder / 'track.npz' for name, folder in item_folders(tracked.folder).items()}
  cropped = pipeline.run(
    'crop',
    functools.partial(crop.crop_tracks, tracks=tracks, params=settings.crop, processes=settings.processes),
    inputs={'tracks': tracked, 'crop': settings.crop},
  )
  crops = {name: folder / 'crops.npz' for name, folder in item_folders(cropped.folder).items()}
  if settings.raft is not None:
    given = {'weights': settings.raft, 'preset': settings.raft_preset, 'params': settings.crop}
    stage = functools.partial(raft_flow.replace_flow, crops=crops, **given)
    cropped = pipeline.run('flow', stage, inputs={'crops': cropped, **given})
    crops = {name: folder / 'crops.npz' for name, folder in item_folders(cropped.folder).items()}
  splits = {name: splits[name] for name in crops}
  if 'train' not in splits.values():
    raise InputError('no video is left to train on; see what was skipped above')
  kept = {name: tracks[name] for name in crops}
  taught = None if settings.teacher == '2d' else teacher_features(pipeline, kept, settings)
  teacher = {'width': FeatureStore(taught.folder).width, 'teacher': taught.folder} if taught else {'width': TEACHER_DIM}
  built = pipeline.run(
    'dataset',
    functools.partial(dataset.build_dataset, crops=crops, splits=splits, **teacher),
    inputs={'crops': cropped, 'splits': splits, 'teacher': taught},
  )
  names = tuple(sorted(set(splits.values()), reverse=True))
  return Prepared(kept, crops, dataset.dataset_directory(built.folder), built, names, settings.teacher)


def teacher_features(
  pipeline: Pipeline,
  tracks: Mapping[str, pathlib.Path],
  settings: ChainSettings,
  *,
  sigma_ms: float = 0.0,
  with_change: bool = False,
) -> Done:
  """A feature store of the teacher that the settings name, from track files; see `features.pose_features`."""
  given: dict[str, Any] = {'sigma_ms': sigma_ms, 'with_change': with_change}
  if settings.vipe is not None:
    given |= {'vipe': vipe_teacher.weights_of(settings.vipe), 'inverted': settings.inverted}
  return pipeline.run(
    'pose',
    functools.partial(features.pose_features, tracks=tracks, **given),
    inputs={'tracks': list(tracks.values()), **given},
  )


def train(pipeline: Pipeline, prepared: Prepared, settings: ChainSettings, within: Within | None = None) -> Done:
  """Distils the student, of frames in the intervals `within` alone where they are given."""
  given: dict[str, Any] = {'settings': settings.student, 'within': within}
  return pipeline.run(
    'distil',
    functools.partial(distil.train_student, dataset=prepared.dataset, **given),
    inputs={'dataset': prepared.done, **given},
  )


def student_features(pipeline: Pipeline, prepared: Prepared, student: Done) -> Done:
  """A feature store of a trained student."""
  return pipeline.run(
    'student',
    functools.partial(features.student_features, dataset=prepared.dataset, splits=prepared.splits, run=student.folder),
    inputs={'dataset': prepared.done, 'student': student},
  )


def extract_rows(
  pipeline: Pipeline,
  prepared: Prepared,
  student: Done,
  settings: ChainSettings,
  truth: Mapping[str, pathlib.Path] | None = None,
) -> dict[str, pathlib.Path]:
  """A feature store for each row of the results table, by name; `truth` are true tracks, where they are known."""
  done = student_features(pipeline, prepared, student)
  others = baseline_rows(pipeline, prepared, settings, truth)
  teachers = {name: others.pop(name) for name in tuple(others) if name.startswith(('teacher', '2D joints'))}
  return {**teachers, 'student': done.folder, **others}


def baseline_rows(
  pipeline: Pipeline,
  prepared: Prepared,
  settings: ChainSettings,
  truth: Mapping[str, pathlib.Path] | None = None,
) -> dict[str, pathlib.Path]:
  """The rows that need no training: the teacher, the untrained student, principal components, and the truth."""
  stored = {'dataset': prepared.dataset, 'splits': prepared.splits}
  joints = dataclasses.replace(settings, teacher='2d', vipe=None, inverted=False)
  pose = functools.partial(teacher_features, pipeline)
  smoothed = functools.partial(pose, prepared.tracks, settings, sigma_ms=settings.smooth_ms)
  rows = {
    settings.joints_row: pose(prepared.tracks, joints).folder,
    'teacher': pose(prepared.tracks, settings).folder,
    'teacher, smoothed': smoothed().folder,
    'teacher, smoothed, with change': smoothed(with_change=True).folder,
  }
  rows['student, untrained'] = pipeline.run(
    'untrained',
    functools.partial(features.untrained_features, **stored, settings=settings.student),
    inputs={'dataset': prepared.done, 'student': settings.student},
  ).folder
  for planes in ('flow', 'pixels'):
    rows[f'PCA of {planes}'] = pipeline.run(
      f'pca-{planes}',
      functools.partial(features.pca_features, **stored, planes=planes, d=settings.pca_dim),
      inputs={'dataset': prepared.done, 'd': settings.pca_dim, 'planes': planes},
    ).folder
  if truth:
    rows['true pose'] = pose({name: truth[name] for name in prepared.tracks}, joints).folder
  return rows
