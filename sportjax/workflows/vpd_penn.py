"""Penn Action by nearest neighbour: whether a pose embedding tells 15 actions, whatever the side they are seen from."""

from __future__ import annotations

import dataclasses
import functools
import json
import pathlib
import sys

from sportjax.errors import InputError
from sportjax.pipeline import write_json
from sportjax.workflows.dispatch import Context
from sportjax.workflows.stages import penn

MODES = ('run',)
# Top-1, nearest neighbour. Source: VPD (arXiv 2109.01305), supplement G.
_PAPER = {'paper: VIPE*, Human3.6M alone': 98.2, 'paper: VIPE*, all 3D sets': 98.6, 'paper: Pr-VIPE': 98.4}


@dataclasses.dataclass(frozen=True)
class Settings:
  """What `configs/vpd/penn_action.py` sets."""

  dataset: pathlib.Path | None = None  # a built `penn_action`, with the features to compare
  left_out: tuple[str, ...] = ()  # actions
  unit_norm: bool = False
  resamples: int = 1000
  seed: int = 0

  def __post_init__(self):
    if self.dataset is None:
      raise InputError('dataset is missing: set --config.dataset=DIR, a built penn_action')
    if self.resamples < 1:
      raise InputError(f'resamples={self.resamples}: must be at least 1')


def run(settings: Settings, context: Context) -> None:
  """Classifies the test sequences; writes results.json, penn_action.md and, in the stage, every answer."""
  assert settings.dataset is not None, 'checked with the settings'
  given = {name: getattr(settings, name) for name in ('left_out', 'unit_norm', 'resamples', 'seed')}
  done = context.pipeline.run(
    'penn_action',
    functools.partial(penn.nearest_neighbours, dataset=settings.dataset, **given),
    inputs={'dataset': settings.dataset, **given},
  )
  results = json.loads((done.folder / penn.RESULTS).read_text())
  write_json(context.workdir / 'results.json', results)
  text = _table(results, done.counts)
  (context.workdir / 'penn_action.md').write_text(text)
  sys.stdout.write(f'\n{text}\n{done.folder}\n')


def _table(results: dict[str, dict], counts: dict[str, int]) -> str:
  lines = [
    f'top-1 in per cent of {counts["test"]} sequences by their nearest of {counts["train"]} (symmetricP2); 95 % '
    f'bootstrap over the sequences; {counts["missing"]} without features count as wrong',
    '',
    '| row | top-1 |',
    '|---|---|',
    *(
      f'| {name} | {100 * r["mean"]:.1f} ({100 * r["low"]:.1f} to {100 * r["high"]:.1f}) |'
      for name, r in results.items()
    ),
    *(f'| {name} | {value:.1f} |' for name, value in _PAPER.items()),
  ]
  return '\n'.join(lines) + '\n'
