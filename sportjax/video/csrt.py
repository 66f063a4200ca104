"""Where the detector loses an athlete: OpenCV's CSRT follows what the box held from frame to frame."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np

from sportjax.errors import InputError
from sportjax.typing import Boxes, Float, FrameIndex, Image
from sportjax.video.decode import VideoInfo, read_frames
from sportjax.video.tracking import iou

_MIN_IOU = 0.3  # with the next detection, for what lies between to be believed; SORT's
_SIDE_PX = 160  # of an athlete as CSRT sees them: it looks at no more, and large images cost time
_LEAST_PX = 4  # of a box within the image


def follow(info: VideoInfo, frame: FrameIndex, boxes: Boxes, longest_ms: float) -> tuple[FrameIndex, Boxes]:
  """Frames and boxes of one person, and of those between in which they were not detected for up to `longest_ms`.

  A gap is filled where the tracker, set on the box before it, arrives at the box after it; its boxes are then moved so
  that it arrives exactly. Where it goes astray, or a frame does not decode, the gap stays.

  Raises:
    InputError: this OpenCV has no CSRT.
  Source: Lukezic et al. 2017 (CSR-DCF), OpenCV's CSRT; VPD (arXiv 2109.01305), appendix F.
  """
  found = [(frame, np.asarray(boxes, np.float64))]
  for at in np.flatnonzero((np.diff(frame) > 1) & (np.diff(info.t_ms[frame]) <= longest_ms)):
    start, end = int(frame[at]), int(frame[at + 1])
    path = np.array(list(_path(info, start, end, boxes[at]))).reshape(-1, 4)
    if len(path) == end - start and iou(path[-1:], boxes[at + 1 : at + 2])[0, 0] >= _MIN_IOU:
      share = np.arange(1, len(path) + 1)[:, None] / len(path)
      found.append((np.arange(start + 1, end), (path + share * (boxes[at + 1] - path[-1]))[:-1]))
  frames, filled = (np.concatenate(parts) for parts in zip(*found, strict=True))
  order = np.argsort(frames)
  return frames[order], filled[order].astype(np.float32)


def _path(info: VideoInfo, start: int, end: int, box: Float[np.ndarray, '4']) -> Iterator[Float[np.ndarray, '4']]:
  """Boxes of the frames after `start` to `end`, as far as the person is followed."""
  inside = np.clip(box, 0, np.tile(info.size, 2))
  size = inside[2:] - inside[:2]
  if size.min() < _LEAST_PX:
    return
  scale, tracker = min(1.0, _SIDE_PX / float(size.max())), _tracker()
  for number, (frame, _, image) in enumerate(read_frames(info, start=start, stop=end + 1, lost=[]), start):
    if frame != number:  # one before it does not decode
      return
    if frame == start:
      tracker.init(_scaled(image, scale), tuple(int(value) for value in np.rint(scale * np.append(inside[:2], size))))
      continue
    seen, (x, y, width, height) = tracker.update(_scaled(image, scale))
    if not seen:
      return
    yield np.array([x, y, x + width, y + height]) / scale


def _tracker() -> Any:
  if not hasattr(cv2, 'TrackerCSRT_create'):
    raise InputError(
      "athlete.bridge='csrt': this OpenCV has no CSRT; pip uninstall opencv-python-headless,"
      ' then pip install opencv-contrib-python-headless'
    )
  cv2.setRNGSeed(0)
  return cv2.TrackerCSRT_create()


def _scaled(image: Image, scale: float) -> Image:
  return image if scale == 1 else cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
