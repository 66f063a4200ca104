"""What a run says while it goes: a progress bar or log lines, metrics to the writer, a window of the profiler."""

from __future__ import annotations

import collections
import pathlib
import sys
from types import TracebackType
from typing import Self

import jax
import numpy as np
from absl import logging
from tqdm import tqdm

from sportjax.errors import InputError
from sportjax.train.task import Metrics
from sportjax.train.writer import Writer

IN_FLIGHT = 2  # steps dispatched ahead of the device: enough to hide the host, few enough to bound memory


class DivergedError(InputError):
  """The loss is not a number any more."""


def due(step: int, every_steps: int, last: bool) -> bool:
  """Whether something done every so many steps, and at the end, is done at this one; 0 means never."""
  return every_steps > 0 and step > 0 and (last or step % every_steps == 0)


class StepLog:
  """Fetches the metrics of each step a little after it, so that the device never waits for the host."""

  def __init__(self, writer: Writer, first_step: int, total_steps: int, every_steps: int):
    self._writer = writer
    self._every_steps = every_steps
    self._total_steps = total_steps
    self._pending: collections.deque[tuple[int, Metrics]] = collections.deque()
    hidden = jax.process_index() != 0 or not sys.stderr.isatty()
    self._bar = tqdm(total=total_steps, initial=first_step, unit='step', disable=hidden)

  def __enter__(self) -> Self:
    return self

  def __exit__(
    self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
  ) -> None:
    self._bar.close()

  def add(self, step: int, metrics: Metrics) -> None:
    """Takes the metrics of a step that has been dispatched.

    Raises:
      DivergedError: the loss of a step before is not finite.
    """
    self._pending.append((step, metrics))
    self.flush(keep=IN_FLIGHT)

  def flush(self, keep: int = 0) -> None:
    """Waits for all but the `keep` newest steps, and writes what is due.

    Raises:
      DivergedError: the loss of one of them is not finite.
    """
    while len(self._pending) > keep:
      step, metrics = self._pending.popleft()
      loss = jax.device_get(metrics['loss'])
      if not np.isfinite(loss):
        raise DivergedError(
          f'the loss is {loss} at step {step}: lower the learning rate, clip gradients or look for bad values in the '
          'data; earlier checkpoints are intact'
        )
      self._bar.update()
      if due(step, self._every_steps, step == self._total_steps):
        self._write(step, metrics)

  def _write(self, step: int, metrics: Metrics) -> None:
    values = {f'train/{name}': float(value) for name, value in jax.device_get(metrics).items()}
    self._writer.write(step, values)
    self._bar.set_postfix(loss=f'{values["train/loss"]:.4g}')
    if self._bar.disable:
      logging.info('step %d of %d: loss %.5g', step, self._total_steps, values['train/loss'])


class ProfileWindow:
  """The profiler over a range of steps. A run that resumes inside it takes the rest."""

  def __init__(self, directory: pathlib.Path, from_step: int, steps: int):
    self._directory = directory
    self._range = range(from_step, from_step + steps)
    self._on = False

  def __enter__(self) -> Self:
    return self

  def __exit__(
    self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
  ) -> None:
    self._stop()

  def before(self, step: int) -> None:
    """Starts where `step` is in the window."""
    if step in self._range and not self._on:
      jax.profiler.start_trace(str(self._directory))
      self._on = True

  def after(self, step: int, metrics: Metrics) -> None:
    """Stops after the last step of the window, once the device is done with it."""
    if self._on and step + 1 not in self._range:
      jax.block_until_ready(metrics)
      self._stop()

  def _stop(self) -> None:
    if self._on:
      jax.profiler.stop_trace()
      self._on = False
