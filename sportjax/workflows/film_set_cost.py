"""What a filmed set cost: frames a second by stage, minutes, and size on disk."""

from __future__ import annotations

import dataclasses
import pathlib

from sportjax.pipeline import Done
from sportjax.report.content import Highlight


@dataclasses.dataclass(frozen=True)
class StageCost:
  """Of one stage; a stage that was done before counts what it took then."""

  seconds: float
  frames_per_s: float
  megabytes: float


@dataclasses.dataclass(frozen=True)
class Cost:
  """Of a set."""

  takes: int
  frames: int
  film_cpu_seconds: float  # of the processor, over all worker processes
  video_megabytes: float
  stages: dict[str, StageCost]


def measure(filmed: Done, *later: Done) -> Cost:
  """Adds up what the stages of a set left."""
  frames = filmed.counts['frames']
  stages = {done.name: _of_stage(done, frames) for done in (filmed, *later)}
  cpu_seconds = filmed.counts['cpu_ms'] / 1000
  return Cost(filmed.counts['items_out'], frames, cpu_seconds, _megabytes(filmed.folder, '*.mp4'), stages)


def _of_stage(done: Done, frames: int) -> StageCost:
  return StageCost(done.seconds, round(frames / max(done.seconds, 0.01), 1), _megabytes(done.folder, '*'))


def _megabytes(folder: pathlib.Path, pattern: str) -> float:
  return round(sum(path.stat().st_size for path in folder.rglob(pattern) if path.is_file()) / 1e6, 3)


def highlights(cost: Cost) -> tuple[Highlight, ...]:
  """The rate of each stage, and the size of the dataset."""
  rates = [Highlight(f'{stage.frames_per_s:.0f} frames/s', name) for name, stage in cost.stages.items()]
  return (*rates, Highlight(f'{cost.stages["dataset"].megabytes:.1f} MB', 'dataset', f'{cost.frames} frames'))


def markdown(name: str, cost: Cost) -> str:
  """A table of one line, to be put under those of other sets."""
  timed = [f'{stage}, min (frames/s)' for stage in cost.stages]
  columns = ['set', 'takes', 'frames', 'film, CPU min (frames/s)', *timed, 'video MB', 'film MB', 'dataset MB']
  cells = [name, str(cost.takes), str(cost.frames), _told(cost.film_cpu_seconds, cost.frames)]
  cells += [_told(stage.seconds, cost.frames) for stage in cost.stages.values()]
  cells += [f'{cost.video_megabytes:.1f}', *(f'{cost.stages[k].megabytes:.1f}' for k in ('film', 'dataset'))]
  return '\n'.join(f'| {" | ".join(line)} |' for line in (columns, ['---'] * len(columns), cells)) + '\n'


def _told(seconds: float, frames: int) -> str:
  return f'{seconds / 60:.2f} ({frames / max(seconds, 0.01):.0f})'
