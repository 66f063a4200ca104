"""Square boxes around an athlete, and crops of a fixed size that are exact to a fraction of a pixel."""

from __future__ import annotations

import math
from typing import Literal

import cv2
import numpy as np

from sportjax.typing import Boxes, Float, Float32, FrameIndex, Int, UInt8

Cut = Literal['exact', 'reference']  # to a fraction of a pixel, or as VPD's code: whole pixels, bilinear at any scale


def square_boxes(
  boxes: Boxes,
  *,
  pad_fraction: float = 0.1,
  pad_px: float = 25.0,
  join_previous: bool = True,
  frame: FrameIndex | None = None,
  cut: Cut = 'exact',
) -> Boxes:
  """Squares on the longer side about the boxes' centres, padded on each side by a fraction or by pixels, the greater.

  `join_previous` first takes the union with the row before, so that the crop of the previous frame by the same box
  holds the athlete too; where `frame` is given, only with the very frame before. pad_px=0 is the released code's
  padding, which never applies the 25 px; cut='reference' its rounding to whole pixels.

  Source: Hong et al. 2021 (VPD), appendix; the union is in the released code only.
  """
  boxes = np.asarray(boxes, np.float32)
  joined = _union_with_previous(boxes, frame) if join_previous else boxes
  if cut == 'reference':
    return _whole_squares(joined, pad_fraction, pad_px)
  centre = (joined[:, :2] + joined[:, 2:]) / 2
  side = (joined[:, 2:] - joined[:, :2]).max(axis=1, keepdims=True)
  half = side / 2 + np.maximum(pad_fraction * side, pad_px)
  return np.concatenate([centre - half, centre + half], axis=1)


def _whole_squares(boxes: Boxes, pad_fraction: float, pad_px: float) -> Boxes:
  """Squares of whole pixels; an odd one has its extra pixel on the left or above. Source: VPD reference, crop_frame."""
  low, high = np.split(np.trunc(boxes), 2, axis=1)
  side = (high - low).max(axis=1, keepdims=True)
  squared = np.where(high - low < side, np.floor((low + high) / 2) - np.ceil(side / 2), low)
  pad = np.trunc(np.maximum(np.float32(pad_fraction) * side, pad_px))
  return np.concatenate([squared - pad, squared + side + pad], axis=1).astype(np.float32)


def _union_with_previous(boxes: Boxes, frame: FrameIndex | None) -> Boxes:
  joined = boxes.copy()
  follows = np.ones(max(len(boxes) - 1, 0), bool) if frame is None else np.diff(frame) == 1
  rows = np.flatnonzero(follows) + 1
  joined[rows, :2] = np.minimum(boxes[rows, :2], boxes[rows - 1, :2])
  joined[rows, 2:] = np.maximum(boxes[rows, 2:], boxes[rows - 1, 2:])
  return joined


def crop(
  image: UInt8[np.ndarray, 'h w *c'], box: Float[np.ndarray, '4'], size: int, cut: Cut = 'exact'
) -> UInt8[np.ndarray, 's s *c']:
  """The box's content scaled to size x size, black outside the image.

  Coordinates are of pixel edges: the box (0, 0, w, h) is the whole image. Enlarging is bilinear. Shrinking first
  averages blocks of pixels of at most half a pixel of the crop (for speed), then bilinear samples at most a block
  apart: it neither aliases nor rounds the box. cut='reference' takes a box of whole pixels, and pixels as they are.
  """
  if cut == 'reference':
    whole = _whole_pixels(image, np.asarray(box, int))
    return cv2.resize(whole, (size, size)) if whole.size else np.zeros((size, size, *image.shape[2:]), np.uint8)
  x0, y0, x1, y1 = (float(edge) for edge in box)
  block = max(1, int(max(x1 - x0, y1 - y0) / size / 2))
  blocks, left, top = _average_blocks(image, (x0, y0, x1, y1), block)
  if not blocks.size:
    return np.zeros((size, size, *image.shape[2:]), np.uint8)
  x0, x1, y0, y1 = (x0 - left) / block, (x1 - left) / block, (y0 - top) / block, (y1 - top) / block
  samples = max(1, int(np.ceil(max(x1 - x0, y1 - y0) / size)))
  step_x, step_y = (x1 - x0) / (size * samples), (y1 - y0) / (size * samples)
  to_source = np.array([[step_x, 0, x0 + step_x / 2 - 0.5], [0, step_y, y0 + step_y / 2 - 0.5]])
  flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
  fine = cv2.warpAffine(blocks, to_source, (size * samples,) * 2, flags=flags, borderMode=cv2.BORDER_CONSTANT)
  return cv2.resize(fine, (size, size), interpolation=cv2.INTER_AREA) if samples > 1 else fine


def _whole_pixels(image: UInt8[np.ndarray, 'h w *c'], box: Int[np.ndarray, '4']) -> UInt8[np.ndarray, 'y x *c']:
  """The pixels of a box, black outside the image."""
  x0, y0, x1, y1 = box.tolist()
  height, width = image.shape[:2]
  out = np.zeros((y1 - y0, x1 - x0, *image.shape[2:]), np.uint8)
  rows, columns = slice(max(y0, 0), max(min(y1, height), 0)), slice(max(x0, 0), max(min(x1, width), 0))
  part = image[rows, columns]
  out[max(-y0, 0) : max(-y0, 0) + part.shape[0], max(-x0, 0) : max(-x0, 0) + part.shape[1]] = part
  return out


def _average_blocks(
  image: UInt8[np.ndarray, 'h w *c'], box: tuple[float, ...], block: int
) -> tuple[UInt8[np.ndarray, 'y x *c'], int, int]:
  """The image around the box in blocks of pixels, and the left and top edge of the first block."""
  height, width = image.shape[:2]
  left, top = max(0, int(box[0]) - block), max(0, int(box[1]) - block)
  right, bottom = min(width, math.ceil(box[2]) + block), min(height, math.ceil(box[3]) + block)
  part = image[top : max(bottom, top), left : max(right, left)]
  if block == 1 or not part.size:
    return part, left, top
  whole = cv2.copyMakeBorder(part, 0, -part.shape[0] % block, 0, -part.shape[1] % block, cv2.BORDER_CONSTANT)
  size = (whole.shape[1] // block, whole.shape[0] // block)
  return cv2.resize(whole, size, interpolation=cv2.INTER_AREA), left, top


def into_crops(keypoints: Float[np.ndarray, 't j 3'], boxes: Boxes, size: int) -> Float32[np.ndarray, 't j 3']:
  """Image pixels to pixels of crops of `size`; whole numbers are the centres of pixels in both."""
  scale = size / (boxes[:, 2:] - boxes[:, :2])
  xy = (keypoints[..., :2] + 0.5 - boxes[:, None, :2]) * scale[:, None] - 0.5
  return np.concatenate([xy, keypoints[..., 2:]], axis=-1).astype(np.float32)


def out_of_crops(keypoints: Float[np.ndarray, 't j 3'], boxes: Boxes, size: int) -> Float32[np.ndarray, 't j 3']:
  """Pixels of crops of `size` back to image pixels: the inverse of `into_crops`."""
  scale = (boxes[:, 2:] - boxes[:, :2]) / size
  xy = (keypoints[..., :2] + 0.5) * scale[:, None] + boxes[:, None, :2] - 0.5
  return np.concatenate([xy, keypoints[..., 2:]], axis=-1).astype(np.float32)
