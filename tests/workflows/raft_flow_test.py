"""Flow by RAFT in place of DIS: the same crops with the network's motion, and what it refuses."""

import dataclasses
import functools

import jax
import numpy as np
import pytest
import safetensors.numpy
from flax import nnx

from sportjax.errors import InputError
from sportjax.models import raft
from sportjax.models.checkpoints.load import export
from sportjax.pipeline import Work
from sportjax.pose.track import Track
from sportjax.pose.track_file import save_track
from sportjax.video.codec import decode_planes
from sportjax.video.crop import crop
from sportjax.video.crop_file import load_crops
from sportjax.video.decode import probe, read_frames
from sportjax.video.encode import write_video
from sportjax.video.flow import bytes_to_flow, flow_to_bytes, subtract_median
from sportjax.video.strip import CropParams, image_pairs
from sportjax.workflows.stages.crop import crop_tracks
from sportjax.workflows.stages.raft_flow import replace_flow

TINY = raft.RAFTConfig(
  features=(4, 4, 4, 4, 4), context=(4, 4, 4, 4, 8), context_norm='none', narrow=True, levels=3, radius=1, corr=(4,),
  flow=(4, 4), motion=6, hidden=4, kernels=((3, 3),), head=4, mask=None, updates=2,
)  # fmt: skip
FRAMES, GAP_MS = 18, 40.0  # more than a batch
PARAMS = CropParams(size=32, flow_gap_ms=GAP_MS, pad_px=0.0)


@pytest.fixture
def cropped(tmp_path):
  """A crop stage on one video, and its video."""
  rng = np.random.default_rng(0)
  texture = rng.integers(0, 255, (80, 140, 3), np.uint8)
  video = tmp_path / 'a.mp4'
  write_video(video, [np.roll(texture, 2 * i, axis=1)[:, :96] for i in range(FRAMES)], np.arange(FRAMES) * 40.0)
  boxes = np.tile(np.array([30, 20, 60, 60], np.float32), (FRAMES, 1))
  joints = rng.uniform(25, 55, (FRAMES, 17, 3)).astype(np.float32)
  track = Track('a', str(video), np.arange(FRAMES), np.arange(FRAMES) * 40.0, boxes, joints, 'coco17', (96, 80), 'made')
  save_track(tmp_path / 'track.npz', track)
  work = folder(tmp_path, 'crop')
  crop_tracks(work, tracks={'a': tmp_path / 'track.npz'}, params=PARAMS, processes=0)
  return work.folder / 'items' / 'a' / 'crops.npz', video


def folder(tmp_path, name):
  (tmp_path / name).mkdir()
  return Work(tmp_path / name)


@pytest.fixture
def weights(tmp_path, monkeypatch):
  monkeypatch.setitem(raft.PRESETS, 'tiny', TINY)
  model = raft.RAFT(TINY, rngs=nnx.Rngs(0))
  model.head[1].bias[...] = jax.numpy.array([0.1, -0.05])  # so that there is motion
  safetensors.numpy.save_file(export(model, raft.name_map(TINY)), tmp_path / 'raft.safetensors')
  return tmp_path / 'raft.safetensors'


def test_motion_is_the_networks_and_all_else_is_as_it_was(cropped, weights, tmp_path):
  path, video = cropped
  work = folder(tmp_path, 'flow')
  replace_flow(work, crops={'a': path}, weights=weights, preset='tiny', params=PARAMS)
  before, after = load_crops(path), load_crops(work.folder / 'items' / 'a' / 'crops.npz')
  assert after.rgb == before.rgb
  assert work.counts['frames'] == FRAMES
  np.testing.assert_array_equal(after.boxes, before.boxes)
  images = [image for _, _, image in read_frames(video)]
  cut = functools.partial(crop, box=before.boxes[17], size=32)
  pair = [np.stack([cut(images[i])]) for i in (16, 17)]
  flow = np.asarray(raft.predictor(raft.load(weights, 'tiny'))(*pair))[0]
  assert np.ptp(flow, axis=(0, 1)).max() > 0.1
  stored = decode_planes(after.rgb[17], after.motion[17])[..., 3:5].astype(int)
  np.testing.assert_allclose(stored, flow_to_bytes(subtract_median(flow)).astype(int), atol=3)  # a JPEG between
  assert any(a != b for a, b in zip(after.motion, before.motion, strict=True))


def test_the_reference_leaves_the_median_where_it_is(cropped, weights, tmp_path):
  path, video = cropped
  stored = {}
  for name, params in {'paper': PARAMS, 'reference': dataclasses.replace(PARAMS, subtract_median=False)}.items():
    work = folder(tmp_path, name)
    replace_flow(work, crops={'a': path}, weights=weights, preset='tiny', params=params)
    crops = load_crops(work.folder / 'items' / 'a' / 'crops.npz')
    stored[name] = bytes_to_flow(decode_planes(crops.rgb[17], crops.motion[17])[..., 3:5])
  images = [image for _, _, image in read_frames(video)]
  pair = [np.stack([crop(images[i], load_crops(path).boxes[17], 32)]) for i in (16, 17)]
  median = np.median(raft.predictor(raft.load(weights, 'tiny'))(*pair)[0], axis=(0, 1))
  assert np.abs(median).max() > 0.25  # a byte is 0.16 px
  np.testing.assert_allclose((stored['reference'] - stored['paper']).mean((0, 1)), median, atol=0.1)


def test_pairs_are_the_frame_before_and_the_frame(cropped):
  _, video = cropped
  images = [image for _, _, image in read_frames(video)]
  found = list(image_pairs(probe(video), np.array([0, 5, 9]), GAP_MS))
  assert [frame for frame, *_ in found] == [0, 5, 9]
  for frame, _, before, image in found:
    np.testing.assert_array_equal(before, images[max(frame - 1, 0)])
    np.testing.assert_array_equal(image, images[frame])


def test_crops_that_are_too_small_are_refused(cropped, weights, tmp_path, monkeypatch):
  monkeypatch.setattr(raft, 'check_size', lambda size, config: _refuse(size))
  with pytest.raises(InputError, match=r'\(32, 32\)'):
    replace_flow(folder(tmp_path, 'flow'), crops={'a': cropped[0]}, weights=weights, preset='tiny', params=PARAMS)


def _refuse(size):
  raise InputError(str(size))
