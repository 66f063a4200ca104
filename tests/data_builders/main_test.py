import importlib
import pathlib
import subprocess
import sys

import numpy as np
import pytest

from data_builders.__main__ import BUILDERS, main
from sportjax.video.codec import encode_planes
from sportjax.video.crop_file import TrackCrops, save_crops

ROOT = pathlib.Path(__file__).parents[2]
SIZE, WIDTH = 16, 4


def crops_of(name, frames, width=WIDTH):
  planes = encode_planes(np.full((SIZE, SIZE, 6), 128, np.uint8))
  pose = np.random.default_rng(frames).normal(size=(frames, 2, width)).astype(np.float32)
  return TrackCrops(
    track=name, video=f'{name}.mp4', frame=np.arange(frames), t_ms=np.arange(frames) * 40.0,
    boxes=np.tile(np.array([0, 0, SIZE, SIZE], np.float32), (frames, 1)),
    keypoints=np.zeros((frames, 17, 3), np.float32), pose=pose, delta=np.zeros_like(pose),
    score=np.ones(frames, np.float32), has_delta=np.arange(frames) > 0, has_mask=False, size=SIZE,
    rgb=(planes[0],) * frames, motion=(planes[1],) * frames,
  )  # fmt: skip


@pytest.fixture
def workdir(tmp_path):
  """A workdir as a crop stage leaves it: three tracks and one that was skipped."""
  stage = tmp_path / 'run' / 'stages' / 'crop-abc'
  for name, frames in (('diver_1', 20), ('diver_2', 33), ('gymnast', 5)):
    (stage / 'items' / name).mkdir(parents=True)
    save_crops(stage / 'items' / name / 'crops.npz', crops_of(name, frames))
  (stage / 'items' / 'lost').mkdir()
  (stage / 'items' / 'lost' / 'item.json').write_text('{"skipped": "nobody"}')
  (stage / 'stage.json').write_text('{}')
  return tmp_path / 'run'


def failure(capsys, *argv):
  """The one line of a command that ends with status 2."""
  try:
    status = main([str(each) for each in argv])
  except SystemExit as end:
    status = end.code
  output = capsys.readouterr()
  assert (status, output.out) == (2, '')
  assert output.err.startswith('error: ')
  assert output.err.count('\n') == 1
  return output.err


def read_tracks(directory, split):
  """Tracks and poses of the records, by TFDS itself."""
  import tensorflow_datasets as tfds

  source = tfds.builder_from_directory(str(directory)).as_data_source(split=split)
  return {record['track'].decode(): record['pose'].shape for record in source}


@pytest.mark.parametrize('source', ['--stage', '--crops'])
def test_dataset_is_built_from_a_workdir_or_a_folder(workdir, tmp_path, capsys, source):
  out = tmp_path / 'datasets'
  folder = workdir if source == '--stage' else workdir / 'stages'
  assert main(['sports_tracks', f'{source}={folder}', f'--out={out}', '--split=test=*_2', '--split=test=gym*']) == 0
  directory, told = capsys.readouterr().out.rsplit(': ', 1)
  assert directory.startswith(f'{out}/sports_tracks/default/')
  assert told == 'train 2 records, test 4 records\n'
  records = read_tracks(directory, 'test')
  assert records == {'diver_2': (1, 2, WIDTH), 'gymnast': (5, 2, WIDTH)}  # the last of 16, 16 and 1 frames


def test_workflow_stage_builds_the_same_records(workdir, tmp_path, capsys):
  from sportjax.pipeline import Work
  from sportjax.workflows.stages.dataset import build_dataset, dataset_directory

  main(['sports_tracks', f'--stage={workdir}', f'--out={tmp_path / "datasets"}'])
  directory, _ = capsys.readouterr().out.rsplit(': ', 1)
  crops = {path.parent.name: path for path in workdir.rglob('crops.npz')}
  work = Work(tmp_path)
  build_dataset(work, crops=crops, splits=dict.fromkeys(crops, 'train'), width=WIDTH)
  assert work.counts == {'train_tracks': 3, 'train_records': 6}
  contents = [
    sorted((path.name, path.read_bytes()) for path in folder.iterdir() if 'array_record' in path.name)
    for folder in (dataset_directory(tmp_path), pathlib.Path(directory))
  ]
  assert contents[0]
  assert contents[0] == contents[1]


def test_dataset_that_is_there_is_never_taken_for_the_new_one(workdir, tmp_path, capsys):
  argv = ['sports_tracks', f'--stage={workdir}', f'--out={tmp_path / "datasets"}']
  assert main(argv) == 0
  capsys.readouterr()
  assert 'a dataset is there already; remove it' in failure(capsys, *argv)


def test_split_rules_must_fit(workdir, tmp_path, capsys):
  argv = ['sports_tracks', f'--stage={workdir}', f'--out={tmp_path / "datasets"}']
  assert "--split=test=swim*: fits none of 3 tracks, the first is 'diver_1'" in failure(
    capsys, *argv, '--split=test=swim*'
  )
  assert '--split=test: must be NAME=PATTERN' in failure(capsys, *argv, '--split=test')
  assert not (tmp_path / 'datasets').exists()


def test_sources_that_do_not_fit_are_named(workdir, tmp_path, capsys):
  out = f'--out={tmp_path / "datasets"}'
  (tmp_path / 'empty').mkdir()
  for folder in ('empty', 'none'):
    assert f'{folder}: no crop files' in failure(capsys, 'sports_tracks', f'--crops={tmp_path / folder}', out)
    assert 'no crop stage is finished there' in failure(capsys, 'sports_tracks', f'--stage={tmp_path / folder}', out)
  items = workdir / 'stages' / 'crop-abc' / 'items'
  again = workdir / 'stages' / 'crop-def'
  again.mkdir()
  (again / 'stage.json').write_text('{}')
  assert '2 crop stages, crop-abc, crop-def; give one' in failure(capsys, 'sports_tracks', f'--stage={workdir}', out)
  save_crops(items / 'lost' / 'crops.npz', crops_of('gymnast', 5))
  assert "hold the same track 'gymnast'" in failure(capsys, 'sports_tracks', f'--crops={items}', out)
  save_crops(items / 'lost' / 'crops.npz', crops_of('lost', 5, width=6))
  assert 'lost/crops.npz: its pose has 6 numbers' in failure(capsys, 'sports_tracks', f'--crops={items}', out)


@pytest.mark.parametrize('content', [b'', b'text', b'PK\x03\x04 cut off'])
def test_file_that_holds_no_crops_is_named(tmp_path, capsys, content):
  (tmp_path / 'bad.npz').write_bytes(content)
  said = failure(capsys, 'sports_tracks', f'--crops={tmp_path}', f'--out={tmp_path}/out')
  assert 'bad.npz: not a crop file' in said


@pytest.mark.parametrize(
  'argv',
  [[], ['sport_tracks'], ['sports_tracks'], ['sports_tracks', '--crops=a', '--stage=b', '--out=c'],
   ['sports_tracks', '--crops=a'], ['sports_tracks', '--crops=a', '--out=c', '--rate=3']],
)  # fmt: skip
def test_arguments_that_do_not_fit_give_one_line(capsys, argv):
  failure(capsys, *argv)


def test_list_names_each_builder_and_each_can_be_called():
  done = subprocess.run([sys.executable, '-m', 'data_builders', '--list'], cwd=ROOT, capture_output=True, text=True,
                        timeout=60)  # fmt: skip
  assert (done.returncode, done.stderr) == (0, '')
  assert 'sports_tracks  Cropped tracks of athletes' in done.stdout
  folders = {path.parent.name for path in (ROOT / 'data_builders').glob('*/*_dataset_builder.py')}
  assert set(BUILDERS.modules) == folders
  for name in folders:
    module = importlib.import_module(f'data_builders.{name}.build')
    assert callable(module.main)
    assert callable(module.add_arguments)
