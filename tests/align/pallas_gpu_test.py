"""The GPU's kernel: interpreted against pure JAX, and lowered to Triton, which is how far it goes without a GPU."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from sportjax.align import costs, dtw, pack, pallas_gpu, patterns, scan
from sportjax.errors import InputError

INTERPRETED = functools.partial(pallas_gpu.score_items, interpret=True)


def clips(rng, lengths, d=5):
  return [rng.normal(size=(length, d)).astype(np.float32) for length in lengths]


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


@pytest.mark.parametrize('dtype', [jnp.float32, jnp.bfloat16])
@pytest.mark.parametrize('pattern', list(patterns.PATTERNS.values()), ids=lambda p: p.name)
def test_kernel_lowers_for_cuda(pattern, dtype):
  q, rows, d, tiles, columns, i = 4, 96, 64, 2, 96, jnp.int32
  items = q * tiles
  shapes = [((q, rows, d), dtype), ((q,), i), ((tiles, columns, d, 128), dtype), ((tiles, 128), i)]
  shapes += [((items, 2), i), ((items, columns), i), ((items,), i), ((), i)]
  traced = pallas_gpu.score_items.trace(
    *(jax.ShapeDtypeStruct(*shape) for shape in shapes), pattern=pattern, cost=costs.l2, width=40
  )
  module = traced.lower(lowering_platforms=('cuda',)).as_text()
  assert 'xla.gpu.triton' in module or 'triton_kernel_call' in module


def test_kernel_is_refused_where_there_is_no_gpu():
  x = np.ones((3, 2), np.float32)
  with pytest.raises(InputError, match='needs a GPU'):
    dtw.scores([x], [x], impl='pallas_gpu')
