"""The student against its teacher and every other row, over several worlds of athletes and seeds of training."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from sportjax.data.labels import Clip
from sportjax.errors import InputError
from sportjax.metrics import bootstrap
from sportjax.pipeline import Done, write_json
from sportjax.typing import JSON, Float
from sportjax.workflows import outcome, quickstart
from sportjax.workflows.dispatch import Context

MODES = ('run',)
_OURS = 'student'
_HIDDEN = ('precision@1', 'precision@10')  # in results.json only


@dataclasses.dataclass(frozen=True)
class Settings(quickstart.Settings):
  """What `configs/versus_teacher.py` sets."""

  seeds: tuple[int, ...] = (0, 1, 2)  # each of other athletes and another training

  def __post_init__(self):
    if not self.seeds:
      raise InputError('seeds needs at least one')


@dataclasses.dataclass(frozen=True)
class Answers:
  """One metric of one row over all queries of all seeds."""

  values: Float[np.ndarray, 'q']
  athletes: np.ndarray


Table = dict[str, dict[str, dict[str, Answers]]]  # by query set, by row, by metric


def run(settings: Settings, context: Context) -> None:
  """Runs every seed, pools the queries, and writes results.json and versus_teacher.md."""
  pooled: Table = {}
  for seed in settings.seeds:
    seeded = of_seed(settings, seed)
    compared = quickstart.compare(seeded, context.pipeline)
    done = outcome.evaluate_rows(
      context.pipeline, compared.rows, compared.clips, compared.query_sets, settings.evaluate
    )
    _add(pooled, done, compared.query_sets, seed)
  results = {
    name: {row: _row(metrics, rows[_OURS], settings) for row, metrics in rows.items()} for name, rows in pooled.items()
  }
  write_json(context.workdir / 'results.json', results)
  text = markdown(results, settings)
  (context.workdir / 'versus_teacher.md').write_text(text)
  sys.stdout.write(f'{text}\n{context.workdir / "versus_teacher.md"}\n')


def of_seed(settings: quickstart.Settings, seed: int) -> quickstart.Settings:
  """The same with other athletes, other held-out frames and another start of the training."""
  return quickstart.Settings(
    dataclasses.replace(settings.corpus, seed=seed),
    dataclasses.replace(settings.chain, student=settings.chain.student.seeded(seed)),
    settings.evaluate,
  )


def _add(pooled: Table, done: Done, query_sets: Mapping[str, Sequence[str]], seed: int) -> None:
  """Adds one seed's answers; an athlete of one seed is none of another's."""
  test = [Clip(**clip) for clip in json.loads((done.folder / 'clips.json').read_text())['test']]
  for name, rows in json.loads((done.folder / 'results.json').read_text()).items():
    athletes = np.array([f'{seed} {clip.athlete}' for clip in test if clip.id in set(query_sets[name])])
    for row, metrics in rows.items():
      for metric, found in metrics.items():
        known = pooled.setdefault(name, {}).setdefault(row, {})
        before = known.get(metric, Answers(np.zeros(0), np.zeros(0, athletes.dtype)))
        known[metric] = Answers(
          np.concatenate([before.values, found['values']]), np.concatenate([before.athletes, athletes])
        )


def _row(metrics: Mapping[str, Answers], ours: Mapping[str, Answers], settings: Settings) -> dict[str, JSON]:
  """Means with intervals over athletes, and the student's paired difference to the row."""
  how = {'n': settings.evaluate.resamples, 'seed': settings.evaluate.seed}
  return {
    name: {
      **dataclasses.asdict(bootstrap.bootstrap(one.values, one.athletes, **how)),
      'student minus this': dataclasses.asdict(
        bootstrap.paired_difference(ours[name].values, one.values, one.athletes, **how)
      ),
      'queries': len(one.values),
      'athletes': len(set(one.athletes.tolist())),
    }
    for name, one in metrics.items()
  }


def markdown(results: Mapping[str, Mapping[str, Mapping[str, JSON]]], settings: Settings) -> str:
  """A table for each query set: precision@5 and few-shot accuracy, and by how much the student is above the row."""
  lines = []
  for name, rows in results.items():
    metrics = [metric for metric in rows[_OURS] if metric not in _HIDDEN]
    size = rows[_OURS][metrics[0]]
    lines += ['', f'{name}: {size["queries"]} queries of {size["athletes"]} athletes, {len(settings.seeds)} seeds', '']
    lines += [_line(['row', *(cell for metric in metrics for cell in (metric, 'student minus it'))])]
    lines += [_line(['---'] * (1 + 2 * len(metrics)))]
    lines += [
      _line([row, *(cell for metric in metrics for cell in _cells(row, found[metric]))]) for row, found in rows.items()
    ]
  return '\n'.join(lines[1:]) + '\n'


def _cells(row: str, found: Mapping[str, Any]) -> tuple[str, str]:
  apart = found['student minus this']
  return _percent(found), '' if row == _OURS else _percent(apart, '+')


def _percent(interval: Mapping[str, float], sign: str = '') -> str:
  mean, low, high = (100 * interval[name] for name in ('mean', 'low', 'high'))
  return f'{mean:{sign}.1f} ({low:{sign}.1f} to {high:{sign}.1f})'


def _line(cells: Sequence[str]) -> str:
  return f'| {" | ".join(cells)} |'
