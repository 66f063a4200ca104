"""Skeleton pickles of PYSKL and MMAction2: annotations of whole videos, with splits."""

from __future__ import annotations

import dataclasses
import pathlib
import pickle
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from sportjax.errors import InputError
from sportjax.formats import people, restricted_pickle
from sportjax.pose.track import Detections
from sportjax.typing import Float

_PROTOCOL = 4  # the newest that every Python the peers run on can read
_ASPECT_TOLERANCE = 0.02


@dataclasses.dataclass(frozen=True)
class SkeletonAnnotation:
  """One video's skeletons: person m, frame t, joint v."""

  frame_dir: str  # the video's name
  label: int
  keypoint: Float[np.ndarray, 'm t v 2']  # pixels of an image of `img_shape`
  keypoint_score: Float[np.ndarray, 'm t v']
  img_shape: tuple[int, int]  # height, width

  @property
  def total_frames(self) -> int:
    """Frames of the video."""
    return self.keypoint.shape[1]


@dataclasses.dataclass(frozen=True)
class SkeletonDataset:
  """A pickle's content; `split` maps a split's name to the names of its videos."""

  annotations: tuple[SkeletonAnnotation, ...]
  split: Mapping[str, Sequence[str]]


def read_pyskl(path: pathlib.Path) -> SkeletonDataset:
  """Annotations and splits, a missing label as -1. Raises InputError for what is unsafe, damaged or not 2D."""
  content = restricted_pickle.read_pickle(path)
  split = content.get('split', {}) if isinstance(content, dict) else {}
  records = content.get('annotations') if isinstance(content, dict) else content
  if not isinstance(records, list) or not isinstance(split, dict):
    raise InputError(f'{path}: no list of annotations; PYSKL pickles are {{"split": ..., "annotations": [...]}}')
  return SkeletonDataset(
    tuple(_annotation(record, f'annotation {at}', path) for at, record in enumerate(records)), split
  )


def write_pyskl(path: pathlib.Path, dataset: SkeletonDataset) -> None:
  """Writes the pickle as PYSKL and MMAction2 read it."""
  annotations = [
    dataclasses.asdict(annotation) | {'total_frames': annotation.total_frames, 'original_shape': annotation.img_shape}
    for annotation in dataset.annotations
  ]
  split = {name: list(videos) for name, videos in dataset.split.items()}
  path.parent.mkdir(parents=True, exist_ok=True)
  path.write_bytes(pickle.dumps({'split': split, 'annotations': annotations}, protocol=_PROTOCOL))


def to_detections(
  dataset: SkeletonDataset,
  source: pathlib.Path,
  *,
  image_size: tuple[int, int],
  n_frames: int,
  name: str | None = None,
  skeleton: str | None = None,
) -> Detections:
  """People of the video called `name` (the only one where None), in pixels of the video; ids are the person axis.

  Raises:
    InputError: no such video in the file, or an image shape that is not the video's.
  """
  annotation = _named(dataset, source, name)
  told = _people(annotation, _scale(annotation, image_size, source))
  return people.collect(told, source=source, n_frames=n_frames, skeleton=skeleton)


def from_detections(
  detections: Detections, *, name: str, label: int, image_size: tuple[int, int], n_frames: int
) -> SkeletonAnnotation:
  """One row of the person axis for every id of the detections. Raises ValueError where no tracker has run."""
  if (detections.ids < 0).any():
    raise ValueError(f'{detections.source}: people have no ids yet; run a tracker first')
  ids, person = np.unique(detections.ids, return_inverse=True)
  joints = np.zeros((len(ids), n_frames, detections.keypoints.shape[1], 3), np.float32)
  joints[person, detections.frame] = detections.keypoints
  return SkeletonAnnotation(name, label, joints[..., :2], joints[..., 2], image_size[::-1])


def _annotation(record: Any, where: str, path: pathlib.Path) -> SkeletonAnnotation:
  needed = ('frame_dir', 'keypoint', 'keypoint_score', 'img_shape')
  if not isinstance(record, dict) or any(key not in record for key in needed):
    missing = next((key for key in needed if not isinstance(record, dict) or key not in record), '')
    raise InputError(f'{path}: {where} has no {missing}; export 2D skeletons with scores and image shape')
  keypoint, score = (np.asarray(record[key]) for key in ('keypoint', 'keypoint_score'))
  if keypoint.dtype.kind not in 'fiu' or keypoint.ndim != 4 or keypoint.shape[-1] != 2:
    raise InputError(f'{path}: {where} has keypoint of shape {keypoint.shape}, not (person, frame, joint, 2): 2D only')
  if score.dtype.kind not in 'fiu' or score.shape != keypoint.shape[:3]:
    raise InputError(f'{path}: {where} has keypoint_score of shape {score.shape}, not {keypoint.shape[:3]}')
  height, width = (int(people.number(value, 'img_shape', where, path)) for value in record['img_shape'])
  label = int(record.get('label', -1))
  return SkeletonAnnotation(str(record['frame_dir']), label, keypoint, score, (height, width))


def _named(dataset: SkeletonDataset, source: pathlib.Path, name: str | None) -> SkeletonAnnotation:
  found = [item for item in dataset.annotations if name is None or pathlib.PurePath(item.frame_dir).name == name]
  if len(found) != 1:
    asked = 'one annotation' if name is None else f'one annotation with frame_dir {name!r}'
    raise InputError(f'{source}: {len(found)} annotations where {asked} is needed; name them as the videos')
  return found[0]


def _scale(annotation: SkeletonAnnotation, image_size: tuple[int, int], source: pathlib.Path) -> np.ndarray:
  """What brings the annotation's pixels to the video's: people often estimate poses on a smaller copy."""
  scale = np.array(image_size) / annotation.img_shape[::-1]
  if abs(scale[0] / scale[1] - 1) > _ASPECT_TOLERANCE:
    height, width = annotation.img_shape
    raise InputError(
      f'{source}: {annotation.frame_dir} was {width}x{height}, but the video is {image_size[0]}x{image_size[1]}; '
      'estimate poses on this video'
    )
  return scale


def _people(annotation: SkeletonAnnotation, scale: np.ndarray) -> Iterator[people.Person]:
  n_people, n_frames = annotation.keypoint.shape[:2]
  for frame in range(n_frames):
    for m in range(n_people):
      xy, score = annotation.keypoint[m, frame], annotation.keypoint_score[m, frame]
      joints = np.concatenate([xy * scale, score[:, None]], axis=1)
      if score.any() or not np.isfinite(joints).all():  # the person axis is padded with zeros
        yield people.Person(frame=frame, keypoints=joints, where=f'{annotation.frame_dir} person {m}', id=m)
