"""Pinhole cameras on a tripod that pan, tilt and zoom after an athlete, imperfectly."""

from __future__ import annotations

import dataclasses

import numpy as np
from scipy import ndimage

from sportjax.typing import Float


@dataclasses.dataclass(frozen=True)
class Cameras:
  """One pinhole camera per instant; image axes are x right and y down, depth is along the optical axis."""

  eye_m: Float[np.ndarray, 't 3']
  rotation: Float[np.ndarray, 't 3 3']  # world axes to camera axes
  focal_px: Float[np.ndarray, 't']
  centre_px: Float[np.ndarray, 't 2']

  def __len__(self) -> int:
    return len(self.focal_px)

  def take(self, rows) -> Cameras:
    """The cameras of the given instants."""
    return Cameras(self.eye_m[rows], self.rotation[rows], self.focal_px[rows], self.centre_px[rows])

  def view(self, points_m: Float[np.ndarray, 't p 3']) -> Float[np.ndarray, 't p 3']:
    """World points in each camera's axes, metres."""
    return (points_m - self.eye_m[:, None]) @ self.rotation.transpose(0, 2, 1)

  def image(self, viewed_m: Float[np.ndarray, 't p 3']) -> Float[np.ndarray, 't p 2']:
    """Points in camera axes to pixels; points behind the camera are pushed to the near plane."""
    depth = np.maximum(viewed_m[..., 2:], 0.05)
    return viewed_m[..., :2] / depth * self.focal_px[:, None, None] + self.centre_px[:, None]

  def project(self, points_m: Float[np.ndarray, 't p 3']) -> tuple[np.ndarray, np.ndarray]:
    """Pixels (t p 2) and depth in metres (t p) of world points."""
    viewed = self.view(points_m)
    return self.image(viewed), viewed[..., 2]

  def homography_to(self, other: Cameras) -> Float[np.ndarray, 't 3 3']:
    """Maps pixels of these cameras to pixels of `other`, exact for any scene because neither moves its eye."""
    return other.intrinsics() @ other.rotation @ self.rotation.transpose(0, 2, 1) @ np.linalg.inv(self.intrinsics())

  def intrinsics(self) -> Float[np.ndarray, 't 3 3']:
    """The matrices K."""
    matrices = np.zeros((len(self), 3, 3))
    matrices[:, 0, 0] = matrices[:, 1, 1] = self.focal_px
    matrices[:, :2, 2] = self.centre_px
    matrices[:, 2, 2] = 1
    return matrices


def aim(
  yaw: Float[np.ndarray, 't'], pitch: Float[np.ndarray, 't'], roll: Float[np.ndarray, 't']
) -> Float[np.ndarray, 't 3 3']:
  """World-to-camera rotations, radians: yaw 0 looks along +y, positive yaw turns left, positive pitch looks up."""
  cy, sy, cp, sp, cr, sr = np.cos(yaw), np.sin(yaw), np.cos(pitch), np.sin(pitch), np.cos(roll), np.sin(roll)
  zero = np.zeros_like(cy)
  right = np.stack([cy, sy, zero], -1)
  forward = np.stack([-sy * cp, cy * cp, sp], -1)
  down = np.cross(forward, right)
  return np.stack([cr[:, None] * right + sr[:, None] * down, cr[:, None] * down - sr[:, None] * right, forward], 1)


def look_angles(eye_m: Float[np.ndarray, '3'], target_m: Float[np.ndarray, 't 3']) -> tuple[np.ndarray, np.ndarray]:
  """Yaw (unwrapped) and pitch that put each target in the middle of the picture."""
  away = target_m - eye_m
  yaw = np.unwrap(np.arctan2(-away[:, 0], away[:, 1]))
  return yaw, np.arctan2(away[:, 2], np.hypot(away[:, 0], away[:, 1]))


@dataclasses.dataclass(frozen=True)
class Operator:
  """How one camera set-up is placed and handled; angles in degrees."""

  azimuth: float  # where the camera stands, from the -y axis towards +x
  distance_m: float
  height_m: float  # above the median of the athlete's path, before the floor stops it
  fill: float  # a standing athlete's height as a share of the picture's
  offset: tuple[float, float]  # where the operator holds the athlete, in shares of the picture from its middle
  lag_s: float  # the operator follows the past
  smooth_s: float
  tilts: bool  # follows the athlete up and down too
  shake: float  # amplitude of slow wandering, as a share of the picture
  zoom_swing: float  # amplitude of slow zooming, as a share of the focal length
  roll: float
  phases: tuple[float, ...]  # 8 phases of the wandering, radians


@dataclasses.dataclass(frozen=True)
class Handling:
  """How an operator follows: over what time their view of where the athlete is goes, and how far they wander.

  A camera that nods with every knee bend and jump tells of the action by its own movement: where athletes stay about
  where they are, it should not tilt, and be slow.
  """

  smooth_s: tuple[float, float] = (0.1, 0.35)
  shake: tuple[float, float] = (0.03, 0.08)
  tilts: bool = True


def sample_operator(
  rng: np.random.Generator, azimuth: tuple[float, float], handling: Handling, *, steady: bool = False
) -> Operator:
  """A camera set-up; `steady` ones hold the athlete in the middle of the picture."""
  restless = 0.25 if steady else 1.0
  return Operator(
    azimuth=rng.uniform(*azimuth),
    distance_m=rng.uniform(7, 13),
    height_m=rng.uniform(-0.2, 1.6),
    fill=rng.uniform(0.5, 0.64),
    offset=tuple(restless * rng.uniform(-0.06, 0.06, 2)),
    lag_s=restless * rng.uniform(0, 0.15),
    smooth_s=rng.uniform(*handling.smooth_s) if not steady else 0.1,
    tilts=handling.tilts,
    shake=restless * rng.uniform(*handling.shake),
    zoom_swing=restless * rng.uniform(0, 0.12),
    roll=restless * rng.normal(0, 1.5),
    phases=tuple(rng.uniform(0, 2 * np.pi, 8)),
  )


def follow(
  operator: Operator,
  joints_m: Float[np.ndarray, 'n j 3'],
  fps: float,
  t_s: Float[np.ndarray, 't'],
  size: tuple[int, int],
  stature_m: float,
) -> Cameras:
  """The operator's cameras at the instants `t_s` while the motion runs."""
  path = joints_m.mean(1)
  middle = np.median(path, axis=0)
  turn = np.deg2rad(operator.azimuth)
  eye = middle + operator.distance_m * np.array([np.sin(turn), -np.cos(turn), 0])
  eye[2] = max(0.6, middle[2] + operator.height_m)
  seen = ndimage.gaussian_filter1d(path, operator.smooth_s * fps, axis=0, mode='nearest')
  if not operator.tilts:
    seen[:, 2] = middle[2]
  clock = np.arange(len(path)) / fps + operator.lag_s
  target = np.stack([np.interp(t_s, clock, axis) for axis in seen.T], -1)
  yaw, pitch = look_angles(eye, target)
  away = np.linalg.norm(target - eye, axis=-1)
  # An operator zooms after the athlete by about two thirds of what would keep the size.
  zoom = (away / operator.distance_m) ** 0.67 * (1 + operator.zoom_swing * _wander(t_s, operator.phases[:2]))
  focal = operator.fill * size[1] * operator.distance_m / stature_m * zoom
  x, y = (size[axis] * (operator.offset[axis] + operator.shake * _wander(t_s, operator.phases[2 + 2 * axis :]))
          for axis in (0, 1))  # fmt: skip
  roll = np.full(len(t_s), np.deg2rad(operator.roll))
  return Cameras(
    eye_m=np.broadcast_to(eye, (len(t_s), 3)),
    rotation=aim(yaw + x / focal, pitch + y / focal, roll),
    focal_px=focal,
    centre_px=np.broadcast_to(np.array(size) / 2.0, (len(t_s), 2)),
  )


def _wander(t_s: Float[np.ndarray, 't'], phases: tuple[float, ...]) -> Float[np.ndarray, 't']:
  return 0.6 * np.sin(2 * np.pi * 0.31 * t_s + phases[0]) + 0.4 * np.sin(2 * np.pi * 0.83 * t_s + phases[1])
