"""The tables of the VPD paper, one command each: the grid is run, and written beside the paper's numbers."""

from __future__ import annotations

import dataclasses
import functools
import pathlib
import sys
from typing import Literal

import jax

from sportjax.errors import InputError
from sportjax.pipeline import write_json
from sportjax.report.content import ReportContent
from sportjax.report.figure import figure_svg
from sportjax.report.terminal import terminal_table
from sportjax.report.write import write_report
from sportjax.workflows.chain import ChainSettings
from sportjax.workflows.dispatch import Context
from sportjax.workflows.provenance import provenance, stages
from sportjax.workflows.tables import filmed, paper, reference, render
from sportjax.workflows.tables.corpus import Corpus
from sportjax.workflows.tables.filmed import FilmedSpec
from sportjax.workflows.tables.grid import ALL, Asker, Grid, HowAsked
from sportjax.workflows.tables.layouts import LAYOUTS, Ask
from sportjax.workflows.tables.reference import ReferenceSpec

MODES = ('run',)


@dataclasses.dataclass(frozen=True)
class Settings:
  """What the configs of `configs/vpd/` set."""

  table: Literal['table2', 'table3', 'figure3', 'table4', 'table5', 'table7', 'table8']
  beside: str  # dataset of the paper whose numbers stand beside ours
  corpus: FilmedSpec = FilmedSpec()
  markers: pathlib.Path | None = None  # folder of motion capture, for sets that film it
  features: pathlib.Path | None = None  # for the paper's datasets: see `ReferenceSpec`, of which all these are
  labels: pathlib.Path | None = None
  video_meta: pathlib.Path | None = None
  few_shot: pathlib.Path | None = None
  reading: Literal['paper', 'reference'] = 'paper'
  version: Literal['v1', 'v2'] = 'v2'
  allow_missing: bool = False
  chain: ChainSettings = ChainSettings()
  ask: Ask = Ask()
  how: HowAsked = HowAsked()
  seeds: tuple[int, ...] = (0,)  # each of other athletes or cameras, and another training

  def __post_init__(self):
    if not self.seeds:
      raise InputError('seeds needs at least one')
    paper.numbers(self.table, self.beside)  # names the datasets there are
    LAYOUTS[self.table].cells(self.ask)  # says which row is unknown before anything starts
    if self.reference is None:
      self.corpus.takes(self.markers, self.seeds[0])

  @property
  def reference(self) -> ReferenceSpec | None:
    """What is on disk of a dataset of the paper; None for a set that is filmed."""
    if self.corpus.set not in reference.BUILDERS:
      return None
    given = {name: getattr(self, name) for name in ('features', 'labels', 'video_meta')}
    for name, path in given.items():
      if path is None:
        raise InputError(f'{name} is missing: set --config.{name} for {self.corpus.set}; docs/VPD.md says to what')
    how = {name: getattr(self, name) for name in ('few_shot', 'reading', 'version', 'allow_missing')}
    return ReferenceSpec(self.corpus.set, **given, **how)


def run(settings: Settings, context: Context) -> None:
  """Fills the table and writes `<table>.json`, `<table>.md`, for a figure its SVGs, and a report."""
  askers = [Asker(context.pipeline, corpus, _seeded(settings.how, seed)) for seed, corpus in _worlds(settings, context)]
  layout, beside, about = LAYOUTS[settings.table], settings.beside, askers[0].corpus
  cells = layout.cells(settings.ask)
  tables = Grid(cells, askers, settings.how).fill()
  theirs = paper.numbers(settings.table, beside)
  write_json(context.workdir / f'{settings.table}.json', render.as_json(tables, theirs, beside, paper.source()))
  text = render.markdown(layout, cells, tables, theirs, beside)
  (context.workdir / f'{settings.table}.md').write_text(text)
  panels = render.curves(layout, cells, tables[ALL], theirs, beside) if settings.table == 'figure3' else ()
  for number, panel in enumerate(panels):
    (context.workdir / f'{settings.table}_{number}.svg').write_text(figure_svg(panel, 'accuracy, per cent'))
  spread = '95 % bootstrap over held-out people, or over videos'
  results = render.result_tables(layout, cells, tables, theirs, beside, spread)
  content = ReportContent(
    title=layout.title,
    subtitle=f"Beside the paper's {beside}: columns that begin with 'paper' are its numbers, of its own data.",
    provenance=provenance(context.command.line, about.kind, about.about, seeds=settings.seeds, devices=jax.devices()),
    results=results,
    relations=panels,
    stages=stages(context.pipeline.done),
  )
  page = write_report(context.workdir / 'report', content)
  for table in results:
    sys.stdout.write(f'\n{table.title}\n{terminal_table(table.rows, table.columns)}\n')
  sys.stdout.write(f'\n{context.workdir / settings.table}.md\n{page}\n')


def _worlds(settings: Settings, context: Context) -> list[tuple[int, Corpus]]:
  """A corpus for each seed and fold."""
  if settings.reference is not None:
    corpus = reference.corpus(context.pipeline, settings.reference, settings.how.detect)
    return [(seed, corpus) for seed in settings.seeds]
  detect = settings.how.detect
  make = functools.partial(
    filmed.corpus,
    context.pipeline,
    settings.corpus,
    markers=settings.markers,
    trials=(detect.trials, detect.train_videos),
  )
  folds = settings.corpus.held_out or (None,)
  return [
    (seed, make(dataclasses.replace(settings.chain, student=settings.chain.student.seeded(seed)), seed=seed, fold=fold))
    for seed in settings.seeds
    for fold in folds
  ]


def _seeded(how: HowAsked, seed: int) -> HowAsked:
  """Subsets are the same in every world of one plan; classifiers start anew in each."""
  recognise, detect = (dataclasses.replace(each, seed=seed) for each in (how.recognise, how.detect))
  return dataclasses.replace(how, recognise=recognise, detect=detect)
