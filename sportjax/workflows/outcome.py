"""The end of a workflow: rows are compared, the report is written, the table is shown."""

from __future__ import annotations

import dataclasses
import functools
import json
import pathlib
import sys
from collections.abc import Mapping, Sequence
from typing import Literal

import jax
import numpy as np
from absl import logging

from sportjax.data.features import FeatureStore
from sportjax.data.labels import Clip
from sportjax.metrics.bootstrap import Interval
from sportjax.pipeline import Done, Pipeline, write_json
from sportjax.report.content import Column, Highlight, ReportContent, ResultRow, ResultTable
from sportjax.report.terminal import terminal_table
from sportjax.report.write import write_report
from sportjax.workflows import exhibits
from sportjax.workflows.chain import Prepared
from sportjax.workflows.dispatch import Context
from sportjax.workflows.provenance import provenance, stages
from sportjax.workflows.stages import evaluate
from sportjax.workflows.stages.evaluate import EvaluateSettings

__all__ = ['EvaluateSettings', 'evaluate_and_report']

_CEILING, _OURS = 'true pose', 'student'
_NOTES = {
  'teacher': 'the pose estimator itself, normalised',
  'teacher, smoothed': 'its keypoints smoothed in time, weighted by confidence',
  'teacher, smoothed, with change': 'and the change from frame to frame beside them',
  '2D joints': 'what a teacher of another kind makes its features of',
  'student': 'distilled from the teacher on this sport',
  'student, untrained': 'the same network before its first step',
  'PCA of flow': 'principal components of optical flow',
  'PCA of pixels': 'principal components of the crops',
  'true pose': 'the ceiling: what perfect keypoints would give',
}


def evaluate_and_report(
  context: Context,
  prepared: Prepared,
  student: Done,
  rows: Mapping[str, pathlib.Path],
  clips: Sequence[Clip],
  settings: EvaluateSettings,
  *,
  data_kind: Literal['simulated', 'real'],
  query_sets: Mapping[str, Sequence[str]] | None = None,
  title: str = 'Your videos',
  data: str = 'your own videos',
) -> None:
  """Compares the rows on labelled clips, or ranks whole videos where there are none, and writes the report."""
  pipeline = context.pipeline
  labelled = bool(clips)
  clips = tuple(clips) or whole_videos(rows[_OURS])
  query_sets = query_sets or {'all clips': [c.id for c in clips if c.split == 'test']}
  done = evaluate_rows(pipeline, rows, clips, query_sets, settings)
  results = json.loads((done.folder / 'results.json').read_text()) if labelled else {}
  tables = tuple(result_table(name, result, clips, settings) for name, result in results.items())
  content = ReportContent(
    title=title,
    subtitle=f'Features of {len(prepared.tracks)} videos, learned from a pose estimator and compared clip by clip',
    provenance=provenance(context.command.line, data_kind, data, seeds=(settings.seed,), devices=jax.devices()),
    highlights=_highlights(tables),
    results=tables,
    stages=stages(pipeline.done),
    **exhibits.collect(prepared, student, rows, done, settings, labelled=labelled),
  )
  page = write_report(context.workdir / 'report', content)
  write_json(context.workdir / 'results.json', results)
  for table in tables:
    sys.stdout.write(f'\n{table.title}\n{terminal_table(table.rows, table.columns)}\n')
  sys.stdout.write(f'\n{page}\n')
  logging.info('report: %s', page)


def evaluate_rows(
  pipeline: Pipeline,
  rows: Mapping[str, pathlib.Path],
  clips: Sequence[Clip],
  query_sets: Mapping[str, Sequence[str]],
  settings: EvaluateSettings,
) -> Done:
  """What each row of features is worth on the labelled test clips; see `stages.evaluate`."""
  return pipeline.run(
    'evaluate',
    functools.partial(evaluate.evaluate_rows, rows=rows, clips=clips, query_sets=query_sets, settings=settings),
    inputs={
      'rows': {name: folder.name for name, folder in rows.items()},
      'clips': [dataclasses.asdict(c) for c in clips],
      'query_sets': {name: list(ids) for name, ids in query_sets.items()},
      'settings': settings,
    },
  )


def whole_videos(store: pathlib.Path) -> tuple[Clip, ...]:
  """Each video as one clip without a label, for a user who has none."""
  features = FeatureStore(store)
  end_ms = {name: float(features.track(name).t_ms[-1]) + 1 for name in features.tracks}
  return tuple(Clip(name, 0.0, end_ms[name], '', name, 'test') for name in features.tracks)


def result_table(name: str, result: dict, clips: Sequence[Clip], settings: EvaluateSettings) -> ResultTable:
  """Rows against metrics, for one set of queries."""
  labels = [c.label for c in clips if c.split == 'test']
  share = float(np.mean([(labels.count(x) - 1) / max(len(labels) - 1, 1) for x in labels]))
  columns = tuple(
    Column(key, chance=share if key.startswith('precision') else 1 / len(set(labels)))
    for key in next(iter(result.values()))
  )
  table_rows = tuple(
    ResultRow(
      row,
      _NOTES.get(row, ''),
      {key: Interval(m['mean'], m['low'], m['high']) for key, m in metrics.items()},
      role='ceiling' if row == _CEILING else 'ours' if row == _OURS else 'baseline',
    )
    for row, metrics in result.items()
  )
  queries = len(next(iter(next(iter(result.values())).values()))['values'])
  athletes = len({c.athlete for c in clips if c.split == 'test'})
  spread = (
    f'95 % bootstrap over {athletes} held-out athletes; {settings.shots}-shot is the mean of {settings.subsets} subsets'
  )
  return ResultTable(f'{name}: {queries} queries', table_rows, columns, spread=spread)


def _highlights(tables: Sequence[ResultTable]) -> tuple[Highlight, ...]:
  found = []
  for table in tables[:1]:
    rows = {row.name: row for row in table.rows}
    for column in table.columns:
      if column.key in ('precision@5',) or column.key.endswith('accuracy'):
        assert column.chance is not None, 'result_table gives every column its chance'
        ours, teacher = (rows[name].metrics[column.key].mean for name in (_OURS, 'teacher'))
        found.append(
          Highlight(
            f'{100 * ours:.0f} %',
            f'{column.key} of the student',
            f'teacher {100 * teacher:.0f} %, chance {100 * column.chance:.0f} %',
          )
        )
  return tuple(found)
