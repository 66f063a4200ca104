"""The native convolution against torch's in float64 and XLA's: values, both gradients, and what JAX does to it."""

import hashlib
import itertools
import os
import subprocess
import sys

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from sportjax.errors import InputError
from sportjax.native import build
from sportjax.nn import conv

torch = pytest.importorskip('torch', reason='torch is the oracle of the convolution')
SCRIPT = """
import os
os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:1])
import jax
from tests.nn import native_conv_test as test
from sportjax.nn import conv
assert 'sportjax_conv' in jax.jit(conv.conv2d).lower(*test.operands((1, 4, 4, 2), 3, 3)).as_text()
print(test.digest('auto'))
"""


@pytest.fixture(autouse=True)
def _compiler():
  try:
    build.find_compiler()
  except InputError as error:
    pytest.skip(str(error))


def operands(shape, outputs, size, dtype=np.float32):
  rng = np.random.default_rng(0)
  return jnp.asarray(rng.normal(size=shape), dtype), jnp.asarray(
    rng.normal(size=(size, size, shape[-1], outputs)), dtype
  )


def run(impl, x, kernel, stride):
  """The output, and the gradients of a weighted sum of it."""
  y, vjp = jax.vjp(lambda x, kernel: conv.conv2d(x, kernel, stride, impl=impl), x, kernel)
  return [np.asarray(a) for a in (y, *vjp(jnp.asarray(weights(y.shape))))]


def weights(shape):
  return np.random.default_rng(1).normal(size=shape).astype(np.float32)


def run_torch(x, kernel, stride):
  """The same by torch in float64."""
  x, kernel = (torch.from_numpy(np.asarray(a, np.float64)).requires_grad_() for a in (x, kernel))
  y = torch.nn.functional.conv2d(
    x.permute(0, 3, 1, 2), kernel.permute(3, 2, 0, 1), None, stride, kernel.shape[0] // 2
  ).permute(0, 2, 3, 1)
  (y * torch.from_numpy(weights(tuple(y.shape)))).sum().backward()
  return [a.detach().numpy() for a in (y, x.grad, kernel.grad)]


def digest(impl):
  """Of all bits of a strided convolution and one in Winograd's form."""
  cases = ((12, 8, 8, 70), 70, 3, 2), ((40, 8, 8, 64), 64, 3, 1)
  results = [run(impl, *operands(*case), stride) for *case, stride in cases]
  return hashlib.sha256(b''.join(map(bytes, itertools.chain(*results)))).hexdigest()


def assert_right(shape, outputs, size, stride):
  x, kernel = operands(shape, outputs, size)
  for got, want in zip(run('native', x, kernel, stride), run_torch(x, kernel, stride), strict=True):
    assert got.dtype == np.float32
    np.testing.assert_allclose(got, want, rtol=0, atol=1e-5 * np.abs(want).max(initial=0.1))


@pytest.mark.parametrize(('size', 'stride'), [(1, 1), (1, 2), (3, 1), (3, 2), (7, 2)])
@pytest.mark.parametrize(('inputs', 'outputs'), [(1, 1), (3, 16), (5, 130), (130, 33)])
def test_equals_torch_with_all_channels(inputs, outputs, size, stride):
  assert_right((3, 9, 6, inputs), outputs, size, stride)


@pytest.mark.parametrize(
  ('shape', 'stride'),
  [
    ((1, 1, 1, 4), 1),
    ((1, 1, 1, 4), 2),
    ((2, 2, 1, 4), 2),
    ((1, 1, 7, 4), 3),
    ((1, 67, 33, 5), 2),
    ((200, 4, 4, 4), 1),
    ((2, 100, 100, 16), 2),
    ((0, 4, 4, 4), 1),
  ],
)
def test_equals_torch_on_all_sizes(shape, stride):
  assert_right(shape, 17, 3, stride)


def test_equals_torch_where_weights_exceed_the_cache():
  assert_right((3, 4, 4, 512), 512, 3, 1)


@pytest.mark.parametrize(
  ('shape', 'outputs'), [((20, 7, 9, 64), 128), ((13, 4, 4, 80), 80), ((1, 33, 40, 128), 64), ((60, 1, 1, 64), 64)]
)
def test_equals_torch_in_winograd_form(shape, outputs):
  assert_right(shape, outputs, 3, 1)


@pytest.mark.parametrize(('size', 'stride'), [(1, 2), (3, 1), (3, 2)])
def test_equals_xla(size, stride):
  args = *operands((2, 12, 12, 32), 64, size), stride
  for ours, expected in zip(run('native', *args), run('jax', *args), strict=True):
    np.testing.assert_allclose(ours, expected, rtol=0, atol=1e-5 * np.abs(expected).max())


def test_a_kernel_far_larger_than_the_image():
  assert_right((2, 2, 3, 3), 4, 7, 1)


def test_under_jit_remat_and_donation():
  x, kernel = operands((2, 8, 8, 5), 16, 3)

  def loss(kernel, x, impl):
    inner = jax.checkpoint(lambda x: jnp.tanh(conv.conv2d(x, kernel, 2, impl=impl)))
    return jnp.square(inner(x)).sum()

  def step(kernel, x, impl):
    return kernel - jax.grad(loss)(kernel, x, impl)

  expected = jax.jit(step, static_argnums=2)(kernel, x, 'jax')
  ours = jax.jit(step, static_argnums=2, donate_argnums=0)(kernel + 0, x, 'native')
  np.testing.assert_allclose(ours, expected, rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize('axes', [(0, None), (None, 0), (0, 0)])
def test_under_vmap_with_gradients(axes):
  x, kernel = operands((3, 2, 6, 6, 4), 5, 3)[0], operands((6, 6, 3, 4), 5, 3)[1]
  args = [a if axis is None else jnp.stack([a, 2 * a, 3 * a]) for a, axis in zip((x[0], kernel), axes, strict=True)]

  def gradients(impl):
    return jax.vmap(jax.grad(lambda x, k: jnp.sin(conv.conv2d(x, k, impl=impl)).sum(), (0, 1)), axes)(*args)

  for ours, expected in zip(gradients('native'), gradients('jax'), strict=True):
    np.testing.assert_allclose(ours, expected, rtol=1e-4, atol=1e-4)


def test_a_divided_batch_is_left_to_xla_and_native_is_right_when_asked_for():
  assert jax.device_count() > 1
  x, kernel = operands((8, 6, 6, 4), 5, 3)
  mesh = jax.sharding.Mesh(np.array(jax.devices()), ('data',))
  divided = jax.device_put(x, jax.sharding.NamedSharding(mesh, jax.sharding.PartitionSpec('data')))
  whole = jax.device_put(kernel, jax.sharding.NamedSharding(mesh, jax.sharding.PartitionSpec()))
  compiled = jax.jit(conv.conv2d).lower(divided, whole).compile().as_text() or ''
  assert 'sportjax_conv' not in compiled
  assert 'all-gather' not in compiled
  ours = jax.jit(lambda x, k: conv.conv2d(x, k, impl='native'))(divided, whole)
  np.testing.assert_allclose(ours, conv.conv2d(x, kernel, impl='jax'), rtol=1e-5, atol=1e-5)


def test_other_dtypes_run_in_jax_unless_native_is_asked_for():
  x, kernel = operands((1, 4, 4, 2), 3, 3, jnp.bfloat16)
  assert conv.conv2d(x, kernel).dtype == jnp.bfloat16
  with pytest.raises(InputError, match="'native' knows nothing"):
    conv.conv2d(x, kernel, impl='native')
  with pytest.raises(InputError, match="impl 'fast' is unknown"):
    conv.conv2d(x, kernel, impl='fast')  # ty: ignore[invalid-argument-type]


def test_without_a_compiler_xla_convolves_and_native_is_refused(monkeypatch, tmp_path):
  monkeypatch.setenv('XDG_CACHE_HOME', str(tmp_path))
  monkeypatch.setenv('CXX', '/nowhere/c++')
  monkeypatch.setattr(jax, 'device_count', lambda: 1)
  build.Kernels.unavailable.cache_clear()
  x, kernel = operands((1, 4, 4, 2), 3, 3)
  np.testing.assert_array_equal(conv.conv2d(x, kernel), conv.conv2d(x, kernel, impl='jax'))
  with pytest.raises(InputError, match='/nowhere/c\\+\\+ is not there'):
    conv.conv2d(x, kernel, impl='native')
  build.Kernels.unavailable.cache_clear()


@pytest.mark.skipif(not hasattr(os, 'sched_setaffinity'), reason='processes cannot be pinned here')
def test_one_device_runs_it_and_the_number_of_threads_changes_no_bit():
  done = subprocess.run([sys.executable, '-c', SCRIPT], capture_output=True, text=True, check=False)
  assert done.returncode == 0, done.stderr
  assert done.stdout.strip() == digest('native')
