"""Stricter than production: eight CPU devices, rank promotion is an error, flags parsed for grain's workers."""

import os
import pathlib

os.environ.setdefault('JAX_PLATFORMS', 'cpu')
os.environ.setdefault('JAX_COMPILATION_CACHE_DIR', str(pathlib.Path(__file__).parents[1] / '.jax_cache'))
os.environ.setdefault('JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS', '0.1')
os.environ.setdefault('JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES', '-1')

import jax
import pytest
from absl import flags

jax.config.update('jax_num_cpu_devices', 8)
jax.config.update('jax_numpy_rank_promotion', 'raise')
flags.FLAGS.mark_as_parsed()

SHARED = pathlib.Path(__file__).parents[2] / 'shared'


@pytest.fixture
def shared_data() -> pathlib.Path:
  """The folder of real data beside the checkout; the test is skipped where it is absent."""
  if not (SHARED / 'data').is_dir():
    pytest.skip('real data is not beside this checkout (../shared/data)')
  return SHARED / 'data'
