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


# In the pure form the batch is the last axis, and the matrix is read by anti-diagonals: row i of wave k is cell
# (i, k - i).


def _pure_values(cost_matrix: Array, n: Array, m: Array, gamma: Array) -> Array:
  return _by_tiles(lambda *tile: _values(*tile, gamma)[0], cost_matrix, n, m)


def _pure_values_and_masses(cost_matrix: Array, n: Array, m: Array, gamma: Array) -> tuple[Array, Array]:
  def of_tile(cost_matrix: Array, n: Array, m: Array) -> tuple[Array, Array]:
    value, steps = _values(cost_matrix, n, m, gamma)
    return value, _masses(*steps, n, m)

  return _by_tiles(of_tile, cost_matrix, n, m)


def _by_tiles(function: Callable, *batch: Array) -> PyTree:
  """`function` of the batch, in tiles that fit a CPU's cache; in one piece on an accelerator."""
  b = len(batch[0])
  if jax.default_backend() != 'cpu' or b <= TILE:
    return function(*batch)
  tiles = -(-b // TILE)
  # Copies of the first example fill the last tile.
  index = jnp.where(jnp.arange(tiles * TILE) < b, jnp.arange(tiles * TILE), 0).reshape(tiles, TILE)
  result = jax.lax.map(lambda i: function(*(x[i] for x in batch)), index)
  return jax.tree.map(lambda x: x.reshape(-1, *x.shape[2:])[:b], result)


def _values(cost_matrix: Array, n: Array, m: Array, gamma: Array) -> tuple[Array, tuple[Array, Array]]:
  """Soft-DTW, and the probabilities of the diagonal step and the step from above into each cell, by waves."""
  b, height, width = cost_matrix.shape
  waves = _skew(_outside_far(cost_matrix, n, m))
  far = jnp.full((height, b), FAR, cost_matrix.dtype)

  def wave(last: tuple[Array, Array, Array], k: Array) -> tuple[tuple, tuple[Array, Array, Array]]:
    left, before, entry = last  # the two waves before, and the virtual cell that only (0, 0) comes from
    diagonal, above = _down(before, entry), _down(left, far[:1])
    low = jnp.minimum(jnp.minimum(diagonal, above), left)
    a, c, e = (jnp.exp((low - value) / gamma) for value in (diagonal, above, left))
    total = a + c + e
    value = jax.lax.dynamic_index_in_dim(waves, k, 1, keepdims=False) + low - gamma * jnp.log(total)
    return (value, left, far[:1]), (value[n - 1, jnp.arange(b)], a / total, c / total)

  last = far, far, jnp.zeros_like(far[:1])
  _, (ends, diagonal, above) = jax.lax.scan(wave, last, jnp.arange(height + width - 1))
  return ends[n + m - 2, jnp.arange(b)], (diagonal, above)


def _masses(diagonal: Array, above: Array, n: Array, m: Array) -> Float[Array, 'b n m']:
  """The probability of passing each cell, by the steps' probabilities walked back from the last one."""
  waves, height, b = diagonal.shape
  nothing = jnp.zeros((height, b), diagonal.dtype)
  end = (jnp.arange(height)[:, None] == n[None] - 1).astype(diagonal.dtype)

  def wave(later: tuple[Array, ...], step: tuple[Array, Array, Array]) -> tuple[tuple[Array, ...], Array]:
    down, right, slanted, slanted_before = later  # mass that the waves after this one received from it
    k, from_diagonal, from_above = step
    here = _up(down) + right + _up(slanted_before) + jnp.where((k == n + m - 2)[None], end, 0)
    from_left = 1 - from_diagonal - from_above
    return (here * from_above, here * from_left, here * from_diagonal, slanted), here

  _, mass = jax.lax.scan(wave, (nothing,) * 4, (jnp.arange(waves), diagonal, above), reverse=True)
  return _unskew(mass)


def _outside_far(cost_matrix: Float[Array, 'b n m'], n: Int[Array, 'b'], m: Int[Array, 'b']) -> Float[Array, 'b n m']:
  _, height, width = cost_matrix.shape
  rows, columns = jnp.arange(height)[None, :, None], jnp.arange(width)[None, None]
  return jnp.where((rows < n[:, None, None]) & (columns < m[:, None, None]), cost_matrix, FAR)


def _down(x: Array, fill: Array) -> Array:
  return jnp.concatenate([fill, x[:-1]])


def _up(x: Array) -> Array:
  return jnp.concatenate([x[1:], jnp.zeros_like(x[:1])])


def _skew(matrix: Float[Array, 'b n m']) -> Float[Array, 'n wave b']:
  """Row i moved right by i: padded rows are read from the same memory as rows one shorter."""
  b, height, width = matrix.shape
  padded = jnp.pad(matrix.transpose(1, 2, 0), ((0, 0), (0, height), (0, 0)), constant_values=FAR)
  return padded.reshape(-1, b)[: height * (width + height - 1)].reshape(height, -1, b)


def _unskew(waves: Float[Array, 'wave n b']) -> Float[Array, 'b n m']:
  """The inverse of `_skew`, from waves in front."""
  count, height, b = waves.shape
  flat = waves.transpose(2, 1, 0).reshape(b, -1)
  return jnp.pad(flat, ((0, 0), (0, height))).reshape(b, height, count + 1)[:, :, : count - height + 1]
