"""The feature store: one folder of memory-mapped features, in order of track and time."""

from __future__ import annotations

import dataclasses
import json
import os
import pathlib
from collections.abc import Iterable, Sequence

import numpy as np

from sportjax.data.labels import Clip
from sportjax.errors import InputError
from sportjax.typing import Float, Float64, Int

_VERSION = 1


@dataclasses.dataclass(frozen=True)
class TrackFeatures:
  """One track's features. v: views of the same frame (as filmed, mirrored)."""

  track: str
  frame: Int[np.ndarray, 't']
  t_ms: Float64[np.ndarray, 't']
  features: Float[np.ndarray, 't v d']


def write_features(folder: pathlib.Path, tracks: Iterable[TrackFeatures], *, source: str) -> int:
  """Writes a store; returns its number of frames. `source` says what made it, such as 'student'.

  Raises:
    InputError: no track, features that are not finite, or widths that differ.
  """
  folder.mkdir(parents=True, exist_ok=True)
  index, columns = {}, {'frame': [], 't_ms': [], 'features': []}
  start = 0
  for track in tracks:
    if not np.isfinite(track.features).all():
      raise InputError(f'{source} features of track {track.track} are not finite; check its input')
    index[track.track] = [start, start + len(track.frame)]
    start += len(track.frame)
    for name, column in columns.items():
      column.append(getattr(track, name))
  widths = {column.shape[1:] for column in columns['features']}
  if len(widths) != 1:
    raise InputError(f'{source} features: {"no tracks" if not widths else f"shapes differ between tracks: {widths}"}')
  for name, column in columns.items():
    np.save(folder / f'{name}.npy', np.concatenate(column), allow_pickle=False)
  record = {'version': _VERSION, 'source': source, 'tracks': index}
  temporary = folder / 'store.json.tmp'
  temporary.write_text(json.dumps(record))
  os.replace(temporary, folder / 'store.json')
  return start


class FeatureStore:
  """Features on disk, read as slices of memory maps."""

  def __init__(self, folder: pathlib.Path):
    """Opens a store. Raises InputError where there is none or it was written by another version."""
    path = folder / 'store.json'
    if not path.exists():
      raise InputError(f'{folder}: no feature store there (store.json is missing); extract the features first')
    record = json.loads(path.read_text())
    if record['version'] != _VERSION:
      raise InputError(
        f'{folder}: feature store of version {record["version"]}, this code reads {_VERSION}; extract again'
      )
    self.source: str = record['source']
    self._ranges: dict[str, list[int]] = record['tracks']
    self._frame, self._t_ms, self._features = (
      np.load(folder / f'{name}.npy', mmap_mode='r', allow_pickle=False) for name in ('frame', 't_ms', 'features')
    )
    if any(len(column) != self.n_frames for column in (self._frame, self._t_ms, self._features)):
      raise InputError(f'{folder}: cut short, its arrays and index disagree; extract again')

  @property
  def tracks(self) -> tuple[str, ...]:
    """Names of the tracks, in order."""
    return tuple(self._ranges)

  @property
  def n_frames(self) -> int:
    """Frames in the store."""
    return max((end for _, end in self._ranges.values()), default=0)

  @property
  def width(self) -> int:
    """Numbers in the feature of one view of a frame."""
    return self._features.shape[-1]

  def track(self, name: str) -> TrackFeatures:
    """All of one track."""
    if name not in self._ranges:
      raise InputError(f'track {name!r} is not in the {self.source} features')
    rows = slice(*self._ranges[name])
    return TrackFeatures(name, self._frame[rows], self._t_ms[rows], self._features[rows])

  def clip(self, clip: Clip) -> TrackFeatures:
    """The frames of a clip, start inclusive and end exclusive; may be empty."""
    whole = self.track(clip.video)
    rows = slice(*np.searchsorted(whole.t_ms, [clip.start_ms, clip.end_ms]))
    return TrackFeatures(clip.id, whole.frame[rows], whole.t_ms[rows], whole.features[rows])

  def clips(self, clips: Sequence[Clip]) -> list[TrackFeatures]:
    """Several clips."""
    return [self.clip(clip) for clip in clips]
