import dataclasses
import errno
import logging
import os
import signal
import time

import grain
import jax
import numpy as np
import pytest

from sportjax.dist.mesh import MeshConfig, make_mesh
from sportjax.dist.rules import preset
from sportjax.errors import InputError
from sportjax.testing.tiny_task import TinyTask
from sportjax.train import checkpoint
from sportjax.train import loop as loop_lib
from sportjax.train import state as state_lib
from sportjax.train.checkpoint import Checkpoints
from sportjax.train.log import DivergedError
from sportjax.train.loop import CHECKPOINTS, LoopConfig, train
from sportjax.train.optim import OptimConfig
from sportjax.train.preempt import Preempted
from sportjax.train.restore import trained_model
from sportjax.train.task import Input

LOOP = LoopConfig(10, log_every_steps=1, eval_every_steps=2, save_every_steps=4, select_window=2)
OPTIM = OptimConfig(learning_rate=0.05, schedule='cosine', total_steps=10, clip_norm=1.0, ema_decay=0.5)
CONFIG = {'width': 32}


@pytest.fixture(scope='module')
def mesh():
  return make_mesh(MeshConfig(data=2), devices=jax.devices()[:2])


@dataclasses.dataclass(frozen=True)
class Interrupted(TinyTask):
  """Does something just before a step takes its batch."""

  before_step: int = -1
  do: object = None

  def input(self, split, *, train):
    source = super().input(split, train=train)
    if not train:
      return source
    calls = iter(range(10**6))

    def put(batch):
      if next(calls) == self.before_step:
        self.do()
      return source.put(batch)

    return Input(source.iterator, put)


compiled = {}


@pytest.fixture(autouse=True)
def share_steps(monkeypatch, request):
  """Tracing and compiling is most of a short run: runs of one optimizer share their steps, except where told."""
  if 'compiles_anew' in request.fixturenames:
    return
  for name in ('make_train_step', 'make_eval_step'):
    make = getattr(loop_lib, name)

    def shared(task, *args, name=name, make=make):
      if (name, task.optim) not in compiled:
        compiled[name, task.optim] = make(task, *args)
      return compiled[name, task.optim]

    monkeypatch.setattr(loop_lib, name, shared)


@pytest.fixture
def compiles_anew():
  pass


def run(task, workdir, loop=LOOP, config=CONFIG):
  return train(task, workdir, loop, mesh=task.mesh, rules=preset('dp'), config=config)


def saved(task, workdir, which='latest'):
  abstract, _ = state_lib.abstract_state(task, task.optimizer(), task.mesh, preset('dp'))
  return jax.device_get(checkpoint.load_state(workdir / CHECKPOINTS, abstract, which))


def numbers(history):
  return [{k: v for k, v in line.items() if k != 'time_s'} for line in history]


def steps_in(workdir):
  return sorted(int(path.name) for path in (workdir / CHECKPOINTS).iterdir() if path.name.isdigit())


@pytest.fixture(scope='module')
def straight(mesh, tmp_path_factory):
  """Ten steps without a break."""
  workdir = tmp_path_factory.mktemp('straight')
  return run(TinyTask(mesh, optim=OPTIM), workdir), workdir


def check_same(task, workdir, result, straight):
  assert numbers(result.history) == numbers(straight[0].history)
  assert (result.best_step, result.last_step) == (straight[0].best_step, 10)
  jax.tree.map(np.testing.assert_array_equal, saved(task, workdir), saved(task, straight[1]))


def test_run_learns_logs_and_keeps_the_best(straight, mesh):
  result, workdir = straight
  train_lines = [m for m in result.history if 'train/loss' in m]
  val = {m['step']: m['val/loss'] for m in result.history if 'val/loss' in m}
  assert [m['step'] for m in train_lines] == list(range(1, 11))
  assert {'train/loss', 'train/rms', 'train/grad_norm', 'train/param_norm', 'train/update_norm'} < train_lines[0].keys()
  assert list(val) == [2, 4, 6, 8, 10]
  assert val[10] < 0.7 * val[2]
  averages = {step: np.mean([val[s] for s in (step - 2, step) if s in val]) for step in val}
  assert result.best_step == min(averages, key=averages.get)
  assert {result.best_step, 8, 10} == set(steps_in(workdir))


def test_evaluation_is_the_mean_over_rows(straight, mesh):
  """20 rows in padded batches of 16, against all rows at once through the restored model."""
  result, workdir = straight
  task = TinyTask(mesh, optim=OPTIM)
  model = trained_model(task, workdir, mesh=mesh, rules=preset('dp'), which='latest')
  batches = list(task.input('val', train=False).iterator)
  assert [batch['valid'].sum() for batch in batches] == [16, 4]
  x, y = (np.concatenate([b[k][b['valid']] for b in batches]) for k in 'xy')
  expected = np.square(np.asarray(model(x)) - y).mean()
  assert result.history[-1]['val/loss'] == pytest.approx(expected, rel=1e-5)


def test_resumed_run_is_the_straight_run_to_the_bit(straight, mesh, tmp_path, compiles_anew):
  task = TinyTask(mesh, optim=OPTIM)
  run(task, tmp_path, dataclasses.replace(LOOP, total_steps=4))
  assert steps_in(tmp_path)[-1] == 4
  check_same(task, tmp_path, run(task, tmp_path), straight)


@pytest.mark.parametrize('step', [1, 6])
def test_sigterm_saves_and_leaves_and_resumes_to_the_bit(straight, mesh, tmp_path, step):
  task = Interrupted(mesh, optim=OPTIM, before_step=step - 1, do=lambda: os.kill(os.getpid(), signal.SIGTERM))
  handler = signal.getsignal(signal.SIGTERM)
  with pytest.raises(Preempted) as error:
    run(task, tmp_path)
  assert (error.value.code, error.value.step) == (143, step)
  assert signal.getsignal(signal.SIGTERM) is handler
  assert steps_in(tmp_path)[-1] == step
  task = TinyTask(mesh, optim=OPTIM)
  check_same(task, tmp_path, run(task, tmp_path), straight)


def test_crash_between_saves_resumes_to_the_bit(straight, mesh, tmp_path):
  def crash():
    raise KeyboardInterrupt

  task = Interrupted(mesh, optim=OPTIM, before_step=7, do=crash)
  with pytest.raises(KeyboardInterrupt):
    run(task, tmp_path)
  task = TinyTask(mesh, optim=OPTIM)
  check_same(task, tmp_path, run(task, tmp_path), straight)


def test_damaged_newest_checkpoint_resumes_from_the_one_before(straight, mesh, tmp_path):
  task = TinyTask(mesh, optim=OPTIM)
  run(task, tmp_path, dataclasses.replace(LOOP, total_steps=8))
  newest = tmp_path / CHECKPOINTS / '8'
  path = max((p for p in newest.rglob('*') if p.is_file()), key=lambda p: p.stat().st_size)
  path.write_bytes(path.read_bytes()[:100])
  check_same(task, tmp_path, run(task, tmp_path), straight)


def test_finished_run_returns_at_once(straight, mesh):
  result, workdir = straight
  before = steps_in(workdir)
  task = Interrupted(mesh, optim=OPTIM, before_step=0, do=lambda: pytest.fail('a step was taken'))
  again = run(task, workdir)
  assert (again.history, again.best_step, steps_in(workdir)) == (result.history, result.best_step, before)


def test_shorter_run_than_the_checkpoint_is_refused(straight, mesh):
  with pytest.raises(InputError, match=r'at step 10, past loop\.total_steps=5'):
    run(TinyTask(mesh, optim=OPTIM), straight[1], dataclasses.replace(LOOP, total_steps=5))


def test_other_config_is_refused_before_training(straight, mesh):
  with pytest.raises(InputError, match='width was 32, is 64'):
    run(TinyTask(mesh, optim=OPTIM), straight[1], config={'width': 64})


def test_nan_names_its_step_and_leaves_the_last_good_checkpoint(mesh, tmp_path):
  task = TinyTask(mesh, poison_step=5)
  with pytest.raises(DivergedError, match='nan at step 6') as error:
    run(task, tmp_path, dataclasses.replace(LOOP, eval_every_steps=0, save_every_steps=2))
  assert '\n' not in str(error.value)
  assert steps_in(tmp_path) == [2, 4]
  assert all(np.isfinite(x).all() for x in jax.tree.leaves(saved(task, tmp_path)))


def test_full_disk_is_one_line_and_resumes(straight, mesh, tmp_path, monkeypatch):
  task = TinyTask(mesh, optim=OPTIM)
  save = Checkpoints.save

  def full(self, step, *args):
    if step == 8:
      from orbax.checkpoint._src.serialization import type_handlers

      async def fail(*args, **kwargs):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

      monkeypatch.setattr(type_handlers.ArrayHandler, 'serialize', fail)
    save(self, step, *args)

  monkeypatch.setattr(Checkpoints, 'save', full)
  with pytest.raises(InputError, match='the disk is full'):
    run(task, tmp_path)
  monkeypatch.undo()
  settle(tmp_path)
  assert steps_in(tmp_path)[-1] < 8
  check_same(task, tmp_path, run(task, tmp_path), straight)


def settle(folder):
  """Waits for the failed save's other writers, which a process that ends would take with it."""
  before, now = None, sorted(map(str, folder.rglob('*')))
  while now != before:
    time.sleep(1)
    before, now = now, sorted(map(str, folder.rglob('*')))


def test_folder_that_cannot_be_written_is_refused_before_anything_is_built(mesh, tmp_path):
  class Untouched(TinyTask):
    def optimizer(self):
      pytest.fail('training began')

  (tmp_path / 'file').write_text('')
  with pytest.raises(InputError, match='cannot be written'):
    run(Untouched(mesh), tmp_path / 'file')


def test_data_that_does_not_reach_the_device_through_put_is_an_error(straight, mesh, tmp_path):
  class Implicit(TinyTask):
    def input(self, split, *, train):
      return Input(super().input(split, train=train).iterator, lambda batch: batch)

  with pytest.raises(Exception, match='Disallowed host-to-device transfer'):
    run(Implicit(mesh), tmp_path)


def test_data_that_ends_is_one_line(mesh, tmp_path):
  class Short(TinyTask):
    def input(self, split, *, train):
      source = super().input(split, train=train)
      batch = next(source.iterator)
      return Input(iter(grain.MapDataset.source([batch] * 2).to_iter_dataset()), source.put)

  with pytest.raises(InputError, match='training data ends at step 2'):
    run(Short(mesh), tmp_path, dataclasses.replace(LOOP, eval_every_steps=0))


def test_empty_validation_split_is_one_line(mesh, tmp_path):
  class Empty(TinyTask):
    def input(self, split, *, train):
      source = super().input(split, train=train)
      return source if train else Input(iter(()), source.put)

  with pytest.raises(InputError, match="'val' has no examples"):
    run(Empty(mesh), tmp_path)


def test_unknown_selection_names_what_there_is(mesh, tmp_path):
  with pytest.raises(InputError, match='val/loss, val/rms'):
    run(TinyTask(mesh), tmp_path, dataclasses.replace(LOOP, select='val/accuracy'))


def test_run_without_terminal_logs_lines(mesh, tmp_path, caplog):
  with caplog.at_level(logging.INFO, logger='absl'):
    run(TinyTask(mesh), tmp_path, LoopConfig(2, log_every_steps=2))
  assert [m for m in caplog.messages if m.startswith('step 2 of 2: loss ')]


def test_profile_window_writes_a_trace(mesh, tmp_path):
  run(TinyTask(mesh), tmp_path, LoopConfig(3, profile_from_step=1, profile_steps=1))
  assert list((tmp_path / 'profile').rglob('*.xplane.pb'))


@pytest.mark.parametrize('wrong', [{'total_steps': 0}, {'log_every_steps': -1}, {'select_window': 0}])
def test_impossible_loop_is_refused(wrong):
  with pytest.raises(InputError, match=next(iter(wrong))):
    dataclasses.replace(LOOP, **wrong)
