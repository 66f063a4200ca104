import functools
import gzip
import os
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy

from sportjax.errors import InputError
from sportjax.formats import restricted_pickle


class _Runs:
  """Unpickles by calling what it is given."""

  def __init__(self, function, *args):
    self.call = (function, args)

  def __reduce__(self):
    return self.call


def _pickled(tmp_path, value, protocol=4):
  path = tmp_path / 'value.pkl'
  path.write_bytes(pickle.dumps(value, protocol=protocol))
  return path


@pytest.mark.parametrize('protocol', range(pickle.HIGHEST_PROTOCOL + 1))
def test_read_pickle_arrays_and_containers(tmp_path, protocol):
  value = {
    'array': np.arange(6, dtype=np.float16).reshape(2, 3),
    'columns': np.asfortranarray(np.arange(6.0).reshape(2, 3)),
    'empty': np.zeros((0, 3), np.int64),
    'names': np.array(['a', 'bc']),
    'objects': np.array([None, 'x', 1], object),
    'scalar': np.float32(0.5),
    'dtype': np.dtype('uint8'),
    'builtin': [1, (2.5, 'x', b'y', None, True), {3}, frozenset({4}), 1j, bytearray(b'z')],
  }
  found = restricted_pickle.read_pickle(_pickled(tmp_path, value, protocol))
  assert found.keys() == value.keys()
  for key in ('array', 'columns', 'empty', 'names', 'objects', 'scalar'):
    np.testing.assert_array_equal(found[key], value[key], strict=key != 'objects')
  assert (found['dtype'], found['builtin']) == (value['dtype'], value['builtin'])


def test_read_pickle_of_numpy_1(tmp_path):
  """NumPy 1 calls its core numpy.core."""
  path = _pickled(tmp_path, np.arange(3.0), protocol=0)
  path.write_bytes(path.read_bytes().replace(b'numpy._core', b'numpy.core'))
  assert b'numpy.core' in path.read_bytes()
  np.testing.assert_array_equal(restricted_pickle.read_pickle(path), [0, 1, 2])


def test_read_pickle_gzipped(tmp_path):
  path = tmp_path / 'value.pkl.gz'
  path.write_bytes(gzip.compress(pickle.dumps([1])))
  assert restricted_pickle.read_pickle(path) == [1]


@pytest.mark.parametrize(
  ('value', 'name'),
  [
    (_Runs(os.mkdir, 'ran'), 'mkdir'),
    (_Runs(eval, "__import__('os').mkdir('ran')"), 'builtins.eval'),
    (_Runs(getattr, 'a', 'upper'), 'builtins.getattr'),
    ([np.arange(3), {'deep': np.array([_Runs(os.mkdir, 'ran')], object)}], 'mkdir'),
    (functools.partial(os.mkdir, 'ran'), 'functools.partial'),
    (np.load, 'numpy.load'),
    (np.random.default_rng(0), 'numpy.random'),
    (np.ma.array([1]), 'numpy.ma'),
    (_Runs, 'restricted_pickle_test._Runs'),
  ],
)
@pytest.mark.parametrize('protocol', [0, 2, 4])
def test_read_pickle_forbidden_global(tmp_path, monkeypatch, value, name, protocol):
  monkeypatch.chdir(tmp_path)
  path = _pickled(tmp_path, value, protocol)
  with pytest.raises(InputError, match=name) as error:
    restricted_pickle.read_pickle(path)
  assert 'may run code' in str(error.value)
  assert str(path) in str(error.value)
  assert not (tmp_path / 'ran').exists()


def test_read_pickle_encoding_other_than_latin1(tmp_path):
  path = tmp_path / 'value.pkl'
  path.write_bytes(b'c_codecs\nencode\n(Vx\nVzlib\ntR.')
  with pytest.raises(InputError, match='_codecs.encode to zlib'):
    restricted_pickle.read_pickle(path)


def test_read_pickle_dotted_name(tmp_path):
  """Protocol 4 lets a global's name reach through attributes."""
  path = tmp_path / 'value.pkl'
  path.write_bytes(b'\x80\x04\x8c\x05numpy\x8c\x13ndarray.__getitem__\x93.')
  with pytest.raises(InputError, match=r'numpy.ndarray.__getitem__'):
    restricted_pickle.read_pickle(path)


def test_read_pickle_every_truncation(tmp_path):
  whole = pickle.dumps({'a': np.arange(4, dtype=np.float32), 'b': [1, 'x', (2.0,)]}, protocol=4)
  path = tmp_path / 'value.pkl'
  for length in range(len(whole)):
    path.write_bytes(whole[:length])
    with pytest.raises(InputError, match='empty|not a readable pickle'):
      restricted_pickle.read_pickle(path)


def test_read_pickle_not_a_pickle(tmp_path):
  path = tmp_path / 'value.pkl'
  path.write_text('keypoints')
  with pytest.raises(InputError, match='not a readable pickle'):
    restricted_pickle.read_pickle(path)


_VALUES = st.recursive(
  st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary(),
  lambda children: st.lists(children) | st.dictionaries(st.text(), children) | st.tuples(children, children),
  max_leaves=10,
)


@settings(deadline=None, max_examples=40)
@given(value=_VALUES, array=st_numpy.arrays(st_numpy.scalar_dtypes(), (2, 3)), protocol=st.integers(0, 5))
def test_read_pickle_gives_what_pickle_gives(tmp_path_factory, value, array, protocol):
  path = _pickled(tmp_path_factory.mktemp('pickle'), [value, array], protocol)
  found_value, found_array = restricted_pickle.read_pickle(path)
  wanted_value, wanted_array = pickle.loads(path.read_bytes())
  assert found_value == wanted_value
  np.testing.assert_array_equal(found_array, wanted_array, strict=True)
