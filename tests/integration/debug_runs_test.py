"""Every config in its debug form, run to its end as a user runs it: the whole way, again, and after kills."""

import csv
import json
import re

import numpy as np
import pytest
from flax import nnx

from sportjax.commands.__main__ import main as folder_commands
from sportjax.config import to_dataclass
from sportjax.data.features import FeatureStore
from sportjax.formats import vpd_features
from sportjax.models import pose_net, vipe
from sportjax.testing import commands
from sportjax.train.checkpoint import differences, read_config
from sportjax.workflows.stages.dataset import dataset_directory
from sportjax.workflows.stages.distil import StudentSettings
from tests.integration.conftest import FRAMES, own_videos, run, with_cut_video

# One worker does all of these: they share one run, which costs a minute.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600), pytest.mark.xdist_group('commands')]

ROWS = ['teacher', 'teacher, smoothed', 'teacher, smoothed, with change', 'student', 'student, untrained',
        'PCA of flow', 'PCA of pixels']  # fmt: skip


def check_whole(finished, rows, metrics):
  """Report, results with every row and finite numbers, and nothing half done."""
  page = (finished.workdir / 'report' / 'report.html').read_text()
  for result in finished.results.values():
    assert list(result) == rows
    assert all(row in page and row in finished.done.out for row in rows[:2])
    for row in result.values():
      assert list(row) == metrics
      assert all(0 <= metric['low'] <= metric['mean'] <= metric['high'] <= 1 for metric in row.values())
  assert not list((finished.workdir / 'stages').glob('*.partial'))
  assert finished.done.out.rstrip().endswith('report/report.html')


def check_stored_config(finished):
  """What the checkpoint says of its training is what the workdir says of the run."""
  student = json.loads((finished.workdir / 'config.json').read_text())['chain']['student']
  stored = read_config(finished.stage('distil') / 'checkpoints')
  stored.pop('student')
  assert to_dataclass(StudentSettings, stored) == to_dataclass(StudentSettings, student)


def stamps(workdir):
  return {path: path.stat().st_mtime_ns for path in (workdir / 'stages').rglob('*')}


@pytest.fixture(scope='module')
def quickstart(tmp_path_factory):
  workdir = tmp_path_factory.mktemp('quickstart')
  return run(('--config=configs/quickstart.py:debug', f'--workdir={workdir}'), workdir)


def test_quickstart_goes_the_whole_way(quickstart):
  assert list(quickstart.results)[0] == 'all test clips'
  check_whole(quickstart, [*ROWS, 'true pose'], ['precision@1', 'precision@5', 'precision@10', '1-shot accuracy'])
  check_stored_config(quickstart)
  takes = 12
  for stage in ('film', 'teach', 'track', 'crop'):
    assert quickstart.record(stage)['counts']['items_out'] == takes
  assert quickstart.record('distil')['counts']['steps'] == 2


def test_own_videos_go_the_whole_way(mine):
  assert list(mine.results) == ['all clips']
  check_whole(mine, ROWS, ['precision@1', 'precision@5', 'precision@10', '1-shot accuracy'])
  check_stored_config(mine)


def test_second_run_repeats_nothing(mine):
  before, results = stamps(mine.workdir), mine.results
  again = run(mine.arguments, mine.workdir)
  assert stamps(mine.workdir) == before
  assert again.results == results
  assert 'started' not in again.done.err
  # A stage that two rows ask for is told twice.
  told = set(re.findall(r'done before \((.*)\)', again.done.err))
  assert told == {path.name for path in (mine.workdir / 'stages').iterdir()}
  assert again.done.out == mine.done.out


def test_run_killed_again_and_again_ends_as_the_uninterrupted_one(mine, clips, tmp_path):
  arguments = own_videos(with_cut_video(clips, tmp_path / 'given'), tmp_path / 'work')
  moments = {
    'between two videos': ('sportjax.pipeline.items.write_json', 2),
    'at the end of a stage': ('sportjax.pipeline.stage.os.rename', 3),
    'between checkpoints': ('sportjax.train.loop.Checkpoints.save', 2),
    'in the evaluation': ('sportjax.pipeline.items.write_json', 3),
  }
  for moment, (function, call) in moments.items():
    done = commands.launch(*arguments, before=commands.fail_at(function, call, commands.kill))
    assert done.status == -9, f'{moment}: {done.err[-2000:]}'
    assert list((tmp_path / 'work' / 'stages').glob('*.partial')), moment
  finished = run(arguments, tmp_path / 'work')
  assert finished.results == mine.results
  check_whole(finished, ROWS, ['precision@1', 'precision@5', 'precision@10', '1-shot accuracy'])


def test_trained_student_is_applied_to_new_videos(mine, clips, tmp_path):
  finished = run(
    ('--mode=extract', '--config=configs/extract.py', f'--config.student={mine.workdir}',
     f'--config.videos={clips}/clips', f'--config.keypoints={clips}/kp', '--config.chain.processes=0',
     f'--workdir={tmp_path}'), tmp_path,
  )  # fmt: skip
  with (tmp_path / 'features.csv').open(newline='') as file:
    rows = list(csv.DictReader(file))
  assert [row['track'] for row in rows] == [name for name in 'abc' for _ in range(FRAMES)]
  written = np.array([[float(row[f'f{k}']) for k in range(26)] for row in rows if row['track'] == 'b'])
  # The same videos, cropped in the same way: the features are those of the run that trained.
  for store in (finished.stage('features'), mine.stage('student')):
    known = FeatureStore(store).track('b')
    np.testing.assert_allclose(written, known.features[:, 0], rtol=1e-3, atol=1e-3)  # which are stored in 16 bits
    np.testing.assert_allclose([float(r['t_ms']) for r in rows[:FRAMES]], known.t_ms, atol=1e-3)


def test_students_features_are_written_for_the_reference(mine, tmp_path, capsys):
  dataset = dataset_directory(mine.stage('dataset'))
  given = [f'--student={mine.workdir}', f'--dataset={dataset}', f'--out={tmp_path}']
  assert folder_commands(['student_features', *given]) == 0, capsys.readouterr().err
  known = FeatureStore(mine.stage('student')).track('b')
  written = vpd_features.read_features(tmp_path / f'b{vpd_features.SUFFIX}')
  np.testing.assert_array_equal(written.frame, known.frame)
  np.testing.assert_allclose(written.features, known.features, rtol=1e-3, atol=1e-3)  # which are stored in 16 bits


def test_student_alone_is_trained_on_a_dataset(mine, tmp_path):
  finished = run(
    ('--mode=train', '--config=configs/train_student.py:preset=small,debug', '--config.student.learning_rate=1e-3',
     f'--config.dataset={dataset_directory(mine.stage("dataset"))}', f'--workdir={tmp_path}'), tmp_path,
  )  # fmt: skip
  ours, theirs = (read_config(each.stage('distil') / 'checkpoints') for each in (finished, mine))
  assert differences(ours, theirs, ('*every_steps',)) == []
  lines = [(each.stage('distil') / 'metrics.jsonl').read_text().splitlines() for each in (finished, mine)]
  ours, theirs = ([{k: v for k, v in json.loads(line).items() if k != 'time_s'} for line in each] for each in lines)
  assert ours == theirs  # the same data, seed and settings


def test_student_learns_from_vipe(clips, tmp_path):
  vipe.save(tmp_path / 'vipe.safetensors', vipe.Vipe(vipe.VipeConfig(d=5, hidden=8, blocks=1), rngs=nnx.Rngs(0)))
  teacher = ('--config.chain.teacher=vipe', f'--config.chain.vipe={tmp_path}', '--config.chain.inverted=True')
  finished = run((*own_videos(clips, tmp_path / 'work'), *teacher), tmp_path / 'work')
  check_whole(finished, ['2D joints', *ROWS], ['precision@1', 'precision@5', 'precision@10', '1-shot accuracy'])
  widths = {path.parent.name: np.load(path).shape[1:] for path in finished.workdir.rglob('features.npy')}
  wide = {name.partition('-')[0] for name, shape in widths.items() if shape == (2, 10)}
  assert wide == {'pose', 'student', 'untrained'}
  assert FeatureStore(finished.stage('student')).source == 'student'


@pytest.fixture(scope='module')
def vipe_workdir(tmp_path_factory):
  """Shared: the recordings, and what VIPE* is compared with, are the same for both forms."""
  return tmp_path_factory.mktemp('vipe')


def test_vipe_is_trained_on_recorded_people(shared_data, vipe_workdir):
  finished = run(vipe_arguments('debug,estimated', shared_data, vipe_workdir), vipe_workdir)
  check_vipe(finished)
  model = vipe.load(vipe_workdir / 'vipe.safetensors')
  assert np.isfinite(np.asarray(vipe.embed(model, np.zeros((2, 39), np.float32)))).all()
  assert len(list((vipe_workdir / 'stages').glob('vipe-*/lifted-ui_prmd.png'))) == 3


def test_vipe_is_trained_on_movements(shared_data, vipe_workdir):
  finished = run(vipe_arguments('aligned,debug,estimated', shared_data, vipe_workdir), vipe_workdir)
  check_vipe(finished)
  lines = [path.read_text() for path in (vipe_workdir / 'stages').glob('vipe-*/metrics.jsonl')]
  (aligned,) = (json.loads(text.splitlines()[-1]) for text in lines if 'movement' in text)
  assert np.isfinite([value for name, value in aligned.items() if name.endswith('movement')]).all()


def vipe_arguments(argument, markers, workdir):
  return (f'--config=configs/vipe.py:{argument}', f'--config.markers={markers}', f'--workdir={workdir}')


def check_vipe(finished):
  names = ['2D joints', 'untrained network', 'VIPE*', 'plain MLP', 'VIPE* without its contrast']
  assert list(finished.results) == names
  assert all(0 <= row['90']['hit@1']['mean'] <= 1 for row in finished.results.values())
  assert '| VIPE* | ' in (finished.workdir / 'vipe.md').read_text()


def test_pose_teacher_leaves_its_weights(tmp_path):
  finished = run(('--config=configs/pose_teacher.py:debug', f'--workdir={tmp_path}'), tmp_path)
  model = pose_net.load(tmp_path / 'pose_teacher.safetensors')
  size = model.config.size_px
  assert np.isfinite(np.asarray(model(np.zeros((1, size, size, 3), np.float32), train=False))).all()
  assert finished.record('teacher')['counts']['steps'] == 2


def test_named_set_is_filmed_packed_and_read_back(tmp_path):
  finished = run(('--config=configs/film_set.py:set=golf,debug', f'--workdir={tmp_path}'), tmp_path)
  film, read = finished.record('film')['counts'], finished.record('read')['counts']
  assert film['items_out'] == read['records_out'] == 6
  assert film['frames'] == read['frames'] == finished.results['frames']
  assert all(stage['frames_per_s'] > 0 for stage in finished.results['stages'].values())
  assert finished.results['video_megabytes'] < finished.results['stages']['film']['megabytes']
  assert '| golf tiny | 6 | ' in (tmp_path / 'cost.md').read_text()
  assert 'Simulated athletes' in (tmp_path / 'report' / 'report.html').read_text()
  before = stamps(tmp_path)
  again = run(finished.arguments, tmp_path)
  assert stamps(tmp_path) == before
  assert again.results == finished.results


def test_world_is_looked_at_and_measured(tmp_path):
  finished = run(('--config=configs/world.py:debug', f'--workdir={tmp_path}'), tmp_path)
  accuracy = finished.results['accuracy']['golf']
  assert {'true pose', 'true pose, averaged over time', 'teacher', 'student, untrained', 'PCA of flow'} <= set(accuracy)
  assert finished.results['independence']['golf']['PCA of background flow']['of'] == 2
  page = (tmp_path / 'report' / 'report.html').read_text()
  assert page.count('<article') == 7  # one for each class of golf
  assert page.count('<video') == len(list((tmp_path / 'report' / 'media').glob('*.mp4')))
  assert '| true pose | ' in (tmp_path / 'world.md').read_text()


def test_student_is_compared_over_seeds(tmp_path):
  finished = run(('--config=configs/versus_teacher.py:debug', f'--workdir={tmp_path}'), tmp_path)
  rows = finished.results['all test clips']
  assert list(rows) == [*ROWS, 'true pose']
  for row in rows.values():
    metric = row['precision@1']
    assert (metric['queries'], metric['athletes']) == (8, 2)  # of both seeds
    apart = metric['student minus this']['mean']
    assert apart == pytest.approx(rows['student']['precision@1']['mean'] - metric['mean'])
  assert '| student | ' in (tmp_path / 'versus_teacher.md').read_text()
