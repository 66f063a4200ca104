"""The numbers of the cross-view experiment as Markdown."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sportjax.evals.cross_view import MEASURES
from sportjax.typing import JSON
from sportjax.workflows.stages.held_out import PARTS


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
  return [f'{view}, {part}' for view in poses for part in PARTS] + [
    'mean, all',
    'mean, least sure',
  ]


def _pose_rows(poses: JSON) -> list[list[str]]:
  rows = []
  for row in next(iter(poses.values())):
    values = [poses[view][row][part]['mean'] for view in poses for part in PARTS]
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
