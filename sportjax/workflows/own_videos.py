"""A user's videos and keypoints: a student of their sport, its features, and what they are worth on their labels."""

from __future__ import annotations

import dataclasses
import functools
import pathlib

from sportjax.data.labels import Clip, read_labels, splits_of
from sportjax.errors import InputError
from sportjax.formats.keypoints import find_keypoints
from sportjax.pipeline import Pipeline, item_folders
from sportjax.video.pose_onnx import Detector
from sportjax.workflows import chain, outcome
from sportjax.workflows.chain import ChainSettings
from sportjax.workflows.dispatch import Context
from sportjax.workflows.outcome import EvaluateSettings
from sportjax.workflows.stages import estimate
from sportjax.workflows.videos import find_videos

MODES = ('run', 'train')


@dataclasses.dataclass(frozen=True)
class PoseSource:
  """Where the keypoints of videos come from: files, or a pose model of the user's."""

  keypoints: pathlib.Path | None = None  # folder of keypoint files, one a video, or one file for all
  pose_model: pathlib.Path | None = None  # ONNX pose network or MediaPipe task file, where there are no keypoints
  detector: pathlib.Path | None = None  # ONNX person detector beside it
  detector_kind: Detector = 'yolox'

  def __post_init__(self):
    if (self.keypoints is None) == (self.pose_model is None):
      raise InputError('set either keypoints (a folder of keypoint files) or pose_model (an ONNX or .task file)')
    for name in ('keypoints', 'pose_model', 'detector'):
      path = getattr(self, name)
      if path is not None and not path.exists():
        raise InputError(f'{name}={path}: no such file or folder')


@dataclasses.dataclass(frozen=True)
class Settings(PoseSource):
  """What `configs/own_videos.py` sets."""

  videos: str = ''  # folder or pattern
  labels: pathlib.Path | None = None  # CSV; without one, whole videos are compared
  chain: ChainSettings = ChainSettings()
  evaluate: EvaluateSettings = EvaluateSettings()

  def __post_init__(self):
    super().__post_init__()
    if not self.videos:
      raise InputError("videos is missing: set --config.videos='clips/*.mp4'")
    if self.labels is not None and not self.labels.exists():
      raise InputError(f'labels={self.labels}: no such file')


def run(settings: Settings, context: Context) -> None:
  """All of it, and a report."""
  pipeline = context.pipeline
  prepared, clips = _prepare(settings, pipeline)
  student = chain.train(pipeline, prepared, settings.chain)
  rows = chain.extract_rows(pipeline, prepared, student, settings.chain)
  outcome.evaluate_and_report(context, prepared, student, rows, clips, settings.evaluate, data_kind='real')


def train(settings: Settings, context: Context) -> None:
  """Up to the trained student."""
  prepared, _ = _prepare(settings, context.pipeline)
  chain.train(context.pipeline, prepared, settings.chain)


def _prepare(settings: Settings, pipeline: Pipeline) -> tuple[chain.Prepared, tuple[Clip, ...]]:
  videos = find_videos(settings.videos)
  clips = read_labels(settings.labels) if settings.labels else ()
  unknown = {clip.video for clip in clips} - set(videos)
  if unknown:
    raise InputError(f'{settings.labels}: no video named {", ".join(sorted(unknown)[:3])} in {settings.videos}')
  pairs = pairs_of(settings, pipeline, videos, settings.chain.processes)
  splits = splits_of(pairs, clips)
  return chain.prepare(pipeline, pairs, splits, settings.chain), clips


def pairs_of(
  source: PoseSource, pipeline: Pipeline, videos: dict[str, pathlib.Path], processes: int
) -> dict[str, tuple[pathlib.Path, pathlib.Path]]:
  """Each video with its keypoint file: the user's, or one that the pose model writes first."""
  if source.keypoints:
    return {name: (path, find_keypoints(source.keypoints, path)) for name, path in videos.items()}
  models = {name: getattr(source, name) for name in ('pose_model', 'detector', 'detector_kind')}
  done = pipeline.run(
    'estimate',
    functools.partial(estimate.estimate_poses, videos=videos, processes=processes, **models),
    inputs={'videos': videos, **models},
  )
  return {name: (videos[name], folder / estimate.FILE) for name, folder in item_folders(done.folder).items()}
