"""Things that move by themselves in the background, and things that stand between the camera and the athlete."""

from __future__ import annotations

import numpy as np

from sportjax.synth.filming.scenery import Room
from sportjax.synth.filming.solids import Solid, both_sides, rod
from sportjax.typing import Float

_COLUMNS, _ROWS = 12, 3


def sample_movers(rng: np.random.Generator, count: int) -> list[dict]:
  """Parameters of screens along the walls and flags above them."""
  kinds = rng.choice(('screen', 'flag'), count)
  return [
    {
      'kind': str(kind),
      'wall': int(rng.integers(4)),
      'at': rng.uniform(0.2, 0.8),
      'base_m': rng.uniform(0.8, 2.5) if kind == 'screen' else rng.uniform(2.0, 5.0),
      'size_m': (rng.uniform(3, 7), rng.uniform(0.8, 2.0)) if kind == 'screen' else (rng.uniform(1.2, 2.6), 1.2),
      'speed': rng.choice((-1, 1)) * rng.uniform(1.5, 6),
      'colours': rng.integers(20, 250, (7, 3)),
    }
    for kind in kinds
  ]


def mover_solid(mover: dict, room: Room, t_s: Float[np.ndarray, 't']) -> Solid:
  """A screen whose picture runs sideways, or a cloth that waves."""
  x, z = np.meshgrid(np.linspace(0, 1, _COLUMNS + 1), np.linspace(0, 1, _ROWS + 1))
  lift = mover['base_m'] + mover['size_m'][1] * z
  reach = mover['size_m'][0] * (x - 0.5)
  bulge = np.zeros((len(t_s), *x.shape))
  if mover['kind'] == 'flag':
    bulge = 0.25 * x * np.sin(5 * x + mover['speed'] * 2.5 * t_s[:, None, None])
  vertices = _onto_wall(room, mover['wall'], mover['at'], reach, lift, bulge + 0.3)
  row, column = (grid.ravel() for grid in np.mgrid[:_ROWS, :_COLUMNS])
  first = row * (_COLUMNS + 1) + column
  faces = np.stack([first, first + 1, first + _COLUMNS + 2, first + _COLUMNS + 1], -1)
  solid = both_sides(vertices.reshape(len(t_s), -1, 3), faces, (0, 0, 0), 1)
  run = mover['speed'] * t_s if mover['kind'] == 'screen' else np.zeros_like(t_s)
  pattern = np.floor((column + row * (mover['kind'] == 'screen')) / 2 + run[:, None]).astype(int) % 7
  colours = np.tile(mover['colours'][pattern], (1, 2, 1)).astype(np.float32)
  return Solid(solid.vertices_m, solid.faces, colours, solid.part)


def _onto_wall(room: Room, wall: int, at: float, reach, lift, out) -> Float[np.ndarray, 't r c 3']:
  """Points `reach` along a wall from its place, `lift` above the floor, `out` from the wall."""
  axis, high = wall // 2, wall % 2
  points = np.empty((*out.shape, 3))
  points[..., axis] = (room.high_m[axis] - out) if high else (room.low_m[axis] + out)
  points[..., 1 - axis] = room.low_m[1 - axis] + at * (room.high_m - room.low_m)[1 - axis] + reach
  points[..., 2] = lift
  return points


def sample_post(rng: np.random.Generator, athlete_m: Float[np.ndarray, '3'], eye_m: Float[np.ndarray, '3']) -> Solid:
  """A post, pole or pillar between the camera and where the athlete mostly is; one instant."""
  ahead = athlete_m[:2] - eye_m[:2]
  place = eye_m[:2] + rng.uniform(0.3, 0.6) * ahead
  place += rng.uniform(-0.5, 0.5) * np.array([ahead[1], -ahead[0]]) / np.linalg.norm(ahead)
  foot, top = np.array([[*place, 0.0]]), np.array([[*place, rng.uniform(1.2, 6.0)]])
  return rod(foot, top, rng.uniform(0.03, 0.11), tuple(rng.uniform(30, 220, 3)), 1)
