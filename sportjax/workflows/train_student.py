"""Training alone, on a dataset that is already built: what a GPU or a pod is rented for."""

from __future__ import annotations

import dataclasses
import functools
import pathlib
import sys

import jax
import numpy as np

from sportjax.dist import mesh as mesh_lib
from sportjax.dist import rules as rules_lib
from sportjax.errors import InputError
from sportjax.pipeline import write_json
from sportjax.train import step as step_lib
from sportjax.workflows.dispatch import Context
from sportjax.workflows.stages import distil
from sportjax.workflows.stages.distil import StudentSettings

MODES = ('train', 'compile')


@dataclasses.dataclass(frozen=True)
class Settings:
  """What `configs/train_student.py` sets."""

  dataset: pathlib.Path | None = None  # folder of a built `sports_tracks` dataset
  student: StudentSettings = StudentSettings()
  size_px: int = 128  # with --mode=compile, which reads no dataset
  d: int = 26


def train(settings: Settings, context: Context) -> None:
  """Trains, or resumes."""
  if settings.dataset is None:
    raise InputError('--config.dataset is missing: the folder of a built dataset, the one that holds dataset_info.json')
  context.pipeline.run(
    'distil',
    functools.partial(distil.train_student, dataset=settings.dataset, settings=settings.student),
    inputs={'dataset': settings.dataset / 'dataset_info.json', 'student': settings.student},
  )


def compile(settings: Settings, context: Context) -> None:  # noqa: A001 - the mode's name
  """Compiles the train step for the devices at hand or for a described topology, and writes what it costs."""
  mesh = mesh_lib.make_mesh(settings.student.mesh, devices_of(context.command.topology))
  student = distil.student_config(settings.student, settings.size_px, settings.d)
  task = distil.make_task(student, settings.student, distil.no_input)
  size, example = settings.student.frames.batch_size, settings.student.frames.example
  row = {
    'frames': np.zeros((1, *example, student.size_px, student.size_px, 6), np.uint8),
    'target': np.zeros((1, *example, 2, 2 * student.d), np.float32),
  }
  batch = step_lib.abstract_batch(row, mesh, size)
  lowered = step_lib.lower_train_step(task, mesh, rules_lib.preset(settings.student.rules), batch)
  cost = step_lib.cost(lowered.compile())
  record = {**dataclasses.asdict(cost), 'peak_bytes': cost.peak_bytes, 'devices': mesh.size, 'batch_size': size}
  write_json(context.workdir / 'compile.json', record)
  sys.stdout.write(
    f'{mesh.size} devices, batch {size}: per device {cost.flops / 1e9:.1f} GFLOP a step,'
    f' {cost.peak_bytes / 2**20:.0f} MiB at the peak ({cost.temporary_bytes / 2**20:.0f} of it temporary)\n'
  )


def devices_of(topology: str | None) -> list[jax.Device] | None:
  """Devices of a TPU topology that need not be there, such as v5e:16x16; None for those at hand.

  Raises:
    InputError: the topology is unknown, or libtpu is not installed.
  """
  if topology is None:
    return None
  from jax.experimental import topologies

  try:
    return list(topologies.get_topology_desc(platform='tpu', topology_name=topology).devices)
  except Exception as error:  # noqa: BLE001 - the plugin raises many kinds
    raise InputError(
      f"--topology={topology}: {str(error).splitlines()[0]}; pip install 'sportjax[tpu-aot]'?"
    ) from error
