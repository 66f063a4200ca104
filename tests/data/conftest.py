"""A tiny built dataset: six tracks of 20 frames of 16 pixels."""

import functools

import numpy as np
import pytest

from sportjax.pipeline import Work
from sportjax.video.codec import encode_planes
from sportjax.video.crop_file import TrackCrops, save_crops
from sportjax.workflows.stages.dataset import build_dataset, dataset_directory

FRAMES, SIZE, WIDTH = 20, 16, 4


def make_crops(index: int) -> TrackCrops:
  """A track whose frames tell their own number: plane r is flat, of value 10 * index + frame / 2."""
  rng = np.random.default_rng(index)
  images = []
  for frame in range(FRAMES):
    planes = np.full((SIZE, SIZE, 6), 128, np.uint8)
    planes[..., 0] = 10 * index + frame // 2
    images.append(encode_planes(planes))
  pose = rng.normal(size=(FRAMES, 2, WIDTH)).astype(np.float32)
  return TrackCrops(
    track=f'v{index}',
    video=f'v{index}.mp4',
    frame=np.arange(FRAMES),
    t_ms=np.arange(FRAMES) * 1001 / 30,  # has no exact float32
    boxes=np.tile(np.array([0, 0, SIZE, SIZE], np.float32), (FRAMES, 1)),
    keypoints=rng.normal(size=(FRAMES, 17, 3)).astype(np.float32),
    pose=pose,
    delta=np.diff(pose, axis=0, prepend=pose[:1]),
    score=np.linspace(0, 1, FRAMES).astype(np.float32),
    has_delta=np.arange(FRAMES) > 0,
    has_mask=False,
    size=SIZE,
    rgb=tuple(rgb for rgb, _ in images),
    motion=tuple(motion for _, motion in images),
  )


@pytest.fixture(scope='session')
def crops():
  return [make_crops(i) for i in range(6)]


@pytest.fixture(scope='session')
def dataset(tmp_path_factory, crops):
  folder = tmp_path_factory.mktemp('dataset')
  files = {}
  for each in crops:
    files[each.track] = folder / f'{each.track}.npz'
    save_crops(files[each.track], each)
  splits = {name: 'test' if name == 'v5' else 'train' for name in files}
  work = Work(folder)
  functools.partial(build_dataset, crops=files, splits=splits, width=WIDTH)(work)
  assert work.counts == {'train_tracks': 5, 'train_records': 10, 'test_tracks': 1, 'test_records': 2}
  return dataset_directory(folder)
