"""What VIPE* has learned, for people to look at: 2D poses, and the skeletons that its decoder lifts them to."""

from __future__ import annotations

import pathlib

import cv2
import jax.numpy as jnp
import numpy as np

from sportjax.data.poses3d import PoseSequences
from sportjax.models.vipe import Vipe
from sportjax.nn import views
from sportjax.pose import canonical
from sportjax.pose.bodies import Body
from sportjax.pose.skeletons import SKELETONS, Skeleton
from sportjax.report.draw import contact_sheet, draw_pose
from sportjax.typing import Float, Image

_POSES, _SIDE_PX, _MARGIN_PX = 6, 160, 16
_FROM = ((0.0, 'front'), (90.0, 'side'))  # azimuths that 3D poses are drawn from
_JOINTS = Skeleton(
  'coco13', canonical.COCO13, tuple(b for b in SKELETONS['coco17'].bones if set(b) <= set(canonical.COCO13))
)


def write_preview(path: pathlib.Path, model: Vipe, head: int, source: PoseSequences, seed: int) -> None:
  """A row a pose: what a random camera sees, the pose, and what is lifted from that view by one head of the decoder."""
  rng = np.random.default_rng([seed, 0x11F7])
  rows = np.sort(rng.choice(len(source.xyz), min(_POSES, len(source.xyz)), replace=False))
  xyz, azimuth = source.xyz[rows], rng.uniform(-180, 180, len(rows)).astype(np.float32)
  level = jnp.zeros(len(rows))
  xy = views.project(jnp.asarray(canonical.coco13(xyz, source.body), jnp.float32), jnp.asarray(azimuth), level, level)
  joints = views.vipe_input(jnp.concatenate([xy, jnp.ones((*xy.shape[:2], 1))], axis=-1))
  told = lifted(model, joints, head, xyz, source.body)
  pictures, captions = [], []
  for n in range(len(rows)):
    pictures.append(_picture(np.asarray(joints[n]).reshape(13, 3)[:, :2], _JOINTS))
    captions.append(f'seen at {azimuth[n]:.0f} deg')
    for at, side in _FROM:
      for what, pose in (('pose', xyz), ('lifted', told)):
        pictures.append(_picture(_seen(pose[n], at), _skeleton(source.body)))
        captions.append(f'{what}, {side}')
  sheet = contact_sheet(pictures, 1 + 2 * len(_FROM), captions)
  cv2.imwrite(str(path), sheet[..., ::-1])


def lifted(
  model: Vipe, joints: Float[jnp.ndarray, 'b 39'], head: int, like: Float[np.ndarray, 'b j 3'], body: Body
) -> Float[np.ndarray, 'b j 3']:
  """Canonical poses in the decoder's directions; the lengths of bones, which it does not tell, are those of `like`."""
  assert model.decoder is not None, 'what lifts is dropped when weights are saved'
  features = np.asarray(model.decoder(model(joints, train=False))[head], np.float64)
  directions = canonical.unit(features.reshape(len(features), -1, 7)[..., :3])
  return canonical.from_bones(directions * np.linalg.norm(canonical.bones(like, body), axis=-1, keepdims=True), body)


def _seen(pose: Float[np.ndarray, 'j 3'], azimuth_deg: float) -> Float[np.ndarray, 'j 2']:
  angles = (jnp.full(1, azimuth_deg), jnp.zeros(1), jnp.zeros(1))
  return np.asarray(views.project(jnp.asarray(pose[None], jnp.float32), *angles))[0]


def _skeleton(body: Body) -> Skeleton:
  return Skeleton(body.name, body.joints, tuple((joint, parent) for joint, parent, _ in body.rows))


def _picture(xy: Float[np.ndarray, 'j 2'], skeleton: Skeleton) -> Image:
  """A pose that fills a white square."""
  low, high = xy.min(0), xy.max(0)
  scale = (_SIDE_PX - 2 * _MARGIN_PX) / max(float((high - low).max()), 1e-6)
  places = (xy - (low + high) / 2) * scale + _SIDE_PX / 2
  keypoints = np.concatenate([places, np.full((len(places), 1), np.nan)], axis=1)
  return draw_pose(np.full((_SIDE_PX, _SIDE_PX, 3), 255, np.uint8), keypoints, skeleton)
