from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

from sportjax.nn import vit

CONFIG = vit.TransformerConfig(16, 3, 2, 24, layer_scale=0.5)
X = np.random.default_rng(0).normal(size=(4, 5, 16)).astype(np.float32)


def build(**changes):
  return vit.Transformer(dataclasses.replace(CONFIG, **changes), rngs=nnx.Rngs(0))


def gradient(model, key):
  graph, params = nnx.split(model)
  loss = lambda params: jnp.square(nnx.merge(graph, params)(jnp.asarray(X), key=key)).sum()  # noqa: E731
  return jax.tree.leaves(jax.jit(jax.grad(loss))(params))


def test_recomputed_blocks_give_the_same_gradients_with_the_same_drops():
  key = jax.random.key(1)
  kept, again = (gradient(build(drop_path=0.5, remat=remat), key) for remat in (0, 2))
  for a, b in zip(kept, again, strict=True):
    np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-4)


def test_drop_path_drops_whole_examples_and_keeps_the_mean():
  x = jnp.ones((4000, 3))
  y = np.asarray(vit.drop_path(x, 0.25, jax.random.key(0)))
  assert set(np.unique(y)) == {0.0, np.float32(1 / 0.75)}
  assert (y == y[:, :1]).all()
  assert abs(y.mean() - 1) < 0.05
  np.testing.assert_array_equal(vit.drop_path(x, 0.25, None), x)


def test_drop_rates_lie_on_a_line():
  assert dataclasses.replace(CONFIG, drop_path=0.3).drop_rates == pytest.approx([0, 0.15, 0.3])
  assert dataclasses.replace(CONFIG, depth=1, drop_path=0.3).drop_rates == [0]


def test_bfloat16_stays_close_and_keeps_float32_weights():
  low = build(dtype='bfloat16')
  assert {x.dtype for x in jax.tree.leaves(nnx.state(low))} == {jnp.dtype('float32')}
  y, exact = low(jnp.asarray(X)), build()(jnp.asarray(X))
  assert y.dtype == jnp.bfloat16
  np.testing.assert_allclose(y.astype(np.float32), exact, atol=0.08)


def test_masked_tokens_are_not_seen():
  model, other = build(), X.copy()
  other[:, 3:] += 1
  mask = (jnp.arange(5) < 3)[None, None, None]
  a, b = (model(jnp.asarray(x), mask=mask)[:, :3] for x in (X, other))
  np.testing.assert_array_equal(a, b)
  assert np.abs(model(jnp.asarray(other))[:, :3] - a).max() > 1e-3


def test_rotation_depends_on_the_distance_only():
  from sportjax.nn.positions import rotary_video

  tables = rotary_video(1, 1, 12, 6)
  q, k = (jnp.broadcast_to(jnp.asarray(v, jnp.float32), (1, 12, 1, 6)) for v in X[:2, 0, :6])
  # Pairs of neighbours turn by one angle only where the two halves of the table agree: here, with one frequency each.
  q, k = vit.rotate(q, tables), vit.rotate(k, tables)
  scores = np.einsum('lhd,mhd->lm', q[0], k[0])
  np.testing.assert_allclose(scores[2, 5], scores[6, 9], atol=1e-5)
  assert abs(scores[2, 5] - scores[2, 6]) > 1e-4
