"""Starting values are jax's own of each shape."""

import jax
import numpy as np
import pytest

from sportjax.nn import initial

KEY = jax.random.key(3)


@pytest.mark.parametrize('shape', [(), (1,), (3, 3, 5, 7), (2, 16), (0, 4), (2**20 + 1,)])
def test_draws_of_any_shape_are_those_of_jax(shape):
  ours, theirs = initial.uniform(KEY, shape, 0.25), jax.random.uniform(KEY, shape, minval=-0.25, maxval=0.25)
  np.testing.assert_array_equal(ours, theirs)
  np.testing.assert_array_equal(initial.normal(KEY, shape), jax.random.normal(KEY, shape))


def test_shapes_of_one_power_of_two_are_one_draw():
  def draws(count):
    lowered = jax.jit(lambda key: [initial.uniform(key, (5 + i, 60), 1.0) for i in range(count)]).lower(KEY)
    return lowered.as_text().count('func.func private @_uniform')

  assert draws(1) == draws(4) == 1  # 300 to 480 values
