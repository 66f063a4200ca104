"""What is wrong with a user's files: one clear line where nothing can be done, a reason in the report where the rest
goes on, and no finished work lost."""

import json
import shutil

import numpy as np
import pytest

from configs import own_videos as own_videos_config
from sportjax.errors import InputError
from sportjax.formats.coco import write_coco_results
from sportjax.testing import commands
from sportjax.workflows import chain, dispatch
from sportjax.workflows.stages.dataset import dataset_directory
from tests.integration.conftest import FRAMES, detections, own_videos, pose

pytestmark = pytest.mark.xdist_group('commands')  # with debug_runs_test, whose run it shares

JOINTS = np.stack([pose(frame, 0.0) for frame in range(FRAMES)])


def truncate(folder, name):
  path = folder / 'clips' / f'{name}.mp4'
  path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def empty_video(folder, name):
  (folder / 'clips' / f'{name}.mp4').write_bytes(b'')


def text_as_video(folder, name):
  (folder / 'clips' / f'{name}.mp4').write_text('not a video')


def empty_keypoints(folder, name):
  (folder / 'kp' / f'{name}.json').write_bytes(b'')


def torn_keypoints(folder, name):
  path = folder / 'kp' / f'{name}.json'
  path.write_bytes(path.read_bytes()[:-200])


def keypoints(folder, name, joints, frames):
  write_coco_results(folder / 'kp' / f'{name}.json', detections(joints, frames, name))


def keypoints_beyond_the_video(folder, name):
  keypoints(folder, name, JOINTS, np.arange(FRAMES) + 10)


def keypoints_of_a_larger_picture(folder, name):
  keypoints(folder, name, JOINTS * np.float32([8, 8, 1]), np.arange(FRAMES))


def nobody(folder, name):
  keypoints(folder, name, JOINTS[:0], np.arange(0))


def nan_keypoints(folder, name):
  path = folder / 'kp' / f'{name}.json'
  records = json.loads(path.read_text())
  records[7]['keypoints'][3] = float('nan')
  path.write_text(json.dumps(records))


FAULTS = {
  truncate: '.mp4: cut off',
  empty_video: '.mp4: the file is empty (0 bytes)',
  text_as_video: '.mp4: not a video that can be opened',
  empty_keypoints: '.json',
  torn_keypoints: '.json',
  keypoints_beyond_the_video: 'lies outside the video, whose frames are 0 to 47',
  keypoints_of_a_larger_picture: 'of the people lie outside the 128x120 video',
  nobody: '.json',
  nan_keypoints: '.json: record 7',
}


@pytest.fixture
def folder(clips, tmp_path):
  """The given folder again, for this test to change."""
  shutil.copytree(clips, tmp_path / 'given')
  return tmp_path / 'given'


@pytest.fixture
def prepare(folder, tmp_path, monkeypatch):
  """Runs the main job up to where training would begin; gives the stages' records by name."""
  monkeypatch.setattr(chain, 'train', lambda *args: None)

  def prepare(**settings):
    config = own_videos_config.get_config('preset=small,debug')
    config.chain.processes = 0
    given = {'videos': 'clips', 'keypoints': 'kp', 'labels': 'labels.csv', **settings}
    config.update({name: value and str(folder / value) for name, value in given.items()})
    assert dispatch.run(dispatch.Command('train', config, tmp_path / 'work')) == 0
    records = [json.loads(p.read_text()) for p in sorted((tmp_path / 'work' / 'stages').glob('*/stage.json'))]
    return {record['name']: record for record in records}

  return prepare


def one_line(prepare, **settings):
  with pytest.raises(InputError) as error:
    prepare(**settings)
  assert '\n' not in str(error.value)
  return str(error.value)


def only(folder, name):
  for path in [*(folder / 'clips').iterdir(), *(folder / 'kp').iterdir()]:
    if path.stem != name:
      path.unlink()


@pytest.mark.parametrize('fault', FAULTS, ids=lambda fault: fault.__name__)
def test_one_bad_video_is_left_out_with_its_reason(prepare, folder, fault):
  fault(folder, 'b')
  records = prepare()
  (skipped,) = records['track']['skipped']
  assert skipped['item'] == 'b'
  assert FAULTS[fault] in skipped['reason']
  assert '\n' not in skipped['reason']
  assert records['track']['counts'] | {'items_in': 3, 'items_out': 2} == records['track']['counts']
  assert records['crop']['counts']['items_out'] == 2
  assert (records['dataset']['counts']['train_tracks'], records['dataset']['counts']['test_tracks']) == (1, 1)


@pytest.mark.parametrize('fault', [truncate, empty_keypoints, nan_keypoints], ids=lambda fault: fault.__name__)
def test_no_good_video_is_one_line(prepare, folder, fault):
  only(folder, 'a')
  fault(folder, 'a')
  said = one_line(prepare, labels=None)
  assert 'none of 1 items could be used; the first: ' in said
  assert FAULTS[fault] in said


def test_mended_video_is_used_and_the_others_are_not_done_again(prepare, folder, tmp_path):
  good = (folder / 'clips' / 'b.mp4').read_bytes()
  empty_video(folder, 'b')
  prepare()
  (folder / 'clips' / 'b.mp4').write_bytes(good)
  stages = tmp_path / 'work' / 'stages'
  before = {path: path.stat().st_mtime_ns for path in stages.rglob('*')}
  prepare()
  assert {path: path.stat().st_mtime_ns for path in before} == before  # what was done stays as it was
  tracked = [json.loads(path.read_text()) for path in stages.glob('track-*/stage.json')]
  assert sorted(record['counts']['items_out'] for record in tracked) == [2, 3]


def test_folder_without_video_is_one_line(prepare, folder):
  shutil.rmtree(folder / 'clips')
  (folder / 'clips').mkdir()
  (folder / 'clips' / 'notes.txt').write_text('x')
  assert 'no video there; give a folder or a quoted pattern' in one_line(prepare)


def test_two_videos_of_one_name_are_one_line(prepare, folder):
  shutil.copy(folder / 'clips' / 'a.mp4', folder / 'clips' / 'a.mov')
  assert "share the name 'a'; rename one of them" in one_line(prepare)


def test_video_without_keypoints_is_one_line(prepare, folder):
  (folder / 'kp' / 'b.json').unlink()
  assert 'no keypoints of' in one_line(prepare)


@pytest.mark.parametrize(
  ('labels', 'says'),
  [
    ('d,0,900,slow,d,test\n', 'no video named d in'),
    ('a,0,900,slow,a,test\na,900,1800,fast,a,train\n', "video 'a' has clips in train and in test"),
    (''.join(f'{v},0,900,slow,{v},test\n' for v in 'abc'), 'no video is left to train on'),
    ('a,slow,900,slow,a,test\n', 'line 2: start_ms and end_ms must be numbers'),
    ('a,0,900,slow,a,dev\n', "line 2: split='dev' must be one of train, test"),
    ('', 'no labelled clips in it'),
  ],
)
def test_labels_that_do_not_fit_are_one_line(prepare, folder, labels, says):
  (folder / 'labels.csv').write_text('video,start_ms,end_ms,label,athlete,split\n' + labels)
  assert says in one_line(prepare)


@pytest.mark.slow
def test_skipped_video_is_in_the_record_and_in_the_report(mine):
  (skipped,) = mine.record('track')['skipped']
  assert (skipped['item'], 'cut off: ' in skipped['reason']) == ('cut', True)
  page = (mine.workdir / 'report' / 'report.html').read_text()
  assert skipped['reason'].split(': ', 1)[1].split(';')[0] in page
  assert f'skipped cut: {skipped["reason"]}' in mine.done.err


@pytest.mark.slow
@pytest.mark.parametrize(
  ('function', 'call'),
  [('sportjax.workflows.stages.crop.save_crops', 2), ('sportjax.pipeline.stage.os.rename', 4)],
  ids=['within a stage', 'at the end of a stage'],
)
def test_full_disk_is_one_line_and_nothing_is_lost(prepare, folder, tmp_path, function, call):
  arguments = (*own_videos(folder, tmp_path / 'work'), '--mode=train')
  done = commands.launch(*arguments, before=commands.fail_at(function, call, commands.fill_disk))
  assert done.status == 3
  assert done.error == f'the disk is full ({tmp_path}/work); free some space and run again: it goes on here'
  kept = {path: path.stat().st_ino for path in (tmp_path / 'work' / 'stages').rglob('*.npz')}
  assert kept
  assert prepare()['crop']['counts']['items_out'] == 3
  found = {path.stat().st_ino for path in (tmp_path / 'work' / 'stages').rglob('*.npz')}
  assert set(kept.values()) <= found  # each file that was whole is still the same one


@pytest.fixture
def training(mine, tmp_path):
  """The command line that trains the small student on the finished run's dataset, and its checkpoints once killed."""
  arguments = (
    '--mode=train', '--config=configs/train_student.py:preset=small,debug', '--config.student.learning_rate=1e-3',
    '--config.student.loop.save_every_steps=1', f'--config.dataset={dataset_directory(mine.stage("dataset"))}',
    f'--workdir={tmp_path}',
  )  # fmt: skip

  def killed(function):
    done = commands.launch(*arguments, before=commands.fail_at(function, 1, commands.kill))
    assert done.status == -9, done.err[-2000:]
    return next((tmp_path / 'stages').glob('distil-*.partial')) / 'checkpoints'

  return arguments, killed


@pytest.mark.slow
def test_checkpoint_of_another_config_is_one_line_and_kept(mine, training):
  arguments, killed = training
  checkpoints = killed('sportjax.workflows.stages.distil.loop_lib.train')
  shutil.copytree(mine.stage('distil') / 'checkpoints', checkpoints)
  about = next((checkpoints / '2').rglob('about*'))
  path = about if about.is_file() else next(p for p in about.rglob('*') if p.is_file())
  path.write_text(path.read_text().replace('0.001', '0.004'))
  done = commands.launch(*arguments)
  assert done.status == 2
  assert f'{checkpoints}/2 was made with another config: learning_rate was 0.004, is 0.001' in done.error
  assert (checkpoints / '2').is_dir()


@pytest.mark.slow
def test_corrupted_newest_checkpoint_falls_back_and_says_so(mine, training, tmp_path):
  arguments, killed = training
  checkpoints = killed('sportjax.pipeline.stage.write_json')  # trained, and not yet booked as finished
  assert {'1', '2'} <= {path.name for path in checkpoints.iterdir()}
  largest = max((p for p in (checkpoints / '2').rglob('*') if p.is_file()), key=lambda p: p.stat().st_size)
  largest.write_bytes(largest.read_bytes()[:100])
  done = commands.launch(*arguments)
  assert done.status == 0, done.err[-2000:]
  assert f'checkpoint {checkpoints}/2 is damaged' in done.err
  assert 'trying the one before' in done.err
  (folder,) = (tmp_path / 'stages').glob('distil-*')
  ours, theirs = (
    [{k: v for k, v in json.loads(line).items() if k != 'time_s'} for line in path.read_text().splitlines()]
    for path in (folder / 'metrics.jsonl', mine.stage('distil') / 'metrics.jsonl')
  )
  assert ours == theirs
