"""torch's checkpoint files against torch itself, and files made to do harm."""

import argparse
import io
import pickle
import zipfile

import numpy as np
import pytest

from sportjax.errors import InputError
from sportjax.formats import torch_file

torch = pytest.importorskip('torch', reason='torch writes the files (Python 3.11 only)')


def state():
  rng = torch.Generator().manual_seed(0)
  whole = torch.randn(6, 8, generator=rng)
  return {
    'float32': torch.nn.Parameter(whole),
    'turned': whole.T,
    'part': whole[2:5, ::3],
    'bfloat16': whole.bfloat16(),
    'float16': whole.half(),
    'int64': torch.arange(5),
    'bool': torch.tensor([True, False]),
    'scalar': torch.tensor(3.5),
    'empty': torch.zeros(0, 4),
    'buffer': torch.nn.BatchNorm1d(2).state_dict()['num_batches_tracked'],
  }


def test_read_state_dict_equals_torch(tmp_path):
  torch.save(state(), tmp_path / 'a.pt')
  found = torch_file.read_state_dict(tmp_path / 'a.pt')
  assert found.keys() == state().keys()
  for name, tensor in state().items():
    x = found[name].map()
    assert x.shape == tuple(tensor.shape)
    assert x.dtype.name == str(tensor.dtype).removeprefix('torch.')
    np.testing.assert_array_equal(x.astype(np.float64), tensor.detach().double().numpy())


def test_read_state_dict_at_a_key(tmp_path):
  torch.save({'epoch': 3, 'model': {'encoder': state()}, 'optimizer': {'lr': 0.1}}, tmp_path / 'a.pth')
  assert torch_file.read_state_dict(tmp_path / 'a.pth', ('model', 'encoder')).keys() == state().keys()
  with pytest.raises(InputError, match=r'epoch.*name the entry'):
    torch_file.read_state_dict(tmp_path / 'a.pth')
  with pytest.raises(InputError, match="no 'model.decoder'.*encoder"):
    torch_file.read_state_dict(tmp_path / 'a.pth', ('model', 'decoder'))
  with pytest.raises(InputError, match="no 'epoch.x'"):
    torch_file.read_state_dict(tmp_path / 'a.pth', ('epoch', 'x'))


class Runs:
  def __reduce__(self):
    return (print, ('harm',))


@pytest.mark.parametrize('value', [argparse.Namespace(lr=1), Runs()])
def test_pickles_that_may_run_code_are_refused(tmp_path, value, capsys):
  torch.save({'x': torch.ones(2), 'args': value}, tmp_path / 'a.pt')
  with pytest.raises(InputError, match='may run code'):
    torch_file.read_state_dict(tmp_path / 'a.pt')
  assert not capsys.readouterr().out


def test_damaged_and_old_files_are_refused(tmp_path):
  path = tmp_path / 'a.pt'
  torch.save(state(), path, _use_new_zipfile_serialization=False)
  with pytest.raises(InputError, match='zip format'):
    torch_file.read_state_dict(path)
  torch.save(state(), path)
  path.write_bytes(path.read_bytes()[:-100])
  with pytest.raises(InputError, match='zip format'):
    torch_file.read_state_dict(path)
  with zipfile.ZipFile(path, 'w') as archive:
    archive.writestr('other', b'x')
  with pytest.raises(InputError, match=r'data\.pkl'):
    torch_file.read_state_dict(path)
  with pytest.raises(InputError, match='cannot be read'):
    torch_file.read_state_dict(tmp_path / 'none.pt')


class Storage:
  def __init__(self, items):
    self.items = items


class Tensor:
  def __init__(self, shape):
    self.shape = shape

  def __reduce__(self):
    return (torch._utils._rebuild_tensor_v2, (Storage(4), 0, self.shape, (1,), False, {}))


class Pickler(pickle.Pickler):
  def persistent_id(self, obj):
    return ('storage', torch.FloatStorage, '0', 'cpu', obj.items) if isinstance(obj, Storage) else None


def forged(path, shape):
  content = io.BytesIO()
  Pickler(content, 2).dump({'x': Tensor(shape)})
  with zipfile.ZipFile(path, 'w') as archive:
    archive.writestr('a/data.pkl', content.getvalue())
    archive.writestr('a/data/0', np.arange(4, dtype=np.float32).tobytes())


def test_views_beyond_their_data_are_refused(tmp_path):
  forged(tmp_path / 'a.pt', (4,))
  np.testing.assert_array_equal(torch_file.read_state_dict(tmp_path / 'a.pt')['x'].map(), np.arange(4))
  forged(tmp_path / 'a.pt', (5,))
  with pytest.raises(InputError, match='beyond its data'):
    torch_file.read_state_dict(tmp_path / 'a.pt')
