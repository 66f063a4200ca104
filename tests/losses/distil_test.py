from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from sportjax.losses.distil import distil_loss


def rows(count=5, width=4):
  rng = np.random.default_rng(0)
  return rng.normal(size=(count, width)), rng.normal(size=(count, width))


def test_loss_is_the_mean_of_squared_distances():
  with jax.enable_x64():
    p, t = rows()
    expected = np.mean([np.linalg.norm(a - b) ** 2 for a, b in zip(p, t, strict=True)])
    np.testing.assert_allclose(distil_loss(jnp.asarray(p), jnp.asarray(t)), expected, rtol=1e-12)


def test_gradient_equals_the_formula():
  with jax.enable_x64():
    p, t = rows()
    w = np.array([1, 0, 0.5, 2, 0])
    ours = jax.grad(lambda p: distil_loss(p, jnp.asarray(t), jnp.asarray(w)))(jnp.asarray(p))
    np.testing.assert_allclose(ours, 2 * w[:, None] * (p - t) / w.sum(), rtol=1e-12)


def test_rows_without_weight_may_hold_anything():
  p, t = (jnp.asarray(x, jnp.float32) for x in rows())
  w = jnp.array([1.0, 1, 0, 1, 0])
  dirty = t.at[2].set(jnp.nan).at[4].set(jnp.inf)
  value, gradient = jax.value_and_grad(lambda p: distil_loss(p, dirty, w))(p)
  kept = jnp.array([0, 1, 3])
  np.testing.assert_allclose(value, distil_loss(p[kept], t[kept]), rtol=1e-6)
  assert np.isfinite(gradient).all()


def test_no_weight_at_all_is_zero_loss_and_zero_gradient():
  p, t = (jnp.asarray(x, jnp.float32) for x in rows())
  value, gradient = jax.value_and_grad(lambda p: distil_loss(p, t, jnp.zeros(5)))(p)
  assert value == 0
  assert (gradient == 0).all()
