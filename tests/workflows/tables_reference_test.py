"""Rows of the paper's own datasets, from the reference's labels and from feature files made in its format."""

import pathlib
import pickle

import numpy as np
import pytest

from configs.vpd import table2
from sportjax.data.features import FeatureStore
from sportjax.errors import InputError
from sportjax.formats.vpd_labels import FS_CLASSES, read_fs
from sportjax.pipeline import Pipeline
from sportjax.workflows import dispatch
from sportjax.workflows.stages.detect import DetectSettings
from sportjax.workflows.tables import methods, reference
from sportjax.workflows.tables.grid import ALL, Asker, Grid, HowAsked
from sportjax.workflows.tables.layouts import Cell, Recognise

STUDENT, TEACHER = methods.student('2d'), methods.teacher('2d')


@pytest.fixture(scope='module')
def labels():
  folder = pathlib.Path(__file__).parents[3] / 'shared' / 'data' / 'vpd_labels'
  if not folder.is_dir():
    pytest.skip('the labels of the reference are not beside this checkout (../shared/data/vpd_labels)')
  return folder


@pytest.fixture(scope='module')
def features(labels, tmp_path_factory):
  """`2d-vpd` tells each jump's class, `2d` nothing; of every fifth frame about each jump."""
  folder = tmp_path_factory.mktemp('features')
  rng = np.random.default_rng(0)
  content = {'2d': {}, '2d-vpd': {}}
  for jump in read_fs(labels / 'action_dataset' / 'fs'):
    for frame in range(max(jump.start_frame - 60, 0), jump.end_frame + 40, 5):
      shown = np.eye(6, dtype=np.float32)[FS_CLASSES.index(jump.label)]
      content['2d-vpd'].setdefault(jump.video, {})[frame] = np.stack([shown, shown])
      content['2d'].setdefault(jump.video, {})[frame] = rng.normal(size=(2, 6)).astype(np.float32)
  for row, videos in content.items():
    (folder / row).mkdir()
    for video, frames in videos.items():
      listed = [(frame, frames[frame], {}) for frame in sorted(frames)]
      (folder / row / f'{video}.emb.pkl').write_bytes(pickle.dumps(listed))
  return folder


def flags(labels, features):
  fs = labels / 'action_dataset' / 'fs'
  return {'features': features, 'labels': fs, 'few_shot': fs, 'video_meta': labels / 'video_meta' / 'fs.json'}


@pytest.fixture
def pipeline(tmp_path):
  running = Pipeline(tmp_path / 'work')
  yield running
  running.close()


def test_features_on_disk_become_the_papers_rows(labels, features, pipeline):
  spec = reference.ReferenceSpec('fs_jump6', **flags(labels, features))
  corpus = reference.corpus(pipeline, spec, DetectSettings())
  assert [len(corpus.split(name)) for name in ('train', 'val', 'test')] == [743, 183, 520]
  assert [len(subset) for subset in corpus.subsets(4, 5, 0)] == [24] * 5
  listed = (labels / 'action_dataset' / 'fs' / 'train_4_2.ids.txt').read_text().split()
  train = corpus.split('train')
  assert {train[i].video for i in corpus.subsets(4, 5, 0)[2]} == set(listed)
  how = HowAsked(resamples=20)
  cells = [Cell(row.key, row.name, '4', row, Recognise(4, 'nns')) for row in (TEACHER, STUDENT)]
  table = Grid(cells, [Asker(pipeline, corpus, how)], how).fill()[ALL]
  assert table['2d-vpd']['4'].interval.mean > 0.8  # windows of combinations show two jumps
  assert table['2d']['4'].interval.mean < 0.4
  assert (table['2d']['4'].count, table['2d']['4'].groups) == (520, 134)
  store = FeatureStore(corpus.store(STUDENT))
  assert len(store.tracks) == 1446
  assert len(store.clip(train[0]).frame) > 50
  assert not list(corpus.store(STUDENT).glob('tfds'))


def test_jumps_of_whole_routines_are_the_papers(labels, features, pipeline):
  spec = reference.ReferenceSpec('fs_jump6', **flags(labels, features))
  routines = reference.corpus(pipeline, spec, DetectSettings()).routines
  assert routines is not None
  assert routines.mean_ms is not None
  intervals = routines.tasks['action']
  assert len(routines.test) == 134
  assert sum(len(intervals[video]) for video in routines.test) == 456  # what the reference counts
  assert [len(trial) for trial in routines.trials] == [5] * 5
  jumps = read_fs(labels / 'action_dataset' / 'fs')
  assert all(18 <= sum(jump.video in trial for jump in jumps) <= 20 for trial in routines.trials)
  assert routines.mean_ms['action'] == pytest.approx(39.1 * 40, abs=40)
  assert not set(routines.test) & {video for trial in routines.trials for video in trial}
  store = FeatureStore(routines.store(STUDENT))
  assert set(routines.test) <= set(store.tracks)


def test_what_is_missing_is_named(labels, features, tmp_path, pipeline):
  spec = reference.ReferenceSpec('fs_jump6', **flags(labels, features))
  with pytest.raises(InputError, match=r'no such folder of features \(2d, 2d-vpd\); add it, or name your rows'):
    reference.corpus(pipeline, spec, DetectSettings()).store(methods.student('vipe'))
  with pytest.raises(InputError, match='features=.*absent: no such file or folder'):
    reference.ReferenceSpec('fs_jump6', **flags(labels, tmp_path / 'absent'))
  config = table2.get_config('dataset=fs_jump6,size=paper')
  with pytest.raises(InputError, match='features is missing: set --config.features for fs_jump6'):
    dispatch.resolve(config, 'run')
  config.update({name: str(path) for name, path in flags(labels, features).items()})
  settings = dispatch.resolve(config, 'run')[1]
  assert settings.reference == spec
  assert settings.beside == 'FSJump6'
  assert settings.how.recognise.schedule.epochs == 500
