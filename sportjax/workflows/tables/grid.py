"""The grid: each cell's question put to each world, answered by a cached stage, pooled into one number."""

from __future__ import annotations

import dataclasses
import functools
import pathlib
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from sportjax.errors import InputError
from sportjax.metrics.bootstrap import Interval
from sportjax.pipeline import Pipeline
from sportjax.workflows.stages import detect, recognise, retrieve
from sportjax.workflows.stages.detect import DetectSettings
from sportjax.workflows.stages.recognise import ClassifierSettings
from sportjax.workflows.stages.retrieve import RetrieveSettings
from sportjax.workflows.tables import methods, outcome
from sportjax.workflows.tables.corpus import Corpus
from sportjax.workflows.tables.layouts import Cell, Detect, Kept, Recognise, Retrieve
from sportjax.workflows.tables.methods import Method
from sportjax.workflows.tables.outcome import Entry

ALL = 'all clips'
Table = dict[str, dict[str, Entry]]  # by row and column


@dataclasses.dataclass(frozen=True)
class HowAsked:
  """Settings of the questions."""

  recognise: ClassifierSettings = ClassifierSettings()
  retrieve: RetrieveSettings = RetrieveSettings()
  detect: DetectSettings = DetectSettings()
  select_on: Literal['val', 'test'] = 'val'  # clips that choose a classifier's epoch where there are any
  subsets: int = 5
  resamples: int = 1000
  seed: int = 0


@dataclasses.dataclass(frozen=True)
class Asker:
  """Runs cells on one world."""

  pipeline: Pipeline
  corpus: Corpus
  how: HowAsked

  def recognise(self, method: Method, asked: Recognise) -> pathlib.Path:
    """The folder of predictions."""
    corpus, how = self.corpus, self.how
    subsets = corpus.subsets(asked.shots, how.subsets, how.seed)
    if method.network is not None:
      if corpus.ask_network is None:
        raise InputError(f'{corpus.about}: no videos for {method.name}; leave --config.ask.networks empty')
      return corpus.ask_network(method.network, subsets)
    store = corpus.store(method)
    given = {
      'train': corpus.split('train'),
      'val': corpus.split(how.select_on),
      'test': corpus.split('test'),
      'subsets': subsets,
      'classifier': asked.classifier,
      'settings': how.recognise,
    }
    stage = functools.partial(recognise.recognise, store=store, **given)
    return self.pipeline.run('recognise', stage, inputs={'store': store.name, **given}).folder

  def retrieve(self, method: Method, ks: tuple[int, ...]) -> pathlib.Path:
    """The folder of precisions."""
    store = self.corpus.store(method)
    settings = dataclasses.replace(self.how.retrieve, ks=ks)
    queries = None if self.corpus.queries is None else sorted(self.corpus.queries)
    given = {'clips': self.corpus.clips, 'queries': queries, 'settings': settings}
    stage = functools.partial(retrieve.retrieve, store=store, **given)
    return self.pipeline.run('retrieve', stage, inputs={'store': store.name, **given}).folder

  def detect(self, method: Method, thresholds: tuple[float, ...]) -> pathlib.Path:
    """The folder of what was found. Raises: InputError where the corpus has no whole videos with intervals."""
    routines = self.corpus.routines
    if routines is None:
      raise InputError(f'{self.corpus.about}: no whole videos labelled in time; give a dataset that has them')
    store = routines.store(method)
    settings = dataclasses.replace(
      self.how.detect, detection=dataclasses.replace(self.how.detect.detection, thresholds=thresholds)
    )
    given = {
      'tasks': routines.tasks,
      'trials': routines.trials,
      'test': routines.test,
      'mean_ms': routines.mean_ms,
      'settings': settings,
    }
    stage = functools.partial(detect.detect, store=store, **given)
    return self.pipeline.run('detect', stage, inputs={'store': store.name, **given}).folder


@dataclasses.dataclass(frozen=True)
class Grid:
  """The cells of a table on all its worlds."""

  cells: Sequence[Cell]
  askers: Sequence[Asker]
  how: HowAsked
  _pools: dict[tuple, outcome.Pooled] = dataclasses.field(default_factory=dict)  # a teacher is asked for by many cells

  def fill(self) -> dict[str, Table]:
    """The tables by query set: of all clips first, then of those that the worlds look at apart."""
    by_set: dict[str, Table] = {ALL: {}}
    for cell in self.cells:
      for name, entry in self.entries(cell).items():
        by_set.setdefault(name, {}).setdefault(cell.row, {})[cell.column] = entry
    return by_set

  def entries(self, cell: Cell) -> dict[str, Entry]:
    """The numbers of one cell by query set."""
    match cell.question:
      case Detect(threshold, tiou):
        return {ALL: self._ap(cell.method, threshold, tiou)}
      case Kept(which):
        return self._kept(cell.method, which)
      case _:
        return self._means(cell.method, cell.question)

  def _means(self, method: Method, question: Recognise | Retrieve) -> dict[str, Entry]:
    entries = {}
    for name in (ALL, *sorted({name for asker in self.askers for name in asker.corpus.query_sets})):
      pooled = self._pooled(method, question, name)
      if len(pooled.values):
        taught = methods.teacher(method.teacher) if method.student and not method.beside else None
        teacher = None if taught is None or not self._has(taught) else self._pooled(taught, question, name)
        entries[name] = outcome.entry(pooled, teacher, n=self.how.resamples, seed=self.how.seed)
    return entries

  def _has(self, method: Method) -> bool:
    """Whether a method is a row of the table, so that others can be held against it."""
    return any(cell.method == method for cell in self.cells)

  def _pooled(self, *asked: Any) -> outcome.Pooled:
    if asked not in self._pools:
      self._pools[asked] = self._pool(*asked)
    return self._pools[asked]

  def _pool(self, method: Method, question: Recognise | Retrieve, query_set: str) -> outcome.Pooled:
    worlds = []
    for asker in self.askers:
      if isinstance(question, Recognise):
        answers = outcome.recognised(asker.recognise(method, question))
      else:
        answers = outcome.retrieved(asker.retrieve(method, self._ks), question.k)
      chosen = None if query_set == ALL else asker.corpus.query_sets.get(query_set, frozenset())
      worlds.append(outcome.World(answers, asker.corpus.clips, chosen))
    return outcome.pool(worlds)

  @property
  def _ks(self) -> tuple[int, ...]:
    return tuple(sorted({cell.question.k for cell in self.cells if isinstance(cell.question, Retrieve)}))

  def _ap(self, method: Method, threshold: float, tiou: float) -> Entry:
    asked = (cell.question for cell in self.cells)
    thresholds = tuple(sorted({question.threshold for question in asked if isinstance(question, Detect)}))
    found = [outcome.found_in(asker.detect(method, thresholds)) for asker in self.askers]
    rule, n, seed = self.how.detect.detection.ap, self.how.resamples, self.how.seed
    return outcome.average_precision(found, threshold=threshold, tiou=tiou, rule=rule, n=n, seed=seed)

  def _kept(self, method: Method, which: str) -> dict[str, Entry]:
    counted = [asker.corpus.kept(method) for asker in self.askers if asker.corpus.kept is not None]
    shares = [one[which] for one in counted]
    return {ALL: Entry(Interval(float(np.mean(shares)), min(shares), max(shares)))} if shares else {}
