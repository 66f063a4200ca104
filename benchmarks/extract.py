"""A corpus's features, from video files to a feature store: frames a second, and the share of each stage.

`python benchmarks/extract.py [--quick] [--json FILE] [--profile laptop|paper]`. The stages of the workflows run as they
are, in one process, over made videos (a textured wall that the camera pans over, a textured figure that moves) with
given tracks; the functions they call are timed. `laptop` is the small student on 64-pixel crops of 256x256 videos,
`paper` the ResNet-34 on 128-pixel crops of 1280x720 videos. Features are of each frame as filmed and mirrored. On a GPU
the network runs there; all else is the host's. `alone` is the stage's rate if it were the only one, `share` its part of
the whole; the crop stage is run once more as workflows run it, with a process a core. What needs jax is imported where
it is used: those processes import this file.
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import dataclasses
import json
import os
import pathlib
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Iterator
from typing import Any
from unittest import mock

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))

import cv2
import numpy as np

from sportjax.pipeline import Work, item_folders
from sportjax.pose.track import Track
from sportjax.pose.track_file import save_track
from sportjax.video import pack_crops, strip
from sportjax.video.encode import write_video
from sportjax.workflows.stages import crop as crop_stage

FPS = 30


@dataclasses.dataclass(frozen=True)
class Profile:
  """Sizes of a corpus and its student."""

  width: int
  height: int
  crop_px: int
  preset: str


PROFILES = {'laptop': Profile(256, 256, 64, 'small_spatial'), 'paper': Profile(1280, 720, 128, 'vpd_resnet34')}


def pictures(profile: Profile, n: int, seed: int) -> Iterator[np.ndarray]:
  """A wall seen by a panning camera, and a figure that swings before it."""
  rng = np.random.default_rng(seed)
  w, h = profile.width, profile.height
  wall = cv2.resize(rng.integers(40, 216, (h // 16, w // 8, 3), np.uint8), (2 * w, h), interpolation=cv2.INTER_CUBIC)
  coat = cv2.resize(rng.integers(0, 255, (h // 8, w // 8, 3), np.uint8), (w, h), interpolation=cv2.INTER_CUBIC)
  for i in range(n):
    image = np.ascontiguousarray(wall[:, i % w : i % w + w])
    figure = np.zeros((h, w), np.uint8)
    centre = (w // 2 + int(h / 8 * np.sin(i / 7)), h // 2)
    cv2.ellipse(figure, centre, (h // 12, h // 4), 6.0 * i, 0, 360, 255, -1)
    image[figure > 0] = np.roll(coat, i, axis=1)[figure > 0]
    yield image


def make_track(folder: pathlib.Path, profile: Profile, n: int, seed: int) -> pathlib.Path:
  """A video and the file of its one track, the box about the figure."""
  t_ms = np.arange(n) * 1000.0 / FPS
  video = folder / f'{seed}.mp4'
  write_video(video, pictures(profile, n, seed), t_ms)
  h, centre = profile.height, profile.width / 2
  box = np.array([centre - 0.35 * h, 0.25 * h, centre + 0.35 * h, 0.75 * h], np.float32)
  keypoints = np.random.default_rng(seed).uniform(0.3 * h, 0.7 * h, (n, 17, 3)).astype(np.float32)
  keypoints[..., 2] = 1.0
  boxes = np.tile(box, (n, 1))
  size = (profile.width, profile.height)
  track = Track(str(seed), str(video), np.arange(n), strip.probe(video).t_ms, boxes, keypoints, 'coco17', size, 'made')
  save_track(folder / f'{seed}.npz', track)
  return folder / f'{seed}.npz'


class Clock:
  """Seconds spent in functions, by the name of their stage."""

  def __init__(self):
    self.spent: dict[str, float] = collections.defaultdict(float)

  @contextlib.contextmanager
  def timed(self, stage: str) -> Generator[None]:
    """Counts the block."""
    start = time.perf_counter()
    yield
    self.spent[stage] += time.perf_counter() - start

  def function(self, stage: str, of: Callable) -> Callable:
    """`of`, counted."""

    def run(*args: Any, **kwargs: Any) -> Any:
      with self.timed(stage):
        return of(*args, **kwargs)

    return run

  def iterator(self, stage: str, of: Callable) -> Callable:
    """`of`, of which each step is counted."""

    def run(*args: Any, **kwargs: Any) -> Iterator[Any]:
      items, end = of(*args, **kwargs), object()
      while True:
        with self.timed(stage):
          item = next(items, end)
        if item is end:
          return
        yield item

    return run


def measure(profile: Profile, videos: int, frames: int) -> tuple[dict[str, float], int, float]:
  """Seconds by stage, frames, and the seconds of the crop stage with a process a core."""
  from sportjax.workflows.stages.dataset import build_dataset

  clock, cores = Clock(), os.cpu_count() or 1
  with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as patches:
    root = pathlib.Path(name)
    tracks = {str(i): make_track(root, profile, frames, i) for i in range(videos)}
    params = strip.CropParams(size=profile.crop_px)
    whole = _stage(root / 'parallel', crop_stage.crop_tracks, tracks=tracks, params=params, processes=cores)
    for module, function, stage, wrap in (
      (strip, 'read_frames', 'decode', clock.iterator), (strip, 'crop', 'crop', clock.function),
      (strip, 'flow', 'flow (DIS)', clock.function), (strip, 'subtract_median', 'flow to bytes', clock.function),
      (strip, 'flow_to_bytes', 'flow to bytes', clock.function),
      (pack_crops, 'encode_planes', 'write JPEGs', clock.function),
    ):  # fmt: skip
      patches.enter_context(mock.patch.object(module, function, wrap(stage, getattr(module, function))))
    took = _stage(root / 'crop', crop_stage.crop_tracks, tracks=tracks, params=params, processes=0)
    clock.spent['other of crops'] = took - sum(clock.spent.values())
    files = {key: folder / 'crops.npz' for key, folder in item_folders(root / 'crop').items()}
    splits = dict.fromkeys(files, 'train')
    clock.spent['dataset'] = _stage(root / 'set', build_dataset, crops=files, splits=splits, width=26)
    _extract(root, profile, clock)
  return dict(clock.spent), videos * frames, whole


def _stage(folder: pathlib.Path, function: Callable, **settings: Any) -> float:
  folder.mkdir()
  start = time.perf_counter()
  function(Work(folder), **settings)
  return time.perf_counter() - start


def _extract(root: pathlib.Path, profile: Profile, clock: Clock) -> None:
  """Features of all tracks; JPEGs are read by a thread, whose time is beside the network's and not added to it."""
  import jax

  from sportjax.data.features import write_features
  from sportjax.data.tracks import TrackRecords
  from sportjax.evals import extract as extract_lib
  from sportjax.nn import cpu
  from sportjax.workflows.stages.dataset import dataset_directory
  from sportjax.workflows.stages.distil import StudentSettings, fresh_student

  cpu.keep_freed_memory()  # before the first computation
  records = TrackRecords(dataset_directory(root / 'set'), 'train')
  student = fresh_student(StudentSettings(preset=profile.preset), profile.crop_px, 26)
  some = np.zeros((128, profile.crop_px, profile.crop_px, 6), np.uint8)
  jax.block_until_ready(student.embed(some))  # compiles
  embed = clock.function('network', lambda x: jax.block_until_ready(student.embed(x)))
  read = clock.function('read JPEGs', extract_lib.decode_frames)
  start = time.perf_counter()
  with mock.patch.object(extract_lib, 'decode_frames', read):
    write_features(root / 'features', extract_lib.extract(records, embed), source='benchmark')
  took = time.perf_counter() - start
  clock.spent['other of extraction, reading beyond the network'] = took - clock.spent['network']


def main() -> None:
  """Prints the tables."""
  parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
  parser.add_argument('--quick', action='store_true')
  parser.add_argument('--json', type=pathlib.Path)
  parser.add_argument('--profile', choices=tuple(PROFILES))
  args = parser.parse_args()
  found = {}
  for name in [args.profile] if args.profile else list(PROFILES):
    spent, frames, whole = measure(PROFILES[name], *((2, 64) if args.quick else (6, 300)))
    beside = spent.pop('read JPEGs')
    total = sum(spent.values())
    print(f'{name}: {frames} frames, {frames / total:.1f} frames/s in one process; the crop stage in '
          f'{os.cpu_count()} processes {frames / whole:.1f}')  # fmt: skip
    print(f'  {"stage":50}{"ms/frame":>10}{"alone, 1/s":>12}{"share":>8}')
    for stage, seconds in spent.items():
      print(f'  {stage:50}{1e3 * seconds / frames:10.2f}{frames / max(seconds, 1e-9):12.0f}{seconds / total:8.1%}')
    print(f'  read JPEGs, beside the network: {1e3 * beside / frames:.2f} ms/frame')
    found[name] = {'frames': frames, 'frames_per_s': frames / total, 'crop_stage_frames_per_s': frames / whole,
                   'seconds': spent, 'reading_s': beside}  # fmt: skip
  if args.json:
    args.json.write_text(json.dumps(found, indent=2))


if __name__ == '__main__':
  main()
