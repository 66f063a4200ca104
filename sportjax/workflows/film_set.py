"""Film a named set of the simulated world, build its dataset, and tell what each cost."""

from __future__ import annotations

import dataclasses
import functools
import pathlib
import sys

from sportjax.errors import InputError
from sportjax.pipeline import Done, write_json
from sportjax.report.content import ReportContent
from sportjax.report.write import write_report
from sportjax.synth import sets
from sportjax.synth.corpus import WORLD_VERSION
from sportjax.workflows import film_set_cost
from sportjax.workflows.dispatch import Context
from sportjax.workflows.provenance import provenance, stages
from sportjax.workflows.stages import film_set, set_dataset
from sportjax.workflows.stages.dataset import dataset_directory

MODES = ('run',)


@dataclasses.dataclass(frozen=True)
class Settings:
  """What `configs/film_set.py` sets."""

  name: str
  size: str
  mocap_dir: pathlib.Path | None = None
  processes: int = 2

  def __post_init__(self):
    if self.processes < 0:
      raise InputError('processes must be 0 or more')
    sets.plan(self.name, self.size, self.mocap_dir)  # says what is unknown or absent before anything starts


def run(settings: Settings, context: Context) -> None:
  """Films, builds, reads back; leaves results.json, cost.md and a report in the workdir."""
  filmed, built, read = _stages(settings, context)
  cost = film_set_cost.measure(filmed, built, read)
  write_json(context.workdir / 'results.json', dataclasses.asdict(cost))
  told = film_set_cost.markdown(f'{settings.name} {settings.size}', cost)
  (context.workdir / 'cost.md').write_text(told)
  content = ReportContent(
    title=f'{settings.name}, {settings.size}: {filmed.counts["items_out"]} takes',
    subtitle=sets.get_set(settings.name).about,
    provenance=provenance(
      context.command.line,
      'projected' if sets.get_set(settings.name).recorded else 'simulated',
      f'world version {WORLD_VERSION}, set {settings.name}, size {settings.size}',
    ),
    highlights=film_set_cost.highlights(cost),
    stages=stages((filmed, built, read)),
  )
  page = write_report(context.workdir / 'report', content)
  sys.stdout.write(f'{told}\n{page}\n')


def _stages(settings: Settings, context: Context) -> tuple[Done, Done, Done]:
  takes = sets.plan(settings.name, settings.size, settings.mocap_dir)
  filmed = context.pipeline.run(
    'film',
    functools.partial(
      film_set.film_set,
      name=settings.name,
      size=settings.size,
      recordings=settings.mocap_dir,
      processes=settings.processes,
    ),
    inputs={'set': settings.name, 'size': settings.size, 'takes': takes},
  )
  built = context.pipeline.run(
    'dataset', functools.partial(set_dataset.build_set, filmed=filmed.folder), inputs={'film': filmed}
  )
  read = context.pipeline.run(
    'read',
    functools.partial(set_dataset.read_set, dataset=dataset_directory(built.folder)),
    inputs={'dataset': built},
  )
  return filmed, built, read
