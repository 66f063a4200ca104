"""A trained model from a run's workdir."""

from __future__ import annotations

import pathlib

import jax
from jax.sharding import Mesh

from sportjax.dist.rules import Rules
from sportjax.train import checkpoint
from sportjax.train import state as state_lib
from sportjax.train.loop import CHECKPOINTS
from sportjax.train.task import ModelT, Task


def trained_model(
  task: Task[ModelT], workdir: str | pathlib.Path, *, mesh: Mesh, rules: Rules, which: str = 'best'
) -> ModelT:
  """The model of a run's `best` or `latest` checkpoint in eval mode, with averaged parameters where the run kept them.

  The mesh need not be the run's.

  Raises:
    InputError: there is no checkpoint, or it is damaged.
  """
  abstract, definition = state_lib.abstract_state(task, task.optimizer(), mesh, rules)
  state = checkpoint.load_state(pathlib.Path(workdir) / CHECKPOINTS, abstract, which)
  model = definition.merge(state.eval_params, state.rest, jax.random.key(0))
  model.eval()
  return model
