"""SIGTERM, the scheduler's notice that the machine is about to go: save, then leave."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable, Generator
from typing import Any

import jax
from absl import logging
from jax.experimental import multihost_utils


class Preempted(SystemExit):
  """The run was asked to end, and has saved its state. Exits with 143, as one ended by SIGTERM; resume it."""

  def __init__(self, step: int):
    super().__init__(128 + signal.SIGTERM)
    self.step = step


@contextlib.contextmanager
def watch() -> Generator[Callable[[int], bool]]:
  """Yields `requested(step)`, True at the same step on every process once one of them has had SIGTERM."""
  if jax.process_count() > 1:
    # The coordination service has taken the signal over, and agrees on a step that no process has passed.
    yield multihost_utils.reached_preemption_sync_point
    return
  asked = threading.Event()

  def note(number: int, frame: Any) -> None:
    del number, frame
    logging.warning('SIGTERM: saving and leaving after this step')
    asked.set()

  if threading.current_thread() is not threading.main_thread():
    yield lambda step: False  # only the main thread may handle signals
    return
  before = signal.signal(signal.SIGTERM, note)
  try:
    yield lambda step: asked.is_set()
  finally:
    signal.signal(signal.SIGTERM, before)
