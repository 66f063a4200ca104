"""Synchronised views of one athlete: a student of all views but one, tested on the one it has not seen."""

from __future__ import annotations

import dataclasses
import functools
import json
import pathlib
import sys
from collections.abc import Mapping, Sequence

import numpy as np
from absl import logging

from sportjax.errors import InputError
from sportjax.evals.cross_view import MEASURES
from sportjax.pipeline import Pipeline, write_json
from sportjax.typing import JSON
from sportjax.workflows import chain, cross_view_sheets
from sportjax.workflows.chain import ChainSettings, Prepared
from sportjax.workflows.dispatch import Context
from sportjax.workflows.own_videos import PoseSource, pairs_of
from sportjax.workflows.stages import cross_view
from sportjax.workflows.stages.cross_view import Fold, Scene
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
    if not self.seeds or self.draws < 1:
      raise InputError('seeds needs at least one, draws must be at least 1')


def run(settings: Settings, context: Context) -> None:
  """Trains and tests the folds; writes results.json, results.md and contact sheets."""
  pipeline = context.pipeline
  scene = Scene(settings.calibration, settings.markers) if settings.calibration and settings.markers else None
  if scene is None:
    logging.warning('no calibration and markers: poses are shown, but their error cannot be measured')
  videos = find_videos(settings.videos)
  for view in videos if scene else ():
    scene.camera(view)  # a name that does not fit is found before hours of training
  pairs = pairs_of(settings, pipeline, videos, settings.chain.processes)
  views = _held_out(settings, sorted(videos))
  trained = [_fold(pipeline, pairs, view, seed, settings) for seed in settings.seeds for view in views]
  folds, prepared = [fold for fold, _ in trained], trained[0][1]
  done = pipeline.run(
    'cross-view',
    functools.partial(
      cross_view.compare,
      folds=folds,
      tracks=dict(prepared.tracks),
      scene=scene,
      draws=settings.draws,
      seed=settings.seed,
    ),
    inputs={
      'folds': [[fold.held_out, fold.seed, fold.decoded.name, *(p.name for p in fold.rows.values())] for fold in folds],
      'tracks': dict(prepared.tracks),
      'scene': scene,
      'draws': settings.draws,
      'seed': settings.seed,
    },
  )
  results = json.loads((done.folder / cross_view.RESULTS).read_text())
  write_json(context.workdir / 'results.json', results)
  (context.workdir / 'results.md').write_text(markdown(results))
  cross_view_sheets.write(context.workdir, folds, prepared, scene, settings.seed)
  sys.stdout.write(f'\n{markdown(results)}\n{context.workdir / "results.md"}\n')


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
  student = settings.chain.student
  student = dataclasses.replace(
    student,
    frames=dataclasses.replace(student.frames, seed=seed),
    loop=dataclasses.replace(student.loop, seed=seed),
  )
  chain_settings = dataclasses.replace(settings.chain, student=student)
  trained = chain.train(pipeline, prepared, chain_settings)
  rows = chain.extract_rows(pipeline, prepared, trained, chain_settings)
  decoded = pipeline.run(
    'decoded',
    functools.partial(cross_view.decode_poses, dataset=prepared.dataset, split='test', run=trained.folder),
    inputs={'dataset': prepared.done, 'student': trained},
  )
  return Fold(view, seed, rows, decoded.folder), prepared


def markdown(results: JSON) -> str:
  """The three tables: frames covered, pose errors, alignment errors."""
  parts = ['## Track', _table(['view', *next(iter(results['coverage'].values()))], _coverage_rows(results['coverage']))]
  if results['pose']:
    parts += [
      '## Pose of the held-out view',
      _table(['row', *_pose_columns(results['pose'])], _pose_rows(results['pose'])),
    ]
  columns = [f'{m}: {what}' for m in MEASURES for what in ('median [quartiles]', 'mean ± sd over draws')]
  parts += ['## Alignment across views, ms', _table(['row', *columns], _alignment_rows(results['alignment']))]
  parts += ['## Median by pair of views, open ends, ms', _table(*_by_pair(results['alignment'], results['pairs']))]
  return '\n\n'.join(parts) + '\n'


def _coverage_rows(coverage: JSON) -> list[list[str]]:
  return [[view, *map(str, counts.values())] for view, counts in coverage.items()]


def _pose_columns(poses: JSON) -> list[str]:
  return [f'{view}, {part}' for view in poses for part in ('all', 'least sure third')] + [
    'mean, all',
    'mean, least sure',
  ]


def _pose_rows(poses: JSON) -> list[list[str]]:
  rows = []
  for row in next(iter(poses.values())):
    values = [poses[view][row][part]['mean'] for view in poses for part in ('all', 'least sure third')]
    rows.append([row, *(f'{v:.3f}' for v in [*values, np.mean(values[::2]), np.mean(values[1::2])])])
  return rows


def _alignment_rows(alignment: JSON) -> list[list[str]]:
  rows = []
  for row, measures in alignment.items():
    cells = []
    for m in measures.values():
      low, middle, high = m['quartiles']
      cells += [f'{middle:.0f} [{low:.0f}, {high:.0f}]', f'{m["mean"]:.0f} ± {m["sd_over_draws"]:.0f}']
    rows.append([row, *cells])
  return rows


def _by_pair(alignment: JSON, pairs: Sequence[JSON]) -> tuple[list[str], list[list[str]]]:
  medians = {row: m[MEASURES[0]]['pair_medians'] for row, m in alignment.items()}
  medians = {row: values for row, values in medians.items() if len(values) == len(pairs)}
  named = [f'{pair["query"]} in {pair["reference"]}' for pair in pairs]
  named = [name + (f', {p["angle_deg"]:.0f}°' if p['angle_deg'] else '') for name, p in zip(named, pairs, strict=True)]
  return ['pair', *medians], [[name, *(f'{m[i]:.0f}' for m in medians.values())] for i, name in enumerate(named)]


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
  lines = [columns, ['---'] * len(columns), *rows]
  return '\n'.join(f'| {" | ".join(line)} |' for line in lines)
