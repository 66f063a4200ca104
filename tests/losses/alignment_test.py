"""The alignment losses: what they prefer, and that they can be trained on."""

import functools

import jax
import jax.numpy as jnp
import numpy as np

from sportjax.losses import alignment


def batch(seed=0, b=4, n=9, m=12, d=3):
  rng = np.random.default_rng(seed)
  curves = np.cumsum(rng.normal(size=(b, 40, d)), axis=1).astype(np.float32)
  x, y = (jnp.asarray(curves[:, np.linspace(0, 39, length).astype(int)]) for length in (n, m))
  return x, y, jnp.full(b, n), jnp.full(b, m)


def test_loss_is_zero_for_equals_and_forgives_tempo():
  x, y, n, m = batch()
  assert abs(float(alignment.alignment_loss(x, x, n, n))) < 1e-4
  assert alignment.alignment_loss(x, y, n, m) < 0.2 * alignment.alignment_loss(x, y[::-1], n, m)


def test_gradient_steps_lower_the_loss():
  x, y, n, m = batch(1)
  loss = jax.jit(jax.value_and_grad(lambda a: alignment.alignment_loss(a, y, n, m)))
  start = a = jnp.zeros_like(x)
  for _ in range(30):
    _, gradient = loss(a)
    a = a - 2.0 * gradient
  assert loss(a)[0] < 0.5 * loss(start)[0]


def test_contrastive_loss_is_low_for_pairs_and_at_chance_without_information():
  x, y, n, m = batch(2)
  assert alignment.contrastive_alignment_loss(x, y, n, m) < 0.1
  same = jnp.broadcast_to(x[:1], x.shape)
  np.testing.assert_allclose(alignment.contrastive_alignment_loss(same, same, n, n), np.log(len(x)), rtol=1e-5)


def test_frames_behind_the_lengths_do_not_count():
  x, y, n, m = batch(3)
  padded = jnp.concatenate([x, jnp.full_like(x[:, :2], jnp.nan)], axis=1)
  for loss in (alignment.alignment_loss, alignment.contrastive_alignment_loss):
    np.testing.assert_allclose(loss(padded, y, n, m), loss(x, y, n, m), rtol=1e-6)


def test_pairs_without_weight_do_not_count_whatever_they_hold():
  x, y, n, m = batch(4)
  weight = jnp.array([1.0, 0.5, 0.0, 0.0])
  spoilt = y.at[2:].set(jnp.nan)
  value, gradient = jax.value_and_grad(lambda a: alignment.alignment_loss(a, spoilt, n, m, weight=weight))(x)
  one, other = (alignment.alignment_loss(x[i : i + 1], y[i : i + 1], n[:1], m[:1]) for i in (0, 1))
  np.testing.assert_allclose(value, (one + 0.5 * other) / 1.5, rtol=1e-5)
  assert np.abs(np.asarray(gradient[:2])).max() > 0
  np.testing.assert_array_equal(gradient[2:], 0)


def test_contrast_is_among_the_pairs_that_weigh():
  x, y, n, m = batch(5)
  weight, kept = jnp.array([1.0, 1.0, 0.0, 1.0]), np.array([0, 1, 3])
  loss = functools.partial(alignment.contrastive_alignment_loss, temperature=10.0)
  value, gradient = jax.value_and_grad(lambda a: loss(a, y, n, m, weight=weight))(x)
  alone = loss(x[kept], y[kept], n[kept], m[kept])
  np.testing.assert_allclose(value, alone, rtol=1e-5)
  assert np.isfinite(np.asarray(gradient)).all()
  np.testing.assert_array_equal(gradient[2], 0)
  assert np.abs(np.asarray(gradient[3])).max() > 0
