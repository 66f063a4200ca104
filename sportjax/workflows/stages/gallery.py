"""Example films of every class and mistake of the world, for people to look at."""

from __future__ import annotations

import dataclasses
import functools
import pathlib
from collections.abc import Sequence

import cv2
import numpy as np

from sportjax.pipeline import Work, item_folders, map_items
from sportjax.report.content import Sample
from sportjax.report.draw import contact_sheet
from sportjax.synth import skills, takes
from sportjax.synth.athletes import sample_athlete
from sportjax.synth.corpus import PLACES
from sportjax.synth.filming.truth import Frame
from sportjax.synth.mistakes import Mistake
from sportjax.synth.motion import Motion
from sportjax.synth.world import World
from sportjax.typing import Image
from sportjax.video.crop import crop
from sportjax.video.encode import write_video

SHEET, _RIGHT = 'sheet.jpg', 'right'
_FRAMES, _SIDE = 10, 112  # pictures in a row of a sheet, and their side in pixels
_JPEG_QUALITY = 88


@dataclasses.dataclass(frozen=True)
class Example:
  """A class of a sport as it should be, and mistakes in it: the same athlete, clothes and camera each time."""

  sport: str
  label: str
  mistakes: tuple[Mistake, ...]
  seed: tuple[int, ...]

  @property
  def name(self) -> str:
    """Unique in the world."""
    return f'{self.sport}.{self.label}'

  @property
  def variants(self) -> dict[str, Mistake | None]:
    """What is filmed, by file name."""
    return {_RIGHT: None} | {mistake.name: mistake for mistake in self.mistakes}


def examples(sports: Sequence[str], seed: int = 0) -> tuple[Example, ...]:
  """Every class once; every mistake of a sport once, in one of the classes that can show it."""
  world, out = World(), []
  for sport in sports:
    shown: dict[str, list[Mistake]] = {label: [] for label in skills.classes(sport)}
    can = {label: world.class_mistakes(sport, label) for label in shown}
    for mistake in dict.fromkeys(mistake for several in can.values() for mistake in several):
      least = min((label for label in shown if mistake in can[label]), key=lambda label: len(shown[label]))
      shown[least].append(mistake)
    out += [
      Example(sport, label, tuple(shown[label]), (seed, takes.seed_of(sport), number))
      for number, label in enumerate(shown)
    ]
  return tuple(out)


def film_examples(work: Work, *, sports: Sequence[str], seed: int, processes: int) -> None:
  """One item a class: `right.mp4`, a film of each mistake, and `sheet.jpg` with a row of frames for each."""
  map_items(work, {one.name: one for one in examples(sports, seed)}, film_example, processes=processes)


def samples(stage_folder: pathlib.Path) -> tuple[Sample, ...]:
  """What a finished stage has to show, by sport."""
  found = [(folder.name.split('.', 1), folder) for folder in item_folders(stage_folder).values()]
  return tuple(
    Sample(sport, label, folder / SHEET, {path.stem.replace('_', ' '): path for path in _clips(folder)})
    for (sport, label), folder in found
  )


def _clips(folder: pathlib.Path) -> list[pathlib.Path]:
  """The right one first."""
  return sorted(folder.glob('*.mp4'), key=lambda path: (path.stem != _RIGHT, path.stem))


def film_example(example: Example, folder: pathlib.Path) -> dict[str, int]:
  """Films one class with its mistakes; returns counts."""
  pictures, captions, frames = [], [], 0
  for name, mistake in example.variants.items():
    motion, shown = _film(example, mistake)
    write_video(folder / f'{name}.mp4', (frame.rgb for frame in shown), [frame.t_ms for frame in shown], crf=26)
    chosen = _chosen(motion, shown)
    pictures += _cropped(chosen)
    captions += [f'{name.replace("_", " ") if i == 0 else ""} {frame.t_ms / 1000:.2f} s'.strip()
                 for i, frame in enumerate(chosen)]  # fmt: skip
    frames += len(shown)
  sheet = contact_sheet(pictures, _FRAMES, captions)
  cv2.imwrite(str(folder / SHEET), sheet[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
  return {'frames': frames, 'mistakes': len(example.mistakes)}


def _film(example: Example, mistake: Mistake | None) -> tuple[Motion, list[Frame]]:
  athlete = sample_athlete(np.random.default_rng([*example.seed, 3]))
  rng = np.random.default_rng([*example.seed, 0])
  motion = World().perform(example.sport, athlete, example.label, rng, mistake=mistake)
  return motion, list(takes.shoot(motion, PLACES[example.sport], example.seed)[1])


def _chosen(motion: Motion, shown: Sequence[Frame]) -> list[Frame]:
  """Frames spread over the action, from a little before to a little after."""
  (action,) = motion.actions
  t_ms = np.array([frame.t_ms for frame in shown])
  wanted = np.linspace(action.start_ms - 100, action.end_ms + 100, _FRAMES)
  return [shown[int(np.abs(t_ms - want).argmin())] for want in wanted]


def _cropped(chosen: Sequence[Frame]) -> list[Image]:
  """The athlete in every frame, at one scale."""
  boxes = np.stack([frame.box for frame in chosen])
  middles = (boxes[:, :2] + boxes[:, 2:]) / 2
  half = 0.6 * (boxes[:, 2:] - boxes[:, :2]).max()
  square = np.concatenate([middles - half, middles + half], 1)
  cut = functools.partial(crop, size=_SIDE)
  return [cut(frame.rgb, box) for frame, box in zip(chosen, square, strict=True)]
