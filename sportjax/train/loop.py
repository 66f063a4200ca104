"""The training loop of every task.

Order, on which exact resumption stands: restore; then for each step
  evaluate and select -> save -> draw the next batch -> step -> log.
The batch is drawn after the save, so the saved place in the data is that of the saved step; random keys follow from the
step. A resumed run therefore does what the uninterrupted one would have done, to the bit on one kind of machine.
"""

from __future__ import annotations

import dataclasses
import pathlib
from typing import Any, Literal

import jax
from jax.sharding import Mesh

from sportjax.dist.rules import Rules
from sportjax.errors import InputError
from sportjax.train import preempt
from sportjax.train import state as state_lib
from sportjax.train.checkpoint import Checkpoints
from sportjax.train.evaluate import evaluate
from sportjax.train.log import ProfileWindow, StepLog, due
from sportjax.train.select import Selection
from sportjax.train.step import make_eval_step, make_train_step
from sportjax.train.task import Task
from sportjax.train.writer import Writer
from sportjax.typing import JSON

CHECKPOINTS = 'checkpoints'  # below the workdir


@dataclasses.dataclass(frozen=True)
class LoopConfig:
  """How long a run is and what it does on the way; 0 steps means never."""

  total_steps: int
  log_every_steps: int = 50
  eval_every_steps: int = 0  # and at the end
  save_every_steps: int = 1000  # and at the end
  keep: int = 2  # newest checkpoints, beside the best
  eval_split: str = 'val'
  select: str = 'val/loss'
  select_mode: Literal['min', 'max'] = 'min'
  select_window: int = 5  # evaluations in the moving average
  seed: int = 0
  profile_from_step: int = 0
  profile_steps: int = 0

  def __post_init__(self):
    counts = {k: v for k, v in dataclasses.asdict(self).items() if k.endswith(('steps', 'step'))}
    for name, value in {**counts, 'total_steps': self.total_steps - 1, 'select_window': self.select_window - 1}.items():
      if value < 0:
        raise InputError(f'loop.{name}={getattr(self, name)} is too small')


@dataclasses.dataclass(frozen=True)
class Result:
  """What a run came to; its states are in its checkpoints."""

  best_step: int | None
  last_step: int
  history: list[JSON]  # the lines of metrics.jsonl


def train(
  task: Task,
  workdir: str | pathlib.Path,
  loop: LoopConfig,
  *,
  mesh: Mesh,
  rules: Rules,
  config: JSON,
  start: state_lib.Weights = state_lib.NO_WEIGHTS,
) -> Result:
  """Trains a task, or resumes it from what `workdir` holds.

  Args:
    task: model, loss, optimizer and data.
    workdir: checkpoints, metrics and profiles; shared by all processes.
    loop: how long.
    mesh: the devices.
    rules: where parameters lie on them.
    config: the resolved config, stored with each checkpoint.
    start: weights that a new run begins with, such as pretrained ones, by their place in the model.

  Raises:
    InputError: the workdir cannot be written, is full or holds another run; the training data ends.
    DivergedError: the loss is not finite. The last checkpoint is from before.
    Preempted: SIGTERM came; the state of this step is saved.
  """
  workdir = pathlib.Path(workdir)
  with Checkpoints(workdir / CHECKPOINTS, config=config, keep=loop.keep) as checkpoints, preempt.watch() as preempted:
    tx, source = task.optimizer(), task.input('train', train=True)
    abstract, definition = state_lib.abstract_state(task, tx, mesh, rules)
    init_key, key = state_lib.make_keys(loop.seed, mesh)
    restored = checkpoints.restore_latest(abstract, source.iterator)
    state, selection = restored or (state_lib.init_state(task, tx, init_key, abstract, start), {})
    selection = Selection.from_json(selection) if restored else Selection()
    first = int(jax.device_get(state.step))
    if first > loop.total_steps:
      raise InputError(f'{workdir} is at step {first}, past loop.total_steps={loop.total_steps}: raise it')
    train_step = make_train_step(task, tx, definition, abstract, mesh)
    eval_step = make_eval_step(task, definition, mesh)
    window = ProfileWindow(workdir / 'profile', loop.profile_from_step, loop.profile_steps)
    with (
      Writer(workdir, resume_step=first, write=jax.process_index() == 0) as writer,
      StepLog(writer, first, loop.total_steps, loop.log_every_steps) as log,
      window,
    ):
      for step in range(first, loop.total_steps + 1):
        last = step == loop.total_steps

        if step > (selection.evaluated_step or 0) and due(step, loop.eval_every_steps, last):
          log.flush()  # a state that diverged is neither evaluated nor saved
          metrics = evaluate(task, loop.eval_split, eval_step, state, key)
          writer.write(step, metrics)
          selection = _select(selection, step, metrics, loop)

        leave = preempted(step) and not last
        if step > first and (leave or due(step, loop.save_every_steps, last) or selection.best_step == step):
          log.flush()
          checkpoints.save(step, state, source.iterator, selection.to_json())
        if leave:
          checkpoints.wait()
          raise preempt.Preempted(step)
        if last:
          break

        window.before(step)
        batch = source.put(_next(source.iterator, step))
        with jax.transfer_guard_host_to_device('disallow'):  # what crosses to the device does so in `put`
          state, metrics = train_step(state, batch, key)
        log.add(step + 1, metrics)
        window.after(step, metrics)
      return Result(selection.best_step, loop.total_steps, writer.history)


def _next(iterator: Any, step: int) -> Any:
  try:
    return next(iterator)
  except StopIteration:
    raise InputError(f'the training data ends at step {step}: it must repeat, and hold at least one batch') from None


def _select(selection: Selection, step: int, metrics: dict[str, float], loop: LoopConfig) -> Selection:
  if loop.select not in metrics:
    raise InputError(f'loop.select={loop.select!r} is not evaluated: choose one of {", ".join(sorted(metrics))}')
  return selection.update(step, metrics[loop.select], window=loop.select_window, mode=loop.select_mode)
