"""The GPU's kernel: interpreted against pure JAX, and lowered to Triton, which is how far it goes without a GPU."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from sportjax.align import costs, dtw, pack, pallas_gpu, patterns, scan
from sportjax.errors import InputError

INTERPRETED = functools.partial(pallas_gpu.score_items, interpret=True)


def clips(rng, lengths, d=5, dtype=np.float32):
  return [rng.normal(size=(length, d)).astype(dtype) for length in lengths]


def check(queries, references, pattern, cost=costs.l2):
  for bucket in pack.pack(references, lanes=40):
    n = np.array([len(query) for query in queries], np.int32)
    feasible = pattern.feasible(n[:, None, None], bucket.lengths) & (bucket.index >= 0)
    ours = scan.bucket_scores(queries, n, bucket, feasible, pattern=pattern, cost=cost, program=INTERPRETED)
    oracle = dtw.bucket_scores(queries, bucket, cost=cost, pattern=pattern, normalize=False, impl='jax')
    np.testing.assert_allclose(np.where(feasible, ours, np.inf), oracle, rtol=1e-5)


@pytest.mark.parametrize('pattern', list(patterns.PATTERNS.values()), ids=lambda p: p.name)
def test_interpreted_kernel_matches_jax(pattern):
  rng = np.random.default_rng(0)
  check(clips(rng, (1, 2, 7, 12, 20)), clips(rng, (1, 2, 3, 9, 14, 16, 22)), pattern)


def test_windows_wide_features_and_more_work_than_programs_match_jax(monkeypatch):
  monkeypatch.setattr(pallas_gpu, 'PROGRAMS', 2)
  rng = np.random.default_rng(1)
  check(clips(rng, (90, 64), 130), clips(rng, [70, 80, 96] * 15, 130), patterns.SYMMETRIC_P2, costs.cosine)


@pytest.mark.parametrize('dtype', [np.float16, jnp.bfloat16])
def test_16_bit_features_and_few_of_a_tiles_lanes_match_jax(dtype):
  rng = np.random.default_rng(2)
  check(clips(rng, (12, 17), 20, dtype), clips(rng, (15, 16, 11), 20, dtype), patterns.SYMMETRIC_P2)


def test_nothing_is_left_of_the_work_done_before(monkeypatch):
  """One program aligns all, long and short in turn, so that its ring holds what the last piece left."""
  monkeypatch.setattr(pallas_gpu, 'PROGRAMS', 1)
  rng = np.random.default_rng(3)
  for pattern in (patterns.SYMMETRIC_P2, patterns.SYMMETRIC2):
    check(clips(rng, (24, 17, 23, 18)), clips(rng, (17, 24, 19, 23, 20)), pattern)


def lowered(pattern, cost=costs.l2, dtype=jnp.float32, width=40, rows=96):
  q, d, tiles, columns, i = 4, 64, 2, 96, jnp.int32
  items = q * tiles
  shapes = [((q, rows, d), dtype), ((q,), i), ((tiles, columns, d, 128), dtype), ((tiles, 128), i)]
  shapes += [((items, 2), i), ((items, columns), i), ((items,), i), ((), i)]
  traced = pallas_gpu.score_items.trace(
    *(jax.ShapeDtypeStruct(*shape) for shape in shapes), pattern=pattern, cost=cost, width=width
  )
  return traced.lower(lowering_platforms=('cuda',)).as_text()


@pytest.mark.parametrize('dtype', [jnp.float32, jnp.bfloat16, jnp.float16])
@pytest.mark.parametrize('pattern', list(patterns.PATTERNS.values()), ids=lambda p: p.name)
def test_kernel_lowers_for_cuda(pattern, dtype):
  module = lowered(pattern, dtype=dtype)
  assert 'xla.gpu.triton' in module or 'triton_kernel_call' in module


@pytest.mark.parametrize('cost', list(costs.COSTS.values()), ids=lambda c: c.__name__)
def test_kernel_lowers_with_each_cost(cost):
  assert 'triton' in lowered(patterns.SYMMETRIC_P2, cost)


@pytest.mark.parametrize(('width', 'depth'), [(1, 64), (40, 64), (256, 64), (500, 32), (1500, 16)])
def test_operands_of_a_product_have_sizes_that_triton_takes(monkeypatch, width, depth):
  """At least 16 either way, powers of two, and not more than shared memory holds."""
  seen = []
  dot = jnp.dot
  monkeypatch.setattr(jnp, 'dot', lambda a, b, **options: (seen.append((a.shape, b.shape)), dot(a, b, **options))[1])
  jax.clear_caches()
  lowered(patterns.SYMMETRIC_P2, width=width, rows=max(96, width))
  ((rows, inner), (same, lanes)) = seen[0]
  assert (inner, lanes) == (same, 32) == (depth, 32)
  assert width <= rows < max(2 * width, 17)
  assert rows * inner * 4 <= 2**17


def test_double_precision_is_refused():
  x = np.ones((3, 2))
  with jax.enable_x64(), pytest.raises(InputError, match="impl='pallas_gpu' knows nothing of .* this dtype"):
    dtw.scores([x], [x], impl='pallas_gpu')


def test_kernel_is_refused_where_there_is_no_gpu():
  x = np.ones((3, 2), np.float32)
  with pytest.raises(InputError, match='needs a GPU'):
    dtw.scores([x], [x], impl='pallas_gpu')
