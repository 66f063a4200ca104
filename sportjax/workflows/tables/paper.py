"""The numbers of the paper, to stand beside ours and never to be taken for them."""

from __future__ import annotations

import functools
import importlib.resources
import json
from collections.abc import Mapping
from typing import Any

from sportjax.errors import InputError

DATASETS = ('FSJump6', 'Tennis7', 'FX35', 'Diving48')


def numbers(table: str, dataset: str) -> Mapping[str, Mapping[str, float]]:
  """Per cent by row and column; none where the paper has no such table of the dataset.

  Raises:
    InputError: the paper has no such dataset.
  """
  if dataset not in DATASETS:
    raise InputError(f"--config.beside={dataset!r}: the paper's datasets are {', '.join(DATASETS)}")
  rows = _content()['tables'].get(table, {}).get(dataset, {})
  return {row: {column: _mean(value) for column, value in cells.items()} for row, cells in rows.items()}


def source() -> str:
  """Where the numbers are from."""
  return _content()['source']


def _mean(value: float | list[float]) -> float:
  return value[0] if isinstance(value, list) else value  # with its standard deviation over subsets


@functools.cache
def _content() -> dict[str, Any]:
  return json.loads((importlib.resources.files('sportjax.workflows.tables') / 'paper.json').read_text(encoding='utf-8'))
