"""Feature files of the VPD reference as a feature store: what retrieval and detection over whole videos read."""

from __future__ import annotations

import collections
import pathlib
from collections.abc import Callable, Iterator, Mapping

import numpy as np

from sportjax.data.features import TrackFeatures, write_features
from sportjax.data.sequences import Reading, read_sequence
from sportjax.data.windows import frame_ms
from sportjax.errors import InputError
from sportjax.formats import vpd_features
from sportjax.formats.actions import VideoMeta


def write_reference_store(
  out: pathlib.Path,
  features: pathlib.Path,
  videos: Mapping[str, VideoMeta],
  *,
  reading: Reading,
  video_of: Callable[[str], str] = str,
) -> dict[str, int]:
  """Writes a store of all `<track>.emb.pkl` of a folder; returns counts of tracks, frames, and what was left out.

  Args:
    out: folder of the new store.
    features: folder of the reference's files.
    videos: frame rates and lengths.
    reading: what to do about gaps, rate and length.
    video_of: the video of a track, where they are not of one name (`vpd_labels.tennis_video`).

  Raises:
    InputError: the folder holds no features, a track's video is unknown, or the widths differ.
  """
  paths = sorted(features.glob(f'*{vpd_features.SUFFIX}'))
  if not paths:
    raise InputError(f'{features}: no *{vpd_features.SUFFIX} in it; give the folder of features')
  counts: dict[str, int] = collections.Counter(tracks=len(paths))

  def tracks() -> Iterator[TrackFeatures]:
    for path in paths:
      name = path.name.removesuffix(vpd_features.SUFFIX)
      if video_of(name) not in videos:
        raise InputError(f'{path}: no frame rate of {video_of(name)} is known; give the metadata of all videos')
      meta, found = videos[video_of(name)], vpd_features.read_features(path)
      frame, values = read_sequence(found.frame, found.features, (0, meta.num_frames), meta.fps, reading)
      counts['not_finite'] += found.not_finite
      counts['beyond_the_video'] += int((found.frame >= meta.num_frames).sum())
      yield TrackFeatures(name, frame, np.array([frame_ms(n, meta.fps) for n in frame.tolist()]), values)

  counts['frames'] = write_features(out, tracks(), source=str(features.name))
  return dict(counts)
