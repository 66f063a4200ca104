"""Synchronised views of one athlete: a student of all views but one, tested on the one it has not seen."""

from __future__ import annotations

import dataclasses
import functools
import json
import pathlib
import sys
from collections.abc import Mapping, Sequence

from absl import logging

from sportjax.errors import InputError
from sportjax.pipeline import Done, Pipeline, write_json
from sportjax.workflows import chain, cross_view_sheets, cross_view_tables
from sportjax.workflows.chain import ChainSettings, Prepared
from sportjax.workflows.dispatch import Context
from sportjax.workflows.own_videos import PoseSource, pairs_of
from sportjax.workflows.stages import cross_view, held_out
from sportjax.workflows.stages.held_out import Fold
from sportjax.workflows.stages.scene import Scene
from sportjax.workflows.videos import find_videos

MODES = ('run',)


@dataclasses.dataclass(frozen=True)
class Settings(PoseSource):
  """What `configs/cross_view.py` sets."""

  videos: str = ''
  calibration: pathlib.Path | None = None  # Qualisys .qca.txt, cameras named as the videos
  markers: pathlib.Path | None = None  # TRC of joints triangulated from the views
  held_out: str | None = None  # a view; each in turn where None
  seeds: tuple[int, ...] = (0, 1)  # of the student
  draws: int = 50
  seed: int = 0  # of the draws
  vipe: pathlib.Path | None = None  # run or weights of VIPE*, whose features are then rows too
  chain: ChainSettings = ChainSettings()

  def __post_init__(self):
    super().__post_init__()
    if not self.videos:
      raise InputError("videos is missing: set --config.videos='views/*.mp4'")
    if (self.calibration is None) != (self.markers is None):
      raise InputError('calibration and markers go together: the joints are known only where both are')
    for name in ('calibration', 'markers'):
      path = getattr(self, name)
      if path is not None and not path.exists():
        raise InputError(f'{name}={path}: no such file')
    if self.chain.teacher != '2d':
      raise InputError("chain.teacher='vipe': poses are compared joint by joint here; use the 2D teacher")
    if not self.seeds or self.draws < 1:
      raise InputError('seeds needs at least one, draws must be at least 1')


def run(settings: Settings, context: Context) -> None:
  """Trains and tests the folds; writes results.json, results.md and contact sheets."""
  pipeline = context.pipeline
  scene = Scene(settings.calibration, settings.markers) if settings.calibration and settings.markers else None
  if scene is None:
    logging.warning('no calibration and markers: poses are shown, but their error cannot be measured')
  videos = find_videos(settings.videos)
  if scene is not None:
    for view in videos:
      scene.camera(view)  # a name that does not fit is found before hours of training
  pairs = pairs_of(settings, pipeline, videos, settings.chain.processes)
  views = _held_out(settings, sorted(videos))
  trained = [_fold(pipeline, pairs, view, seed, settings) for seed in settings.seeds for view in views]
  folds, prepared = [fold for fold, _ in trained], trained[0][1]
  done = _compare(pipeline, folds, prepared, scene, settings)
  results = json.loads((done.folder / cross_view.RESULTS).read_text())
  write_json(context.workdir / 'results.json', results)
  text = cross_view_tables.markdown(results)
  (context.workdir / 'results.md').write_text(text)
  cross_view_sheets.write(context.workdir, folds, prepared, scene, settings.seed)
  sys.stdout.write(f'\n{text}\n{context.workdir / "results.md"}\n')


def _held_out(settings: Settings, views: Sequence[str]) -> tuple[str, ...]:
  if len(views) < 2:
    raise InputError(
      f'--config.videos={settings.videos}: one view; at least one to train on and one to test are needed'
    )
  if settings.held_out is not None and settings.held_out not in views:
    raise InputError(f'held_out={settings.held_out!r}: the views are {", ".join(views)}')
  return (settings.held_out,) if settings.held_out else tuple(views)


def _fold(
  pipeline: Pipeline,
  pairs: Mapping[str, tuple[pathlib.Path, pathlib.Path]],
  view: str,
  seed: int,
  settings: Settings,
) -> tuple[Fold, Prepared]:
  """A student that has never seen the view, and every row's features."""
  splits = {name: 'test' if name == view else 'train' for name in pairs}
  prepared = chain.prepare(pipeline, pairs, splits, settings.chain)
  if missing := set(pairs) - set(prepared.tracks):
    raise InputError(f'views {", ".join(sorted(missing))} could not be used; see what was skipped above')
  chain_settings = dataclasses.replace(settings.chain, student=settings.chain.student.seeded(seed))
  trained = chain.train(pipeline, prepared, chain_settings)
  rows = chain.extract_rows(pipeline, prepared, trained, chain_settings) | _vipe_rows(pipeline, prepared, settings)
  decoded = pipeline.run(
    'decoded',
    functools.partial(held_out.decode_poses, dataset=prepared.dataset, split='test', run=trained.folder),
    inputs={'dataset': prepared.done, 'student': trained},
  )
  return Fold(view, seed, rows, decoded.folder), prepared


def _vipe_rows(pipeline: Pipeline, prepared: Prepared, settings: Settings) -> dict[str, pathlib.Path]:
  if settings.vipe is None:
    return {}
  embed = functools.partial(
    chain.teacher_features,
    pipeline,
    prepared.tracks,
    dataclasses.replace(settings.chain, teacher='vipe', vipe=settings.vipe),
  )
  return {'VIPE*': embed().folder, 'VIPE*, smoothed': embed(sigma_ms=settings.chain.smooth_ms).folder}


def _compare(
  pipeline: Pipeline, folds: Sequence[Fold], prepared: Prepared, scene: Scene | None, settings: Settings
) -> Done:
  shared = {'tracks': dict(prepared.tracks), 'scene': scene, 'draws': settings.draws, 'seed': settings.seed}
  stores = [[fold.held_out, fold.seed, fold.decoded.name, *(p.name for p in fold.rows.values())] for fold in folds]
  return pipeline.run(
    'cross-view', functools.partial(cross_view.compare, folds=folds, **shared), inputs={'folds': stores, **shared}
  )
