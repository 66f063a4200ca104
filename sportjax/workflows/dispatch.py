"""From a command line to the workflow it names: the config is checked whole before any device is touched."""

from __future__ import annotations

import dataclasses
import importlib
import pathlib
from typing import Any

from absl import logging
from ml_collections import config_dict

from sportjax.config import config_json, did_you_mean, to_dataclass
from sportjax.errors import InputError
from sportjax.pipeline import Pipeline, write_json

# Each is a module of this package with a `Settings` dataclass and a function for each mode it knows.
WORKFLOWS = (
  'quickstart',
  'own_videos',
  'check_data',
  'extract',
  'train_student',
  'pose_teacher',
  'cross_view',
  'film_set',
  'world',
  'versus_teacher',
  'vipe',
  'vpd_tables',
  'vpd_baseline',
  'vpd_r3d',
  'vpd_penn',
)


@dataclasses.dataclass(frozen=True)
class Command:
  """What the user asked for."""

  mode: str
  config: config_dict.ConfigDict
  workdir: pathlib.Path
  topology: str | None = None
  distributed: bool = False
  line: str = ''


@dataclasses.dataclass(frozen=True)
class Context:
  """What a workflow runs in."""

  pipeline: Pipeline
  command: Command

  @property
  def workdir(self) -> pathlib.Path:
    """Folder for everything the run writes."""
    return self.pipeline.workdir


def run(command: Command) -> int:
  """Runs one command; returns its exit status, which is that of the workflow where it gives one.

  Raises:
    InputError: whatever the user can mend.
  """
  module, settings = resolve(command.config, command.mode)
  if command.distributed:
    import jax

    jax.distributed.initialize()
  pipeline = Pipeline(command.workdir)
  try:
    write_config(command)
    logging.info('workdir %s', command.workdir)
    return getattr(module, command.mode)(settings, Context(pipeline, command)) or 0
  finally:
    pipeline.close()


def resolve(config: config_dict.ConfigDict, mode: str) -> tuple[Any, Any]:
  """The workflow's module and its settings, checked."""
  values = config.to_dict()
  name = values.pop('workflow', None)
  if name not in WORKFLOWS:
    raise InputError(f'--config.workflow={name!r}: no such workflow{did_you_mean(str(name), WORKFLOWS)}')
  module = importlib.import_module(f'sportjax.workflows.{name}')
  if not hasattr(module, mode):
    raise InputError(f'--mode={mode}: {name} has no such mode; it has {", ".join(module.MODES)}')
  return module, to_dataclass(module.Settings, values)


def write_config(command: Command) -> None:
  """The resolved config lands in the workdir, so that a result can be told from its folder."""
  (command.workdir / 'config.json').write_text(config_json(command.config) + '\n')
  write_json(command.workdir / 'command.json', {'line': command.line, 'mode': command.mode})
