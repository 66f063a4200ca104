import jax
import numpy as np
import pytest

from sportjax.dist import arrays
from sportjax.dist.mesh import MeshConfig, make_mesh
from sportjax.errors import InputError


def test_batch_goes_to_devices_and_back():
  batch = {'x': np.arange(48, dtype=np.float32).reshape(16, 3), 'i': np.arange(16)[:, None]}
  placed = arrays.put_batch(batch, make_mesh(MeshConfig(data=2, fsdp=2, tensor=2)))
  assert placed['x'].addressable_shards[0].data.shape == (4, 3)
  back = arrays.to_host(placed)
  np.testing.assert_array_equal(back['x'], batch['x'])
  assert isinstance(back['x'], np.ndarray)


@pytest.mark.parametrize('rows', [1, 7, 12])
def test_batch_that_does_not_divide_is_refused(rows):
  with pytest.raises(InputError, match=f'{rows}.*8 devices'):
    arrays.put_batch({'x': np.zeros((rows, 2))}, make_mesh())


def test_local_batch_size():
  assert arrays.local_batch_size(12, 4) == 3
  assert arrays.local_batch_size(12) == 12 // jax.process_count()
  for size, processes in ((10, 4), (0, 1), (-4, 4), (2, 4)):
    with pytest.raises(InputError, match=f'batch size {size} '):
      arrays.local_batch_size(size, processes)


def test_pad_batch_marks_and_copies():
  padded = arrays.pad_batch({'x': np.asarray([[1.0], [2.0], [3.0]]), 'y': np.asarray([1, 2, 3])}, 5)
  assert padded['valid'].tolist() == [True, True, True, False, False]
  assert padded['x'][:, 0].tolist() == [1, 2, 3, 3, 3]
  assert padded['y'].tolist() == [1, 2, 3, 3, 3]


def test_pad_batch_of_full_size_is_the_batch():
  padded = arrays.pad_batch({'x': np.asarray([[1.0]])}, 1)
  assert padded['valid'].all()
  assert padded['x'].tolist() == [[1.0]]


@pytest.mark.parametrize('rows', [0, 3])
def test_pad_batch_refuses_none_and_too_many(rows):
  with pytest.raises(ValueError, match='cannot be padded'):
    arrays.pad_batch({'x': np.zeros((rows, 1))}, 2)
