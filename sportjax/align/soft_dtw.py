"""Soft-DTW: the differentiable alignment cost, its divergence, and the expected alignment.

R[i, j] = C[i, j] + softmin(R[i-1, j-1], R[i-1, j], R[i, j-1]), softmin(a) = -gamma log sum exp(-a / gamma).
The value is R[n-1, m-1]; it may be negative and is not 0 for identical sequences: `divergence` is. Every cell weighs 1,
so it tends to DTW with symmetric1, not symmetricP2, as gamma goes to 0.
Source: Cuturi and Blondel, arXiv 1703.01541, algorithms 1 and 2; Blondel, Mensch and Vert, arXiv 2010.08354. Departure:
the forward pass keeps, instead of R, the probabilities of the last step into each cell, so that the backward pass is
products and sums only: no exponentials, and no differences of large numbers. Both run tile by tile, so that these
probabilities exist for one tile at a time; what is kept is the gradient. The pure form below, which runs anywhere, and
the native kernel for CPUs share this rule.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, PyTree

from sportjax.align import costs, implementation
from sportjax.align.native import soft_dtw as native

FAR = 1e10  # stands for infinity outside the matrix: sums of it stay finite. Costs must be far below it.
TILE = 32  # pairs at a time on CPU


def soft_dtw(
  cost_matrix: Float[Array, 'b n m'],
  gamma: float | Float[Array, ''],
  n: Int[Array, 'b'] | None = None,
  m: Int[Array, 'b'] | None = None,
  *,
  impl: implementation.Implementation = 'auto',
) -> Float[Array, 'b']:
  """Soft-DTW of each matrix of costs, of which the first n rows and m columns count (all where not given).

  Costs outside are never read and get no gradient. No gradient flows to gamma.

  Raises:
    InputError: `impl` cannot run here.
  """
  b, height, width = cost_matrix.shape
  n = jnp.full(b, height) if n is None else n
  m = jnp.full(b, width) if m is None else m
  impl = implementation.choose(impl, ('native',) if cost_matrix.dtype in (jnp.float32, jnp.float64) else ())
  return _soft_dtw(impl, cost_matrix, jnp.asarray(gamma, cost_matrix.dtype), n, m)


def expected_alignment(
  cost_matrix: Float[Array, 'b n m'],
  gamma: float | Float[Array, ''],
  n: Int[Array, 'b'] | None = None,
  m: Int[Array, 'b'] | None = None,
  *,
  impl: implementation.Implementation = 'auto',
) -> Float[Array, 'b n m']:
  """The probability that an alignment passes each cell, which is the gradient of `soft_dtw`."""
  return jax.grad(lambda c: soft_dtw(c, gamma, n, m, impl=impl).sum())(cost_matrix)


def soft_dtw_features(
  x: Float[Array, 'b n d'],
  y: Float[Array, 'b m d'],
  gamma: float | Float[Array, ''],
  n: Int[Array, 'b'] | None = None,
  m: Int[Array, 'b'] | None = None,
  *,
  cost: str | costs.Cost = 'squared_l2',
  impl: implementation.Implementation = 'auto',
) -> Float[Array, 'b']:
  """Soft-DTW of sequences of features, by default with |x - y|^2 (not half of it); frames behind n and m are unread."""
  return soft_dtw(costs.pairwise(_cut(x, n), _cut(y, m), cost), gamma, n, m, impl=impl)


def divergence(
  x: Float[Array, 'b n d'],
  y: Float[Array, 'b m d'],
  gamma: float | Float[Array, ''],
  n: Int[Array, 'b'] | None = None,
  m: Int[Array, 'b'] | None = None,
  *,
  cost: str | costs.Cost = 'squared_l2',
  impl: implementation.Implementation = 'auto',
) -> Float[Array, 'b']:
  """Soft-DTW divergence: soft_dtw(x, y) - (soft_dtw(x, x) + soft_dtw(y, y)) / 2; 0 for identical sequences.

  That it is never negative is proven for costs that meet a kernel condition (arXiv 2010.08354, section 3); plain
  |x - y|^2 is not among them, though no counterexample has been met in tests.
  """
  pair = functools.partial(soft_dtw_features, gamma=gamma, cost=cost, impl=impl)
  return pair(x, y, n=n, m=m) - 0.5 * (pair(x, x, n=n, m=n) + pair(y, y, n=m, m=m))


def _cut(x: Float[Array, 'b n d'], length: Int[Array, 'b'] | None) -> Float[Array, 'b n d']:
  if length is None:
    return x
  return jnp.where((jnp.arange(x.shape[1])[None] < length[:, None])[..., None], x, 0)


@functools.partial(jax.custom_vjp, nondiff_argnums=(0,))
def _soft_dtw(impl: str, cost_matrix: Array, gamma: Array, n: Array, m: Array) -> Array:
  return _on(impl, native.values, _pure_values)(cost_matrix, n, m, gamma)


def _forward(impl: str, cost_matrix: Array, gamma: Array, n: Array, m: Array) -> tuple[Array, tuple[Array, Array]]:
  value, mass = _on(impl, native.values_and_masses, _pure_values_and_masses)(cost_matrix, n, m, gamma)
  return value, (mass, gamma)


def _backward(impl: str, residuals: tuple[Array, Array], cotangent: Array) -> tuple[Array, Array, None, None]:
  del impl
  mass, gamma = residuals
  return mass * cotangent[:, None, None], jnp.zeros_like(gamma), None, None


_soft_dtw.defvjp(_forward, _backward)


def _on(impl: str, kernel: Callable, pure: Callable) -> Callable:
  """The kernel where the program is for CPUs; one compiled here for other devices takes the pure form."""
  if impl == 'jax':
    return pure
  return lambda *operands: jax.lax.platform_dependent(*operands, cpu=kernel, default=pure)


# In the pure form the batch is the last axis, and cells lie by anti-diagonals: cell (i, j) in place i of wave i + j,
# modulo the width, so that nothing kept of a tile is larger than its costs.


def _pure_values(cost_matrix: Array, n: Array, m: Array, gamma: Array) -> Array:
  return _by_tiles(lambda *tile: _values(*tile, gamma)[0], cost_matrix, n, m)


def _pure_values_and_masses(cost_matrix: Array, n: Array, m: Array, gamma: Array) -> tuple[Array, Array]:
  def of_tile(cost_matrix: Array, begin: Array, n: Array, m: Array) -> tuple[Array, Array]:
    value, diagonal, above = _values(cost_matrix, begin, n, m, gamma)
    return value, _masses(diagonal, above, n, m)

  return _by_tiles(of_tile, cost_matrix, n, m)


def _by_tiles(function: Callable, cost_matrix: Array, n: Array, m: Array) -> PyTree:
  """`function` of the batch, in tiles that fit a CPU's cache; in one piece on an accelerator.

  A tile is told where it begins, and lies in memory by waves only.
  """
  b = len(n)
  tiles = -(-b // TILE) if jax.default_backend() == 'cpu' else 1
  if tiles <= 1:
    return function(cost_matrix, 0, n, m)
  if spare := tiles * TILE - b:
    cost_matrix, n, m = (jnp.concatenate([side, side[:spare]]) for side in (cost_matrix, n, m))

  def tile(begin: Array) -> PyTree:
    return function(cost_matrix, begin, *(jax.lax.dynamic_slice_in_dim(side, begin, TILE) for side in (n, m)))

  result = jax.lax.map(tile, jnp.arange(tiles) * TILE)
  return jax.tree.map(lambda x: x.reshape(-1, *x.shape[2:])[:b], result)


def _values(cost_matrix: Array, begin: Array | int, n: Array, m: Array, gamma: Array) -> tuple[Array, Array, Array]:
  """Soft-DTW, and the probabilities of the diagonal step and the step from above into each cell, by waves."""
  b, height, width = len(n), *cost_matrix.shape[1:]
  rows, far = jnp.arange(height)[:, None], jnp.full((height, b), FAR, cost_matrix.dtype)

  def wave(k: Array, carry: tuple[Array, ...]) -> tuple[Array, ...]:
    left, before, entry, end, *kept = carry  # the two waves before, and the virtual cell that only (0, 0) comes from
    diagonal, above = _down(before, entry), _down(left, far[:1])
    low = jnp.minimum(jnp.minimum(diagonal, above), left)
    a, c, e = (jnp.exp((low - value) / gamma) for value in (diagonal, above, left))
    total, inside = a + c + e, _inside(k, rows, width)
    value = jnp.where(inside, _at(waves, k), FAR) + low - gamma * jnp.log(total)
    end = jnp.where(k == n + m - 2, value[n - 1, jnp.arange(b)], end)
    kept = (_put(side, k, share / total, inside) for side, share in zip(kept, (a, c), strict=True))
    return value, left, far[:1], end, *kept

  waves = _skew(cost_matrix, begin, n, m)
  carry = far, far, jnp.zeros_like(far[:1]), far[0], jnp.zeros_like(waves), jnp.ones_like(waves)
  return jax.lax.fori_loop(0, height + width - 1, wave, carry)[3:]


def _masses(diagonal: Array, above: Array, n: Array, m: Array) -> Float[Array, 'b n m']:
  """The probability of passing each cell, by the steps' probabilities walked back from the last one."""
  width, height, b = diagonal.shape
  nothing, rows = jnp.zeros((height, b), diagonal.dtype), jnp.arange(height)[:, None]
  end = (rows == n[None] - 1).astype(diagonal.dtype)

  def wave(turn: Array, carry: tuple[Array, ...]) -> tuple[Array, ...]:
    down, right, slanted, slanted_before, mass = carry  # mass that the waves after this one received from it
    k = height + width - 2 - turn
    inside = _inside(k, rows, width)
    from_diagonal, from_above = (jnp.where(inside, _at(side, k), 0) for side in (diagonal, above))
    here = _up(down) + right + _up(slanted_before) + jnp.where((k == n + m - 2)[None], end, 0)
    from_left = 1 - from_diagonal - from_above
    return here * from_above, here * from_left, here * from_diagonal, slanted, _put(mass, k, here, inside)

  carry = (nothing, nothing, nothing, nothing, jnp.zeros_like(diagonal))
  return _unskew(jax.lax.fori_loop(0, height + width - 1, wave, carry)[4])


def _at(waves: Array, k: Array) -> Array:
  return jax.lax.dynamic_index_in_dim(waves, k % waves.shape[0], keepdims=False)


def _put(waves: Array, k: Array, wave: Array, inside: Array) -> Array:
  return jax.lax.dynamic_update_index_in_dim(waves, jnp.where(inside, wave, _at(waves, k)), k % waves.shape[0], 0)


def _inside(wave: Array, rows: Array, width: int) -> Array:
  return (wave - rows >= 0) & (wave - rows < width)


def _down(x: Array, fill: Array) -> Array:
  return jnp.concatenate([fill, x[:-1]])


def _up(x: Array) -> Array:
  return jnp.concatenate([x[1:], jnp.zeros_like(x[:1])])


def _skew(
  matrices: Float[Array, 'all n m'], begin: Array | int, n: Int[Array, 'b'], m: Int[Array, 'b']
) -> Float[Array, 'wave n b']:
  """Some matrices by waves, row by row, far outside the first n rows and m columns."""
  b, height, width = len(n), *matrices.shape[1:]

  def row(i: Array, waves: Array) -> Array:
    inside = (i < n)[None] & (jnp.arange(width)[:, None] < m[None])
    cells = jax.lax.dynamic_slice(matrices, (begin, i, 0), (b, 1, width))[:, 0].T
    cells = jnp.where(inside, cells, FAR)
    return jax.lax.dynamic_update_index_in_dim(waves, jnp.roll(cells, i, axis=0), i, 1)

  return jax.lax.fori_loop(0, height, row, jnp.zeros((width, height, b), matrices.dtype))


def _unskew(waves: Float[Array, 'wave n b']) -> Float[Array, 'b n m']:
  """The inverse of `_skew`."""
  width, height, b = waves.shape

  def row(i: Array, matrix: Array) -> Array:
    cells = jax.lax.dynamic_index_in_dim(waves, i, 1, keepdims=False)
    return jax.lax.dynamic_update_index_in_dim(matrix, jnp.roll(cells, -i, axis=0).T, i, 1)

  return jax.lax.fori_loop(0, height, row, jnp.zeros((b, height, width), waves.dtype))
