"""The results as an aligned table of plain text."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from sportjax.report import results
from sportjax.report.content import Column, ResultRow

_NAME_CELLS = 24


def terminal_table(rows: Sequence[ResultRow], columns: Sequence[Column] = (), width: int = 100) -> str:
  """Rows against metrics, `mean (low–high)`, at most `width` characters; `*` marks the best that is no ceiling.

  Metrics that do not fit beside each other follow in a block below. Ceilings stand under a line, then chance.
  """
  columns = tuple(columns) or results.columns_of(rows)
  blocks, block = [], []
  for column in columns:
    if block and max(map(_cells, _lines(rows, [*block, column]))) > width:
      blocks.append(block)
      block = []
    block.append(column)
  blocks.append(block)
  return '\n\n'.join('\n'.join(_lines(rows, block)) for block in blocks)


def _lines(rows: Sequence[ResultRow], columns: Sequence[Column]) -> list[str]:
  best = {column.key: results.best_rows(rows, column) for column in columns}
  table = [['', *(results.title(column) + ' ' for column in columns)]]
  contenders = [row for row in rows if row.role != 'ceiling']
  ceilings = [row for row in rows if row.role == 'ceiling']
  for row in contenders + ceilings:
    table.append([_fit(row.name), *(_cell(row, column, row.name in best[column.key]) for column in columns)])
  if any(column.chance is not None for column in columns):
    table.append(['chance', *(_chance(column) for column in columns)])
  widths = [max(_cells(line[i]) for line in table) for i in range(len(table[0]))]
  lines = [
    ' '.join(_pad(text, cells, left=i == 0) for i, (text, cells) in enumerate(zip(line, widths, strict=True))).rstrip()
    for line in table
  ]
  rule = '-' * max(_cells(line) for line in lines)
  lines.insert(1, rule)
  if len(lines) > 2 + len(contenders):
    lines.insert(2 + len(contenders), rule)
  return lines


def _cell(row: ResultRow, column: Column, best: bool) -> str:
  mark = '*' if best else ' '
  if column.key not in row.metrics:
    return f'–{mark}'
  value = row.metrics[column.key]
  mean, spread = results.number(value.mean, column), results.spread(value, column)
  return f'{mean} ({spread}){mark}' if spread else f'{mean}{mark}'


def _chance(column: Column) -> str:
  return '' if column.chance is None else f'{results.number(column.chance, column)} '


def _fit(name: str) -> str:
  if _cells(name) <= _NAME_CELLS:
    return name
  while _cells(name) > _NAME_CELLS - 1:
    name = name[:-1]
  return name + '…'


def _pad(text: str, cells: int, left: bool) -> str:
  space = ' ' * (cells - _cells(text))
  return text + space if left else space + text


def _cells(text: str) -> int:
  """Columns that a terminal needs for the text."""
  return sum(
    0
    if unicodedata.combining(char) or unicodedata.category(char) in ('Cf', 'Me', 'Mn')
    else 2
    if unicodedata.east_asian_width(char) in 'WF'
    else 1
    for char in text
  )
