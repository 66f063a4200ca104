"""Draws what the athlete holds, stands on or plays with, from the points a motion carries."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sportjax.errors import InputError
from sportjax.synth.filming.solids import Solid, ball, ring, rod, slab, tube
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
  """A basketball rim: its centre, then the middle of the backboard."""
  rim, board = points[:, 0], points[:, 1]
  up = np.zeros_like(rim) + (0, 0, 1.0)
  away = board - rim
  away = away * (1, 1, 0) / (np.linalg.norm(away[:, :2], axis=-1, keepdims=True) + 1e-9)
  across = np.cross(up, away)
  corners = np.stack(
    [board + x * across + z * up for x, z in ((-0.9, 0.55), (0.9, 0.55), (0.9, -0.5), (-0.9, -0.5))], 1
  )
  return [ring(rim, up, (0.23, 0.23), away, (225, 90, 30), FIRST_PART), slab(corners, 0.02, _WHITE, FIRST_PART, 1)]


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
