"""The world's weak teacher, from clean pictures of other athletes to the weights that the project ships."""

from __future__ import annotations

import dataclasses
import functools
import shutil

from absl import logging

from sportjax.synth.stills import StillSpec
from sportjax.tasks.pose_teacher import PoseTeacherConfig
from sportjax.train.loop import LoopConfig
from sportjax.workflows.dispatch import Context
from sportjax.workflows.stages import stills

MODES = ('run',)


@dataclasses.dataclass(frozen=True)
class Settings:
  """What `configs/pose_teacher.py` sets."""

  stills: StillSpec
  teacher: PoseTeacherConfig
  loop: LoopConfig
  batch_size: int = 128
  seed: int = 0
  processes: int = 2


def run(settings: Settings, context: Context) -> None:
  """Films, trains, and leaves the weights in the workdir."""
  filmed = context.pipeline.run(
    'stills',
    functools.partial(stills.film, spec=settings.stills, processes=settings.processes),
    inputs={'stills': settings.stills},
  )
  trained = context.pipeline.run(
    'teacher',
    functools.partial(
      stills.train,
      stills=filmed.folder,
      config=settings.teacher,
      loop=settings.loop,
      batch_size=settings.batch_size,
      seed=settings.seed,
    ),
    inputs={
      'stills': filmed,
      'teacher': settings.teacher,
      'loop': settings.loop,
      'batch_size': settings.batch_size,
      'seed': settings.seed,
    },
  )
  shutil.copy(trained.folder / stills.WEIGHTS, context.workdir / stills.WEIGHTS)
  logging.info('weights: %s', context.workdir / stills.WEIGHTS)
