"""A scene filmed by calibrated cameras, and its athlete's joints in 3D."""

from __future__ import annotations

import dataclasses
import pathlib

import numpy as np

from sportjax.errors import InputError
from sportjax.formats.qca import read_qca
from sportjax.formats.trc import read_trc
from sportjax.pose.cameras import Camera, z_up
from sportjax.pose.skeletons import get_skeleton
from sportjax.typing import Float, FrameIndex, Keypoints

_COCO17 = get_skeleton('coco17')
_SIDES = {'L': 'left_', 'R': 'right_'}


@dataclasses.dataclass(frozen=True)
class Scene:
  """Cameras named as their videos, and joints triangulated from them."""

  calibration: pathlib.Path  # Qualisys .qca.txt
  markers: pathlib.Path  # TRC with y up, one row a frame of the videos

  def joints_m(self) -> Float[np.ndarray, 't 17 3']:
    """COCO-17 joints in the laboratory, z up, NaN where the file lacks them."""
    markers = read_trc(self.markers)
    joints = np.full((len(markers.t_ms), len(_COCO17.joints), 3), np.nan)
    for at, marker in enumerate(markers.name):
      name = (_SIDES.get(marker[0], '') + marker[marker[0] in _SIDES :]).lower()
      if name in _COCO17.joints:
        joints[:, _COCO17.index(name)] = z_up(markers.xyz_m[:, at])
    return joints

  def camera(self, view: str) -> Camera:
    """The camera that filmed a view. Raises InputError where none has its name."""
    cameras = read_qca(self.calibration)
    if view not in cameras:
      raise InputError(f'{self.calibration}: no camera {view!r}, it has {", ".join(cameras)}; name videos as cameras')
    return cameras[view]

  def projected(self, view: str, frame: FrameIndex) -> Keypoints:
    """The joints in pixels of frames of a view, score 0 where they are not known."""
    joints = self.joints_m()
    if frame.max() >= len(joints):
      raise InputError(
        f'{self.markers}: {len(joints)} frames, but {view} has frame {frame.max()}; give one row a frame'
      )
    pixels = self.camera(view).project(joints[frame])
    known = np.isfinite(pixels).all(axis=-1, keepdims=True)
    return np.concatenate([np.where(known, pixels, 0), known], axis=-1).astype(np.float32)

  def about_hips_m(self, frame: FrameIndex) -> Float[np.ndarray, 't d']:
    """The joints that are known throughout, about the middle of the hips: a pose that is the same from every view."""
    joints = self.joints_m()[frame]
    hips = joints[:, [_COCO17.index('left_hip'), _COCO17.index('right_hip')]].mean(axis=1, keepdims=True)
    return (joints[:, np.isfinite(joints).all(axis=(0, 2))] - hips).reshape(len(frame), -1)

  def angle_deg(self, a: str, b: str) -> float:
    """The angle at which two cameras see the athlete, at the middle of the motion."""
    middle = np.nanmean(self.joints_m(), axis=(0, 1))
    u, v = (self.camera(view).centre_m - middle for view in (a, b))
    return float(np.degrees(np.arccos(u @ v / np.linalg.norm(u) / np.linalg.norm(v))))
