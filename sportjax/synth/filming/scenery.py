"""Where it happens: a room or an open ground whose floor, walls and sky are painted from a seed."""

from __future__ import annotations

import dataclasses
import functools
from typing import Literal

import cv2
import numpy as np

from sportjax.typing import Float, UInt8

Place = Literal['hall', 'pool', 'court', 'pitch', 'rink', 'gym']
PLACES: tuple[Place, ...] = ('hall', 'pool', 'court', 'pitch', 'rink', 'gym')

PX_PER_M = 22
_HALF_M, _HEIGHT_M = 17.0, 9.0
_TURN_M, _CLEAR_M = 2.5, 1.0


@dataclasses.dataclass(frozen=True)
class Decor:
  """What a place is made of; colours are means, the seed moves them."""

  floor: str  # planks, mat, tiles, grass, ice, rubber
  floor_colours: tuple[tuple[int, int, int], ...]
  wall_colours: tuple[tuple[int, int, int], ...]
  crowd: float  # chance that a wall is a stand full of people
  boards: float  # chance of a row of advertising boards
  sky: bool
  lines: int


_DECOR: dict[Place, Decor] = {
  'hall': Decor('mat', ((60, 95, 160), (150, 60, 60), (95, 130, 100), (170, 150, 120)),
                ((175, 170, 160), (110, 120, 140), (70, 75, 90)), 0.6, 0.7, False, 3),
  'pool': Decor('tiles', ((60, 150, 185), (80, 170, 190), (50, 120, 170)),
                ((185, 200, 205), (130, 160, 175), (210, 205, 190)), 0.5, 0.5, False, 2),
  'court': Decor('planks', ((190, 140, 90), (160, 110, 70), (60, 110, 90), (90, 90, 150)),
                 ((160, 150, 150), (80, 85, 100), (190, 180, 165)), 0.7, 0.8, False, 6),
  'pitch': Decor('grass', ((70, 120, 55), (85, 130, 60), (100, 125, 70)),
                 ((90, 110, 85), (120, 120, 125), (95, 95, 110)), 0.6, 0.8, True, 5),
  'rink': Decor('ice', ((215, 225, 232), (200, 215, 225)), ((90, 100, 125), (60, 65, 85), (150, 150, 160)),
                0.8, 0.95, False, 4),
  'gym': Decor('rubber', ((70, 70, 75), (110, 100, 95), (55, 65, 80)), ((150, 140, 130), (190, 185, 180), (95, 90, 90)),
               0.1, 0.3, False, 2),
}  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Room:
  """A box around the action; each inner side has its own painted picture, made when first looked at.

  Sides are floor, ceiling, and the walls at low x, high x, low y and high y; row 0 of a wall is the floor.
  """

  place: Place
  seed: int
  clutter: float
  low_m: Float[np.ndarray, '3']
  high_m: Float[np.ndarray, '3']

  def side(self, number: int) -> UInt8[np.ndarray, 'h w 3']:
    """The picture of one side."""
    return paint_side(self.place, self.seed, self.clutter, number)


def build_room(place: Place, seed: int, middle_m: Float[np.ndarray, '2'], clutter: float, reach_m: float = 0.0) -> Room:
  """The room of a place and seed around a point of the floor; `clutter` 0 leaves everything plain.

  It grows where `reach_m`, the furthest that anyone or a camera gets from that point, asks for more space.
  """
  turn = np.random.default_rng(seed).uniform(-_TURN_M, _TURN_M, 2)  # the action is not always in the room's middle
  half = max(_HALF_M, reach_m + _TURN_M + _CLEAR_M)
  low = np.array([middle_m[0] - half + turn[0], middle_m[1] - half + turn[1], 0])
  return Room(place, seed, clutter, low, low + (2 * half, 2 * half, _HEIGHT_M))


@functools.lru_cache(maxsize=16)
def paint_side(place: Place, seed: int, clutter: float, number: int) -> UInt8[np.ndarray, 'h w 3']:
  """One side of a room, a function of its arguments alone."""
  decor = _DECOR[place]
  shared = np.random.default_rng(seed)
  base = np.array(decor.floor_colours[shared.integers(len(decor.floor_colours))]) + shared.normal(0, 14, 3)
  wall = np.array(decor.wall_colours[shared.integers(len(decor.wall_colours))]) + shared.normal(0, 14, 3)
  rng = np.random.default_rng((seed, number))
  side, height = int(2 * _HALF_M * PX_PER_M), int(_HEIGHT_M * PX_PER_M)
  if number == 0:
    return _paint_floor(rng, decor, base, side, clutter)
  if number == 1:
    return _paint_ceiling(rng, decor, wall, side)
  return _paint_wall(rng, decor, wall, (height, side), clutter)


def _mottle(
  rng: np.random.Generator, shape: tuple[int, int], cells: int, strength: float
) -> Float[np.ndarray, 'h w 1']:
  """Smooth brightness variation around 1."""
  coarse = 1 + strength * _grain(rng, (max(2, cells * shape[0] // shape[1]), cells))
  return cv2.resize(coarse, shape[::-1], interpolation=cv2.INTER_CUBIC)[..., None]


def _grain(rng: np.random.Generator, shape: tuple[int, ...]) -> Float[np.ndarray, '...']:
  return rng.standard_normal(shape, np.float32)


def _to_bytes(image: np.ndarray) -> UInt8[np.ndarray, 'h w 3']:
  return np.clip(image, 0, 255).astype(np.uint8)


def _paint_floor(rng: np.random.Generator, decor: Decor, base: np.ndarray, side: int, clutter: float) -> np.ndarray:
  y, x = np.mgrid[:side, :side] // (PX_PER_M // 11)  # steps of 9 cm
  if decor.floor == 'planks':
    tint = (1 + 0.06 * _grain(rng, (4096,)))[(x // 3 * 37 + (y + x // 3 * 29) // 26 * 101) % 4096]
  elif decor.floor == 'grass':
    tint = 1 + 0.09 * np.sign(np.sin(x[0] * np.float32(0.14))) + 0.05 * _grain(rng, x.shape)
  elif decor.floor == 'tiles':
    ripple = np.sin(x[0] * np.float32(0.3) + 2 * np.sin(y[:, :1] * np.float32(0.21)))
    tint = 1 - np.float32(0.18) * ((x % 11 == 0) | (y % 11 == 0)) + 0.05 * ripple
  elif decor.floor == 'mat':
    tint = 1 - np.float32(0.2) * ((x % 22 == 0) | (y % 33 == 0)) + np.float32(0.05) * ((x // 22 + y // 33) % 2)
  else:
    tint = 1 + 0.03 * _grain(rng, x.shape)
  tint = 1 + (tint - 1) * (0.3 + 0.7 * clutter)
  tint = tint[..., None] * _mottle(rng, (side, side), 7, 0.08 * clutter)
  image = _to_bytes(np.float32(base) * tint.astype(np.float32))
  if decor.floor == 'tiles':
    _paint_deck(rng, image)
  for _ in range(round(clutter * rng.integers(1, decor.lines + 1))):
    _paint_line(rng, image, side)
  return image


def _paint_deck(rng: np.random.Generator, image: np.ndarray) -> None:
  """Stone around the pool, which keeps a middle wide enough for every dive."""
  low, high = rng.uniform(7.0, 8.5, (2, 2)) * PX_PER_M
  middle = image.shape[0] / 2
  (x0, y0), (x1, y1) = (middle - low).astype(int), (middle + high).astype(int)
  deck = np.clip(rng.integers(110, 225) + rng.normal(0, 8, 3), 0, 255).astype(np.uint8)
  for rows, columns in ((slice(0, y0), slice(None)), (slice(y1, None), slice(None)),
                        (slice(y0, y1), slice(0, x0)), (slice(y0, y1), slice(x1, None))):  # fmt: skip
    image[rows, columns] = image[rows, columns] // 4 + (deck // 4) * 3


def _paint_line(rng: np.random.Generator, image: np.ndarray, side: int) -> None:
  """A court line: straight across, a rectangle or a circle, near the middle of the floor."""
  colour = ((240, 240, 235), (200, 50, 50), (40, 60, 150), (230, 200, 60), (30, 30, 30))[rng.integers(5)]
  thick = int(rng.integers(1, 4))
  a, b = (int(v) for v in rng.integers(side // 5, side - side // 5, 2))
  shape = rng.integers(4)
  if shape == 0:
    cv2.line(image, (0, a), (side, a), colour, thick)
  elif shape == 1:
    cv2.line(image, (a, 0), (a, side), colour, thick)
  elif shape == 2:
    cv2.rectangle(image, (min(a, b), a), (max(a, b) + 40, a + 160), colour, thick)
  else:
    cv2.circle(image, (a, b), int(rng.integers(20, 90)), colour, thick)


def _paint_ceiling(rng: np.random.Generator, decor: Decor, wall: np.ndarray, side: int) -> np.ndarray:
  if decor.sky:
    sky = np.float32(np.array((150, 185, 225)) + rng.normal(0, 12, 3))
    return _to_bytes(sky * _mottle(rng, (side, side), 6, 0.08))
  image = np.tile(_to_bytes(wall * 0.55), (side, side, 1))
  for row in range(20, side, 70):
    for column in range(20, side, 90):
      cv2.rectangle(image, (column, row), (column + 34, row + 10), (235, 235, 225), -1)
  return image


def _paint_wall(rng: np.random.Generator, decor: Decor, wall: np.ndarray, shape, clutter: float) -> np.ndarray:
  """Row 0 is the floor: plain or a stand, with boards in front and windows, banners or sky above."""
  height, width = shape
  image = _to_bytes(np.float32(wall * rng.uniform(0.8, 1.15)) * _mottle(rng, shape, 9, 0.07 * clutter))
  if decor.sky:
    _paint_horizon(rng, image)
  if rng.random() < decor.crowd * clutter:
    low, high = int(rng.uniform(0.9, 1.6) * PX_PER_M), int(rng.uniform(3.2, 6.5) * PX_PER_M)
    image[low:high] = _crowd(rng, high - low, width)
  elif rng.random() < clutter and not decor.sky:
    _paint_panels(rng, image)
  if rng.random() < clutter * (0.4 if decor.sky else 1.0):
    _paint_banners(rng, image)
  if rng.random() < decor.boards * clutter:
    _paint_boards(rng, image, int(rng.uniform(0.7, 1.2) * PX_PER_M))
  return image


def _paint_horizon(rng: np.random.Generator, image: np.ndarray) -> None:
  """Sky above an uneven line of trees or roofs."""
  height, width = image.shape[:2]
  line = cv2.resize(rng.uniform(2.2, 6.5, (1, 24)).astype(np.float32), (width, 1))[0] * PX_PER_M
  above = np.arange(height)[:, None] > line
  sky = np.array((165, 195, 230), np.float32) * _mottle(rng, (height, width), 6, 0.06)
  image[above] = _to_bytes(sky)[above]


def _crowd(rng: np.random.Generator, height: int, width: int) -> UInt8[np.ndarray, 'h w 3']:
  """Rows of seated people, a head and a coat each, in front of dark seats."""
  cell_h, cell_w = 17, 12
  rows, columns = height // cell_h + 1, width // cell_w + 1
  stencil = np.zeros((cell_h, cell_w), np.uint8)
  cv2.ellipse(stencil, (6, 3), (5, 7), 0, 0, 360, 1, -1)  # coat
  cv2.ellipse(stencil, (6, 12), (2, 3), 0, 0, 360, 2, -1)  # head, above the coat since row 0 is the floor
  grey = rng.uniform(30, 220, (rows, columns, 1))
  coats = grey + rng.uniform(0.1, 0.6, (rows, columns, 1)) * (rng.integers(10, 245, (rows, columns, 3)) - grey)
  heads = np.array((225, 180, 150)) * rng.uniform(0.25, 1.05, (rows, columns, 1))
  seats = np.broadcast_to(rng.integers(25, 110, 3), coats.shape)
  taken = rng.random((rows, columns, 1)) < rng.uniform(0.5, 0.95)
  colours = np.stack([seats, np.where(taken, coats, seats * 0.8), np.where(taken, heads, seats * 0.9)])
  tiled = np.tile(stencil, (rows, columns))[:height, :width]
  row, column = np.mgrid[:height, :width]
  shifted = (column + (row // cell_h % 2) * (cell_w // 2)) % width
  return _to_bytes(colours[tiled[row, shifted], row // cell_h, shifted // cell_w])


def _paint_panels(rng: np.random.Generator, image: np.ndarray) -> None:
  """Windows, doors, wall bars or padding."""
  height, width = image.shape[:2]
  kind = rng.integers(3)
  step = int(rng.integers(40, 120))
  for x in range(int(rng.integers(0, step)), width, step):
    colour = tuple(int(c) for c in rng.integers(60, 230, 3))
    if kind == 0:
      cv2.rectangle(image, (x, 70), (x + step * 2 // 3, 130), (205, 220, 230), -1)
    elif kind == 1:
      for z in range(4, 60, 6):
        cv2.line(image, (x, z), (x + step * 3 // 4, z), (150, 110, 70), 1)
    else:
      cv2.rectangle(image, (x, 0), (x + step - 3, int(rng.integers(30, 60))), colour, -1)


def _paint_banners(rng: np.random.Generator, image: np.ndarray) -> None:
  height, width = image.shape[:2]
  for _ in range(int(rng.integers(2, 9))):
    x, z = int(rng.integers(0, width)), int(rng.integers(60, height - 30))
    w, h = (int(v) for v in rng.integers((12, 8), (90, 40)))
    colour = tuple(int(c) for c in rng.integers(20, 240, 3))
    cv2.rectangle(image, (x, z), (x + w, z + h), colour, -1)
    cv2.rectangle(image, (x, z), (x + w, z + h // 3), tuple(int(c) for c in rng.integers(20, 240, 3)), -1)


def _paint_boards(rng: np.random.Generator, image: np.ndarray, top: int) -> None:
  """Advertising boards with letters."""
  width = image.shape[1]
  x = 0
  while x < width:
    w = int(rng.integers(40, 110))
    back = rng.integers(10, 245, 3)
    board = np.tile(back.astype(np.uint8), (top, w, 1))
    word = ''.join(rng.choice(list('ABEGHKLMNORSTVXZ'), rng.integers(3, 7)))
    ink = tuple(int(c) for c in (back + 128) % 256)
    cv2.putText(board, word, (4, top - 5), cv2.FONT_HERSHEY_SIMPLEX, (top - 8) / 22, ink, 2)
    image[:top, x : x + w] = board[::-1, : width - x]
    x += w
