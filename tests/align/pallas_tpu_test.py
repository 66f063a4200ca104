"""The TPU's kernel: interpreted against pure JAX, and compiled ahead of time for a real chip where libtpu is there."""

import importlib.util
import os

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from sportjax.align import costs, dtw, pack, pallas_tpu, patterns
from sportjax.errors import InputError


def clips(rng, lengths, d=5):
  return [rng.normal(size=(length, d)).astype(np.float32) for length in lengths]


@pytest.mark.parametrize('pattern', list(patterns.PATTERNS.values()), ids=lambda p: p.name)
def test_interpreted_kernel_matches_jax(pattern):
  rng = np.random.default_rng(0)
  queries = clips(rng, (1, 2, 7, 12, 20))
  for bucket in pack.pack(clips(rng, (1, 2, 3, 9, 14, 16, 22))):
    n = np.array([len(query) for query in queries], np.int32)
    feasible = pattern.feasible(n[:, None, None], bucket.lengths) & (bucket.index >= 0)
    ours = pallas_tpu.bucket_scores(queries, n, bucket, feasible, pattern=pattern, cost=costs.l2, interpret=True)
    oracle = dtw.bucket_scores(queries, bucket, pattern=pattern, normalize=False, impl='jax')
    np.testing.assert_allclose(np.where(feasible, ours, np.inf), oracle, rtol=1e-5)


@pytest.mark.parametrize('pattern', list(patterns.PATTERNS.values()), ids=lambda p: p.name)
def test_kernel_compiles_for_a_v5e(pattern):
  if not importlib.util.find_spec('libtpu'):
    pytest.skip('libtpu is not installed (extra tpu-aot)')
  os.environ.setdefault('TPU_SKIP_MDS_QUERY', '1')
  from jax.experimental import topologies

  device = topologies.get_topology_desc(platform='tpu', topology_name='v5e:2x2').devices[0]
  one = jax.sharding.SingleDeviceSharding(device)
  q, rows, d, tiles, columns = 4, 96, 64, 2, 96
  shapes = [((q, rows, d), jnp.float32), ((q,), jnp.int32), ((tiles, columns, d, 128), jnp.float32)]
  shapes = [jax.ShapeDtypeStruct(*shape, sharding=one) for shape in [*shapes, ((tiles, 128), jnp.int32)]]
  compiled = pallas_tpu.tile_scores.lower(*shapes, pattern=pattern, cost=costs.l2).compile()
  volume = q * rows * tiles * columns * 128 * 4
  assert compiled.memory_analysis().temp_size_in_bytes < volume / 2  # no cost matrix in the device's memory


def test_kernel_is_refused_where_there_is_no_tpu():
  x = np.ones((3, 2), np.float32)
  with pytest.raises(InputError, match='needs a TPU'):
    dtw.scores([x], [x], impl='pallas_tpu')
