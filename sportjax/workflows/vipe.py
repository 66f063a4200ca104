"""VIPE*: a pose embedding that is the same from all sides, trained on recorded people, and what it finds again."""

from __future__ import annotations

import dataclasses
import functools
import json
import pathlib
import shutil
import sys

from absl import logging

from sportjax.errors import InputError
from sportjax.pipeline import Done, write_json
from sportjax.tasks import vipe_teacher
from sportjax.tasks.vipe import VipeTaskConfig
from sportjax.train.loop import LoopConfig
from sportjax.workflows.dispatch import Context
from sportjax.workflows.stages import vipe as stages
from sportjax.workflows.stages.vipe import MotionSpec, RetrievalSpec

MODES = ('run',)
_OURS, _ONE_VIEW, _PLAIN = 'VIPE*', 'VIPE* without its contrast', 'plain MLP'


@dataclasses.dataclass(frozen=True)
class Shares:
  """How much of a batch each data set has, in any unit."""

  cmu: float = 20.0
  deepmimic: float = 20.0
  ui_prmd: float = 60.0

  def __post_init__(self):
    if min(dataclasses.astuple(self)) <= 0:
      raise InputError('shares must be above 0')


@dataclasses.dataclass(frozen=True)
class Settings:
  """What `configs/vipe.py` sets."""

  markers: pathlib.Path
  motion: MotionSpec
  task: VipeTaskConfig
  loop: LoopConfig
  shares: Shares = Shares()
  retrieval: RetrievalSpec = RetrievalSpec()
  batch_size: int = 100
  val_batches: int = 20
  seed: int = 0


def run(settings: Settings, context: Context) -> None:
  """Reads the recordings, trains VIPE* and what it is compared with, and looks for poses across views."""
  recordings = stages.plan(settings.markers, settings.motion)
  motion = context.pipeline.run(
    'motion',
    functools.partial(stages.read_motion, recordings=recordings, spec=settings.motion),
    inputs={'files': sorted({p for r in recordings for p in (r.path, r.measured)}), 'spec': settings.motion},
  )
  trained = {name: _train(settings, context, motion, task) for name, task in _compared(settings.task).items()}
  models = {name: done.folder / vipe_teacher.WEIGHTS for name, done in trained.items()}
  found = context.pipeline.run(
    'across_views',
    functools.partial(
      stages.find_across_views,
      motion=motion.folder,
      models=models,
      untrained=settings.task.net,
      spec=settings.retrieval,
    ),
    inputs={'motion': motion, 'models': trained, 'net': settings.task.net, 'spec': settings.retrieval},
  )
  results = json.loads((found.folder / 'results.json').read_text())
  write_json(context.workdir / 'results.json', results)
  table = _table(results, f'hit@{settings.retrieval.k}', found)
  (context.workdir / 'vipe.md').write_text(table)
  sys.stdout.write(f'\n{table}\n')
  weights = shutil.copyfile(models[_OURS], context.workdir / vipe_teacher.WEIGHTS)
  logging.info('weights of VIPE*: %s', weights)


def _compared(task: VipeTaskConfig) -> dict[str, VipeTaskConfig]:
  """VIPE*; the same network taught 3D alone; and a network of one hidden layer, taught as an ordinary lifter is."""
  lifting = dataclasses.replace(task, contrastive_weight=0.0, movement_weight=0.0)
  plain = dataclasses.replace(lifting, net=dataclasses.replace(task.net, blocks=0))
  return {_OURS: task, _PLAIN: plain, _ONE_VIEW: lifting}


def _train(settings: Settings, context: Context, motion: Done, task: VipeTaskConfig) -> Done:
  shares = dataclasses.asdict(settings.shares)
  given = {
    'config': task,
    'loop': settings.loop,
    'shares': shares,
    'batch_size': settings.batch_size,
    'val_batches': settings.val_batches,
    'seed': settings.seed,
  }
  return context.pipeline.run(
    'vipe', functools.partial(stages.train, motion=motion.folder, **given), inputs={'motion': motion, **given}
  )


def _table(results: dict, metric: str, found: Done) -> str:
  """Rows against angles, with the interval over people."""
  angles = list(next(iter(results.values())))
  lines = [
    f'{metric} of {found.counts["poses"]} poses of {found.counts["people"]} held-out people, by the angle between the '
    'cameras; 95 % bootstrap over the people',
    '',
    '| row | ' + ' | '.join(f'{angle} deg' for angle in angles) + ' |',
    '|---' * (1 + len(angles)) + '|',
  ]
  for name, row in results.items():
    cells = (row[angle][metric] for angle in angles)
    lines.append(f'| {name} | ' + ' | '.join('{mean:.3f} [{low:.3f}, {high:.3f}]'.format(**c) for c in cells) + ' |')
  return '\n'.join(lines) + '\n'
