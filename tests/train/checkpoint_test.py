import errno
import json
import os
import shutil

import grain
import jax
import numpy as np
import pytest
from flax import nnx

from sportjax.dist import arrays
from sportjax.dist.mesh import MeshConfig, make_mesh
from sportjax.errors import InputError
from sportjax.train import checkpoint
from sportjax.train.checkpoint import Checkpoints, differences
from sportjax.train.state import TrainState

CONFIG = {'task': {'width': 32, 'depth': [1, 2]}, 'loop': {'total_steps': 100}}


def state_at(step, mesh=None):
  """A state whose numbers name its step, with the dtypes that occur."""
  rng = np.random.default_rng(step)
  kernel = rng.normal(size=(64, 64)).astype(np.float32)
  params = nnx.State({'kernel': nnx.Param(kernel), 'half': nnx.Param(kernel.astype(jax.numpy.bfloat16))})
  rest = nnx.State(
    {'seen': nnx.Variable(np.asarray([True, False])), 'bytes': nnx.Variable(np.arange(7, dtype=np.uint8))}
  )
  state = TrainState(np.asarray(step, np.int32), params, rest, (np.float32(step), ()))
  return jax.device_put(state, arrays.replicated(mesh or make_mesh()))


def abstract_of(state):
  return jax.tree.map(lambda x: jax.ShapeDtypeStruct(x.shape, x.dtype, sharding=x.sharding), state)


def iterator_at(step):
  iterator = iter(grain.MapDataset.range(1000).to_iter_dataset())
  for _ in range(step):
    next(iterator)
  return iterator


def save_steps(folder, steps, best=lambda step: None, **kwargs):
  with Checkpoints(folder, config=CONFIG, **kwargs) as checkpoints:
    for step in steps:
      checkpoints.save(step, state_at(step), iterator_at(step), {'best_step': best(step), 'step': step})


def check_restores(folder, step, **kwargs):
  iterator = iterator_at(0)
  with Checkpoints(folder, config=CONFIG, **kwargs) as checkpoints:
    state, progress = checkpoints.restore_latest(abstract_of(state_at(0)), iterator)
  for a, b in zip(jax.tree.leaves(state), jax.tree.leaves(state_at(step)), strict=True):
    assert a.dtype == b.dtype
    np.testing.assert_array_equal(a, b)
  assert next(iterator) == step
  assert progress['step'] == step


def steps_in(folder):
  return sorted(int(path.name) for path in folder.iterdir() if path.name.isdigit())


def largest_file(folder):
  return max((path for path in folder.rglob('*') if path.is_file()), key=lambda path: path.stat().st_size)


def test_empty_folder_restores_nothing(tmp_path):
  with Checkpoints(tmp_path / 'new', config=CONFIG) as checkpoints:
    assert checkpoints.restore_latest(abstract_of(state_at(0)), iterator_at(0)) is None


def test_state_iterator_and_progress_come_back(tmp_path):
  save_steps(tmp_path, [3, 7])
  check_restores(tmp_path, 7)


def test_config_lies_in_the_checkpoint_as_json(tmp_path):
  save_steps(tmp_path, [3])
  assert json.loads((tmp_path / '3/about/data.json').read_text())['config'] == CONFIG
  assert checkpoint.read_config(tmp_path) == CONFIG


def test_state_restores_on_another_mesh(tmp_path):
  save_steps(tmp_path, [3])
  one = make_mesh(MeshConfig(), devices=jax.devices()[:1])
  state = checkpoint.load_state(tmp_path, abstract_of(state_at(0, one)))
  assert state.step.sharding.mesh == one
  np.testing.assert_array_equal(state.params['kernel'][...], state_at(3).params['kernel'][...])


def test_newest_and_the_best_of_each_are_kept(tmp_path):
  best = {1: 1, 2: 1, 3: 3, 4: 3, 5: 3, 6: 6}
  kept = []
  with Checkpoints(tmp_path, config=CONFIG, keep=2) as checkpoints:
    for step in best:
      checkpoints.save(step, state_at(step), iterator_at(step), {'best_step': best[step]})
      checkpoints.wait()
      kept.append(steps_in(tmp_path))
  assert kept == [[1], [1, 2], [1, 2, 3], [3, 4], [3, 4, 5], [3, 5, 6]]
  assert checkpoint.find_step(tmp_path, 'best') == 6


def test_best_is_still_known_after_reopening(tmp_path):
  save_steps(tmp_path, [1, 2, 3], best=lambda step: 1, keep=1)
  save_steps(tmp_path, [4, 5], best=lambda step: 1, keep=1)
  assert steps_in(tmp_path) == [1, 5]
  assert checkpoint.find_step(tmp_path, 'best') == 1
  state = checkpoint.load_state(tmp_path, abstract_of(state_at(0)), 'best')
  assert int(state.step) == 1
  assert int(checkpoint.load_state(tmp_path, abstract_of(state_at(0)), 'latest').step) == 5


def test_saved_state_may_be_overwritten_at_once(tmp_path):
  """The loop donates the state to the next step while the write goes on."""
  big = np.random.default_rng(0).normal(size=2**21).astype(np.float32)
  state = TrainState(np.int32(1), nnx.State({'w': nnx.Param(big)}), nnx.State({}), ())
  state = jax.device_put(state, arrays.replicated(make_mesh(MeshConfig(), devices=jax.devices()[:1])))
  abstract = abstract_of(state)
  spoil = jax.jit(lambda s: jax.tree.map(lambda x: x * 0 - 1, s), donate_argnums=0)
  with Checkpoints(tmp_path, config=CONFIG) as checkpoints:
    checkpoints.save(1, state, iterator_at(1), {})
    for _ in range(20):
      state = spoil(state)
    jax.block_until_ready(state)
  np.testing.assert_array_equal(checkpoint.load_state(tmp_path, abstract).params['w'][...], big)


def truncate(folder):
  path = largest_file(folder / 'state')
  path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def flip(folder):
  path = largest_file(folder / 'state')
  data = bytearray(path.read_bytes())
  data[len(data) // 2] ^= 1
  path.write_bytes(data)


def lose_state(folder):
  shutil.rmtree(folder / 'state')


def lose_place_in_data(folder):
  (folder / 'input/process_0-of-1.json').unlink()


def spoil_about(folder):
  (folder / 'about/data.json').write_text('{"config": {"ta')


def empty_everything(folder):
  for path in folder.rglob('*'):
    if path.is_file():
      path.write_bytes(b'')


@pytest.mark.parametrize('damage', [truncate, flip, lose_state, lose_place_in_data, spoil_about, empty_everything])
def test_damaged_newest_falls_back_and_says_so(tmp_path, damage, caplog):
  save_steps(tmp_path, [3, 7])
  damage(tmp_path / '7')
  check_restores(tmp_path, 3)
  said = [r.getMessage() for r in caplog.records if 'is damaged (' in r.getMessage()]
  assert len(said) == 1
  assert str(tmp_path / '7') in said[0]
  assert '\n' not in said[0]
  assert steps_in(tmp_path) == [3]
  (aside,) = tmp_path.glob('damaged-7-*')  # nothing is thrown away
  assert any(aside.iterdir())
  save_steps(tmp_path, [7])  # and its place is free
  check_restores(tmp_path, 7)


def test_all_damaged_is_one_line_and_changes_nothing(tmp_path):
  save_steps(tmp_path, [3, 7])
  for step in (3, 7):
    truncate(tmp_path / str(step))
  with pytest.raises(InputError, match=r'none of checkpoints \[3, 7\] can be read') as error:
    check_restores(tmp_path, 7)
  assert '\n' not in str(error.value)
  assert steps_in(tmp_path) == [3, 7]
  with pytest.raises(InputError, match='7 cannot be read'):
    checkpoint.load_state(tmp_path, abstract_of(state_at(0)))


def test_save_killed_half_way_is_ignored(tmp_path):
  save_steps(tmp_path, [3])
  shutil.copytree(tmp_path / '3', tmp_path / '7.orbax-checkpoint-tmp')
  (tmp_path / '7.orbax-checkpoint-tmp/_CHECKPOINT_METADATA').unlink()
  largest_file(tmp_path / '7.orbax-checkpoint-tmp').unlink()
  assert checkpoint.find_step(tmp_path, 'latest') == 3
  check_restores(tmp_path, 3)
  save_steps(tmp_path, [7])
  check_restores(tmp_path, 7)


@pytest.mark.parametrize(
  ('change', 'line'),
  [
    ({'task': {'width': 64, 'depth': [1, 2]}}, 'task.width was 32, is 64'),
    ({'task': {'width': 32, 'depth': [1, 3]}}, 'task.depth was [1, 2], is [1, 3]'),
    ({'task': {'width': 32}}, "task.depth was [1, 2], is 'absent'"),
    ({'task': {'width': 32, 'depth': (1, 2), 'bias': False}}, "task.bias was 'absent', is False"),
  ],
)
def test_other_config_is_refused_by_key(tmp_path, change, line):
  save_steps(tmp_path, [3])
  with Checkpoints(tmp_path, config=CONFIG | change) as checkpoints, pytest.raises(InputError) as error:
    checkpoints.restore_latest(abstract_of(state_at(0)), iterator_at(0))
  assert line in str(error.value)
  assert '\n' not in str(error.value)
  assert steps_in(tmp_path) == [3]


def test_longer_run_is_the_same_run(tmp_path):
  save_steps(tmp_path, [3])
  with Checkpoints(tmp_path, config=CONFIG | {'loop': {'total_steps': 200}}) as checkpoints:
    assert checkpoints.restore_latest(abstract_of(state_at(0)), iterator_at(0)) is not None


def test_differences_of_nested_configs():
  assert differences({'a': {'b': 1}, 'c': None}, {'a': {'b': 1}, 'c': None}) == []
  assert differences({'a': {}}, {'a': {'b': 1}}) == ["a was {}, is 'absent'", "a.b was 'absent', is 1"]
  assert differences({'x': {'mesh': {'data': 1}}}, {'x': {'mesh': {'data': 2}}}, checkpoint.MAY_CHANGE) == []


def test_other_number_of_processes_is_refused(tmp_path):
  save_steps(tmp_path, [3])
  path = tmp_path / '3/about/data.json'
  path.write_text(json.dumps(json.loads(path.read_text()) | {'processes': 4}))
  with pytest.raises(InputError, match='written by 4 processes and this run has 1'):
    check_restores(tmp_path, 3)


def test_folder_that_cannot_be_written_is_refused_at_once(tmp_path):
  (tmp_path / 'file').write_text('')
  with pytest.raises(InputError, match='cannot be written') as error:
    Checkpoints(tmp_path / 'file/checkpoints', config=CONFIG)
  assert '\n' not in str(error.value)


@pytest.mark.skipif(os.geteuid() == 0, reason='root may write everywhere')
def test_read_only_folder_is_refused_at_once(tmp_path):
  tmp_path.chmod(0o555)
  with pytest.raises(InputError, match='cannot be written'):
    Checkpoints(tmp_path / 'checkpoints', config=CONFIG)


def test_full_disk_is_one_line_and_loses_nothing(tmp_path, monkeypatch):
  from orbax.checkpoint._src.serialization import type_handlers

  async def full(*args, **kwargs):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

  save_steps(tmp_path, [3])
  with pytest.raises(InputError, match='the disk is full') as error:  # noqa: PT012, SIM117
    with Checkpoints(tmp_path, config=CONFIG) as checkpoints:
      monkeypatch.setattr(type_handlers.ArrayHandler, 'serialize', full)
      checkpoints.save(7, state_at(7), iterator_at(7), {})
      checkpoints.wait()
  assert '\n' not in str(error.value)
  monkeypatch.undo()
  check_restores(tmp_path, 3)


def test_missing_checkpoint_is_one_line(tmp_path):
  for folder in (tmp_path, tmp_path / 'absent'):
    with pytest.raises(InputError, match='there is no checkpoint'):
      checkpoint.read_config(folder)
