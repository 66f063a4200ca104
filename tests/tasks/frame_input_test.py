"""Frames as a task's input: the same from disk and from the device, each one once an epoch."""

import jax
import numpy as np
import pytest

from sportjax.data.frames import FrameConfig, FrameReader, read_rows
from sportjax.dist.mesh import make_mesh
from sportjax.pipeline import Work
from sportjax.tasks.frame_input import FrameInput
from sportjax.video.codec import encode_planes
from sportjax.video.crop_file import TrackCrops, save_crops
from sportjax.workflows.stages.dataset import build_dataset, dataset_directory

FRAMES, SIZE, WIDTH, BATCH = 81, 8, 3, 16


@pytest.fixture(scope='module')
def dataset(tmp_path_factory):
  """One track of frames of noise; its first has no previous one."""
  folder, rng = tmp_path_factory.mktemp('dataset'), np.random.default_rng(0)
  rgb, motion = zip(
    *(encode_planes(rng.integers(0, 256, (SIZE, SIZE, 6), np.uint8)) for _ in range(FRAMES)), strict=True
  )
  pose = rng.normal(size=(FRAMES, 2, WIDTH)).astype(np.float32)
  crops = TrackCrops(
    'v', 'v.mp4', np.arange(FRAMES), np.arange(FRAMES) * 40.0, np.zeros((FRAMES, 4), np.float32),
    np.zeros((FRAMES, 17, 3), np.float32), pose, pose, np.ones(FRAMES, np.float32), np.arange(FRAMES) > 0, True, SIZE,
    rgb, motion,
  )  # fmt: skip
  save_crops(folder / 'v.npz', crops)
  build_dataset(Work(folder), crops={'v': folder / 'v.npz'}, splits={'v': 'train'}, width=WIDTH)
  return dataset_directory(folder)


@pytest.fixture(params=[4.0, 0.0], ids=['on the device', 'from disk'])
def source(request, dataset):
  return FrameInput(dataset, FrameConfig(batch_size=BATCH, held_out=0.25, resident_gib=request.param), make_mesh())


@pytest.mark.parametrize('resident_gib', [4.0, 0.0], ids=['on the device', 'from disk'])
def test_windows_hold_frames_in_a_row(dataset, resident_gib):
  source = FrameInput(
    dataset, FrameConfig(batch_size=8, held_out=0.25, resident_gib=resident_gib, window=6), make_mesh()
  )
  order = read_rows(FrameReader(dataset, 'train', source.table), source.table, np.arange(FRAMES))['target']
  place = {target.tobytes(): i for i, target in enumerate(order)}
  made, rest = source.make('train', True), source.make('val', False)
  batches = [jax.device_get(made.put(next(made.iterator))) for _ in range(5)]
  batches += [jax.device_get(rest.put(host)) for host in rest.iterator]
  seen = set()
  for batch in batches:
    assert batch['frames'].shape == (8, 6, SIZE, SIZE, 6)
    for window in batch['target']:
      first, *others = (place[target.tobytes()] for target in window)
      assert others == list(range(first + 1, first + 6))
      seen.add(first)
  assert sorted(seen) == list(range(1, 74, 6))  # 80 frames with a previous one make 13 windows, each in one of both


def frames_by_target(dataset, source, split):
  rows = getattr(source.frames, split)
  whole = read_rows(FrameReader(dataset, 'train', source.table), source.table, rows)
  return {t.tobytes(): f for t, f in zip(whole['target'], whole['frames'], strict=True)}


def test_training_visits_every_frame_once_an_epoch(dataset, source):
  known = frames_by_target(dataset, source, 'train')
  assert len(known) == 60  # not a whole number of batches
  made = source.make('train', True)
  seen = []
  for _ in range(8):
    batch = jax.device_get(made.put(next(made.iterator)))
    for target, frame in zip(batch['target'], batch['frames'], strict=True):
      np.testing.assert_array_equal(frame, known[target.tobytes()])
      seen.append(target.tobytes())
  assert set(seen[:60]) == set(seen[60:120]) == set(known)
  assert seen[:60] != seen[60:120]


def test_training_resumes_at_the_next_batch(source):
  made, again = source.make('train', True), source.make('train', True)
  for _ in range(5):
    next(made.iterator)
  again.iterator.set_state(made.iterator.get_state())
  expected, batch = (jax.device_get(each.put(next(each.iterator))) for each in (made, again))
  np.testing.assert_array_equal(batch['frames'], expected['frames'])


def test_validation_is_one_pass_with_its_filling_marked(dataset, source):
  known = frames_by_target(dataset, source, 'val')
  made = source.make('val', False)
  seen = []
  for host in made.iterator:
    batch = jax.device_get(made.put(host))
    assert len(batch['frames']) == BATCH
    for target, frame in zip(batch['target'][batch['valid']], batch['frames'][batch['valid']], strict=True):
      np.testing.assert_array_equal(frame, known[target.tobytes()])
      seen.append(target.tobytes())
  assert sorted(seen) == sorted(known)
  assert len(seen) == 20
