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
from sportjax.workflows.stages import vipe_sets
from sportjax.workflows.stages.vipe import MotionSpec, RetrievalSpec

MODES = ('run',)
_OURS, _ONE_VIEW, _PLAIN = 'VIPE*', 'VIPE* without its contrast', 'plain MLP'


@dataclasses.dataclass(frozen=True)
class Shares:
  """How much of a batch each data set has, in any unit. Source: of the last four, VPD's reference implementation."""

  cmu: float = 20.0
  deepmimic: float = 20.0
  ui_prmd: float = 60.0
  human36m: float = 40.0
  amass: float = 40.0
  people3d: float = 10.0
  nba2k: float = 10.0

  def __post_init__(self):
    if min(dataclasses.astuple(self)) <= 0:
      raise InputError('shares must be above 0')


@dataclasses.dataclass(frozen=True)
class SetFolders:
  """A folder for each of the sets that the paper trains on, where a user has it."""

  human36m: pathlib.Path | None = None
  amass: pathlib.Path | None = None
  people3d: pathlib.Path | None = None
  nba2k: pathlib.Path | None = None

  @property
  def given(self) -> dict[str, pathlib.Path]:
    """Those there are, by name."""
    return {name: path for name, path in vars(self).items() if path is not None}


@dataclasses.dataclass(frozen=True)
class Settings:
  """What `configs/vipe.py` sets."""

  motion: MotionSpec
  task: VipeTaskConfig
  loop: LoopConfig
  markers: pathlib.Path | None = None
  sets: SetFolders = SetFolders()  # built datasets of 3D poses
  views: SetFolders = SetFolders()  # their folders cocopose, of 2D poses by camera
  shares: Shares = Shares()
  retrieval: RetrievalSpec = RetrievalSpec()
  batch_size: int = 100
  val_batches: int = 20
  seed: int = 0

  def __post_init__(self):
    if self.markers is None and not self.sets.given:
      raise InputError(
        'markers is missing: set --config.markers=../shared/data, or a set of 3D poses: --config.sets.human36m=DIR'
      )
    alone = sorted(set(self.views.given) - set(self.sets.given))
    if alone:
      raise InputError(f'views.{alone[0]} has no 3D poses beside it: set --config.sets.{alone[0]}=DIR too')


def run(settings: Settings, context: Context) -> None:
  """Reads the recordings, trains VIPE* and what it is compared with, and looks for poses across views."""
  motions = _motions(settings, context)
  trained = {name: _train(settings, context, motions, task) for name, task in _compared(settings.task).items()}
  models = {name: done.folder / vipe_teacher.WEIGHTS for name, done in trained.items()}
  found = context.pipeline.run(
    'across_views',
    functools.partial(
      stages.find_across_views,
      motions=[done.folder for done in motions],
      models=models,
      untrained=settings.task.net,
      spec=settings.retrieval,
    ),
    inputs={'motions': motions, 'models': trained, 'net': settings.task.net, 'spec': settings.retrieval},
  )
  results = json.loads((found.folder / 'results.json').read_text())
  write_json(context.workdir / 'results.json', results)
  table = _table(results, f'hit@{settings.retrieval.k}', found)
  (context.workdir / 'vipe.md').write_text(table)
  sys.stdout.write(f'\n{table}\n')
  weights = shutil.copyfile(models[_OURS], context.workdir / vipe_teacher.WEIGHTS)
  logging.info('weights of VIPE*: %s', weights)


def _motions(settings: Settings, context: Context) -> list[Done]:
  """Canonical poses of the recordings and of the built sets, whichever are given."""
  out = []
  if settings.markers is not None:
    recordings = stages.plan(settings.markers, settings.motion)
    read = functools.partial(stages.read_motion, recordings=recordings, spec=settings.motion)
    files = sorted({p for r in recordings for p in (r.path, r.measured)})
    out.append(context.pipeline.run('motion', read, inputs={'files': files, 'spec': settings.motion}))
  if settings.sets.given:
    given = {'sets': settings.sets.given, 'views': settings.views.given}
    described = {name: path / 'dataset_info.json' for name, path in settings.sets.given.items()}
    read = functools.partial(vipe_sets.read_sets, **given)
    out.append(context.pipeline.run('sets', read, inputs=given | {'sets': described}))
  return out


def _compared(task: VipeTaskConfig) -> dict[str, VipeTaskConfig]:
  """VIPE*; the same network taught 3D alone; and a network of one hidden layer, taught as an ordinary lifter is."""
  lifting = dataclasses.replace(task, contrastive_weight=0.0, movement_weight=0.0)
  plain = dataclasses.replace(lifting, net=dataclasses.replace(task.net, blocks=0))
  return {_OURS: task, _PLAIN: plain, _ONE_VIEW: lifting}


def _train(settings: Settings, context: Context, motions: list[Done], task: VipeTaskConfig) -> Done:
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
    'vipe',
    functools.partial(stages.train, motions=[done.folder for done in motions], **given),
    inputs={'motions': motions, **given},
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
