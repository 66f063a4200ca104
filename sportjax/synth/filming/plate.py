"""The still background seen by a camera: cast once into a wide plate, then warped for every frame."""

from __future__ import annotations

import dataclasses

import cv2
import numpy as np

from sportjax.synth.filming.camera import Cameras
from sportjax.synth.filming.scenery import Room
from sportjax.typing import Float, Int, UInt8

_WIDEST = np.deg2rad(65)  # the angle that cameras on one plate may pan or tilt apart


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
  return Plate(camera, tuple(int(n) for n in np.ceil(high - low)), frames)


def cast(plate: Plate, room: Room) -> UInt8[np.ndarray, 'h w 3']:
  """The room through the plate's camera, ray by ray."""
  w, h = plate.size
  camera = plate.camera
  x = ((np.arange(w) - camera.centre_px[0, 0]) / camera.focal_px[0]).astype(np.float32)
  y = ((np.arange(h) - camera.centre_px[0, 1]) / camera.focal_px[0]).astype(np.float32)
  right, down, ahead = camera.rotation[0].astype(np.float32)
  rays = x[None, :, None] * right + (y[:, None, None] * down + ahead)
  rays[np.abs(rays) < 1e-6] = 1e-6
  eye = camera.eye_m[0].astype(np.float32)
  bound = np.where(rays > 0, np.float32(room.high_m - eye), np.float32(room.low_m - eye))
  reach = bound / rays
  axis = np.argmin(np.where(reach > 0, reach, np.inf), -1)
  length = np.take_along_axis(reach, axis[..., None], -1)
  hit = rays * length + np.float32(eye - room.low_m)
  positive = np.take_along_axis(rays, axis[..., None], -1)[..., 0] > 0
  surface = np.where(axis == 2, positive, 2 + 2 * axis + positive)
  across = np.where(axis == 0, hit[..., 1], hit[..., 0])
  up = np.where(axis == 2, hit[..., 1], hit[..., 2])
  fade = np.clip(1.12 - 0.012 * length, 0.72, 1.1)
  image = np.empty((h, w, 3), np.uint8)
  for number in np.unique(surface):
    here = surface == number
    painted = room.side(int(number))
    scale = painted.shape[1] / np.float32(room.high_m[0] - room.low_m[0])
    columns, rows = (np.maximum(place * scale - 0.5, 0) for place in (across, up))
    image[here] = cv2.remap(painted, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)[here]
  return np.clip(image * fade, 0, 255).astype(np.uint8)


def warp(
  image: UInt8[np.ndarray, 'a b 3'], homography: Float[np.ndarray, '3 3'], size: tuple[int, int]
) -> UInt8[np.ndarray, 'h w 3']:
  """The frame whose pixels `homography` maps onto the plate."""
  return cv2.warpPerspective(
    image, homography, size, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE
  )
