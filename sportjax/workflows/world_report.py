"""The measurements of the simulated world as tables, curves and text."""

from __future__ import annotations

import dataclasses
import json
import pathlib
from collections.abc import Mapping, Sequence

import numpy as np

from sportjax.metrics.bootstrap import Interval
from sportjax.report.content import (
  Column,
  CurvePanel,
  Histogram,
  Provenance,
  ReportContent,
  ResultRow,
  ResultTable,
  Sample,
  Series,
  Stage,
)
from sportjax.synth.corpus import WORLD_VERSION
from sportjax.typing import JSON
from sportjax.workflows.stages import teacher_failure

_CEILING = 'true pose'
_SCORE_GROUPS = {
  'upright': lambda table: table[:, 2] < 45,
  'head down': lambda table: table[:, 2] > 135,
  'fast': lambda table: table[:, 3] > 9,
}


@dataclasses.dataclass(frozen=True)
class Results:
  """Everything measured."""

  accuracy: Mapping[str, Mapping[str, JSON]]  # by sport, by row
  independence: Mapping[str, Mapping[str, JSON]]  # by sport, by check
  failure: Mapping[str, JSON]
  trials: Mapping[str, JSON]  # by trouble
  scores: Mapping[str, np.ndarray]  # by kind of frame

  def as_json(self) -> JSON:
    """All but the single scores."""
    quartiles = {name: np.quantile(x, (0.25, 0.5, 0.75)).round(3).tolist() for name, x in self.scores.items() if len(x)}
    return {'accuracy': self.accuracy, 'independence': self.independence, 'teacher': self.failure,
      'trials': self.trials,
            'score quartiles': quartiles}  # fmt: skip


def results(
  stages: Mapping[str, tuple[pathlib.Path, pathlib.Path]],
  failure: pathlib.Path,
  trials: pathlib.Path,
  real_scores: pathlib.Path | None,
) -> Results:
  """Reads what the stages wrote: (separability, independence) by sport, the teacher's failures and its trials."""
  with np.load(failure / teacher_failure.FRAMES, allow_pickle=False) as stored:
    table = stored['table']
  scores = {f'weak teacher: {name}': table[chosen(table), 1] for name, chosen in _SCORE_GROUPS.items()}
  if real_scores:
    scores['a real estimator'] = np.load(real_scores, allow_pickle=False)
  return Results(
    {sport: json.loads((folder / 'accuracy.json').read_text()) for sport, (folder, _) in stages.items()},
    {sport: json.loads((folder / 'independence.json').read_text()) for sport, (_, folder) in stages.items()},
    json.loads((failure / teacher_failure.CURVES).read_text()),
    json.loads((trials / teacher_failure.CURVES).read_text()),
    {name: values for name, values in scores.items() if len(values)},
  )


def markdown(found: Results) -> str:
  """The tables as text for documents."""
  sports = list(found.accuracy)
  lines = [f'World version {WORLD_VERSION}. Per cent right on held-out athletes, with 95 % intervals over them.', '',
           _line(['', *sports]), _line(['---'] * (1 + len(sports)))]  # fmt: skip
  for row in found.accuracy[sports[0]]:
    lines.append(_line([row, *(_percent(found.accuracy[sport][row]) for sport in sports)]))
  checks = found.independence
  lines.append(_line(['chance', *(f'{100 * next(iter(checks[sport].values()))["chance"]:.0f}' for sport in sports)]))
  lines += ['', 'Right answers from one thing alone, of all held-out clips; in brackets what chance stays below in 999 '
            'of 1,000 cases.', '', _line(['', *sports]), _line(['---'] * (1 + len(sports)))]  # fmt: skip
  for check in checks[sports[0]]:
    lines.append(_line([check, *(_counted(checks[sport][check]) for sport in sports)]))
  lines += ['', 'The weak teacher: joint error in twice the torso / its own confidence.', '']
  for title, curves in (('on the corpora', found.failure['on the corpora']), ('clean, one trouble', found.trials)):
    for trouble, curve in curves.items():
      values = zip(curve['x'], curve['error'], curve['score'], strict=True)
      told = ', '.join(f'{x:.3g}: {error:.2f} / {score:.2f}' for x, error, score in values)
      lines.append(f'- {title}, {trouble}: {told}')
  return '\n'.join(lines) + '\n'


def _line(cells: Sequence[str]) -> str:
  return f'| {" | ".join(cells)} |'


def _percent(row: Mapping[str, float]) -> str:
  return f'{100 * row["mean"]:.0f} ({100 * row["low"]:.0f}–{100 * row["high"]:.0f})'


def _counted(check: Mapping[str, float]) -> str:
  over = '**' if check['right'] > check['most'] else ''
  return f'{over}{check["right"]}/{check["of"]}{over} ({check["most"]})'


def content(
  found: Results, samples: tuple[Sample, ...], stages: tuple[Stage, ...], provenance: Provenance
) -> ReportContent:
  """The page."""
  return ReportContent(
    title=f'The simulated athletes, version {WORLD_VERSION}',
    subtitle='What tells the classes, what does not, and where the weak teacher fails',
    provenance=provenance,
    results=(_accuracy_table(found), _independence_table(found)),
    histograms=(Histogram("Confidence: mean of the joints' scores, frame by frame", 'score', found.scores),),
    relations=_relations(found),
    samples=samples,
    stages=stages,
    caveats=('Simulated people: what holds here need not hold on real video.',),
  )


def _accuracy_table(found: Results) -> ResultTable:
  columns = tuple(
    Column(sport, chance=next(iter(found.independence[sport].values()))['chance']) for sport in found.accuracy
  )
  rows = tuple(
    ResultRow(
      row,
      '',
      {sport: Interval(*(of[row][end] for end in ('mean', 'low', 'high'))) for sport, of in found.accuracy.items()},
      role='ceiling' if row == _CEILING else 'baseline',
    )
    for row in next(iter(found.accuracy.values()))
  )
  return ResultTable('What tells the class: nearest neighbour under alignment', rows, columns,
                     spread='95 % bootstrap over held-out athletes')  # fmt: skip


def _independence_table(found: Results) -> ResultTable:
  checks = found.independence
  columns = tuple(
    Column(sport, chance=of[check]['chance'], help=f'chance alone stays below {_most(of):.0%}', higher_is_better=False)
    for sport, of in checks.items()
    for check in [next(iter(of))]
  )
  rows = tuple(
    ResultRow(check, '', {sport: _share(of[check]) for sport, of in checks.items()})
    for check in next(iter(checks.values()))
  )
  return ResultTable('What must not tell the class: one thing alone', rows, columns)


def _most(checks: Mapping[str, Mapping[str, float]]) -> float:
  one = next(iter(checks.values()))
  return one['most'] / one['of']


def _share(check: Mapping[str, float]) -> Interval:
  share = check['right'] / check['of']
  return Interval(share, share, share)


def _relations(found: Results) -> tuple[CurvePanel, ...]:
  whole = found.failure
  note = (
    f'Joint error in twice the torso; over all frames the teacher has {whole["error"]:.2f}, a constant mean pose '
    f'{whole["mean_pose_error"]:.2f}. Error and confidence correlate at {whole["correlation"]:.2f}.'
  )
  named = {f'On the corpora, by: {name}': (name, curve) for name, curve in whole['on the corpora'].items()}
  named |= {f'Clean films with one trouble: {name}': (name, curve) for name, curve in found.trials.items()}
  tried = tuple(
    CurvePanel(
      title, name, tuple(Series(y, np.array(curve['x'], float), np.array(curve[y])) for y in ('error', 'score'))
    )
    for title, (name, curve) in named.items()
    if curve['x']
  )
  by_score = whole['by score']
  line = Series('error', np.array(by_score['x']), np.array(by_score['error']))
  return *tried, CurvePanel('Error by confidence, on the corpora', 'score', (line,), note)
