"""Draws solids: lit quads, back faces culled, from far to near.

Everything but the filling of the quads is done for a whole batch of frames at once.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import cv2
import numpy as np

from sportjax.synth.filming.camera import Cameras
from sportjax.synth.filming.solids import Solid
from sportjax.typing import Float, Int, UInt8

SUBPIXEL_BITS = 4
_ONE = 1 << SUBPIXEL_BITS
_NEAR_M = 0.3


@dataclasses.dataclass(frozen=True)
class Light:
  """A sun or lamp and the sky's light from above."""

  direction: tuple[float, float, float]  # towards the light, unit length
  ambient: float
  diffuse: float


def shade(solid: Solid, light: Light, rows: np.ndarray) -> UInt8[np.ndarray, 't f 4']:
  """Lit colours of the faces at the given instants, the part in the fourth channel."""
  corners = solid.vertices_m[rows][:, solid.faces]
  normal = np.cross(corners[:, :, 2] - corners[:, :, 0], corners[:, :, 3] - corners[:, :, 1])
  normal /= np.linalg.norm(normal, axis=-1, keepdims=True) + 1e-9
  sun = np.clip(normal @ np.array(light.direction, np.float32), 0, 1)
  lit = light.ambient * (0.75 + 0.25 * normal[..., 2]) + light.diffuse * sun
  colours = np.empty((*lit.shape, 4), np.uint8)
  unlit = solid.colours[rows] if solid.colours.ndim == 3 else solid.colours
  colours[..., :3] = np.clip(lit[..., None] * unlit, 0, 255)
  colours[..., 3] = solid.part
  return colours


@dataclasses.dataclass(frozen=True)
class Projected:
  """A solid in the pictures of a batch of instants, its faces sorted from far to near."""

  vertices: Int[np.ndarray, 't p 2']  # pixels in fixed point, SUBPIXEL_BITS
  faces: Int[np.ndarray, 'f 4']
  order: Int[np.ndarray, 't f']
  drawn: Int[np.ndarray, 't']  # how many of `order` face the camera; those come first
  boxes_px: Float[np.ndarray, 't 4']  # x0, y0, x1, y1, unclipped
  depth_m: Float[np.ndarray, 't']


def project(solid: Solid, cameras: Cameras, water_m: float = -np.inf) -> Projected:
  """The faces in each camera; those below the water's surface are not seen."""
  viewed = cameras.view(solid.vertices_m)
  vertices = np.round(cameras.image(viewed) * _ONE).astype(np.int32)
  depth = viewed[..., 2].astype(np.float32)
  corner = solid.faces.T
  face_depth = depth[:, corner[0]] + depth[:, corner[2]]
  a, b = vertices[:, corner[2]] - vertices[:, corner[0]], vertices[:, corner[3]] - vertices[:, corner[1]]
  front = (a[..., 0] * b[..., 1] < a[..., 1] * b[..., 0]) & (face_depth > 2 * _NEAR_M)
  if np.isfinite(water_m):
    front &= solid.vertices_m[:, corner[0], 2] + solid.vertices_m[:, corner[2], 2] > 2 * water_m
  face_depth[~front] = -1  # sorts behind all that is drawn
  low, high = vertices.min(1), vertices.max(1)
  return Projected(
    vertices=vertices,
    faces=solid.faces,
    order=np.argsort(-face_depth, axis=1),
    drawn=front.sum(1),
    boxes_px=np.concatenate([low, high], -1) / _ONE,
    depth_m=np.median(depth, axis=1),  # not the mean: a ball in flight is no part of where its player stands
  )


def draw(canvas: np.ndarray, projected: Projected, row: int, palette: list, shift: Int[np.ndarray, '2']) -> None:
  """Fills the faces of one instant, moved by `shift` in fixed point; the palette has a value per face and channel."""
  order = projected.order[row, : projected.drawn[row]]
  quads = (projected.vertices[row] + shift)[projected.faces[order]]
  fill = cv2.fillConvexPoly
  for face, quad in zip(order.tolist(), quads, strict=True):
    fill(canvas, quad, palette[face], 8, SUBPIXEL_BITS)


def clip_box(box_px: np.ndarray, size: tuple[int, int], margin: int = 2) -> tuple[int, int, int, int] | None:
  """Whole pixels of a box inside the picture, or None where it lies outside."""
  x0, y0 = (max(0, int(np.floor(edge)) - margin) for edge in box_px[:2])
  x1, y1 = (min(limit, int(np.ceil(edge)) + margin) for edge, limit in zip(box_px[2:], size, strict=True))
  return (x0, y0, x1, y1) if x0 < x1 and y0 < y1 else None


# Sub-frames are shifted within a pixel so that their mean has smooth edges.
JITTER = np.array([(0.0, 0.0), (0.375, -0.125), (-0.25, 0.375), (0.125, 0.25), (-0.375, -0.375), (0.25, -0.375),
                   (-0.125, 0.125), (0.3, 0.1)])  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Layer:
  """One exposure of a solid: premultiplied colour and coverage in 0..255 inside `box`, and parts at mid-exposure."""

  box: tuple[int, int, int, int]
  colour: Float[np.ndarray, 'h w 3']
  coverage: Float[np.ndarray, 'h w 1']
  parts: UInt8[np.ndarray, 'h w']

  def over(self, picture: np.ndarray) -> None:
    """Lays the exposure over a picture, in place."""
    x0, y0, x1, y1 = self.box
    under = picture[y0:y1, x0:x1]
    under[:] = under * (1 - self.coverage) + self.colour


def expose(
  projected: Projected, rows: Sequence[int], colours: UInt8[np.ndarray, 'f 4'], canvas: UInt8[np.ndarray, 'h w 4']
) -> Layer | None:
  """The mean of the instants `rows`, the middle one of which gives the parts; None where it is out of the picture."""
  hull = np.concatenate([projected.boxes_px[rows, :2].min(0), projected.boxes_px[rows, 2:].max(0)])
  box = clip_box(hull, canvas.shape[1::-1])
  if box is None:
    return None
  x0, y0, x1, y1 = box
  view = canvas[y0:y1, x0:x1]
  summed = np.zeros(view.shape, np.uint16)
  palette = colours.tolist()
  for i, row in enumerate(rows):
    view[:] = 0
    shift = np.round((JITTER[i % len(JITTER)] - (x0, y0)) * _ONE).astype(np.int32)
    draw(view, projected, row, palette, shift)
    if i == len(rows) // 2:
      parts = view[..., 3].copy()
    np.minimum(view[..., 3], 1, out=view[..., 3])
    summed += view
  mean = summed * np.float32(1 / len(rows))
  return Layer(box, mean[..., :3], mean[..., 3:], parts)
