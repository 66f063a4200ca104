"""Film a named set of the simulated world."""

from __future__ import annotations

import pathlib

from sportjax.pipeline import Work, write_json
from sportjax.synth import sets, takes
from sportjax.synth.corpus import WORLD_VERSION
from sportjax.workflows.stages.film import film_takes


def film_set(work: Work, *, name: str, size: str, recordings: pathlib.Path | None, processes: int) -> None:
  """One item a take, see `film_takes`; and which set it is."""
  chosen = sets.get_set(name)
  film_takes(work, sets.plan(name, size, recordings), processes=processes)
  about = {'set': name, 'size': size, 'kind': chosen.kind, 'about': chosen.about, 'world_version': WORLD_VERSION}
  write_json(work.folder / takes.SET, about)
