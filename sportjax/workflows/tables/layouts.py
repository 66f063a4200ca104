"""What each table asks: its rows, its columns, and the question behind every cell."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from sportjax.workflows.stages.recognise import CLASSIFIERS, NNS
from sportjax.workflows.tables import methods
from sportjax.workflows.tables.methods import Method, NamedNetwork, Teacher

MAIN_CLASSIFIER = 'bigru'
CLASSIFIER_NAMES = {
  'bigru': 'BiGRU', 'bilstm': 'BiLSTM', 'bigru_attention': 'BiGRU (w/ attn)', 'bilstm_attention': 'BiLSTM (w/ attn)',
  'cnn': 'CNN', NNS: 'NNS (w/ DTW)',
}  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Recognise:
  """How many test clips are told right, after so many labelled clips a class, or all."""

  shots: int | None
  classifier: str = MAIN_CLASSIFIER


@dataclasses.dataclass(frozen=True)
class Retrieve:
  """How many of the nearest clips are of the same class."""

  k: int


@dataclasses.dataclass(frozen=True)
class Detect:
  """How well actions are found in whole videos, from frames above a threshold."""

  threshold: float
  tiou: float


@dataclasses.dataclass(frozen=True)
class Kept:
  """How many frames a student may learn from; `which` of them are counted."""

  which: str


Question = Recognise | Retrieve | Detect | Kept


@dataclasses.dataclass(frozen=True)
class Cell:
  """One number: row and column by the names that the paper's numbers have."""

  row: str
  name: str  # of the row, as it is shown
  column: str
  method: Method
  question: Question


@dataclasses.dataclass(frozen=True)
class Ask:
  """What of a table is asked for; each table takes what concerns it."""

  teachers: tuple[Teacher, ...] = ('2d',)
  rows: tuple[str, ...] = ()  # all where empty
  shots: tuple[int, ...] = (16,)  # few-shot columns, beside full supervision
  by: tuple[str, ...] = (MAIN_CLASSIFIER, NNS)  # columns of Tables 2 and 5; the paper's are of the first
  classifiers: tuple[str, ...] = CLASSIFIERS  # Table 8's
  ks: tuple[int, ...] = (1, 10, 50)
  min_scores: tuple[float, ...] = (0.1, 0.3, 0.5, 0.7, 0.9)
  tious: tuple[float, ...] = (0.3, 0.4, 0.5, 0.6, 0.7)
  thresholds: tuple[float, ...] = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
  threshold: float = 0.2  # of Table 4
  networks: tuple[NamedNetwork, ...] = ()  # baselines that are rows of Table 2 too


def _table2(ask: Ask) -> list[Cell]:
  rows = [method for of in ask.teachers for method in (methods.teacher(of), *methods.ablations(of))]
  rows += [methods.concatenated()] * (set(ask.teachers) == set(methods.TEACHERS))
  rows += [network.method() for network in ask.networks]
  return _recognition(methods.chosen(rows, ask.rows), ask)


def _recognition(rows: Sequence[Method], ask: Ask) -> list[Cell]:
  """Full supervision and few shots; a network of its own needs no classifier, and is asked once."""
  cells = []
  for row in rows:
    for by in (MAIN_CLASSIFIER,) if row.network is not None else ask.by:
      told = '' if by == MAIN_CLASSIFIER else f', {by}'
      columns = {f'full{told}': None, **{f'{k}-shot{told}': k for k in ask.shots}}
      cells += [Cell(row.key, row.name, column, row, Recognise(k, by)) for column, k in columns.items()]
  return cells


def _table3(ask: Ask) -> list[Cell]:
  rows = [method for of in ask.teachers for method in (methods.teacher(of), methods.whole_corpus(of))]
  pairs = itertools.product(methods.chosen(rows, ask.rows), ask.ks)
  return [Cell(row.key, row.name, f'P@{k}', row, Retrieve(k)) for row, k in pairs]


def _pairs(ask: Ask) -> tuple[Method, ...]:
  rows = [method for of in ask.teachers for method in (methods.teacher(of), methods.student(of))]
  return methods.chosen(rows, ask.rows)


def _figure3(ask: Ask) -> list[Cell]:
  asked = itertools.product(_pairs(ask), ask.shots, (MAIN_CLASSIFIER, NNS))
  return [Cell(row.key, row.name, f'{by} {k}', row, Recognise(k, by)) for row, k, by in asked]


def _table4(ask: Ask) -> list[Cell]:
  asked = itertools.product(_pairs(ask), ask.tious)
  return [Cell(row.key, row.name, f'AP@{t:g}', row, Detect(ask.threshold, t)) for row, t in asked]


def _table5(ask: Ask) -> list[Cell]:
  cells = []
  for of in ask.teachers:
    rows = methods.chosen((methods.teacher(of), *(methods.above(of, s) for s in ask.min_scores)), ask.rows)
    cells += _recognition(rows, ask)
    kept = ('kept, all frames', 'kept, action frames')
    cells += [Cell(r.key, r.name, which, r, Kept(which)) for r, which in itertools.product(rows, kept) if r.student]
  return cells


def _table7(ask: Ask) -> list[Cell]:
  asked = itertools.product(_pairs(ask), ask.thresholds)
  return [Cell(row.key, row.name, f'above {t:g}', row, Detect(t, 0.5)) for row, t in asked]


def _table8(ask: Ask) -> list[Cell]:
  asked = itertools.product(ask.classifiers, _pairs(ask))
  return [Cell(by, CLASSIFIER_NAMES[by], method.key, method, Recognise(None, by)) for by, method in asked]


@dataclasses.dataclass(frozen=True)
class Layout:
  """A table of the paper."""

  title: str
  cells: Callable[[Ask], list[Cell]]
  note: str = ''


LAYOUTS: Mapping[str, Layout] = MappingProxyType(
  {
    'table2': Layout('Table 2: recognition after distillation in parts, top-1 accuracy', _table2),
    'table3': Layout('Table 3: retrieval, precision at k', _table3, 'students are of the whole corpus'),
    'figure3': Layout('Figure 3 and Table 6: recognition from k clips a class, top-1 accuracy', _figure3),
    'table4': Layout('Table 4: detection, AP at temporal IoU', _table4),
    'table5': Layout('Table 5: recognition by the score that a frame must have to be learned from', _table5),
    'table7': Layout('Table 7: detection, AP at temporal IoU 0.5 by activation threshold', _table7),
    'table8': Layout('Table 8: recognition by architecture, all labels, top-1 accuracy', _table8),
  }
)
