"""The page's tables: results with their spread, stages, findings, and where the numbers come from."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence

from sportjax.report import results
from sportjax.report.content import Column, Finding, IntervalLike, Provenance, ResultRow, ResultTable, Skip, Stage
from sportjax.report.markup import Markup, join, tag

_SKIPS_SHOWN = 20  # of one reason; the count is always whole
_SEVERITIES = {'error': ('✗', 'Error'), 'warning': ('!', 'Warning'), 'info': ('i', 'Note')}


def results_table(table: ResultTable) -> Markup:
  """Numbers with their interval as text and as a bar; best in bold, ceilings under a line, chance last."""
  columns = table.columns or results.columns_of(table.rows)
  best = {column.key: results.best_rows(table.rows, column) for column in columns}
  scale = {column.key: _scale(table.rows, column) for column in columns}
  rows = [row for row in table.rows if row.role != 'ceiling'] + [row for row in table.rows if row.role == 'ceiling']
  body = [
    tag('tr', _row_head(row), *(_cell(row, c, scale[c.key], row.name in best[c.key]) for c in columns), class_=row.role)
    for row in rows
  ]
  if any(column.chance is not None for column in columns):
    cells = [tag('td', '' if c.chance is None else results.number(c.chance, c)) for c in columns]
    body.append(tag('tr', tag('th', 'Chance', tag('small', 'guessing'), scope='row'), *cells, class_='chance'))
  head = tag('tr', tag('td'), *(tag('th', results.title(column), scope='col') for column in columns))
  grid = tag('table', tag('thead', head), tag('tbody', *body), class_='results', aria_label=table.title)
  told = [f'Ranges: {table.spread}.' if table.spread else '', table.note]
  below = tag('p', ' '.join(filter(None, told)), class_='read')
  return join(tag('h3', table.title), scroller(grid, table.title), below)


def how_to_read_results(tables: Sequence[ResultTable]) -> Markup:
  """What the marks of the results tables mean, and each metric in a sentence, once for all of them."""
  columns = {column.key: column for table in tables for column in table.columns}.values()
  best = 'Bold is the best value, a ceiling aside'
  spread = 'the range beside a value and the thin line on its bar are its uncertainty'
  chance = ', and the dotted line is what guessing reaches' if any(c.chance is not None for c in columns) else ''
  helps = [join(tag('dt', column.title or column.key), tag('dd', column.help)) for column in columns if column.help]
  return join(
    tag('p', f'{best}; {spread}{chance}.', class_='read'), tag('dl', *helps, class_='helps') if helps else None
  )


def stages_table(stages: Sequence[Stage]) -> Markup:
  """Each stage's time and counts, and below it what it left out, by reason."""
  body = []
  longest = max((stage.seconds for stage in stages), default=0)
  for stage in stages:
    time = tag('td', duration(stage.seconds), _bar(stage.seconds / longest if longest else 0))
    name = tag('th', stage.name, tag('small', 'reused from an earlier run') if stage.reused else None, scope='row')
    lost = f'{len(stage.skipped):,}' if stage.skipped else '–'
    counts = [tag('td', _counts(stage.counts_in)), tag('td', _counts(stage.counts_out))]
    body.append(tag('tr', name, time, *counts, tag('td', lost, class_='lost' if stage.skipped else None)))
  head = tag('tr', *(tag('th', name, scope='col') for name in ('Stage', 'Time', 'In', 'Out', 'Left out')))
  grid = scroller(tag('table', tag('thead', head), tag('tbody', *body), class_='stages'), 'Stages')
  return join(grid, *(_skips(stage.name, stage.skipped) for stage in stages if stage.skipped))


def findings_table(findings: Sequence[Finding]) -> Markup:
  """Findings, errors first, or the good news that there are none."""
  if not findings:
    return tag('p', '✓ Nothing was found wrong.', class_='good')
  order = list(_SEVERITIES)
  body = []
  for finding in sorted(findings, key=lambda finding: order.index(finding.severity)):
    symbol, word = _SEVERITIES[finding.severity]
    badge = tag('td', tag('span', f'{symbol} {word}', class_=f'badge {finding.severity}'))
    remedy = tag('small', finding.remedy) if finding.remedy else None
    body.append(tag('tr', badge, tag('th', finding.subject, scope='row'), tag('td', finding.message, remedy)))
  counts = Counter[str](finding.severity for finding in findings)
  told = [f'{n} {word.lower()}{"s" if n > 1 else ""}' for key, (_, word) in _SEVERITIES.items() if (n := counts[key])]
  grid = tag('table', tag('tbody', *body), class_='findings')
  return join(tag('p', f'{", ".join(told)}.'), scroller(grid, 'Findings'))


def provenance_list(provenance: Provenance) -> Markup:
  """Command, commit, machine, data, seeds and versions, as terms with their values."""
  entries = {
    'Command': tag('code', provenance.command),
    'Commit': tag('code', provenance.commit),
    'Hardware': provenance.hardware,
    'Data': provenance.data,
    'Seeds': ', '.join(map(str, provenance.seeds)) or 'none',
    'Versions': ' · '.join(f'{name} {version}' for name, version in provenance.versions.items()) or 'not recorded',
  }
  return tag('dl', *(join(tag('dt', key), tag('dd', value)) for key, value in entries.items()), class_='provenance')


def scroller(content: Markup, name: str) -> Markup:
  """Wide content in a frame of its own that scrolls, also by keyboard, so that the page never does."""
  return tag('div', content, class_='scroller', tabindex='0', role='region', aria_label=name)


def duration(seconds: float) -> str:
  """Seconds as a person says them."""
  if seconds < 10:
    return f'{seconds:.1f} s'
  if seconds < 120:
    return f'{seconds:.0f} s'
  minutes = round(seconds / 60)
  return f'{minutes} min' if minutes < 120 else f'{minutes // 60} h {minutes % 60} min'


def _row_head(row: ResultRow) -> Markup:
  return tag('th', row.name, tag('small', row.note) if row.note else None, scope='row')


def _cell(row: ResultRow, column: Column, scale: float, best: bool) -> Markup:
  if column.key not in row.metrics:
    return tag('td', '–')
  value = row.metrics[column.key]
  told = results.spread(value, column)
  spread = tag('span', told, class_='spread') if told else None
  number = tag('span', results.number(value.mean, column), class_='value')
  return tag('td', number, spread, _interval_bar(value, column, scale), class_='best' if best else None)


def _interval_bar(value: IntervalLike, column: Column, scale: float) -> Markup | None:
  if not all(map(math.isfinite, (value.mean, value.low, value.high))) or scale <= 0:
    return None
  mean, low, high = (min(max(x / scale, 0), 1) * 100 for x in (value.mean, value.low, value.high))
  marks = [
    tag('rect', y=1, width=100, height=8, class_='track'),
    tag('rect', y=1, width=mean, height=8, class_='bar'),
    tag('path', d=f'M{low:.1f} 5H{high:.1f}', class_='whisker'),
  ]
  if column.chance is not None:
    marks.append(tag('path', d=f'M{column.chance / scale * 100:.1f} 0V10', class_='chance'))
  return tag('svg', *marks, viewBox='0 0 100 10', preserveAspectRatio='none', class_='interval', aria_hidden='true')


def _scale(rows: Sequence[ResultRow], column: Column) -> float:
  """What a full bar means: 100 %, or the largest value of the column."""
  if column.unit == '%':
    return 1.0
  finite = [
    x for row in rows if column.key in row.metrics for x in (row.metrics[column.key].mean, row.metrics[column.key].high)
  ]
  return max([x for x in [*finite, column.chance or 0] if math.isfinite(x)], default=0)


def _bar(share: float) -> Markup:
  bar = tag('rect', y=1, width=share * 100, height=8, class_='bar')
  return tag('svg', bar, viewBox='0 0 100 10', preserveAspectRatio='none', class_='interval', aria_hidden='true')


def _counts(counts: Mapping[str, int]) -> str:
  return ', '.join(f'{number:,} {name}' for name, number in counts.items()) or '–'


def _skips(stage: str, skipped: Sequence[Skip]) -> Markup:
  by_reason: dict[str, list[str]] = {}
  for skip in skipped:
    by_reason.setdefault(skip.reason, []).append(skip.item)
  groups = []
  for reason, items in sorted(by_reason.items(), key=lambda group: -len(group[1])):
    shown = [tag('li', tag('code', item)) for item in items[:_SKIPS_SHOWN]]
    rest = tag('li', f'and {len(items) - _SKIPS_SHOWN:,} more') if len(items) > _SKIPS_SHOWN else None
    groups.append(join(tag('h4', f'{len(items):,} × {reason}'), tag('ul', *shown, rest)))
  return tag('details', tag('summary', f'{stage}: {len(skipped):,} left out, by reason'), *groups)
