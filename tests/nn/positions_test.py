from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest

from sportjax.errors import InputError
from sportjax.nn import positions
from sportjax.nn.patches import Patches


@pytest.mark.parametrize('kind', ['nearest', 'linear', 'cubic'])
@pytest.mark.parametrize(('old', 'new'), [(4, 7), (7, 4), (1, 3), (3, 1), (5, 5)])
def test_resizing_equals_torch(old, new, kind):
  functional = pytest.importorskip('torch').nn.functional
  torch = pytest.importorskip('torch')
  x = np.random.default_rng(0).normal(size=(old, old + 1)).astype(np.float32)
  image = torch.from_numpy(x)[None, None]
  mode = {'nearest': 'nearest', 'linear': 'bilinear', 'cubic': 'bicubic'}[kind]
  expected = functional.interpolate(image, (new, new + 2), mode=mode)[0, 0].numpy()
  found = positions.resize(jnp.asarray(x).reshape(-1, 1), (old, old + 1), (new, new + 2), kind)
  np.testing.assert_allclose(np.asarray(found).reshape(new, new + 2), expected, atol=2e-6)


def test_smooth_resizing_equals_torch_and_pads_with_the_first():
  torch = pytest.importorskip('torch')
  table = np.random.default_rng(0).normal(size=(5, 5, 3)).astype(np.float32)
  shapes = np.array([[2, 7], [4, 1], [5, 5]])
  found = np.asarray(positions.smooth_to_shapes(jnp.asarray(table), jnp.asarray(shapes), 25))
  for row, (h, w) in zip(found, shapes, strict=True):
    expected = torch.from_numpy(table).permute(2, 0, 1)[None]
    for size in ((int(h), 5), (int(h), int(w))):  # in one step torch 2.13 repeats the first row where the width is 1
      expected = torch.nn.functional.interpolate(expected, size, mode='bilinear', antialias=True)
    np.testing.assert_allclose(row[: h * w], expected[0].reshape(3, -1).T.numpy(), atol=2e-6)
    np.testing.assert_array_equal(row[h * w :], np.broadcast_to(row[0], (25 - h * w, 3)))


def test_patches_equal_a_convolution_and_leave_the_rest_out():
  from flax import nnx
  from jax import lax

  layer = Patches(4, 3, frames=2, dtype='float32', rngs=nnx.Rngs(0))
  video = jnp.asarray(np.random.default_rng(0).normal(size=(2, 4, 7, 11, 3)).astype(np.float32))
  tokens, grid = layer(video)
  kernel = layer.projection.kernel[...].reshape(2, 3, 3, 3, 4)
  expected = lax.conv_general_dilated(video, kernel, (2, 3, 3), 'VALID', dimension_numbers=('NDHWC', 'DHWIO', 'NDHWC'))
  assert grid == expected.shape[1:4] == (2, 2, 3)
  np.testing.assert_allclose(tokens, expected.reshape(2, -1, 4), atol=1e-5)
  with pytest.raises(InputError, match='3 frames are not a whole number of tubelets of 2'):
    layer(video[:, :3])
  with pytest.raises(InputError, match='smaller than a patch'):
    layer(video[:, :, :2])
