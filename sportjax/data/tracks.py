"""Records of a `sports_tracks` dataset: opened, indexed by frame, decoded only where asked."""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import tensorflow_datasets as tfds
import tqdm
from tensorflow_datasets.proto import tf_example_pb2

from sportjax.errors import InputError
from sportjax.typing import Bool, Float32, Float64, Int, UInt8
from sportjax.video import codec

_IMAGES, _POSES = ('rgb', 'motion'), ('pose', 'delta')


@dataclasses.dataclass(frozen=True)
class FrameTable:
  """Every frame of a split: where it is stored and what decides its use."""

  record: Int[np.ndarray, 't']
  position: Int[np.ndarray, 't']  # within the record
  track: Int[np.ndarray, 't']  # index into `tracks`
  frame: Int[np.ndarray, 't']
  t_ms: Float64[np.ndarray, 't']
  score: Float32[np.ndarray, 't']
  has_delta: Bool[np.ndarray, 't']
  tracks: tuple[str, ...]
  width: int  # d, the width of the teacher's pose

  def __len__(self) -> int:
    return len(self.record)


class TrackRecords:
  """Random access to the records of one split, without TensorFlow."""

  def __init__(self, directory: pathlib.Path, split: str):
    """Opens a built dataset. Raises InputError where there is none, or not this split."""
    if not (directory / 'dataset_info.json').exists():
      raise InputError(f'{directory}: no dataset there; build it with --mode=run first')
    builder = tfds.builder_from_directory(directory)
    if split not in builder.info.splits:
      raise InputError(f'{directory}: no split {split!r}; it has {", ".join(builder.info.splits)}')
    # Of a class internal to TFDS; the stub of wrapt, which decorates the method, takes the split for self.
    self._source: Any = builder.as_data_source(split)  # ty: ignore[invalid-argument-type]
    self._pose_shape = _pose_shape(directory, builder.info.features)
    self._cache = directory / f'frames_{split}.npz'
    self.directory, self.split = directory, split

  def __len__(self) -> int:
    return len(self._source)

  def __getitem__(self, index: int) -> dict[str, Any]:
    return self._source[index]

  def sampled(self, index: int) -> dict[str, Any]:
    """What a student samples of a record: images, of which only those indexed are copied, and poses.

    The same values as `records[index]` in a fifth of the time, which counts where frames are drawn one by one.
    """
    example = tf_example_pb2.Example  # ty: ignore[missing-attribute] (protobuf adds its classes at run time)
    feature = example.FromString(self._source.data_source[index]).features.feature
    poses = {name: np.frombuffer(feature[name].bytes_list.value[0], np.float32) for name in _POSES}
    return {
      **{name: feature[name].bytes_list.value for name in _IMAGES},
      **{name: pose.reshape(-1, *self._pose_shape) for name, pose in poses.items()},
    }

  def table(self) -> FrameTable:
    """The split's frames, from a file beside the dataset; the first call reads all records to write it."""
    if not self._cache.exists():
      self._write_table()
    with np.load(self._cache, allow_pickle=False) as stored:
      arrays: dict[str, Any] = dict(stored)
    arrays.update(tracks=tuple(arrays['tracks'].tolist()), width=int(arrays['width']))
    return FrameTable(**arrays)

  def _write_table(self) -> None:
    columns: dict[str, list[np.ndarray]] = {name: [] for name in ('frame', 't_ms', 'score', 'has_delta')}
    records, positions, tracks = [], [], []
    names: dict[str, int] = {}
    width = 0
    for index in tqdm.tqdm(range(len(self)), desc=f'index of {self.split}', disable=None, leave=False):
      record = self[index]
      n = len(record['frame'])
      for name, column in columns.items():
        column.append(record[name])
      records.append(np.full(n, index, np.int64))
      positions.append(np.arange(n, dtype=np.int64))
      tracks.append(np.full(n, names.setdefault(record['track'].decode(), len(names)), np.int64))
      width = record['pose'].shape[-1]
    arrays = {name: np.concatenate(column) for name, column in columns.items()}
    temporary = self._cache.with_suffix('.tmp.npz')
    np.savez(
      temporary,
      allow_pickle=False,
      record=np.concatenate(records),
      position=np.concatenate(positions),
      track=np.concatenate(tracks),
      tracks=np.array(list(names)),
      width=np.array(width),
      **arrays,
    )
    temporary.replace(self._cache)

  def whole_tracks(self) -> Iterator[list[dict[str, Any]]]:
    """The records of one track after the other, in order of time."""
    run: list[dict[str, Any]] = []
    for index in range(len(self)):
      record = self[index]
      if run and record['track'] != run[0]['track']:
        yield run
        run = []
      run.append(record)
    if run:
      yield run


def _pose_shape(directory: pathlib.Path, features: tfds.features.FeaturesDict) -> tuple[int, ...]:
  """Views and width of a pose, once it is certain that poses and images are stored as `sampled` reads them."""
  shape = features['pose'].shape if 'pose' in features else ()
  poses = tfds.features.Tensor(shape=shape, dtype=np.float32, encoding='bytes')
  images = tfds.features.Sequence(tfds.features.Scalar(np.object_))
  read = dict.fromkeys(_POSES, poses) | dict.fromkeys(_IMAGES, images)
  if any(name not in features or features[name].to_json() != feature.to_json() for name, feature in read.items()):
    raise InputError(f'{directory}: frames are stored in another form than this version reads; build the dataset again')
  return shape[1:]


def decode_frames(record: dict[str, Any], positions: Sequence[int]) -> UInt8[np.ndarray, 't h w 6']:
  """Planes r, g, b, u, v, mask of some frames of a record."""
  return np.stack([codec.decode_planes(record['rgb'][p], record['motion'][p]) for p in positions])


def targets(record: dict[str, Any], positions: Sequence[int]) -> Float32[np.ndarray, 't v e']:
  """The student's targets [p_t, p_t - p_(t-1)], e = 2d, for both views."""
  rows = np.asarray(positions)
  return np.concatenate([record['pose'][rows], record['delta'][rows]], axis=-1)
