"""VIPE* on the gated sets in the reference's layout, made small: 3D poses as built, 2D poses of their cameras."""

import gzip
import json
import pathlib
import pickle

import cv2
import numpy as np
import pytest
from flax import nnx

from data_builders.__main__ import main as build_set
from sportjax.data.poses3d import PairBatches
from sportjax.errors import InputError
from sportjax.formats import motion_vipe
from sportjax.models.vipe import Vipe, VipeConfig
from sportjax.pipeline import Work
from sportjax.pose import canonical
from sportjax.pose.bodies import BODIES
from sportjax.pose.normalise import KEPT_JOINTS
from sportjax.tasks.vipe import VipeTaskConfig
from sportjax.train.loop import LoopConfig
from sportjax.workflows.stages import vipe as stages
from sportjax.workflows.stages.vipe_preview import lifted
from sportjax.workflows.stages.vipe_sets import read_sets

FRAMES = 6
PEOPLE = {'human36m': (('S1', 'Walking'), ('S9', 'Walking')), 'nba2k': (('curry',), ('alfred',))}


@pytest.fixture(scope='module')
def sets(tmp_path_factory):
  """Built datasets by name."""
  folder = tmp_path_factory.mktemp('sets')
  for name, people in PEOPLE.items():
    rng = np.random.default_rng(0)
    moves = {
      who: [(np.zeros(3), 0.0, rng.normal(size=(len(BODIES[name].rows), 3))) for _ in range(FRAMES)] for who in people
    }
    (folder / name).mkdir()
    (folder / name / motion_vipe.PREPROCESSED).write_bytes(pickle.dumps(moves))
    assert build_set([name, f'--source={folder / name}', f'--out={folder / "tfds"}']) == 0
  return {name: next((folder / 'tfds' / name).rglob('dataset_info.json')).parent for name in PEOPLE}


@pytest.fixture
def cocopose(tmp_path):
  """Both people of Human3.6M by two cameras, without the last frame; joints tell camera and frame."""
  for person in ('S1', 'S9'):
    for number, camera in enumerate(('54138969', '55011271')):
      told = [[n, [[0.9, [0, 0, 1, 1], np.full((17, 3), 100 * number + n + 1.0).tolist()]]] for n in range(FRAMES - 1)]
      path = tmp_path / f'{person}.Walking.{camera}.mp4.json.gz'
      path.write_bytes(gzip.compress(json.dumps(told).encode()))
  return tmp_path


def read(folder: pathlib.Path, sets, views) -> pathlib.Path:
  folder.mkdir()
  read_sets(Work(folder), sets=sets, views=views)
  return folder


def test_poses_come_with_the_views_of_their_frames(sets, cocopose, tmp_path):
  motion = read(tmp_path / 'motion', sets, {'human36m': cocopose})
  splits = stages.load_motion([motion])
  assert {split: list(found) for split, found in splits.items()} == {
    'train': ['human36m', 'nba2k'], 'val': ['human36m', 'nba2k'],
  }  # fmt: skip
  assert json.loads((motion / 'val-nba2k.json').read_text()) == ['nba2k/alfred']
  poses = splits['train']['human36m']
  assert poses.filmed is not None
  assert poses.filmed.ends.tolist() == [2, 4, 6, 8, 10, 10]
  width = max(source.body.features for source in splits['train'].values())
  batch = PairBatches(splits['train'], {'human36m': 1.0, 'nba2k': 1.0}, width, 80, 0)[0]
  filmed, known = batch['filmed'][:40], canonical.coco13(poses.xyz, poses.body)
  frame = np.abs(batch['xyz'][:40, None] - known[None]).sum((2, 3)).argmin(1)
  assert np.isnan(filmed[frame == FRAMES - 1]).all()
  there = frame < FRAMES - 1
  np.testing.assert_array_equal(np.sort(filmed[there, :, 0, 0], axis=1), np.stack([frame + 1, frame + 101], 1)[there])
  assert np.isnan(batch['filmed'][40:]).all()  # of the other set no camera is known
  assert batch['negative_filmed'].shape == (80, len(KEPT_JOINTS), 3)


def test_training_on_several_sets_leaves_weights_and_pictures(sets, cocopose, tmp_path):
  motion = read(tmp_path / 'motion', sets, {'human36m': cocopose})
  (tmp_path / 'train').mkdir()
  work = Work(tmp_path / 'train')
  stages.train(
    work,
    motions=[motion],
    config=VipeTaskConfig(VipeConfig(d=4, hidden=8, blocks=1, decoder_hidden=8)),
    shares={'nba2k': 1.0, 'human36m': 3.0},
    loop=LoopConfig(total_steps=2),
    batch_size=8,
    val_batches=1,
    seed=0,
  )
  assert work.counts['steps'] == 2
  for name in PEOPLE:
    picture = cv2.imread(str(work.folder / f'lifted-{name}.png'))
    assert picture.shape[1] > 5 * 160
    assert (picture < 255).any()


def test_lifted_poses_have_the_decoders_directions():
  body = BODIES['human36m']
  model = Vipe(VipeConfig(d=4, hidden=8, blocks=1), (body.features,), rngs=nnx.Rngs(0))
  like = np.random.default_rng(0).normal(size=(3, len(body.joints), 3))
  told = canonical.describe(like, body)
  head = model.decoder.heads[0]
  head.kernel[...], head.bias[...] = 0 * head.kernel[...], told[0].astype(np.float32)
  like[1:] = like[0]  # the decoder says the first pose of all
  found = lifted(model, np.zeros((3, 39), np.float32), 0, like, body)
  np.testing.assert_allclose(found, like - like[:, :1], atol=1e-5)


def test_sets_that_do_not_fit_are_named(sets, cocopose, tmp_path):
  with pytest.raises(InputError, match='no dataset of 3D poses there'):
    read(tmp_path / 'a', {'amass': tmp_path}, {})
  for path in cocopose.glob('*.gz'):
    path.rename(path.with_name(path.name.replace('Walking', 'Sitting')))
  with pytest.raises(InputError, match='none of its recordings and frames are those of'):
    read(tmp_path / 'b', {'human36m': sets['human36m']}, {'human36m': cocopose})
