"""Training that begins with weights of others: a baseline's and a student's, on frames of noise."""

import dataclasses
import json

import numpy as np
import pytest
import safetensors.numpy

from sportjax.data.frames import FrameConfig
from sportjax.data.labels import Clip
from sportjax.errors import InputError
from sportjax.models import backbones, vpd
from sportjax.models.tsn import SegmentConfig
from sportjax.nn.resnet import ResNetConfig
from sportjax.pipeline import Work
from sportjax.tasks import recognise
from sportjax.train import checkpoint
from sportjax.train.loop import CHECKPOINTS, LoopConfig
from sportjax.train.optim import OptimConfig
from sportjax.video.codec import encode_planes
from sportjax.video.crop_file import TrackCrops, save_crops
from sportjax.workflows.stages import baselines, distil
from sportjax.workflows.stages.baselines import BaselineSettings
from sportjax.workflows.stages.dataset import build_dataset, dataset_directory
from sportjax.workflows.stages.distil import StudentSettings

RESNET = ResNetConfig(stages=(1,), widths=(8,), stem='strided')
TINY = {'tsn_small': SegmentConfig(RESNET, segments=2, size_px=16), 'stgcn': recognise.PRESETS['stgcn']}
FRAMES, SIZE, WIDTH = 16, 16, 3
ONE_STEP = LoopConfig(total_steps=1, save_every_steps=1)


@pytest.fixture(scope='module')
def dataset(tmp_path_factory):
  """A track to train on and one to test on."""
  folder, rng = tmp_path_factory.mktemp('dataset'), np.random.default_rng(0)
  files = {}
  for name in ('a', 'b'):
    planes = (encode_planes(rng.integers(0, 256, (SIZE, SIZE, 6), np.uint8)) for _ in range(FRAMES))
    rgb, motion = zip(*planes, strict=True)
    pose = rng.normal(size=(FRAMES, 2, WIDTH)).astype(np.float32)
    crops = TrackCrops(
      name, f'{name}.mp4', np.arange(FRAMES), np.arange(FRAMES) * 40.0, np.zeros((FRAMES, 4), np.float32),
      np.zeros((FRAMES, 17, 3), np.float32), pose, pose, np.ones(FRAMES, np.float32), np.arange(FRAMES) > 0, True,
      SIZE, rgb, motion,
    )  # fmt: skip
    files[name] = folder / f'{name}.npz'
    save_crops(files[name], crops)
  build_dataset(Work(folder), crops=files, splits={'a': 'train', 'b': 'test'}, width=WIDTH)
  return dataset_directory(folder)


@pytest.fixture(scope='module')
def weights(tmp_path_factory):
  """Random weights by torchvision's names, with its classifier."""
  path, rng = tmp_path_factory.mktemp('weights') / 'resnet.safetensors', np.random.default_rng(1)
  conv = {'conv1.weight': (8, 3, 3, 3), 'layer1.0.conv1.weight': (8, 8, 3, 3), 'layer1.0.conv2.weight': (8, 8, 3, 3)}
  norms = ('weight', 'bias', 'running_mean', 'running_var')
  norm = {f'{name}.{part}': (8,) for name in ('bn1', 'layer1.0.bn1', 'layer1.0.bn2') for part in norms}
  state = {name: rng.uniform(0.5, 1, shape).astype(np.float32) for name, shape in (conv | norm).items()}
  safetensors.numpy.save_file(state | {'fc.weight': np.zeros((1000, 8), np.float32)}, path)
  return path, state


def work(tmp_path):
  (tmp_path / 'work').mkdir()
  return Work(tmp_path / 'work')


def kernels(model):
  """The first kernel and one behind it, in torch's order."""
  return [np.asarray(layer.kernel[...]).transpose(3, 2, 0, 1) for layer in (model.conv, model.stages[0][0].convs[1])]


def check_kernels(model, state, planes):
  first, later = kernels(model)
  mean = np.repeat(state['conv1.weight'].mean(1, keepdims=True), planes, axis=1)
  np.testing.assert_allclose(first, state['conv1.weight'] if planes == 3 else mean, atol=1e-6)
  np.testing.assert_allclose(later, state['layer1.0.conv2.weight'], atol=1e-6)


@pytest.mark.parametrize('stream', ['rgb', 'flow'])
def test_baseline_begins_with_the_given_weights(stream, dataset, weights, tmp_path, monkeypatch):
  monkeypatch.setattr(baselines, 'PRESETS', TINY)
  trained = []
  monkeypatch.setattr(baselines, 'probabilities', lambda model, *_, **__: trained.append(model) or np.full((2, 2), 0.5))
  clips = [
    Clip(name, start, start + 160.0, label, name, split)
    for name, split in (('a', 'train'), ('b', 'test'))
    for start, label in ((0.0, 'one'), (160.0, 'two'))
  ]
  path, state = weights
  settings = BaselineSettings(
    preset='tsn_small', stream=stream, optim=OptimConfig(learning_rate=1e-9, weight_decay=0.0), loop=ONE_STEP,
    batch_size=8, test_clips=1, augment=False, pretrained=path,
  )  # fmt: skip
  done = work(tmp_path)
  baselines.train_baseline(done, source=dataset, clips=clips, settings=settings)
  check_kernels(trained[0].backbone, state, 3 if stream == 'rgb' else 2)
  stored = checkpoint.read_config(done.folder / 'subset_0' / CHECKPOINTS)
  assert stored['pretrained'] == str(path)


def test_student_begins_with_the_given_weights(dataset, weights, tmp_path, monkeypatch):
  monkeypatch.setitem(vpd.PRESETS, 'small', vpd.StudentConfig(RESNET))
  path, state = weights
  settings = StudentSettings(
    preset='small', learning_rate=1e-9, weight_decay=0.0, frames=FrameConfig(batch_size=8, held_out=0.25),
    loop=dataclasses.replace(ONE_STEP, eval_every_steps=1), pretrained=path,
  )  # fmt: skip
  done, kept = work(tmp_path), []
  distil.train_student(done, dataset=dataset, settings=settings)
  both_views = distil._both_views
  monkeypatch.setattr(distil, '_both_views', lambda model, function: kept.append(model) or both_views(model, function))
  distil.load_student(done.folder)
  check_kernels(kept[0].backbone, state, 5)
  assert json.loads(json.dumps(checkpoint.read_config(done.folder / CHECKPOINTS)))['pretrained'] == str(path)


def test_weights_that_do_not_fit_are_refused(dataset, weights, tmp_path, monkeypatch):
  path, _ = weights
  with pytest.raises(InputError, match=r'baseline\.pretrained=.*: stgcn reads skeletons'):
    BaselineSettings(preset='stgcn', pretrained=path)
  with pytest.raises(InputError, match='lacks'):
    backbones.start(path, vpd.PRESETS['vpd_resnet18'])
  assert backbones.start(None, vpd.PRESETS['vpd_resnet18']) == {}
