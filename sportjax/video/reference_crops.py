"""Crop folders of the VPD reference, `{n}.png` with its flow, mask and previous crop, as our planes and tracks."""

from __future__ import annotations

import dataclasses
import functools
import pathlib
import re

import cv2
import numpy as np

from sportjax.errors import InputError
from sportjax.formats.vpd_features import FrameFeatures
from sportjax.pose.track import Detections
from sportjax.typing import Boxes, Float32, FrameIndex, Image, UInt8
from sportjax.video.codec import Planes
from sportjax.video.crop import into_crops, square_boxes
from sportjax.video.crop_file import TrackCrops
from sportjax.video.flow import Flow, flow, flow_to_bytes, subtract_median
from sportjax.video.pack_crops import pack_crops
from sportjax.video.strip import CropFrame

_NUMBERED = re.compile(r'(\d+)\.(?:(\w+)\.)?png')
_CLIP_PX = 20
_BYTES_PER_PX = 255 / (2 * _CLIP_PX + 1)
_SEEN = 128  # a mask that was resized is grey at its edge
_N_JOINTS = 17


@dataclasses.dataclass(frozen=True)
class CropFolder:
  """One athlete's crops in one folder, which may hold several videos: then each has its own frames of it."""

  folder: pathlib.Path
  first_frame: int = 0  # what the files call the video's frame 0
  n_frames: int | None = None  # of the video; the whole folder where None
  flow: str | None = 'flow'  # {n}.<flow>.png; None: flow is computed from {n}.prev.png, with the median taken off
  size: int = 128  # of the planes; crops of another size are resized

  def exists(self) -> bool:
    """Whether the video has crops at all."""
    return len(self._images) > 0

  @property
  def frames(self) -> FrameIndex:
    """The video's frames whose crop has what its flow needs, ascending."""
    return np.intersect1d(self._images, self._numbered(self._companion))

  @property
  def n_without_flow(self) -> int:
    """Crops that lack it."""
    return len(self._images) - len(self.frames)

  def planes(self, frame: int) -> tuple[Planes, bool]:
    """A frame's planes r, g, b, u, v and mask, and whether there is a mask; without one its plane is 0.

    Raises:
      InputError: an image is absent or damaged.
    """
    image = self._image(frame, None)
    planes = np.zeros((self.size, self.size, 6), np.uint8)
    planes[..., :3] = self._resized(image[..., ::-1])
    planes[..., 3:5] = flow_to_bytes(self._flow(frame, planes[..., :3]))
    has_mask = frame in self._numbered('mask')
    if has_mask:
      planes[..., 5] = 255 * (self._resized(self._image(frame, 'mask')[..., 0]) >= _SEEN)
    return planes, has_mask

  @property
  def _companion(self) -> str:
    return 'prev' if self.flow is None else self.flow

  @property
  def _images(self) -> FrameIndex:
    return self._numbered(None)

  def _numbered(self, kind: str | None) -> FrameIndex:
    """The video's frames that have a file of this kind."""
    frames = _listing(self.folder).get(kind, np.zeros(0, np.int64)) - self.first_frame
    return frames[(frames >= 0) & (frames < (np.inf if self.n_frames is None else self.n_frames))]

  def _flow(self, frame: int, image: Image) -> Flow:
    if self.flow is None:
      before = self._resized(self._image(frame, 'prev')[..., ::-1])
      return subtract_median(flow(np.ascontiguousarray(before), np.ascontiguousarray(image)))
    stored = self._image(frame, self.flow)[..., :2]
    return self._resized(reference_flow(stored)) * np.float32(self.size / stored.shape[0])

  def _resized(self, image: np.ndarray) -> np.ndarray:
    if image.shape[:2] == (self.size, self.size):
      return image
    return cv2.resize(np.ascontiguousarray(image), (self.size, self.size))

  def _image(self, frame: int, kind: str | None) -> UInt8[np.ndarray, 'h w 3']:
    """The file as it is stored: blue, green, red."""
    path = self.folder / f'{frame + self.first_frame}{f".{kind}" if kind else ""}.png'
    data = np.fromfile(path, np.uint8) if path.exists() else np.zeros(0, np.uint8)
    image = cv2.imdecode(data, cv2.IMREAD_COLOR) if data.size else None
    if image is None:
      raise InputError(f'{path}: absent, or not a whole image; extract the crops of this video again')
    return image


def tennis_crops(root: pathlib.Path, video: str, **settings) -> CropFolder:
  """Crops of one player in one point: `<root>/<match>/<front|back>/<frame of the match>.png`.

  Raises:
    InputError: the video is not named `front__<match>_<start>_<end>`.
  """
  match = re.fullmatch(r'(front|back)__(\w+)_(\d+)_(\d+)', video)
  if match is None:
    raise InputError(f'video {video!r} is not <front|back>__<match>_<start>_<end>; this is not the layout of tennis')
  start, end = int(match[3]), int(match[4])
  return CropFolder(root / match[2] / match[1], first_frame=start, n_frames=end - start, **settings)


def reference_flow(stored: UInt8[np.ndarray, 'h w 2']) -> Flow:
  """Motion in pixels of the reference's bytes, which round down: the middle of what a byte may stand for.

  Source: VPD reference, raft/flow.py.
  """
  return ((stored.astype(np.float32) + 0.5) / _BYTES_PER_PX - _CLIP_PX).astype(np.float32)


def track_crops(
  name: str,
  crops: CropFolder,
  teacher: FrameFeatures,
  *,
  fps: float,
  boxes: Detections,
  people: Detections | None = None,
) -> TrackCrops:
  """What `sports_tracks` is built from: the crops of frames that have a teacher's pose and a box.

  Args:
    name: of the video, and of the track.
    crops: its folder.
    teacher: its poses with their scores, in two views.
    fps: of the video, whose times are not known otherwise.
    boxes: the athlete's, as they were before they were squared.
    people: whose joints are drawn beside the crops; none where None.

  Raises:
    InputError: the teacher has no scores or another number of views, or no frame has all.
  """
  if teacher.features.shape[1] != 2 or np.isnan(teacher.score).any():
    raise InputError(f'{name}: a teacher needs poses as filmed and mirrored, and their scores; extract them with flips')
  frames = np.intersect1d(np.intersect1d(crops.frames, teacher.frame), boxes.frame)
  if not len(frames):
    raise InputError(f'{name}: no frame has a crop with flow, a pose and a box; check that they are of one video')
  squares = _squares(boxes)[np.searchsorted(boxes.frame, frames)]
  cut = [
    CropFrame(frame, 1000.0 * frame / fps, square, *crops.planes(frame))
    for frame, square in zip(frames.tolist(), squares, strict=True)
  ]
  return pack_crops(name, name, cut, teacher, _joints(people, frames, squares, crops.size), crops.size)


def _squares(boxes: Detections) -> Boxes:
  """The reference pads by a tenth, and never by 25 px."""
  return square_boxes(boxes.boxes, pad_px=0.0, frame=boxes.frame)


def _joints(people: Detections | None, frames: FrameIndex, squares: Boxes, size: int) -> Float32[np.ndarray, 't j 3']:
  """Joints of the first person of each frame in pixels of the crop, of score 0 where there is none."""
  out = np.zeros((len(frames), _N_JOINTS, 3), np.float32)
  if people is not None:
    first = people.take(np.flatnonzero(np.diff(people.frame, prepend=-1)))
    _, here, there = np.intersect1d(frames, first.frame, return_indices=True)
    out[here] = into_crops(first.keypoints[there], squares[here], size)
  return out


@functools.lru_cache(maxsize=8)
def _listing(folder: pathlib.Path) -> dict[str | None, FrameIndex]:
  """Numbers of the files of a folder by kind: None the crop, 'flow', 'mask', 'prev'."""
  out: dict[str | None, list[int]] = {}
  for path in folder.iterdir() if folder.is_dir() else ():
    if match := _NUMBERED.fullmatch(path.name):
      out.setdefault(match[2], []).append(int(match[1]))
  return {kind: np.sort(np.array(numbers, np.int64)) for kind, numbers in out.items()}
