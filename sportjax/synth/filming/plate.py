"""The still background seen by a camera: cast once into a wide plate, then warped for every frame."""

from __future__ import annotations

import dataclasses

import cv2
import numpy as np

from sportjax.synth.filming.camera import Cameras
from sportjax.synth.filming.scenery import PX_PER_M, Room
from sportjax.typing import Float, Int, UInt8

_WIDEST = np.deg2rad(65)  # the angle that cameras on one plate may pan or tilt apart

_MIRRORED = ((0, True), (1, False))  # walls whose letters would read backwards from inside


@dataclasses.dataclass(frozen=True)
class Plate:
  """A wide picture from one tripod, and the frames it serves."""

  camera: Cameras  # of length 1
  size: tuple[int, int]
  frames: Int[np.ndarray, 't']


def plan_plates(cameras: Cameras, size: tuple[int, int], set_up: Int[np.ndarray, 't']) -> list[Plate]:
  """Plates that cover every frame; a cut or a far pan begins a new one."""
  forward = cameras.rotation[:, 2]
  plates, start = [], 0
  for i in range(1, len(cameras) + 1):
    if i == len(cameras) or set_up[i] != set_up[start] or forward[i] @ forward[start] < np.cos(_WIDEST / 2):
      plates.append(_cover(cameras, size, np.arange(start, i)))
      start = i
  return plates


def _cover(cameras: Cameras, size: tuple[int, int], frames: np.ndarray) -> Plate:
  """A camera in the middle of the frames' directions, wide enough for all their corners."""
  group = cameras.take(frames)
  forward = group.rotation[:, 2].mean(0)
  forward /= np.linalg.norm(forward)
  right = np.cross(forward, (0.0, 0.0, 1.0))
  right /= np.linalg.norm(right)
  rotation = np.stack([right, np.cross(forward, right), forward])
  focal = float(np.median(group.focal_px))
  middle = Cameras(group.eye_m[:1], rotation[None], np.array([focal]), np.zeros((1, 2)))
  w, h = size
  corners = np.array([(0, 0, 1), (w, 0, 1), (0, h, 1), (w, h, 1)], float).T
  seen = group.homography_to(middle) @ corners
  seen = seen[:, :2] / seen[:, 2:]
  low, high = seen.min((0, 2)) - 4, seen.max((0, 2)) + 4
  camera = dataclasses.replace(middle, centre_px=-low[None])
  width, height = np.ceil(high - low)
  return Plate(camera, (int(width), int(height)), frames)


def cast(plate: Plate, room: Room) -> UInt8[np.ndarray, 'h w 3']:
  """The room through the plate's camera, ray by ray."""
  rays, per_length = _rays(plate)
  eye = plate.camera.eye_m[0]
  # A ray ends at the side towards which it goes fastest, measured in the distance to that side.
  speed = [np.maximum(ray / np.float32(high), ray / np.float32(low))
           for ray, high, low in zip(rays, room.high_m - eye, room.low_m - eye, strict=True)]  # fmt: skip
  fastest = np.maximum(np.maximum(speed[0], speed[1]), speed[2])
  hit = [ray / fastest + np.float32(start) for ray, start in zip(rays, eye - room.low_m, strict=True)]
  image = np.empty((*fastest.shape, 3), np.uint8)
  for axis, (across, up) in enumerate(((1, 2), (0, 2), (0, 1))):
    for positive in (False, True):
      here = (speed[axis] == fastest) & ((rays[axis] > 0) == positive)
      if here.any():
        side = room.side((axis * 2 + 2 + positive) if axis < 2 else int(positive))
        columns, rows = (np.maximum(hit[k] * np.float32(PX_PER_M) - np.float32(0.5), 0) for k in (across, up))
        if (axis, positive) in _MIRRORED:
          columns = side.shape[1] - 1 - columns
        # What is larger than its picture goes on in mirror image.
        image[here] = cv2.remap(side, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)[here]
  fade = np.clip(1.12 - 0.012 * per_length / fastest, 0.72, 1.1)
  return cv2.multiply(image, cv2.merge([fade] * 3), dtype=cv2.CV_8U)


def _rays(plate: Plate) -> tuple[list[Float[np.ndarray, 'h w']], Float[np.ndarray, 'h w']]:
  """Directions through each pixel, one array per world axis, and their lengths."""
  w, h = plate.size
  camera = plate.camera
  x = ((np.arange(w) - camera.centre_px[0, 0]) / camera.focal_px[0]).astype(np.float32)
  y = ((np.arange(h) - camera.centre_px[0, 1]) / camera.focal_px[0]).astype(np.float32)[:, None]
  axes = camera.rotation[0].astype(np.float32).T
  return [right * x + (down * y + ahead) for right, down, ahead in axes], np.sqrt(1 + x * x + y * y)


def warp(
  image: UInt8[np.ndarray, 'a b 3'], homography: Float[np.ndarray, '3 3'], size: tuple[int, int]
) -> UInt8[np.ndarray, 'h w 3']:
  """The frame whose pixels `homography` maps onto the plate."""
  return cv2.warpPerspective(
    image, homography, size, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE
  )
