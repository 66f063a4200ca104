"""Frames a second from disk to a host batch: records of JPEGs through grain, beside a torch DataLoader over PNG files.

`python benchmarks/input.py [--quick] [--json FILE]`. Both deliver the same frames (six planes of 128 x 128 pixels and
the target), shuffled, in batches of 100, from a warm page cache. The PNG side is the layout that the reference
implementation of Video Pose Distillation keeps on disk, `{n}.png`, `{n}.flow.png` and `{n}.mask.png` at compression 9,
and does no augmentation, so that only reading is compared. The last rows are batches of a dataset that lives on the
device.
"""

from __future__ import annotations

import argparse
import dataclasses
import functools
import json
import pathlib
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator

import cv2
import numpy as np
import tensorflow_datasets as tfds
import torch
from absl import logging

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))

from sportjax.data import frames as frames_lib
from sportjax.data.frames import FrameConfig, FrameReader
from sportjax.data.tracks import TrackRecords
from sportjax.pipeline import Work
from sportjax.video.codec import encode_planes
from sportjax.video.crop_file import TrackCrops, save_crops
from sportjax.workflows.stages.dataset import build_dataset, dataset_directory

BATCH, WIDTH, TRACK_FRAMES = 100, 26, 200
Batch = tuple[np.ndarray, np.ndarray]  # frames (b, h, w, 6), target (b, 2, 52)


@dataclasses.dataclass(frozen=True)
class Result:
  """One loader, one pass over the frames."""

  name: str
  frames_per_s: float
  cpu_us_per_frame: float
  first_batch_ms: float
  bytes_per_frame: float


def make_planes(n: int, size: int, seed: int = 0) -> np.ndarray:
  """A textured still seen through a moving window, a smooth flow inside a moving person and that person's mask."""
  rng = np.random.default_rng(seed)
  span = size + n
  base = cv2.resize(rng.integers(40, 216, (10, 10, 3), np.uint8), (span, span), interpolation=cv2.INTER_CUBIC)
  detail = cv2.GaussianBlur(rng.normal(0, 8, (span, span, 3)).astype(np.float32), (0, 0), 1.2)
  still = np.clip(base + detail, 0, 255).astype(np.uint8)
  flow = cv2.resize(rng.normal(128, 12, (6, 6, 2)).astype(np.float32), (size, size), interpolation=cv2.INTER_CUBIC)
  frames = np.empty((n, size, size, 6), np.uint8)
  for i, frame in enumerate(frames):
    mask = np.zeros((size, size), np.uint8)
    cv2.ellipse(mask, (size // 2, size // 2), (size // 5, size // 3), 4.0 * i, 0, 360, 255, -1)
    frame[..., :3] = still[i : i + size, i : i + size]
    frame[..., 3:5] = np.where(mask[..., None] > 0, np.clip(flow, 1, 255), 128)
    frame[..., 5] = mask
  return frames


def make_targets(n: int) -> np.ndarray:
  """Poses whose first number is the frame's own, by which a batch is checked."""
  pose = np.random.default_rng(1).normal(size=(n, 2, WIDTH)).astype(np.float32)
  pose[:, :, 0] = np.arange(n)[:, None]
  return pose


def write_records(root: pathlib.Path, planes: np.ndarray, n: int) -> pathlib.Path:
  """The TFDS dataset of `n` frames that repeat the given planes."""
  images, pose, files = [encode_planes(p) for p in planes], make_targets(n), {}
  root.mkdir(parents=True)
  for start in range(0, n, TRACK_FRAMES):
    frame = np.arange(start, min(start + TRACK_FRAMES, n))
    t = len(frame)
    crops = TrackCrops(
      f't{start:06d}', 'v.mp4', frame, frame * 40.0, np.zeros((t, 4), np.float32), np.zeros((t, 17, 3), np.float32),
      pose[frame], pose[frame], np.ones(t, np.float32), np.ones(t, bool), True, planes.shape[1],
      *zip(*(images[f % len(images)] for f in frame), strict=True),
    )  # fmt: skip
    files[crops.track] = root / f'{crops.track}.npz'
    save_crops(files[crops.track], crops)
  build_dataset(Work(root), crops=files, splits=dict.fromkeys(files, 'train'), width=WIDTH)
  return dataset_directory(root)


def write_pngs(root: pathlib.Path, planes: np.ndarray, n: int) -> None:
  """The same frames, three PNG files each."""
  level = [cv2.IMWRITE_PNG_COMPRESSION, 9]
  root.mkdir()
  flow = [np.concatenate([p[..., 3:5], np.full_like(p[..., :1], 128)], -1) for p in planes]
  for suffix, images in (('', planes[..., 2::-1]), ('.flow', flow), ('.mask', planes[..., 5])):
    encoded = [cv2.imencode('.png', np.ascontiguousarray(image), level)[1].tobytes() for image in images]
    for i in range(n):
      (root / f'{i}{suffix}.png').write_bytes(encoded[i % len(planes)])


class PngFrames(torch.utils.data.Dataset):
  """The reference's layout, read as it reads it."""

  def __init__(self, root: pathlib.Path, n: int):
    self._root, pose = str(root), make_targets(n)
    self._target = np.concatenate([pose, pose], -1)

  def __len__(self) -> int:
    return len(self._target)

  def __getitem__(self, i: int) -> Batch:
    rgb = cv2.cvtColor(cv2.imread(f'{self._root}/{i}.png'), cv2.COLOR_BGR2RGB)
    flow = cv2.imread(f'{self._root}/{i}.flow.png')[..., :2]
    mask = cv2.imread(f'{self._root}/{i}.mask.png', cv2.IMREAD_GRAYSCALE)
    return np.dstack([rgb, flow, mask]), self._target[i]


def check(batch: Batch, planes: np.ndarray, tolerance: float) -> None:
  """Every frame is the one that its target names."""
  frames, target = (np.asarray(x) for x in batch)
  row = target[:, 0, 0].astype(int)
  error = np.abs(frames.astype(int) - planes[row % len(planes)]).mean((1, 2, 3))
  if len(set(row.tolist())) != BATCH or error.max() > tolerance or not (target[:, :, WIDTH] == row[:, None]).all():
    raise AssertionError(f'wrong frames: mean error up to {error.max():.2f} of 255')


def cpu_s(who: int) -> float:
  """Processor time of this process, or of the workers that have ended."""
  used = resource.getrusage(who)
  return used.ru_utime + used.ru_stime


def time_pass(name: str, make: Callable[[], Iterator[Batch]], batches: int, size: float) -> Result:
  """Reads some batches; the rate is that of the batches after the first."""
  whose = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
  before, start = sum(map(cpu_s, whose)), time.perf_counter()
  iterator = make()
  next(iterator)
  first = time.perf_counter()
  for _ in range(batches - 1):
    next(iterator)
  rate = (batches - 1) * BATCH / (time.perf_counter() - first)
  own = cpu_s(whose[0])  # before what was read ahead is thrown away
  del iterator  # ends the workers, so that their processor time is counted
  cpu = own + cpu_s(whose[1]) - before
  return Result(name, rate, cpu / batches / BATCH * 1e6, (first - start) * 1e3, size)


def loaders(root: pathlib.Path, planes: np.ndarray, n: int) -> dict[str, tuple[Callable[[], Iterator[Batch]], float]]:
  """By name: what starts a pass, and its bytes on disk per frame."""
  directory = write_records(root / 'records', planes, n)
  write_pngs(root / 'png', planes, n)
  table = TrackRecords(directory, 'train').table()
  config, rows = FrameConfig(batch_size=BATCH), np.arange(n)

  def ours(frames_per_read: int) -> Iterator[Batch]:
    each = dataclasses.replace(config, frames_per_read=frames_per_read)
    stream = frames_lib.stream(FrameReader(directory, 'train', table), table, rows, each)
    return ((batch['frames'], batch['target']) for batch in stream)

  def theirs(workers: int) -> Callable[[], Iterator[Batch]]:
    loader = torch.utils.data.DataLoader(PngFrames(root / 'png', n), BATCH, shuffle=True, num_workers=workers)
    return lambda: iter(loader)

  sizes = [sum(f.stat().st_size for f in files) / n for files in (directory.glob('*.array_record*'), png_files(root))]
  made = {f'sports_tracks, {k} of a record': (functools.partial(ours, k), sizes[0]) for k in (1, 4)}
  return made | {f'torch PNG, {w} workers': (theirs(w), sizes[1]) for w in (0, 2)}


def png_files(root: pathlib.Path) -> Iterable[pathlib.Path]:
  """All of the reference layout."""
  return (root / 'png').iterdir()


def time_resident(root: pathlib.Path, size: int, n: int, repeats: int) -> dict[str, float | str]:
  """Batches a second of a dataset on the device, and the memory of a frame."""
  import jax  # last, so that the workers above fork from a process without its threads

  from sportjax.dist.mesh import make_mesh
  from sportjax.tasks.frame_input import FrameInput

  directory = write_records(root / f'resident{size}', make_planes(min(n, 400), size), n)
  source = FrameInput(directory, FrameConfig(batch_size=BATCH, resident_gib=64.0), make_mesh()).make('train', True)
  jax.block_until_ready(source.put(next(source.iterator)))
  best, cpu = 0.0, np.inf
  for _ in range(repeats * 3):
    start, used = time.perf_counter(), time.process_time()
    for _ in range(20):
      jax.block_until_ready(source.put(next(source.iterator)))
    best = max(best, 20 / (time.perf_counter() - start))
    cpu = min(cpu, (time.process_time() - used) / 20)
  memory = frames_lib.resident_bytes(1, size, WIDTH)
  return {'name': f'on the device, {size} px', 'batches_per_s': best, 'cpu_ms_per_batch': cpu * 1e3, 'bytes': memory}


def main() -> None:
  """Prints the table."""
  parser = argparse.ArgumentParser(description=__doc__)
  parser.add_argument('--quick', action='store_true')
  parser.add_argument('--json', type=pathlib.Path)
  args = parser.parse_args()
  tfds.disable_progress_bar()
  logging.set_verbosity(logging.ERROR)
  torch.set_num_threads(1)  # collating a batch is a copy; with more threads they wait for each other, busily
  n, repeats = (1000, 2) if args.quick else (8000, 3)
  planes = make_planes(min(n, 400), 128)
  with tempfile.TemporaryDirectory() as folder:
    root = pathlib.Path(folder)
    made = loaders(root, planes, n)
    for make, _ in made.values():
      check(next(make()), planes, tolerance=3.0)
    batches = n // BATCH
    results = [time_pass(name, make, batches, b) for _ in range(repeats) for name, (make, b) in made.items()]
    resident = [time_resident(root, size, n // 4, repeats) for size in (64, 128)]
  best = {name: max((r for r in results if r.name == name), key=lambda r: r.frames_per_s) for name in made}
  least = {name: min(r.cpu_us_per_frame for r in results if r.name == name) for name in made}
  print(f'{"":28}{"frames/s":>10}{"CPU us/frame":>14}{"first batch ms":>16}{"bytes/frame":>13}')
  for r in best.values():
    print(f'{r.name:28}{r.frames_per_s:10.0f}{least[r.name]:14.0f}{r.first_batch_ms:16.0f}{r.bytes_per_frame:13.0f}')
  for row in resident:
    print(f'{row["name"]:28}{row["batches_per_s"]:10.0f} batches/s, {row["cpu_ms_per_batch"]:.2f} CPU ms each, '
          f'{row["bytes"]} bytes/frame in memory')  # fmt: skip
  ours, _, *theirs = (r.frames_per_s for r in best.values())
  ratio = ours / max(theirs)
  print(f'ours / torch over PNG (its better): {ratio:.1f}')
  if args.json:
    rows = [dataclasses.asdict(r) for r in best.values()] + resident
    args.json.write_text(json.dumps({'rows': rows, 'ratios': {'input_vs_torch_png': ratio}}, indent=2))


if __name__ == '__main__':
  main()
