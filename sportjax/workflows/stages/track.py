"""Follow the athlete of each video: people in keypoint files become one track a video."""

from __future__ import annotations

import dataclasses
import functools
import pathlib
from collections.abc import Mapping
from typing import Literal

from sportjax.errors import InputError
from sportjax.formats.keypoints import read_keypoints
from sportjax.pipeline import Work, map_items
from sportjax.pose.track import Detections
from sportjax.pose.track_file import save_track
from sportjax.video.athlete import AthleteParams, Bridge, follow_athlete
from sportjax.video.decode import VideoInfo, probe
from sportjax.video.tracking import SortParams, track_people


@dataclasses.dataclass(frozen=True)
class AthleteConfig:
  """Whom to follow."""

  rule: Literal['largest', 'longest', 'upside-down', 'box'] = 'largest'
  box: tuple[float, ...] | None = None  # x0, y0, x1, y1 in pixels of the first frame, with rule 'box'
  bridge: Bridge = 'line'  # where they are not detected: a line in time, or OpenCV's CSRT
  keypoint_format: str | None = None  # name of a format of sportjax/formats, where recognition by content is not wanted
  skeleton: str | None = None  # where the file does not tell, e.g. body25b
  first_frame: int | None = None  # number of the first image, where keypoint files count images from 1

  def __post_init__(self):
    if (self.rule == 'box') != (self.box is not None):
      raise InputError("athlete.box=(x0,y0,x1,y1) and athlete.rule='box' go together")
    if self.box is not None and len(self.box) != 4:
      raise InputError(f'athlete.box={self.box}: must be four numbers x0,y0,x1,y1')


def track_videos(
  work: Work, *, videos: Mapping[str, tuple[pathlib.Path, pathlib.Path]], config: AthleteConfig, processes: int
) -> None:
  """One `track.npz` an item, from (video, keypoint file) pairs by name."""
  map_items(work, videos, functools.partial(_track_one, config=config), processes=processes)


def _track_one(
  pair: tuple[pathlib.Path, pathlib.Path], folder: pathlib.Path, *, config: AthleteConfig
) -> dict[str, int]:
  video, keypoints = pair
  info = probe(video)
  people = read_people(info, keypoints, config)
  if not people.keypoints.shape[1]:
    raise InputError(f'{keypoints}: boxes only, no joints to learn from; give keypoints or --config.pose_model')
  tracked = track_people(people, info.t_ms, info.size, SortParams())
  track, quality = follow_athlete(
    tracked, info, config.rule, box=config.box, params=AthleteParams(bridge=config.bridge)
  )
  save_track(folder / 'track.npz', track)
  return {'frames_in': info.n_frames, 'frames_out': len(track.frame), 'frames_bridged': quality.bridged}


def read_people(info: VideoInfo, keypoints: pathlib.Path, config: AthleteConfig) -> Detections:
  """Everybody in a video's keypoint file, read as the config says. Raises InputError where it cannot be."""
  return read_keypoints(
    keypoints,
    image_size=info.size,
    n_frames=info.n_frames,
    skeleton=config.skeleton,
    format=config.keypoint_format,
    name=pathlib.Path(info.path).stem,
    first_frame=config.first_frame,
  )
