"""The training loop of every task.

Order, on which exact resumption stands: restore; then for each step
  evaluate and select -> save -> draw the next batch -> step -> log.
The batch is drawn after the save, so the saved place in the data is that of the saved step; random keys follow from the
step. A resumed run therefore does what the uninterrupted one would have done, to the bit on one kind of machine.
"""

from __future__ import annotations

import collections
import dataclasses
import pathlib
import sys
from typing import Any, Literal

from absl import logging
import jax
from jax.sharding import Mesh
import numpy as np
from tqdm import tqdm

from sportjax.dist.rules import Rules
from sportjax.errors import InputError
from sportjax.train import preempt, state as state_lib
from sportjax.train.checkpoint import Checkpoints
from sportjax.train.evaluate import evaluate
from sportjax.train.select import Selection
from sportjax.train.step import make_eval_step, make_train_step
from sportjax.train.task import Task
from sportjax.train.writer import Writer
from sportjax.typing import JSON

CHECKPOINTS = 'checkpoints'  # below the workdir
IN_FLIGHT = 2  # steps dispatched ahead of the device: enough to hide the host, few enough to bound memory


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


class DivergedError(InputError):
  """The loss is not a number any more."""


@dataclasses.dataclass(frozen=True)
class Result:
  """What a run came to; its states are in its checkpoints."""

  best_step: int | None
  last_step: int
  history: list[JSON]  # the lines of metrics.jsonl


def train(
  task: Task, workdir: str | pathlib.Path, loop: LoopConfig, *, mesh: Mesh, rules: Rules, config: JSON
) -> Result:
  """Trains a task, or resumes it from what `workdir` holds.

  Args:
    task: model, loss, optimizer and data.
    workdir: checkpoints, metrics and profiles; shared by all processes.
    loop: how long.
    mesh: the devices.
    rules: where parameters lie on them.
    config: the resolved config, stored with each checkpoint.

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
    state, selection = restored or (state_lib.init_state(task, tx, init_key, abstract), {})
    selection = Selection.from_json(selection) if restored else Selection()
    first = int(jax.device_get(state.step))
    train_step = make_train_step(task, tx, definition, abstract, mesh)
    eval_step = make_eval_step(task, definition, mesh)

    main = jax.process_index() == 0
    pending: collections.deque[tuple[int, dict[str, jax.Array]]] = collections.deque()
    bar = tqdm(total=loop.total_steps, initial=first, unit='step', disable=not (main and sys.stderr.isatty()))
    with Writer(workdir, resume_step=first, write=main) as writer, bar:
      for step in range(first, loop.total_steps + 1):
        _profile(loop, step, first, workdir)
        last = step == loop.total_steps

        if step > (selection.evaluated_step or 0) and _due(step, loop.eval_every_steps, last):
          _log(pending, 0, loop, writer, bar)
          metrics = evaluate(task, loop.eval_split, eval_step, state, key)
          writer.write(step, metrics)
          selection = _select(selection, step, metrics, loop)

        leave = preempted(step) and not last
        if step > first and (leave or _due(step, loop.save_every_steps, last) or selection.best_step == step):
          _log(pending, 0, loop, writer, bar)
          checkpoints.save(step, state, source.iterator, selection.to_json())
        if leave:
          checkpoints.wait()
          raise preempt.Preempted(step)
        if last:
          break

        batch = source.put(_next(source.iterator, step))
        with jax.transfer_guard_host_to_device('disallow'):  # what crosses to the device does so in `put`
          state, metrics = train_step(state, batch, key)
        pending.append((step + 1, metrics))
        _log(pending, IN_FLIGHT, loop, writer, bar)
      return Result(selection.best_step, loop.total_steps, writer.history)


def _due(step: int, every: int, last: bool) -> bool:
  return every > 0 and step > 0 and (last or step % every == 0)


def _next(iterator: Any, step: int) -> Any:
  try:
    return next(iterator)
  except StopIteration:
    raise InputError(f'the training data ends at step {step}: it must repeat, and hold at least one batch') from None


def _select(selection: Selection, step: int, metrics: dict[str, float], loop: LoopConfig) -> Selection:
  if loop.select not in metrics:
    raise InputError(f'loop.select={loop.select!r} is not evaluated: choose one of {", ".join(sorted(metrics))}')
  return selection.update(step, metrics[loop.select], window=loop.select_window, mode=loop.select_mode)


def _log(pending: collections.deque, keep: int, loop: LoopConfig, writer: Writer, bar: tqdm) -> None:
  """Fetches all but the `keep` newest steps' metrics, and writes those of the steps that are due."""
  while len(pending) > keep:
    step, metrics = pending.popleft()
    loss = jax.device_get(metrics['loss'])
    if not np.isfinite(loss):
      raise DivergedError(
        f'the loss is {loss} at step {step}: lower the learning rate or clip gradients; earlier checkpoints are intact'
      )
    bar.update()
    if _due(step, loop.log_every_steps, step == loop.total_steps):
      values = {f'train/{name}': float(value) for name, value in jax.device_get(metrics).items()}
      writer.write(step, values)
      bar.set_postfix(loss=f'{loss:.4g}')
      if bar.disable:
        logging.info('step %d of %d: loss %.5g', step, loop.total_steps, loss)


def _profile(loop: LoopConfig, step: int, first: int, workdir: pathlib.Path) -> None:
  """Starts and ends the profiler's window, which a resumed run may enter in the middle."""
  if not loop.profile_steps:
    return
  begin, end = max(loop.profile_from_step, first), min(loop.profile_from_step + loop.profile_steps, loop.total_steps)
  if step == begin < end:
    jax.profiler.start_trace(str(workdir / 'profile'))
  if step == end > begin:
    jax.profiler.stop_trace()
