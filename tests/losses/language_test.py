"""The loss in chunks against optax's, whole."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from sportjax.losses.language import token_cross_entropy


@pytest.mark.parametrize(('length', 'chunk'), [(7, 3), (8, 4), (1, 256), (5, 5)])
def test_chunks_make_no_difference(length, chunk):
  rng = np.random.default_rng(length)
  hidden = jnp.asarray(rng.standard_normal((2, length, 6)), jnp.float32)
  kernel = jnp.asarray(rng.standard_normal((6, 11)), jnp.float32)
  targets = jnp.asarray(rng.integers(0, 11, (2, length)))
  weights = jnp.asarray(rng.integers(0, 2, (2, length)), jnp.float32).at[0, 0].set(0.5)

  def whole(kernel):
    losses = optax.softmax_cross_entropy_with_integer_labels(hidden @ kernel, targets)
    return (losses * weights).sum() / weights.sum()

  def ours(kernel):
    return token_cross_entropy(lambda x: x @ kernel, hidden, targets, weights, chunk=chunk)

  for found, wanted in zip(jax.value_and_grad(ours)(kernel), jax.value_and_grad(whole)(kernel), strict=True):
    np.testing.assert_allclose(found, wanted, atol=1e-5)


def test_no_weight_is_no_loss():
  hidden, targets = jnp.ones((1, 2, 3)), jnp.zeros((1, 2), jnp.int32)
  value, grad = jax.value_and_grad(lambda x: token_cross_entropy(lambda y: y, x, targets, jnp.zeros((1, 2))))(hidden)
  assert value == 0
  np.testing.assert_array_equal(grad, 0)
