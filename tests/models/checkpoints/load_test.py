"""Loading other people's weights: names, shapes, shards, dtypes, and what is refused."""

import functools
import json

import jax
import jax.numpy as jnp
import ml_dtypes
import numpy as np
import pytest
import safetensors.numpy
from flax import nnx
from jax.sharding import NamedSharding

from sportjax.dist import mesh as mesh_lib
from sportjax.dist import rules
from sportjax.errors import InputError
from sportjax.models.checkpoints.load import export, load
from sportjax.models.checkpoints.name_map import Concatenate, NameMap, Reshape, Rule, Split, Stack, Transpose, jobs
from sportjax.models.checkpoints.tensors import open_tensors

MAP = NameMap(
  (
    Rule('net.{}.weight', 'layers.{}.kernel', (Transpose((1, 0)),)),
    Rule('net.{}.bias', 'layers.{}.bias'),
  ),
  ignored=('net.*.inv_freq',),
)


class Net(nnx.Module):
  def __init__(self):
    rngs = nnx.Rngs(0)
    self.layers = nnx.List([nnx.Linear(256, 128, rngs=rngs), nnx.Linear(128, 128, rngs=rngs)])
    for layer in self.layers:
      layer.kernel.set_metadata('logical_axes', ('embed', 'mlp'))
    self.dropout = nnx.Dropout(0.1, rngs=rngs)


@pytest.fixture
def given():
  rng = np.random.default_rng(0)
  shapes = {'net.0.weight': (128, 256), 'net.0.bias': (128,), 'net.1.weight': (128, 128), 'net.1.bias': (128,)}
  return {name: rng.standard_normal(shape).astype(np.float32) for name, shape in shapes.items()}


def saved(folder, given, name='model.safetensors'):
  safetensors.numpy.save_file({k: np.ascontiguousarray(v) for k, v in given.items()}, folder / name)
  return folder


def save_shards(folder, given, weight_map=None):
  names = list(given)
  parts = {'model-1.safetensors': names[:2], 'model-2.safetensors': names[2:]}
  for file, part in parts.items():
    saved(folder, {n: given[n] for n in part}, file)
  index = weight_map or {n: file for file, part in parts.items() for n in part}
  (folder / 'model.safetensors.index.json').write_text(json.dumps({'weight_map': index}))
  return folder


def check(model, given):
  np.testing.assert_array_equal(model.layers[0].kernel[...], given['net.0.weight'].T)
  np.testing.assert_array_equal(model.layers[1].bias[...], given['net.1.bias'])


@pytest.mark.parametrize('save', [saved, save_shards])
def test_load_and_export_are_inverse(tmp_path, given, save):
  given['net.0.rotary.inv_freq'] = np.ones(2, np.float32)
  model = load(Net, open_tensors(save(tmp_path, given)), MAP)
  check(model, given)
  del given['net.0.rotary.inv_freq']
  back = export(model, MAP)
  assert back.keys() == given.keys()
  for name, x in back.items():
    np.testing.assert_array_equal(x, given[name])


@pytest.mark.parametrize('preset', ['dp', 'fsdp', 'fsdp_tp'])
@pytest.mark.parametrize('save', [saved, save_shards])
def test_load_to_shards(tmp_path, given, preset, save):
  mesh = mesh_lib.make_mesh(mesh_lib.MeshConfig(data=2, fsdp=2, tensor=2))
  place = functools.partial(rules.shardings, mesh=mesh, rules=rules.preset(preset))
  model = load(Net, open_tensors(save(tmp_path, given)), MAP, shardings=place)
  check(model, given)
  kernel = model.layers[0].kernel[...]
  assert kernel.sharding.is_equivalent_to(
    NamedSharding(mesh, rules.spec((256, 128), ('embed', 'mlp'), mesh, rules.preset(preset))), 2
  )
  assert kernel.addressable_shards[0].data.size == 256 * 128 / {'dp': 1, 'fsdp': 2, 'fsdp_tp': 4}[preset]


def test_sharded_load_reads_only_the_parts(tmp_path, given):
  tensors = open_tensors(saved(tmp_path, given))
  read, sizes = tensors.read, []

  class Spy:
    path, shapes = tensors.path, tensors.shapes

    def read(self, name, index=None):
      part = read(name, index)
      sizes.append(part.size if name == 'net.0.weight' else 0)
      return part

  mesh = mesh_lib.make_mesh(mesh_lib.MeshConfig(data=2, fsdp=4))
  load(Net, Spy(), MAP, shardings=functools.partial(rules.shardings, mesh=mesh, rules=rules.preset('fsdp')))
  assert max(sizes) == 256 * 128 / 4
  assert sum(sizes) == 256 * 128


@pytest.mark.parametrize('dtype', [np.float16, ml_dtypes.bfloat16, np.float32])
@pytest.mark.parametrize('to', [None, 'bfloat16', 'float32'])
def test_dtypes(tmp_path, given, dtype, to):
  given = {n: x.astype(dtype) for n, x in given.items()}
  model = load(Net, open_tensors(saved(tmp_path, given)), MAP, dtype=to)
  kernel = model.layers[0].kernel[...]
  assert kernel.dtype == jnp.dtype(to or 'float32')
  np.testing.assert_array_equal(kernel, jnp.asarray(given['net.0.weight'].T.astype(np.float32)).astype(kernel.dtype))


def broken(given, change):
  given = dict(given)
  if change == 'missing':
    del given['net.1.bias']
  elif change == 'unknown':
    given['net.2.bias'] = given['net.1.bias']
  elif change == 'shape':
    given['net.1.bias'] = np.ones(64, np.float32)
  elif change == 'axes':
    given['net.1.weight'] = np.ones(64, np.float32)
  return given


@pytest.mark.parametrize(
  ('change', 'name'),
  [('missing', 'net.1.bias'), ('unknown', 'net.2.bias'), ('shape', 'net.1.bias'), ('axes', 'net.1.weight')],
)
def test_load_names_the_tensor_that_does_not_fit(tmp_path, given, change, name):
  tensors = open_tensors(saved(tmp_path, broken(given, change)))
  with pytest.raises(InputError, match=name):
    load(Net, tensors, MAP)


def test_float8_is_refused_by_name(tmp_path, given):
  given['net.1.bias'] = given['net.1.bias'].astype(ml_dtypes.float8_e4m3fn)
  tensors = open_tensors(saved(tmp_path, given))
  with pytest.raises(InputError, match=r'net\.1\.bias'):
    load(Net, tensors, MAP)


def test_open_refuses_incomplete_folders(tmp_path, given):
  with pytest.raises(InputError, match='holds no weights'):
    open_tensors(tmp_path)
  with pytest.raises(InputError, match='no such file'):
    open_tensors(tmp_path / 'model.safetensors')
  save_shards(tmp_path, given)
  (tmp_path / 'model-2.safetensors').unlink()
  with pytest.raises(InputError, match=r'model-2\.safetensors'):
    open_tensors(tmp_path)
  save_shards(tmp_path, given, {'net.0.weight': 'model-2.safetensors'})
  with pytest.raises(InputError, match=r'lacks tensor net\.0\.weight'):
    open_tensors(tmp_path)
  save_shards(tmp_path, given, {'net.0.weight': 'model-1.safetensors'})
  with pytest.raises(InputError, match='does not list tensor'):
    open_tensors(tmp_path)
  save_shards(tmp_path, given, {'net.0.weight': '../model-1.safetensors'})
  with pytest.raises(InputError, match='not a file of its folder'):
    open_tensors(tmp_path)
  (tmp_path / 'model.safetensors').write_bytes(b'12345678901234567890')
  with pytest.raises(InputError, match='not a readable safetensors file'):
    open_tensors(tmp_path)


@pytest.mark.parametrize(
  ('operations', 'theirs'),
  [
    ((Transpose((2, 0, 1)),), 1),
    ((Reshape((4, 6, 2), (24, 2)),), 1),
    ((Transpose((1, 0, 2)), Split(0, (1, 5))), 1),
    ((Concatenate(1, (6, 6)), Transpose((1, 0, 2))), 2),
    ((Stack(), Transpose((1, 0, 2, 3))), 3),
  ],
)
def test_operations_have_inverses(operations, theirs):
  rng = np.random.default_rng(1)
  given = [rng.standard_normal((4, 6, 2)) for _ in range(theirs)]
  job = next(iter(jobs(NameMap((Rule(tuple('abc'[:theirs]), 'x', operations),)), ['x'])))
  made = job.forward(given)
  for x, y in zip(job.inverse(made), given, strict=True):
    np.testing.assert_array_equal(x, y)


def test_split_makes_several_of_ours():
  job = jobs(NameMap((Rule('l.{}.qkv', ('l.{}.q', 'l.{}.k'), (Split(0, (1, 2)),)),)), ['l.7.q', 'l.7.k'])
  assert [(j.theirs, j.ours) for j in job] == [(('l.7.qkv',), ('l.7.q', 'l.7.k'))]
  with pytest.raises(ValueError, match='does not split'):
    job[0].forward([np.zeros(4)])


def test_a_map_that_does_not_cover_the_model_is_a_bug():
  with pytest.raises(ValueError, match='0 rules make y'):
    jobs(NameMap((Rule('a', 'x'),)), ['x', 'y'])


def test_nothing_is_aliased(tmp_path, given):
  model = load(Net, open_tensors(saved(tmp_path, given)), MAP)
  before = np.array(model.layers[0].kernel[...])
  saved(tmp_path, {name: x * 0 for name, x in given.items()})
  np.testing.assert_array_equal(jax.device_get(model.layers[0].kernel[...]), before)
