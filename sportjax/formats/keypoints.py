"""The keypoints that belong to a video, whatever wrote them: found by name, recognised by content."""

from __future__ import annotations

import dataclasses
import functools
import pathlib
from collections.abc import Callable
from typing import Any

import numpy as np

from sportjax.errors import InputError
from sportjax.formats import (
  alphapose,
  coco,
  files,
  mediapipe,
  motchallenge,
  openpose,
  pyskl,
  trc,
  ultralytics,
  vpd,
)
from sportjax.formats.coco import write_coco_results
from sportjax.pose.track import Detections

__all__ = ['FORMATS', 'find_keypoints', 'read_keypoints', 'recognise', 'write_coco_results']


@dataclasses.dataclass(frozen=True)
class _Reader:
  """A format's reader, and what of the caller's knowledge it takes beside the number of frames."""

  read: Callable[..., Detections]
  takes: tuple[str, ...] = ()
  parsed: bool = True  # it takes the parsed content and the path, else the path alone


_READERS: dict[str, _Reader] = {
  'alphapose': _Reader(alphapose.from_records, ('skeleton', 'first_frame')),
  'coco': _Reader(coco.from_records, ('skeleton', 'first_frame')),
  'mediapipe': _Reader(mediapipe.from_results, ('image_size', 'first_frame')),
  'motchallenge': _Reader(motchallenge.read_motchallenge, ('first_frame',), parsed=False),
  'openpose': _Reader(openpose.read_openpose, ('skeleton', 'first_frame'), parsed=False),
  'pyskl': _Reader(pyskl.to_detections, ('name', 'image_size', 'skeleton')),
  'ultralytics': _Reader(ultralytics.read_ultralytics, ('image_size', 'skeleton', 'first_frame'), parsed=False),
  'vpd': _Reader(vpd.from_keypoints, ('first_frame',)),
  'vpd_boxes': _Reader(vpd.from_boxes, ('first_frame',)),
}
FORMATS = tuple(_READERS)
_SUFFIXES = ('.json', '.json.gz', '.pkl', '.pickle', '.txt')
_STEM_ENDS = ('', '_keypoints', '_json')  # clip.json, clip_keypoints/ (OpenPose), clip_json/ (Pose2Sim)
_PICKLE_PROTOCOL_2 = b'\x80'


def read_keypoints(
  path: pathlib.Path,
  *,
  image_size: tuple[int, int],
  n_frames: int,
  skeleton: str | None = None,
  format: str | None = None,
  name: str | None = None,
  first_frame: int | None = None,
) -> Detections:
  """People of a video from a file or folder in any of `FORMATS`.

  Args:
    path: the file or folder.
    image_size: width and height of the video in pixels.
    n_frames: frames of the video.
    skeleton: its joints, where their number does not tell (25: body25 or body25b).
    format: what wrote it; recognised by content where None.
    name: the video's name in a file that holds several videos.
    first_frame: the number it gives to the first frame; the format's own convention where None (1 for MOTChallenge and
      Ultralytics, else 0).

  Raises:
    InputError: the content is damaged, of another video, or not recognised; it names the record and the remedy.
  """
  path = _inner_file(path)
  content = _load(path)
  if isinstance(content, dict) and name in content:
    content = content[name]
  format = format or recognise(content, path)
  if format not in _READERS:
    raise InputError(f'{path}: unknown keypoint format {format!r}; use one of {", ".join(FORMATS)}')
  if (format == 'pyskl') != isinstance(content, pyskl.SkeletonDataset):
    raise InputError(f'{path}: {"not " if format == "pyskl" else ""}a skeleton pickle; leave the format out')
  reader = _READERS[format]
  known = {'image_size': image_size, 'name': name, 'skeleton': skeleton, 'first_frame': first_frame}
  given = {key: known[key] for key in reader.takes if known[key] is not None}
  detections = reader.read(*((content, path) if reader.parsed else (path,)), n_frames=n_frames, **given)
  _check_skeleton(detections, skeleton)
  _check_within_image(detections, image_size)
  return detections


def find_keypoints(folder: pathlib.Path, video: pathlib.Path) -> pathlib.Path:
  """What in `folder`, or `folder` itself, belongs to the video: by its name, else one file that names all videos.

  Raises:
    InputError: none is found, or several are.
  """
  if not folder.exists():
    raise InputError(f'{folder}: no such file or folder of keypoints for {video}; check --config.keypoints')
  children = [folder] if folder.is_file() else sorted(folder.iterdir())
  stems = [stem + end for stem in (video.stem, video.name) for end in _STEM_ENDS]
  names = [stem + suffix for stem in stems for suffix in _SUFFIXES]
  found = [child for child in children if child.name in (stems if child.is_dir() else names)]
  shared = [child for child in children if child.is_file() and child.name.endswith(_SUFFIXES)]
  if not found and len(shared) == 1:
    found = shared if video.stem in _videos_in(shared[0], shared[0].stat().st_mtime_ns) else []
  if len(found) == 1:
    return found[0]
  if found:
    told = ' and '.join(str(path) for path in found)
    raise InputError(f'{video}: several keypoint files belong to it, {told}; keep one')
  raise InputError(
    f'{folder}: no keypoints of {video}; expected {video.stem}.json, .json.gz, .pkl or .txt, a folder {video.stem}/ or '
    f'{video.stem}_keypoints/, or one file keyed by {video.stem!r}'
  )


def recognise(content: Any, path: pathlib.Path) -> str:
  """Name of the format, from the parsed content or, for a folder, its files. Raises InputError where none fits."""
  if path.is_dir():
    return _recognise_folder(path)
  if isinstance(content, pyskl.SkeletonDataset):
    return 'pyskl'
  if isinstance(content, str):
    return _recognise_text(content, path)
  return _recognise_json(content, path)


def _inner_file(path: pathlib.Path) -> pathlib.Path:
  """The keypoints of a VPD pose folder, or its boxes where it has no keypoints; any other path as it is."""
  return next((path / name for name in (vpd.KEYPOINTS, vpd.BOXES) if (path / name).is_file()), path)


def _load(path: pathlib.Path) -> Any:
  """A folder as None, a pickle as its dataset, JSON as its value, other text as it is."""
  if path.is_dir():
    return None
  start = files.read_bytes(path)[:1]
  if start == _PICKLE_PROTOCOL_2 or path.suffix in ('.pkl', '.pickle'):
    return pyskl.read_pyskl(path)
  if start in (b'[', b'{', b'\xef') or path.name.endswith(('.json', '.json.gz')):
    return files.read_json(path)
  return files.read_text(path)


@functools.lru_cache(maxsize=8)
def _videos_in(path: pathlib.Path, mtime_ns: int) -> frozenset[str]:
  """Names of the videos that one file holds; none where it is of one video. `mtime_ns` forgets what was rewritten."""
  content = _load(path)
  if isinstance(content, pyskl.SkeletonDataset):
    return frozenset(pathlib.PurePath(annotation.frame_dir).name for annotation in content.annotations)
  return frozenset(content) if isinstance(content, dict) else frozenset()


def _recognise_folder(path: pathlib.Path) -> str:
  names = [child.name for child in path.iterdir()]
  kinds = {suffix for suffix in ('.json', '.txt') if any(name.endswith(suffix) for name in names)}
  if len(kinds) != 1:
    told = 'both JSON and txt files' if kinds else 'neither JSON nor txt files'
    raise InputError(f'{path}: the folder holds {told}; give a folder with one keypoint file a frame')
  return 'openpose' if kinds == {'.json'} else 'ultralytics'


def _recognise_text(content: str, path: pathlib.Path) -> str:
  if content.startswith(trc.MAGIC):
    raise InputError(f'{path}: 3D markers, not keypoints of the image; give the 2D pose files they came from')
  if ',' in content.splitlines()[0]:
    return 'motchallenge'
  raise InputError(f'{path}: no known keypoint format; formats are {", ".join(FORMATS)} (Ultralytics: give the folder)')


def _recognise_json(content: Any, path: pathlib.Path) -> str:
  if isinstance(content, dict):
    if 'frames' in content:
      return 'mediapipe'
    raise InputError(f'{path}: {_why_not(content)}')
  if not isinstance(content, list):
    raise InputError(f'{path}: a JSON {type(content).__name__}, not a list of records; export it again')
  first = content[0] if content else {}
  if isinstance(first, list):
    return 'vpd_boxes' if len(first) == 2 and first[1] and not isinstance(first[1][0], list) else 'vpd'
  if not isinstance(first, dict):
    raise InputError(f'{path}: a JSON list of {type(first).__name__}, not of records; export it again')
  if 'pose_landmarks' in first or 'landmarks' in first:
    return 'mediapipe'
  return 'alphapose' if 'idx' in first or 'box' in first else 'coco'


def _why_not(content: dict) -> str:
  if 'people' in content:
    return 'one frame of OpenPose; give the folder that holds one such file a frame'
  if 'annotations' in content:
    return 'COCO annotations, not results; give the list of results'
  keys = ', '.join(map(str, list(content)[:3]))
  return f'a JSON object with the keys {keys}, none of them this video; key it by the names of the videos'


def _check_skeleton(detections: Detections, skeleton: str | None) -> None:
  if skeleton is not None and detections.skeleton not in ('', skeleton):
    raise InputError(f'{detections.source}: its skeleton is {detections.skeleton}, not {skeleton}; name none')


def _check_within_image(detections: Detections, image_size: tuple[int, int]) -> None:
  """Catches fractions of the image where pixels are meant, and the keypoints of another video."""
  if not len(detections):
    return
  centre = (detections.boxes[:, :2] + detections.boxes[:, 2:]) / 2
  if np.abs(detections.boxes).max() <= 2 < min(image_size):
    raise InputError(f'{detections.source}: coordinates are fractions of the image; export them in pixels')
  outside = ((centre < 0) | (centre > image_size)).any(axis=1).mean()
  if outside > 0.5:
    raise InputError(
      f'{detections.source}: {outside:.0%} of the people lie outside the {image_size[0]}x{image_size[1]} video; '
      'check that the file belongs to this video and was made at its size'
    )
