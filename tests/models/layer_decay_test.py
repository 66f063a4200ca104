from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp
import optax
import pytest
from flax import nnx

from sportjax.models import internvideo2, layer_decay, timesformer

TINY = timesformer.TimeSformerConfig(
  dataclasses.replace(timesformer.BASE, width=8, depth=3, heads=2, mlp_width=8), 2, 32
)


def test_updates_shrink_block_by_block_towards_the_patches():
  params = nnx.state(timesformer.TimeSformer(TINY, rngs=nnx.Rngs(0)), nnx.Param)
  tx = optax.chain(optax.sgd(1.0), layer_decay.scale_by_depth(0.5, blocks=3))
  ones = jax.tree.map(jnp.ones_like, params)
  updates, _ = tx.update(ones, tx.init(params), params)
  scale = lambda part: {float(-x.ravel()[0]) for x in jax.tree.leaves(part)}  # noqa: E731
  assert scale(updates['patches']) == scale(updates['class_token']) == scale(updates['times']) == {0.5**4}
  assert [scale(updates['blocks'][i]) for i in range(3)] == [{0.5**3}, {0.5**2}, {0.5}]
  assert scale(updates['norm']) == {1.0}


def test_pooling_belongs_to_the_head():
  stack = internvideo2.stack(16, 2, 2, 8)
  config = internvideo2.InternVideo2Config(stack, frames=1, size_px=14, pool_heads=2, features=4)
  params = nnx.state(internvideo2.InternVideo2(config, rngs=nnx.Rngs(0)), nnx.Param)
  depths = layer_decay.depths(params, 2)
  assert set(jax.tree.leaves(depths['pool'])) == {3}
  assert set(jax.tree.leaves(depths['blocks'])) == {1, 2}
  assert jax.tree.leaves(depths['positions']) == [0]


@pytest.mark.parametrize('decay', [1.0])
def test_decay_of_one_changes_nothing(decay):
  updates = {'blocks': {0: jnp.ones(2)}, 'head': jnp.ones(3)}
  found, _ = layer_decay.scale_by_depth(decay, 1).update(updates, optax.EmptyState())
  assert all((x == 1).all() for x in jax.tree.leaves(found))
