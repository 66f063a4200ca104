"""Whether a pose is found again from another side: retrieval across cameras at known angles."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np

from sportjax.errors import InputError
from sportjax.metrics.pose3d import np_mpjpe
from sportjax.nn import views
from sportjax.typing import Float, Int

Embed = Callable[[Float[np.ndarray, 'b 39']], Float[np.ndarray, 'b d']]
SAME_POSE = 0.1  # NP-MPJPE; Source: Pr-VIPE (arXiv 1912.01001)


class ViewHits(NamedTuple):
  """Per query: 1 where the nearest is the pose itself, and where it or one hardly different is among the first k."""

  itself: Float[np.ndarray, 'q']
  same: Float[np.ndarray, 'q']
  pose: Int[np.ndarray, 'q']  # which pose asked


def joints_2d(x: Float[np.ndarray, 'b 39']) -> Float[np.ndarray, 'b 26']:
  """The baseline: the normalised joints themselves, without confidence."""
  return np.asarray(x).reshape(len(x), 13, 3)[..., :2].reshape(len(x), 26)


def hits_across_views(
  embed: Embed,
  xyz: Float[np.ndarray, 'b 13 3'],
  angle_deg: float,
  *,
  bases_deg: Sequence[float] = (0.0, 90.0, 180.0, 270.0),
  k: int = 1,
) -> ViewHits:
  """Each pose, seen by one camera, among all poses as another camera sees them that stands `angle_deg` beside it.

  Args:
    embed: normalised 2D poses, confidence included, to vectors; the nearest by L2 is found.
    xyz: canonical poses that differ from each other.
    angle_deg: between the two cameras, round the person.
    bases_deg: where the camera of the index stands; each is a pass of its own.
    k: of the first found, how many count.

  Raises:
    InputError: there are not more poses than k.
  """
  if len(xyz) <= k:
    raise InputError(f'{len(xyz)} poses are too few to find one of them among the first {k}')
  rows = []
  for base in bases_deg:
    asked, known = (np.asarray(embed(picture(xyz, at)), np.float64) for at in (base + angle_deg, base))
    found = np.argsort(_distances(asked, known), axis=1, kind='stable')[:, :k]
    error = np.stack([np_mpjpe(xyz, xyz[column]) for column in found.T], axis=1)
    rows.append((found[:, 0] == np.arange(len(xyz)), (error <= SAME_POSE).any(1), np.arange(len(xyz))))
  itself, same, pose = (np.concatenate(column) for column in zip(*rows, strict=True))
  return ViewHits(itself.astype(np.float64), same.astype(np.float64), pose)


def picture(xyz: Float[np.ndarray, 'b 13 3'], azimuth_deg: float) -> Float[np.ndarray, 'b 39']:
  """Poses as a level camera sees them, normalised, all joints certain."""
  level = jnp.zeros(len(xyz))
  xy = views.project(jnp.asarray(xyz, jnp.float32), level + azimuth_deg, level, level)
  return np.asarray(views.vipe_input(jnp.concatenate([xy, jnp.ones((*xy.shape[:2], 1))], axis=-1)))


def _distances(a: Float[np.ndarray, 'n d'], b: Float[np.ndarray, 'm d']) -> Float[np.ndarray, 'n m']:
  return np.square(a).sum(1)[:, None] + np.square(b).sum(1)[None] - 2 * a @ b.T


def distinct(xyz: Float[np.ndarray, 'b 13 3'], count: int, seed: int) -> Int[np.ndarray, 'n']:
  """Up to `count` poses, no two of them the same: drawn in random order, those too like an earlier one left out."""
  kept: list[int] = []
  for i in np.random.default_rng(seed).permutation(len(xyz)).tolist():
    if len(kept) == count:
      break
    if not kept or np_mpjpe(np.repeat(xyz[i : i + 1], len(kept), axis=0), xyz[kept]).min() > SAME_POSE:
      kept.append(i)
  return np.sort(np.array(kept, np.int64))
