"""Where a user of the VPD reference has features, poses and crops, and what of them is missing."""

from __future__ import annotations

import collections
import dataclasses
import pathlib
from collections.abc import Callable, Iterable, Iterator, Mapping

import numpy as np

from data_builders.clips_builder import NO_FEATURES
from sportjax.data.sequences import Reading, read_sequence
from sportjax.data.windows import Window, frame_ms
from sportjax.errors import InputError
from sportjax.formats import vpd, vpd_features
from sportjax.formats.actions import Action, Shots, VideoMeta
from sportjax.formats.vpd_features import FrameFeatures
from sportjax.video.codec import encode_planes
from sportjax.video.reference_crops import CropFolder

_NAMED = 3  # files named in a message


@dataclasses.dataclass(frozen=True)
class Parts:
  """The parts that are given, by the layout of the reference; a part that is not given is None."""

  features: pathlib.Path | None
  poses: pathlib.Path | None  # folders of coco_keypoints.json.gz: features are the 2D teacher's
  crops: Callable[[str], CropFolder] | None  # of a video's name

  def feature_path(self, video: str) -> pathlib.Path | None:
    """The file that holds a video's features or poses."""
    if self.features:
      return self.features / f'{video}{vpd_features.SUFFIX}'
    if self.poses:
      flat = self.poses / f'{video}.json.gz'
      return flat if flat.exists() else self.poses / video / vpd.KEYPOINTS
    return None

  def frame_features(self, video: str, meta: VideoMeta) -> FrameFeatures | None:
    """A video's features, or None where their file is missing. Raises InputError for a damaged one."""
    path = self.feature_path(video)
    if path is None or not path.exists():
      return None
    if self.features:
      return vpd_features.read_features(path)
    return vpd_features.from_keypoints(vpd.read_coco_keypoints(path, n_frames=meta.num_frames))


@dataclasses.dataclass
class Missing:
  """What is not there, counted: one list for a whole dataset."""

  n_videos: int = 0
  n_actions: int = 0
  feature_files: list[str] = dataclasses.field(default_factory=list)
  without_features: list[str] = dataclasses.field(default_factory=list)
  not_finite: int = 0
  crop_folders: list[str] = dataclasses.field(default_factory=list)
  without_crops: list[str] = dataclasses.field(default_factory=list)
  crops_without_flow: int = 0

  def told(self) -> list[str]:
    """A phrase for each kind of thing that is missing."""
    listed = (
      ('feature files', self.feature_files, f'of {self.n_videos} videos'),
      ('features in the window', self.without_features, f'of {self.n_actions} actions'),
      ('crop folders', self.crop_folders, f'of {self.n_videos} videos'),
      ('crops in the window', self.without_crops, f'of {self.n_actions} actions'),
    )
    phrases = [f'{what} of {len(names)} {of} ({_first(names)})' for what, names, of in listed if names]
    counted = (('features that are numbers', self.not_finite), ('flow beside the crop', self.crops_without_flow))
    return phrases + [f'{what} of {count} frames' for what, count in counted if count]


def _first(names: list[str]) -> str:
  return ', '.join(names[:_NAMED]) + (', ...' if len(names) > _NAMED else '')


@dataclasses.dataclass(frozen=True)
class ClipReader:
  """Reads actions, video by video, so that a file is opened once."""

  parts: Parts
  window: Window
  reading: Reading
  videos: Mapping[str, VideoMeta]
  few_shot: Mapping[Shots, tuple[str, ...]]

  def missing(self, actions: Iterable[Action]) -> tuple[Missing, tuple[int, int]]:
    """What is missing for the actions, and the views and width of the features; reads each feature file once."""
    out, shapes = Missing(), {}
    for video, group in _by_video(actions).items():
      out.n_videos += 1
      out.n_actions += len(group)
      self._count_features(video, group, out, shapes)
      self._count_crops(video, group, out)
    if len(shapes) > 1:
      told = '; '.join(f'{views}x{width} in {name}' for (views, width), name in shapes.items())
      raise InputError(f'features differ in views and width ({told}); extract them in one run')
    return out, next(iter(shapes), NO_FEATURES)

  def _count_features(self, video: str, group: list[Action], out: Missing, shapes: dict) -> None:
    if self.parts.feature_path(video) is None:
      return
    found = self.parts.frame_features(video, self.videos[video])
    if found is None:
      out.feature_files.append(video)
      out.without_features.extend(action.id for action in group)
      return
    out.not_finite += found.not_finite
    if len(found.frame):
      shapes.setdefault(found.features.shape[1:], video)
    out.without_features.extend(action.id for action in group if not len(self._sequence(action, found)[0]))

  def _count_crops(self, video: str, group: list[Action], out: Missing) -> None:
    if self.parts.crops is None:
      return
    folder = self.parts.crops(video)
    if not folder.exists():
      out.crop_folders.append(video)
    out.crops_without_flow += folder.n_without_flow
    out.without_crops.extend(action.id for action in group if not len(self._crop_frames(action, folder)))

  def records(self, actions: Iterable[Action], shape: tuple[int, int]) -> Iterator[tuple[str, dict]]:
    """A record of every action, those of a video together; `shape` are the features' views and width."""
    listed = collections.defaultdict(list)
    for (k, i), ids in self.few_shot.items():
      for name in ids:
        listed[name].append(f'{k}_{i}')
    for video, group in _by_video(actions).items():
      found = self.parts.frame_features(video, self.videos[video])
      for action in group:
        yield (
          action.id,
          self._about(action, listed[action.id]) | self._features(action, found, shape) | self._crops(action),
        )

  def _about(self, action: Action, few_shot: list[str]) -> dict:
    fps = self.videos[action.video].fps
    interval = [frame_ms(frame, fps) for frame in self.window(action, fps)]
    plain = {name: getattr(action, name) for name in ('id', 'video', 'group', 'label')}
    return plain | {'few_shot': few_shot, 'interval_ms': np.array(interval)}

  def _features(self, action: Action, found: FrameFeatures | None, shape: tuple[int, int]) -> dict:
    if found is None or not len(found.frame):
      return {'frame': np.zeros(0, np.int64), 't_ms': np.zeros(0), 'features': np.zeros((0, *shape), np.float32)}
    frame, features = self._sequence(action, found)
    fps = self.videos[action.video].fps
    return {'frame': frame, 't_ms': np.array([frame_ms(n, fps) for n in frame.tolist()]), 'features': features}

  def _sequence(self, action: Action, found: FrameFeatures) -> tuple[np.ndarray, np.ndarray]:
    fps = self.videos[action.video].fps
    return read_sequence(found.frame, found.features, self.window(action, fps), fps, self.reading)

  def _crop_frames(self, action: Action, folder: CropFolder) -> np.ndarray:
    start, end = self.window(action, self.videos[action.video].fps)
    frames = folder.frames
    return frames[(frames >= start) & (frames < end)]

  def _crops(self, action: Action) -> dict:
    empty = {'crop_frame': np.zeros(0, np.int64), 'crop_has_mask': np.zeros(0, bool), 'rgb': [], 'motion': []}
    if self.parts.crops is None:
      return empty
    folder = self.parts.crops(action.video)
    frames = self._crop_frames(action, folder)
    if not len(frames):
      return empty
    planes, has_mask = zip(*(folder.planes(frame) for frame in frames.tolist()), strict=True)
    rgb, motion = zip(*map(encode_planes, planes), strict=True)
    return {'crop_frame': frames, 'crop_has_mask': np.array(has_mask), 'rgb': list(rgb), 'motion': list(motion)}


def _by_video(actions: Iterable[Action]) -> dict[str, list[Action]]:
  out: dict[str, list[Action]] = {}
  for action in actions:
    out.setdefault(action.video, []).append(action)
  return out
