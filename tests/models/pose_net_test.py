"""The weak teacher's network: decoding, weights on disk, and its task's geometry."""

import dataclasses
import json

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import safetensors.numpy
from flax import nnx

from sportjax.errors import InputError
from sportjax.models import pose_net
from sportjax.tasks.pose_teacher import PoseTeacherConfig, PoseTeacherTask
from sportjax.workflows.stages import teach

TINY = pose_net.PoseNetConfig(size_px=32, widths=(4, 8, 8, 8))


@pytest.fixture(scope='module')
def net():
  return pose_net.PoseNet(TINY, rngs=nnx.Rngs(0))


def bell(x, y, cells, sigma=0.8):
  """Logits whose probabilities are the Gaussian that training aims at."""
  yy, xx = np.mgrid[:cells, :cells]
  probability = np.clip(np.exp(-0.5 * ((xx - x) ** 2 + (yy - y) ** 2) / sigma**2), 1e-6, 1 - 1e-6)
  return np.log(probability / (1 - probability))


def test_decode_finds_planted_peaks_between_cells():
  places = [(3.0, 5.0), (5.3, 2.2), (1.0, 6.0)]
  logits = np.stack([bell(x, y, 8) for x, y in places], axis=-1)[None].astype(np.float32)
  found = np.asarray(pose_net.decode(jnp.asarray(logits), 4))[0]
  # A cell's middle lies at (cell + 1/2) x stride - 1/2 pixels.
  expected = [((x + 0.5) * 4 - 0.5, (y + 0.5) * 4 - 0.5) for x, y in places]
  np.testing.assert_allclose(found[:, :2], expected, atol=0.5)
  assert (found[:, 2] > 0.8).all()


def test_decode_score_is_the_peak_probability():
  logits = jnp.full((1, 8, 8, 1), -9.0).at[0, 2, 3, 0].set(0.0)
  assert np.asarray(pose_net.decode(logits, 4))[0, 0, 2] == pytest.approx(0.5)


def test_heatmaps_are_at_a_quarter_of_the_crop(net):
  logits = net(jnp.zeros((2, 32, 32, 3), jnp.uint8), train=False)
  assert logits.shape == (2, 8, 8, 17)


def test_saved_network_gives_the_same_to_half_precision(net, tmp_path):
  pose_net.save(tmp_path / 'net.safetensors', net)
  loaded = pose_net.load(tmp_path / 'net.safetensors')
  assert loaded.config == TINY
  images = jnp.asarray(np.random.default_rng(0).integers(0, 256, (2, 32, 32, 3), np.uint8))
  np.testing.assert_allclose(loaded(images, train=False), net(images, train=False), atol=0.05)


@pytest.mark.parametrize('fault', ['empty', 'foreign', 'missing', 'shape'])
def test_load_refuses_what_is_not_this_network(net, tmp_path, fault):
  path = tmp_path / 'net.safetensors'
  pose_net.save(path, net)
  metadata = {'config': json.dumps(dataclasses.asdict(TINY))}
  tensors = safetensors.numpy.load_file(path)
  name = sorted(tensors)[0]
  if fault == 'empty':
    path.write_bytes(b'')
  elif fault == 'foreign':
    safetensors.numpy.save_file(tensors, path)
  elif fault == 'missing':
    safetensors.numpy.save_file({k: v for k, v in tensors.items() if k != name}, path, metadata=metadata)
  else:
    safetensors.numpy.save_file({**tensors, name: np.zeros((3, 3))}, path, metadata=metadata)
  with pytest.raises(InputError, match=r'net\.safetensors'):
    pose_net.load(path)


def test_shipped_weights_load_and_are_small():
  assert teach.WEIGHTS.stat().st_size <= 4 << 20
  model = pose_net.load(teach.WEIGHTS)
  predict = teach.predictor(model)
  assert predict(np.zeros((3, 64, 64, 3), np.uint8)).shape == (3, 17, 3)
  assert predict(np.zeros((0, 64, 64, 3), np.uint8)).shape == (0, 17, 3)


def test_training_crop_moves_picture_and_joints_alike():
  config = PoseTeacherConfig(net=TINY, zoom=(0.7, 0.9))
  task = PoseTeacherTask(config, lambda split, train: None)
  rng = np.random.default_rng(1)
  image = np.zeros((16, 40, 40, 3), np.uint8)
  place = rng.integers(12, 28, (16, 2))
  for i, (x, y) in enumerate(place):
    image[i, y - 1 : y + 2, x - 1 : x + 2] = 255
  joints = np.concatenate([np.repeat(place[:, None], 17, 1), np.ones((16, 17, 1))], -1).astype(np.float32)
  batch = {'image': jnp.asarray(image), 'keypoints': jnp.asarray(joints)}
  cropped, moved = jax.jit(lambda b, k: task._crop(b, k, True))(batch, jax.random.key(3))
  brightness = np.asarray(cropped).mean(-1)
  brightness -= np.median(brightness, axis=(1, 2), keepdims=True)
  weight = np.clip(brightness, 20, None) - 20
  yy, xx = np.mgrid[:32, :32]
  centre = np.stack([(weight * xx).sum((1, 2)), (weight * yy).sum((1, 2))], 1) / weight.sum((1, 2))[:, None]
  np.testing.assert_allclose(np.asarray(moved)[:, 0], centre, atol=0.6)


def test_loss_counts_valid_rows_and_joints_inside_only():
  task = PoseTeacherTask(PoseTeacherConfig(net=TINY), lambda split, train: None)
  model = task.init(nnx.Rngs(0))
  rng = np.random.default_rng(0)
  batch = {
    'image': jnp.asarray(rng.integers(0, 256, (3, 40, 40, 3), np.uint8)),
    'keypoints': jnp.asarray(rng.uniform(10, 30, (3, 17, 3)).astype(np.float32)),
  }
  loss = lambda b: float(task.loss(model, b, jax.random.key(0), train=False)[0])  # noqa: E731
  two = {name: value[:2] for name, value in batch.items()}
  masked = {**batch, 'valid': jnp.array([True, True, False])}
  assert loss(masked) == pytest.approx(loss(two), rel=1e-5)
  # A joint outside the crop counts for nothing, wherever outside it lies.
  outside = [{**two, 'keypoints': two['keypoints'].at[:, 3].set(far)} for far in (-500.0, 900.0)]
  assert loss(outside[0]) == pytest.approx(loss(outside[1]), rel=1e-6)
  assert loss(outside[0]) != pytest.approx(loss(two), rel=1e-6)
