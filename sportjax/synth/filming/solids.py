"""Solids other than people: tubes, slabs, hoops and cloths that move with a few points."""

from __future__ import annotations

import dataclasses

import numpy as np

from sportjax.typing import Float, Int

Colour = tuple[float, float, float]
Points = Float[np.ndarray, 't 3']


@dataclasses.dataclass(frozen=True)
class Solid:
  """A surface moving through the world; `part` 1..250 names what a face belongs to."""

  vertices_m: Float[np.ndarray, 't p 3']
  faces: Int[np.ndarray, 'f 4']  # corners counter-clockwise seen from outside
  colours: Float[np.ndarray, 'f 3']  # unlit, or 't f 3' where they change
  part: Int[np.ndarray, 'f']


def merge(solids: list[Solid]) -> Solid:
  """One solid out of several, so that they hide one another."""
  first = np.cumsum([0, *(solid.vertices_m.shape[1] for solid in solids)])
  return Solid(
    np.concatenate([solid.vertices_m for solid in solids], 1),
    np.concatenate([solid.faces + start for solid, start in zip(solids, first, strict=False)]),
    np.concatenate([solid.colours for solid in solids]),
    np.concatenate([solid.part for solid in solids]),
  )


def tube(a_m: Points, b_m: Points, profile, colour: Colour, part: int, sides: int = 6) -> Solid:
  """A round tube from a to b; `profile` lists (share of the way, radius in metres)."""
  share, radius = np.array(profile, np.float32).T
  axis = _unit(b_m - a_m)
  side = _unit(np.cross(axis, np.where(np.abs(axis[:, 2:]) < 0.9, (0.0, 0, 1), (1.0, 0, 0))))
  across = np.stack([side, np.cross(axis, side)], 1)  # t 2 3
  angle = 2 * np.pi * np.arange(sides) / sides
  circle = np.stack([np.cos(angle), np.sin(angle)], -1) @ across  # t sides 3
  centres = a_m[:, None] + share[:, None] * (b_m - a_m)[:, None]
  vertices = centres[:, :, None] + radius[:, None, None] * circle[:, None]
  return Solid(vertices.reshape(len(a_m), -1, 3), *_painted(band_faces(len(share), sides), colour, part))


def ball(centre_m: Points, radius_m: float, colour: Colour, part: int) -> Solid:
  """A sphere."""
  up = np.array([0, 0, radius_m])
  places = np.linspace(-1, 1, 7)
  profile = [((place + 1) / 2, radius_m * np.sqrt(max(1 - place**2, 0.01))) for place in places]
  return tube(centre_m - up, centre_m + up, profile, colour, part, sides=10)


def rod(a_m: Points, b_m: Points, radius_m: float, colour: Colour, part: int) -> Solid:
  """A closed tube of even radius, in pieces short enough to be sorted by depth."""
  pieces = int(np.clip(np.linalg.norm(b_m[0] - a_m[0]) / 0.25, 2, 16))
  profile = [(0, 0.1 * radius_m), *((place, radius_m) for place in np.linspace(0.001, 0.999, pieces))]
  return tube(a_m, b_m, [*profile, (1, 0.1 * radius_m)], colour, part)


def slab(corners_m: Float[np.ndarray, 't 4 3'], thickness_m: float, colour: Colour, part: int, cells: int = 4) -> Solid:
  """A plate below four corners that go round it, cut into cells along its long sides."""
  share = np.linspace(0, 1, cells + 1)[:, None]
  first, second, third, fourth = (corners_m[:, i, None] for i in range(4))
  left, right = first + share * (fourth - first), second + share * (third - second)
  drop = np.array([0, 0, -thickness_m])
  rings = np.stack([left, right, right + drop, left + drop], 2)  # t cells+1 4 3
  caps = np.array([[0, 1, 2, 3], [4 * cells + 3, 4 * cells + 2, 4 * cells + 1, 4 * cells]])
  return both_sides(
    rings.reshape(len(corners_m), -1, 3), np.concatenate([band_faces(cells + 1, 4), caps]), colour, part
  )


def ring(
  centre_m: Points, normal: Points, radii_m: tuple[float, float], up: Points, colour: Colour, part: int
) -> Solid:
  """A flat band around an ellipse, its long half axis along `up`."""
  side = _unit(np.cross(up, normal))
  angle = 2 * np.pi * np.arange(14) / 14
  outline = np.cos(angle)[:, None] * radii_m[0] * side[:, None] + np.sin(angle)[:, None] * radii_m[1] * up[:, None]
  vertices = np.concatenate([centre_m[:, None] + outline, centre_m[:, None] + 0.86 * outline], 1)
  return both_sides(vertices, band_faces(2, 14), colour, part)


def both_sides(vertices_m: Float[np.ndarray, 't p 3'], faces: np.ndarray, colour: Colour, part: int) -> Solid:
  """A thin sheet seen from either side."""
  return Solid(vertices_m, *_painted(np.concatenate([faces, faces[:, ::-1]]), colour, part))


def _painted(faces: np.ndarray, colour: Colour, part: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
  return faces, np.tile(np.array(colour, np.float32), (len(faces), 1)), np.full(len(faces), part)


def band_faces(rings: int, sides: int) -> Int[np.ndarray, 'f 4']:
  """Quads between consecutive closed rings of vertices, seen from outside where the rings ascend."""
  band, face = (grid.ravel() for grid in np.mgrid[: rings - 1, :sides])
  corner = np.stack([face, (face + 1) % sides], -1) + sides * band[:, None]
  return np.concatenate([corner, corner[:, ::-1] + sides], -1)


def _unit(vectors: np.ndarray) -> np.ndarray:
  return vectors / (np.linalg.norm(vectors, axis=-1, keepdims=True) + 1e-9)
