"""Layers of networks on images beside torch: channels by themselves in both forms, pools, padding."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from flax import nnx

from sportjax.nn import depthwise, pool
from sportjax.nn.general_conv import GeneralConv


def images(*shape, seed=0):
  x = np.random.default_rng(seed).normal(size=shape).astype(np.float32)
  return jnp.asarray(x), torch.from_numpy(x.transpose(0, 3, 1, 2).copy()).requires_grad_()


def check(function, theirs, x, tx):
  """Values and the gradient of a weighted sum."""
  y, ty = function(x), theirs(tx)
  np.testing.assert_allclose(y, ty.detach().numpy().transpose(0, 2, 3, 1), atol=1e-5)
  by = np.random.default_rng(9).normal(size=y.shape).astype(np.float32)
  (ty * torch.from_numpy(by.transpose(0, 3, 1, 2).copy())).sum().backward()
  found = jax.grad(lambda x: (function(x) * by).sum())(x)
  np.testing.assert_allclose(found, tx.grad.numpy().transpose(0, 2, 3, 1), atol=1e-5)


@pytest.mark.parametrize('form', [depthwise._taps, depthwise._grouped, depthwise.depthwise])
@pytest.mark.parametrize(('size', 'stride', 'sides'), [(3, 1, (1, 1)), (5, 2, (2, 2)), (5, 2, (1, 2)), (3, 2, (0, 1))])
def test_each_form_of_a_depthwise_convolution_is_torchs(form, size, stride, sides):
  x, tx = images(2, 9, 12, 6)
  kernel = np.random.default_rng(1).normal(size=(size, size, 1, 6)).astype(np.float32)
  weight = torch.from_numpy(kernel.transpose(3, 2, 0, 1).copy())
  function = jax.jit(functools.partial(form, kernel=jnp.asarray(kernel), stride=(stride, stride), padding=(sides,) * 2))
  check(function, lambda x: F.conv2d(F.pad(x, sides * 2), weight, stride=stride, groups=6), x, tx)


def test_kernels_gradient_is_the_same_in_both_forms():
  x, _ = images(2, 9, 12, 6)
  kernel = jnp.asarray(np.random.default_rng(1).normal(size=(5, 5, 1, 6)), jnp.float32)
  found = [
    jax.jit(jax.grad(lambda k, form=form: jnp.square(form(x, k, stride=(2, 2), padding=((1, 2),) * 2)).sum()))(kernel)
    for form in (depthwise._taps, depthwise._grouped)
  ]
  np.testing.assert_allclose(*found, rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize('side', [3, 8, 9])
def test_pools_are_torchs(side):
  check(pool.max_pool, lambda x: F.max_pool2d(x, 3, 2), *images(2, side, 7, 3))
  check(pool.average_pool, lambda x: F.avg_pool2d(x, 3, 1, 1), *images(2, side, 7, 3))


@pytest.mark.parametrize(('padding', 'sizes'), [('half', (9, 4)), ('none', (7, 2)), ('tensorflow', (9, 4))])
def test_padding_of_rows_and_columns(padding, sizes):
  layer = GeneralConv(3, 4, (3, 5), (1, 2), padding=padding, bias=False, rngs=nnx.Rngs(0))
  assert layer.bias is None
  assert layer(jnp.ones((1, 9, 8, 3))).shape == (1, *sizes, 4)


def test_layer_computes_in_its_dtype():
  layer = GeneralConv(4, 4, (3, 3), groups=4, dtype='bfloat16', rngs=nnx.Rngs(0))
  assert layer(jnp.ones((1, 8, 8, 4))).dtype == jnp.bfloat16
  assert layer.kernel.dtype == layer.bias.dtype == jnp.float32
