"""Canonical 3D poses as cameras all round see them, and the input that VIPE* makes of 2D joints; on the device."""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from sportjax.errors import InputError

# Of the 13 joints (nose, then left and right of shoulder, elbow, wrist, hip, knee, ankle).
TORSO = (1, 2, 7, 8)
HIPS = (7, 8)
MIRROR = (0, 2, 1, 4, 3, 6, 5, 8, 7, 10, 9, 12, 11)
_TORSO_LENGTH = 0.5


@dataclasses.dataclass(frozen=True)
class ViewConfig:
  """Random orthographic cameras. Source: VPD (arXiv 2109.01305), supplement G, ranges of its reference.

  `joint_error` is not the paper's, which has an estimator's joints to learn from: with it, joints are off as an
  estimator's are, by a normal error of this many torsos either way at confidence 0, less with the square of what the
  confidence lacks of 1, and a pose's confidence has a limit of its own.
  """

  elevation_deg: float = 30.0  # either way, as roll
  roll_deg: float = 30.0
  lowest_confidence: float = 0.5
  joint_error: float = 0.0

  def __post_init__(self):
    if not 0 <= self.lowest_confidence < 1 or self.joint_error < 0:
      raise InputError('views: lowest_confidence must be at least 0 and below 1, joint_error 0 or more')


def random_views(
  key: jax.Array, xyz: Float[Array, 'b 13 3'], config: ViewConfig, together: int = 1
) -> Float[Array, 'b 13 3']:
  """Poses (x left, y ahead, z up) from random sides, as x, y down and a confidence; so many in a row by one camera."""
  turn, up, roll, sure = jax.random.split(key, 4)
  count = (len(xyz) // together,)
  angles = (
    jax.random.uniform(turn, count, minval=-180.0, maxval=180.0),
    jax.random.uniform(up, count, minval=-config.elevation_deg, maxval=config.elevation_deg),
    jax.random.uniform(roll, count, minval=-config.roll_deg, maxval=config.roll_deg),
  )
  xy = project(xyz, *(jnp.repeat(angle, together) for angle in angles))
  confidence = jax.random.uniform(sure, xy.shape[:2], minval=config.lowest_confidence)
  if config.joint_error:
    xy, confidence = _estimated(jax.random.fold_in(key, 1), xyz, xy, confidence, config)
  return jnp.concatenate([xy, confidence[..., None]], axis=-1)


def _estimated(
  key: jax.Array, xyz: Float[Array, 'b 13 3'], xy: Float[Array, 'b 13 2'], confidence: Array, config: ViewConfig
) -> tuple[Float[Array, 'b 13 2'], Float[Array, 'b 13']]:
  """Joints as an estimator says them: less sure of some poses than of others, and off by how unsure it is."""
  limit, error = jax.random.split(key)
  confidence = config.lowest_confidence + (confidence - config.lowest_confidence) * jax.random.uniform(
    limit, (len(xy), 1)
  )
  spread = config.joint_error * _longest(xyz[:, TORSO, :])[:, None] * jnp.square(1 - confidence)
  return xy + spread[..., None] * jax.random.normal(error, xy.shape), confidence


def _longest(points: Float[Array, 'b k c']) -> Float[Array, 'b']:
  """The greatest distance between two points."""
  return jnp.sqrt(jnp.square(points[:, :, None] - points[:, None]).sum(-1).max((1, 2)))


def project(
  xyz: Float[Array, 'b 13 3'],
  azimuth_deg: Float[Array, 'b'],
  elevation_deg: Float[Array, 'b'],
  roll_deg: Float[Array, 'b'],
) -> Float[Array, 'b 13 2']:
  """Orthographic pictures, y down; at azimuth 0 from the front, at 90 degrees from the person's left or right."""
  x, y, z = jnp.moveaxis(xyz, -1, 0)
  x, y = _turned(x, y, azimuth_deg)
  y, z = _turned(y, z, elevation_deg)
  x, z = _turned(x, z, roll_deg)
  return jnp.stack([x, -z], axis=-1)


def _turned(a: Float[Array, 'b j'], b: Float[Array, 'b j'], degrees: Float[Array, 'b']) -> tuple[Array, Array]:
  cos, sin = (f(jnp.radians(degrees))[:, None] for f in (jnp.cos, jnp.sin))
  return a * cos - b * sin, a * sin + b * cos


def vipe_input(joints: Float[Array, 'b 13 3'], mirrored: Bool[Array, 'b'] | None = None) -> Float[Array, 'b 39']:
  """Joints about the hips with a greatest torso distance of 0.5, mirrored where told, confidence about 0.

  Source: Sun et al. 2020 (Pr-VIPE), profile 2DSTD13, as `pose.normalise` on the host.
  """
  xy = joints[..., :2] - joints[:, HIPS, :2].mean(1, keepdims=True)
  length = _longest(xy[:, TORSO, :])
  xy = xy * (_TORSO_LENGTH / jnp.where(length > 0, length, 1.0))[:, None, None]
  pose = jnp.concatenate([xy, joints[..., 2:] - 0.5], axis=-1)
  if mirrored is not None:
    flipped = pose[:, MIRROR, :] * jnp.array([-1.0, 1.0, 1.0])[None, None]
    pose = jnp.where(mirrored[:, None, None], flipped, pose)
  return pose.reshape(len(pose), -1)
