"""Where a token is: tables of sines, learned tables for other grids, and rotary angles."""

from __future__ import annotations

from typing import Literal

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from sportjax.nn.vit import Rotary

Kind = Literal['nearest', 'linear', 'cubic']


def sinusoid(positions: int, width: int) -> Float[np.ndarray, 'l d']:
  """Sines and cosines in turn. Source: Vaswani et al. 2017 (arXiv:1706.03762), section 3.5."""
  angles = np.arange(positions)[:, None] / 10000 ** (2 * (np.arange(width) // 2) / width)
  return np.where(np.arange(width) % 2, np.cos(angles), np.sin(angles)).astype(np.float32)


def sincos(positions: Float[np.ndarray, 'l'], width: int) -> Float[np.ndarray, 'l d']:
  """All sines, then all cosines, of positions along one axis."""
  if width % 2:
    raise ValueError(f'{width} dimensions do not hold as many sines as cosines')
  angles = positions[:, None] / 10000 ** (np.arange(width // 2) / (width / 2))
  return np.concatenate([np.sin(angles), np.cos(angles)], axis=1)


def sincos_video(frames: int, side: int, width: int) -> Float[np.ndarray, 'l d']:
  """A quarter of the width tells time, the rest column and row in halves.

  Source: the separable form of Feichtenhofer et al. 2022 (arXiv:2205.09113), as InternVideo2 starts from it.
  """
  t, y, x = (axis.ravel().astype(float) for axis in np.indices((frames, side, side)))
  space = width // 4 * 3
  return np.concatenate([sincos(t, width // 4), sincos(x, space // 2), sincos(y, space // 2)], axis=1)


def resize_matrix(old: int, new: int, kind: Kind) -> Float[np.ndarray, 'new old']:
  """Weights of `old` samples in each of `new`, as torch's interpolate has them without aligned corners."""
  at = (np.arange(new) + 0.5) * old / new - 0.5
  if kind == 'nearest':
    return np.eye(old, dtype=np.float32)[np.arange(new) * old // new]
  taps = np.arange(2) if kind == 'linear' else np.arange(-1, 3)
  at = at if kind == 'cubic' else np.maximum(at, 0)
  distance = np.abs((at - np.floor(at))[:, None] - taps)
  weight = _keys(distance) if kind == 'cubic' else 1 - distance
  matrix = np.zeros((new, old))
  index = np.clip(np.floor(at)[:, None] + taps, 0, old - 1).astype(int)
  np.add.at(matrix, (np.arange(new)[:, None], index), weight)
  return matrix.astype(np.float32)


def _keys(x: Float[np.ndarray, '...'], a: float = -0.75) -> Float[np.ndarray, '...']:
  """The cubic kernel. Source: Keys 1981; torch takes a = -0.75."""
  near = (a + 2) * x**3 - (a + 3) * x**2 + 1
  return np.where(x <= 1, near, a * (x**3 - 5 * x**2 + 8 * x - 4))


def resize(table: Float[Array, 'l d'], old: tuple[int, ...], new: tuple[int, ...], kind: Kind) -> Float[Array, 'm d']:
  """A learned table over a grid, interpolated to another grid, axis by axis."""
  if old == new:
    return table
  x = table.reshape(*old, -1)
  for axis, (a, b) in enumerate(zip(old, new, strict=True)):
    if a != b:
      x = jnp.moveaxis(jnp.tensordot(jnp.asarray(resize_matrix(a, b, kind), x.dtype), x, (1, axis)), 0, axis)
  return x.reshape(-1, x.shape[-1])


def smooth_to_shapes(table: Float[Array, 's s d'], shapes: Int[Array, 'b 2'], length: int) -> Float[Array, 'b l d']:
  """A square table as each image of `shapes` (rows, columns) has it, row by row; padding takes the first token's.

  Linear with antialiasing, as torch has it; shapes need not be known when compiling.
  """
  token = jnp.arange(length)[None]
  rows, columns = shapes[:, :1], shapes[:, 1:]
  inside = token < rows * columns
  y, x = jnp.where(inside, token // columns, 0), jnp.where(inside, token % columns, 0)
  across = _triangles(y, rows, table.shape[0]), _triangles(x, columns, table.shape[1])
  return jnp.einsum('bli,blj,ijd->bld', *across, table)


def _triangles(at: Int[Array, 'b l'], new: Int[Array, 'b 1'], old: int) -> Float[Array, 'b l s']:
  step = old / new
  centre = (at + 0.5) * step
  distance = jnp.abs(jnp.arange(old)[None, None] + 0.5 - centre[..., None]) / jnp.maximum(step, 1)[..., None]
  weight = jnp.maximum(1 - distance, 0)
  return weight / weight.sum(-1, keepdims=True)


def rotary_video(frames: int, rows: int, columns: int, head_dim: int) -> Rotary:
  """Angles of a grid's tokens: a third of the dimensions each for time, row and column, what is left not turned.

  Frequencies lie along the dimensions twice over while pairs are neighbours, which is how V-JEPA 2 was trained.
  """
  width = 2 * (head_dim // 3 // 2)
  omega = np.tile(1 / 10000 ** (np.arange(width // 2) / (width / 2)), 2)
  angles = [axis.ravel()[:, None] * omega for axis in np.indices((frames, rows, columns))]
  rest = np.zeros((frames * rows * columns, head_dim - 3 * width))
  table = np.concatenate([*angles, rest], axis=1)
  return jnp.asarray(np.cos(table), jnp.float32), jnp.asarray(np.sin(table), jnp.float32)
