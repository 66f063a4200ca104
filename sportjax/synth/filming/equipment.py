"""Draws what the athlete holds, stands on or plays with, from the points a motion carries."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sportjax.errors import InputError
from sportjax.synth.filming.solids import Solid, ball, both_sides, merge, ring, rod, slab, tube
from sportjax.typing import Float

FIRST_PART = 200  # parts from here on are equipment, not the athlete
_WOOD, _STEEL, _DARK, _WHITE = (196, 156, 104), (165, 168, 175), (45, 45, 52), (238, 238, 232)

Points = Float[np.ndarray, 't p 3']


def _racket(points: Points) -> list[Solid]:
  grip, head, normal = points[:, 0], points[:, 1], points[:, 2]
  along = head - grip
  along /= np.linalg.norm(along, axis=-1, keepdims=True) + 1e-9
  throat = head - 0.17 * along
  return [
    rod(grip, throat, 0.016, _DARK, FIRST_PART),
    ring(head, normal, (0.125, 0.17), along, (210, 60, 50), FIRST_PART),
  ]


def _club(points: Points) -> list[Solid]:
  grip, head = points[:, 0], points[:, 1]
  return [rod(grip, head, 0.009, _STEEL, FIRST_PART), ball(head, 0.045, _DARK, FIRST_PART)]


def _barbell(points: Points) -> list[Solid]:
  a, b = points[:, 0], points[:, 1]
  length = float(np.linalg.norm(b[0] - a[0]))
  solids = [rod(a, b, 0.016, _STEEL, FIRST_PART)]
  for share in (0.1, 0.9):
    near, far = (a + (share + step / length) * (b - a) for step in (-0.06, 0.06))
    disc = ((0, 0.02), (0.02, 0.22), (0.98, 0.22), (1, 0.02))
    solids.append(tube(near, far, disc, ((180, 40, 40), (40, 60, 150))[share > 0.5], FIRST_PART, sides=14))
  return solids


def _hoop(points: Points) -> list[Solid]:
  """A basketball rim and its net, from its centre and the middle of the backboard; the board, and the post behind."""
  rim, board = points[:, 0], points[:, 1]
  up = np.zeros_like(rim) + (0, 0, 1.0)
  away = board - rim
  away = away * (1, 1, 0) / (np.linalg.norm(away[:, :2], axis=-1, keepdims=True) + 1e-9)
  across = np.cross(up, away)
  # Sheets about one middle: the painted square is the nearer one from the front, and only from there.
  sheets = [
    slab(_upright(board - out_m * away, across, up, wide_m, high_m), 0.02, colour, FIRST_PART, 1)
    for out_m, wide_m, high_m, colour in (
      (0.0, 0.9, 0.525, _WHITE), (0.02, 0.3, 0.225, (205, 60, 50)), (0.03, 0.24, 0.165, _WHITE)
    )
  ]  # fmt: skip
  top = board + 1.2 * away - 0.3 * up
  return [
    merge([_net(rim), ring(rim, up, (0.24, 0.24), away, (225, 90, 30), FIRST_PART)]),
    merge(sheets),
    rod(board + 0.05 * away, top, 0.06, _DARK, FIRST_PART),
    rod(top * (1, 1, 0), top, 0.09, _DARK, FIRST_PART),
  ]


def _upright(middle: Points, across: Points, up: Points, wide_m: float, high_m: float) -> Points:
  """Corners of an upright sheet: half its width and height."""
  reach = np.array([(-1, 1), (1, 1), (1, -1), (-1, -1)])
  return np.stack([middle + x * wide_m * across + z * high_m * up for x, z in reach], 1)


_STRANDS, _NET_DEPTH_M, _STRAND_M = 10, 0.42, 0.024


def _net(rim: Points) -> Solid:
  """Strands that hang from a rim and draw together."""
  angle = 2 * np.pi * np.arange(_STRANDS) / _STRANDS
  corners = []
  top, end = (0.23, 0.0), (0.13, _NET_DEPTH_M)
  for (radius, drop), turn in ((top, -0.5), (top, 0.5), (end, 0.5), (end, -0.5)):
    at = angle + turn * _STRAND_M / radius
    corners.append(np.stack([radius * np.cos(at), radius * np.sin(at), np.full_like(at, -drop)], -1))
  vertices = rim[:, None] + np.stack(corners, 1).reshape(-1, 3)
  return both_sides(vertices, np.arange(4 * _STRANDS).reshape(-1, 4), _WHITE, FIRST_PART)


def _sphere(radius_m: float, colour) -> Callable[[Points], list[Solid]]:
  return lambda points: [ball(points[:, i], radius_m, colour, FIRST_PART) for i in range(points.shape[1])]


def _rod(radius_m: float, colour) -> Callable[[Points], list[Solid]]:
  return lambda points: [rod(points[:, 0], points[:, 1], radius_m, colour, FIRST_PART)]


def _slab(thickness_m: float, colour) -> Callable[[Points], list[Solid]]:
  return lambda points: [slab(points, thickness_m, colour, FIRST_PART)]


_SOLIDS: dict[str, Callable[[Points], list[Solid]]] = {
  'ball': _sphere(0.12, (215, 120, 50)),  # centre
  'basketball': _sphere(0.12, (215, 120, 50)),
  'football': _sphere(0.11, _WHITE),
  'volleyball': _sphere(0.105, (240, 220, 120)),
  'tennis_ball': _sphere(0.04, (215, 235, 70)),
  'golf_ball': _sphere(0.025, _WHITE),
  'racket': _racket,  # grip, head centre, face normal
  'club': _club,  # grip, head
  'bat': _rod(0.03, _WOOD),  # grip, end
  'stick': _rod(0.015, _WOOD),
  'barbell': _barbell,  # left end, right end
  'bar': _rod(0.02, _STEEL),
  'board': _slab(0.06, (205, 215, 220)),  # four corners around it, the top
  'platform': _slab(0.25, (190, 195, 200)),
  'beam': _slab(0.12, _WOOD),
  'mat': _slab(0.1, (50, 80, 150)),
  'box': _slab(0.5, (150, 110, 80)),
  'net': _slab(0.02, (60, 60, 60)),
  'hoop': _hoop,  # rim centre, backboard centre
}
_UNDRAWN = {'water'}  # the surface's middle: filming reads its height


def equipment_solids(equipment: dict[str, Points]) -> list[Solid]:
  """Solids of a motion's equipment. Raises: InputError for a name that filming cannot draw."""
  unknown = sorted(equipment.keys() - _SOLIDS.keys() - _UNDRAWN)
  if unknown:
    raise InputError(f'equipment {unknown} cannot be filmed; known are {sorted(_SOLIDS.keys() | _UNDRAWN)}')
  return [solid for name, points in equipment.items() if name in _SOLIDS for solid in _SOLIDS[name](points)]
