"""The grid of VPD's tables, on made features of which is known what they can tell."""

import dataclasses
import json

import numpy as np
import pytest

from sportjax.data.features import TrackFeatures, write_features
from sportjax.data.labels import Clip
from sportjax.errors import InputError
from sportjax.evals import recognition_report
from sportjax.evals.detection import DetectionConfig
from sportjax.evals.frame_classifier import FrameConfig
from sportjax.evals.schedule import Schedule
from sportjax.metrics.bootstrap import Interval
from sportjax.nn.sequence import SequenceConfig
from sportjax.pipeline import Pipeline, Work
from sportjax.workflows.stages import detect, recognise, retrieve
from sportjax.workflows.stages.detect import DetectSettings
from sportjax.workflows.stages.recognise import ClassifierSettings
from sportjax.workflows.stages.retrieve import RetrieveSettings
from sportjax.workflows.tables import methods, outcome, paper, render
from sportjax.workflows.tables.corpus import Corpus, Routines
from sportjax.workflows.tables.grid import ALL, Asker, Grid, HowAsked
from sportjax.workflows.tables.layouts import LAYOUTS, Ask

CLASSES, PEOPLE, FRAMES = 3, 6, 16
TEACHER, STUDENT = methods.teacher('2d'), methods.student('2d')
HOW = HowAsked(
  recognise=ClassifierSettings(Schedule(epochs=12, batch=8, learning_rate=0.02), hidden=8, layers=1),
  subsets=3,
  resamples=50,
)


def made_clips():
  return tuple(
    Clip(f'p{person}c{label}', 40.0, 600.0, f'c{label}', f'p{person}', 'test' if person < 2 else 'train')
    for person in range(PEOPLE)
    for label in range(CLASSES)
  )


def write_store(folder, *, noise, without=()):
  """Features whose class is told by a direction; with much noise it is told by nothing."""
  rng = np.random.default_rng(3)
  tracks = []
  for clip in made_clips():
    values = noise * rng.normal(size=(FRAMES, 2, CLASSES))
    values[..., int(clip.label[1])] += 1
    if clip.video not in without:
      tracks.append(TrackFeatures(clip.video, np.arange(FRAMES), 40.0 * np.arange(FRAMES), values.astype(np.float32)))
  write_features(folder, tracks, source=folder.name)
  return folder


@pytest.fixture
def corpus(tmp_path):
  clear, noisy = (write_store(tmp_path / name, noise=noise) for name, noise in (('clear', 0.05), ('noisy', 30.0)))
  first = made_clips()[0].id
  return Corpus(
    about='made', kind='simulated', clips=made_clips(), query_sets={'the first': frozenset({first})},
    store=lambda method: clear if method.student else noisy,
  )  # fmt: skip


@pytest.fixture
def pipeline(tmp_path):
  running = Pipeline(tmp_path / 'work')
  yield running
  running.close()


def grid(table, ask, pipeline, corpora, how=HOW):
  return Grid(LAYOUTS[table].cells(ask), [Asker(pipeline, corpus, how) for corpus in corpora], how)


def test_clear_features_tell_classes_and_noise_does_not(corpus, pipeline):
  ask = Ask(rows=('2d', '2d-vpd'), shots=(4,), by=('bigru',))
  tables = grid('table2', ask, pipeline, [corpus]).fill()
  clear, noisy = tables[ALL]['2d-vpd'], tables[ALL]['2d']
  for column in ('full', '4-shot'):
    assert clear[column].interval == Interval(1.0, 1.0, 1.0)
    assert noisy[column].interval.mean < 1
    assert (clear[column].count, clear[column].groups) == (6, 2)
    difference = clear[column].above_teacher
    assert difference.mean == pytest.approx(1 - noisy[column].interval.mean)
    assert noisy[column].above_teacher is None
  assert tables['the first']['2d-vpd']['full'].count == 1
  before = len(pipeline.done)
  again = grid('table2', ask, pipeline, [corpus]).fill()
  assert again == tables
  assert {done.name for done in pipeline.done[before:]} == {'recognise'}
  assert len({done.folder for done in pipeline.done}) == 4  # two rows, two columns: no cell was run twice


def test_worlds_are_pooled_and_their_people_are_others(corpus, pipeline):
  ask = Ask(rows=('2d-vpd',), shots=(), by=('nns',))
  both = grid('table2', ask, pipeline, [corpus, corpus]).fill()[ALL]['2d-vpd']['full, nns']
  assert (both.count, both.groups) == (12, 4)


def test_nearest_neighbours_of_clear_features_are_of_their_class(corpus, pipeline):
  tables = grid('table3', Ask(ks=(1, 5, 10)), pipeline, [corpus]).fill()
  clear = tables[ALL]['2d-vpd-corpus']
  # 18 clips, of which 5 others are of the class
  assert [clear[f'P@{k}'].interval.mean for k in (1, 5, 10)] == pytest.approx([1, 1, 0.5])
  assert clear['P@1'].count == 18
  some = dataclasses.replace(corpus, queries=frozenset(clip.id for clip in corpus.split('test')))
  assert grid('table3', Ask(ks=(1,)), pipeline, [some]).fill()[ALL]['2d-vpd-corpus']['P@1'].count == 6


def test_architectures_are_rows(corpus, pipeline):
  ask = Ask(rows=('2d-vpd',), classifiers=('nns', 'cnn'))
  by_architecture = grid('table8', ask, pipeline, [corpus]).fill()[ALL]
  assert list(by_architecture) == ['nns', 'cnn']
  assert by_architecture['nns']['2d-vpd'].interval.mean == 1


def run(stage, folder, **given):
  folder.mkdir()
  work = Work(folder)
  stage(work, **given)
  return work


def recognise_args(store, classifier='nns', **changes):
  clips = made_clips()
  train, test = (tuple(c for c in clips if c.split == split) for split in ('train', 'test'))
  given = {'store': store, 'train': train, 'val': (), 'test': test, 'subsets': [np.arange(len(train))],
           'classifier': classifier, 'settings': HOW.recognise}  # fmt: skip
  return given | changes


@pytest.mark.parametrize('classifier', ['nns', 'bigru'])
def test_clips_without_features_count_as_the_most_common_class(tmp_path, classifier):
  store = write_store(tmp_path / 'store', noise=0.05, without=('p0c1', 'p3c0', 'p4c0'))
  work = run(recognise.recognise, tmp_path / 'cell', **recognise_args(store, classifier))
  assert {skip.item.partition('@')[0] for skip in work.skipped} == {'p0c1', 'p3c0', 'p4c0'}
  ids, correct = recognition_report.read_correct(tmp_path / 'cell')
  right = {name.partition('@')[0]: value for name, value in zip(ids, correct[0], strict=True)}
  assert right.pop('p0c1') == 1  # c1 is the first of the two that are most common where two examples of c0 are missing
  if classifier == 'nns':
    assert set(right.values()) == {1.0}


def test_epoch_is_chosen_on_validation_clips(tmp_path):
  store = write_store(tmp_path / 'store', noise=0.05)
  val = tuple(dataclasses.replace(clip, split='val') for clip in made_clips()[:3])
  run(recognise.recognise, tmp_path / 'cell', **recognise_args(store, 'bigru', val=val))
  assert recognition_report.read_correct(tmp_path / 'cell')[1].shape == (1, 6)
  strange = (dataclasses.replace(val[0], label='c9'),)
  with pytest.raises(InputError, match='labelled .c9., which no training clip is'):
    run(recognise.recognise, tmp_path / 'other', **recognise_args(store, 'bigru', val=strange))


def test_cells_that_cannot_be_answered_say_so(tmp_path):
  store = write_store(
    tmp_path / 'store', noise=0.05, without=[clip.video for clip in made_clips() if clip.label == 'c0']
  )
  with pytest.raises(InputError, match='known are'):
    run(recognise.recognise, tmp_path / 'a', **recognise_args(store, 'svm'))
  zeros = [np.array([0, 3, 6, 9])]
  with pytest.raises(InputError, match='none for the clips to train on'):
    run(recognise.recognise, tmp_path / 'b', **recognise_args(store, subsets=zeros))
  settings = RetrieveSettings(ks=(12,))
  with pytest.raises(InputError, match=r'12 clips with features, P@12 needs more'):
    run(retrieve.retrieve, tmp_path / 'c', store=store, clips=made_clips(), queries=None, settings=settings)


def test_predictions_that_do_not_fit_are_refused(tmp_path):
  with pytest.raises(InputError, match='no predictions of clips'):
    recognition_report.read_correct(tmp_path)
  recognition_report.write_report(tmp_path, ['a', 'b'], np.array(['x', 'y']), np.array([['x', 'x'], ['x', 'y']]))
  ids, correct = recognition_report.read_correct(tmp_path)
  assert ids == ('a', 'b')
  np.testing.assert_array_equal(correct, [[1, 0], [1, 1]])
  path = tmp_path / recognition_report.PREDICTIONS
  path.write_text(''.join(path.read_text().splitlines(keepends=True)[:-1]))
  with pytest.raises(InputError, match='not of the same clips'):
    recognition_report.read_correct(tmp_path)


def test_fixed_lists_are_taken_as_they_are(corpus):
  ids = [clip.video for clip in corpus.split('train')]
  listed = dataclasses.replace(corpus, lists={(1, 0): (ids[0], ids[4]), (1, 1): (ids[2],)})
  assert [subset.tolist() for subset in listed.subsets(1, 2, 0)] == [[0, 4], [2]]
  with pytest.raises(InputError, match='no list train_2_0.ids.txt'):
    listed.subsets(2, 1, 0)
  drawn = corpus.subsets(2, 3, 0)
  assert [len(subset) for subset in drawn] == [6, 6, 6]
  assert corpus.subsets(None, 3, 0)[0].tolist() == list(range(12))


def routines(tmp_path):
  """Videos of ten seconds in which a feature is 1 while something is done; the last task is shown in a test video."""
  rng = np.random.default_rng(0)
  tracks, spans = [], {}
  for number in range(5):
    start = 40 * int(rng.integers(30, 150))
    spans[f'v{number}'] = np.array([[start, start + 2000.0]])
    t_ms = 40.0 * np.arange(250)
    active = (start <= t_ms) & (t_ms < start + 2000)
    values = np.stack([active, 1 - active], 1)[:, None] * np.ones((1, 2, 1)) + 0.01 * rng.normal(size=(250, 2, 2))
    tracks.append(TrackFeatures(f'v{number}', np.arange(250), t_ms, values.astype(np.float32)))
  write_features(tmp_path / 'videos', tracks, source='videos')
  none = dict.fromkeys(spans, np.zeros((0, 2)))
  tasks = {'turn': spans, 'never learned': none | {'v4': spans['v4']}}
  return Routines(tasks, (('v0', 'v1', 'v2'),), ('v3', 'v4'), lambda method: tmp_path / 'videos')


DETECT = DetectSettings(
  DetectionConfig(FrameConfig(SequenceConfig(hidden=8, layers=1), folds=3, window_frames=100, steps=60, batch=8,
                              learning_rate=0.02, val_every_steps=20), thresholds=(0.2, 0.5), tious=(0.5,)),
  train_videos=3, trials=1,
)  # fmt: skip


def test_actions_that_features_show_are_found(corpus, pipeline, tmp_path):
  how = dataclasses.replace(HOW, detect=DETECT)
  timed = dataclasses.replace(corpus, routines=routines(tmp_path))
  ask = Ask(rows=('2d-vpd',), thresholds=(0.2, 0.5), tious=(0.3, 0.7), threshold=0.5)
  found = grid('table7', ask, pipeline, [timed], how).fill()[ALL]['2d-vpd']
  assert list(found) == ['above 0.2', 'above 0.5']
  assert found['above 0.5'].interval == Interval(1.0, 1.0, 1.0)
  assert (found['above 0.5'].count, found['above 0.5'].groups) == (2, 2)
  (done,) = {done.folder: done for done in pipeline.done}.values()
  assert [skip.item for skip in done.skipped] == ['never learned, trial 0']
  with pytest.raises(InputError, match='no whole videos labelled in time'):
    grid('table4', ask, pipeline, [corpus], how).fill()


def found(video, score, hit, task='turn', trial=0):
  interval = [[10, 20]] if hit else [[50, 60]]
  return {'task': task, 'trial': trial, 'video': video, 'truth': [[10, 20]],
          'found': {'0.5': {'intervals': interval, 'scores': [score]}}}  # fmt: skip


def test_ap_is_of_all_videos_together_and_the_mean_over_tasks():
  args = {'threshold': 0.5, 'tiou': 0.5, 'rule': 'voc', 'n': 200, 'seed': 0}
  sure_wrong = [found('a', 0.9, hit=False), found('b', 0.8, hit=True)]
  # ranked: wrong, right, of two to be found: precision 1/2 at recall 1/2
  assert outcome.average_precision([sure_wrong], **args).interval.mean == pytest.approx(0.25)
  # The same two videos in two worlds are four; scores of both worlds are ranked together.
  two = outcome.average_precision([sure_wrong, sure_wrong], **args)
  assert two.groups == 4
  assert two.interval.mean == pytest.approx(0.25)
  tasks = [*sure_wrong, found('a', 0.9, hit=True, task='hop'), found('b', 0.8, hit=True, task='hop')]
  mean = outcome.average_precision([tasks], **args)
  assert mean.interval.mean == pytest.approx((0.25 + 1) / 2)
  assert mean.interval.low < mean.interval.mean < mean.interval.high


def test_detection_that_can_learn_nothing_says_so(tmp_path):
  given = routines(tmp_path)
  with pytest.raises(InputError, match='no video to train on shows any action'):
    run(detect.detect, tmp_path / 'cell', store=tmp_path / 'videos', tasks={'x': given.tasks['never learned']},
        trials=given.trials, test=given.test, mean_ms=None, settings=DETECT)  # fmt: skip


@pytest.mark.parametrize('table', LAYOUTS)
def test_rows_and_columns_are_those_of_the_papers_numbers(table):
  ask = Ask(teachers=methods.TEACHERS, shots=(4, 8, 16, 32) if table == 'figure3' else (16,))
  cells = {(cell.row, cell.column) for cell in LAYOUTS[table].cells(ask)}
  ours_only = {'r3d'}  # a baseline
  known = [name for name in paper.DATASETS if paper.numbers(table, name)]
  assert known
  for name in known:
    theirs = {(row, column) for row, found in paper.numbers(table, name).items() for column in found}
    if name == 'Tennis7' and table == 'table7':  # whose thresholds are others
      theirs = {(row, column) for row, column in theirs if len(column) == len('above 0.1')}
    assert {pair for pair in theirs if pair[0] not in ours_only} <= cells


def test_numbers_of_the_paper():
  assert paper.numbers('table2', 'FX35')['vi-vpd'] == {'full': 94.6, '16-shot': 84.9}
  assert paper.numbers('table3', 'Diving48')['2d-vpd-corpus'] == {'P@1': 64.4, 'P@10': 43.8, 'P@50': 27.9}
  assert paper.numbers('table4', 'Tennis7')['vi-vpd']['AP@0.5'] == 58.6
  assert paper.numbers('figure3', 'FX35')['2d-vpd']['bigru 16'] == paper.numbers('table2', 'FX35')['2d-vpd']['16-shot']
  # Table 7's threshold of 0.2 is Table 4's
  for name in ('FSJump6', 'Tennis7'):
    for row, found in paper.numbers('table4', name).items():
      # which differs by a rounding in one row
      assert paper.numbers('table7', name)[row]['above 0.2'] == pytest.approx(found['AP@0.5'], abs=0.11)
  assert paper.numbers('table4', 'FX35') == {}
  with pytest.raises(InputError, match="the paper's datasets are FSJump6"):
    paper.numbers('table2', 'UCF101')
  assert 'arXiv 2109.01305' in paper.source()


def test_unknown_rows_are_named():
  with pytest.raises(InputError, match="no row '2dvpd' in this table; did you mean 2d-vpd"):
    LAYOUTS['table2'].cells(Ask(rows=('2dvpd',)))


def test_rows_of_ablations_differ_in_what_the_student_lacks():
  rows = {cell.row: cell.method for cell in LAYOUTS['table2'].cells(Ask(teachers=methods.TEACHERS))}
  assert len(rows) == 13
  assert len({dataclasses.replace(method, key='', name='') for method in rows.values()}) == 13
  assert not rows['vi-rgb'].flow
  assert not rows['vi-rgb'].motion
  assert rows['concat-vpd'].beside == (rows['2d-vpd'], rows['vi-vpd'])


def test_paper_is_never_taken_for_ours(corpus, pipeline):
  ask = Ask(rows=('2d', '2d-vpd'), shots=(16,), by=('bigru',))
  cells = LAYOUTS['table2'].cells(ask)
  tables = grid('table2', ask, pipeline, [corpus]).fill()
  theirs = paper.numbers('table2', 'Diving48')
  text = render.markdown(LAYOUTS['table2'], cells, tables, theirs, 'Diving48')
  head = next(line for line in text.splitlines() if line.startswith('| row'))
  assert head.split(' | ')[1:] == ['full', 'minus teacher', 'paper, Diving48: full',
                                   '16-shot', 'minus teacher', 'paper, Diving48: 16-shot |']  # fmt: skip
  assert '86.4' in text
  assert text.count('86.4') == 1  # beside all clips alone
  widths = {line.count('|') for line in text.splitlines() if line.startswith('|')}
  assert len(widths) == 2  # with the paper's columns, and the query set without
  record = render.as_json(tables, theirs, 'Diving48', paper.source())
  json.dumps(record)
  assert record['ours'][ALL]['2d-vpd']['full']['mean'] == 1
  assert record['paper']['per cent']['2d-vpd']['full'] == 86.4
  (whole, _) = render.result_tables(LAYOUTS['table2'], cells, tables, theirs, 'Diving48', '')
  assert [column.key for column in whole.columns][2:] == ['paper, Diving48: full', 'paper, Diving48: 16-shot']


def test_curves_go_by_clips_a_class(corpus, pipeline):
  ask = Ask(rows=('2d-vpd',), shots=(4, 1))
  cells = LAYOUTS['figure3'].cells(ask)
  table = grid('figure3', ask, pipeline, [corpus]).fill()[ALL]
  assert list(table['2d-vpd']) == ['bigru 4', 'nns 4', 'bigru 1', 'nns 1']
  gru, nns = render.curves(LAYOUTS['figure3'], cells, table, paper.numbers('figure3', 'FX35'), 'FX35')
  assert [line.name for line in nns.series] == ['2D-VPD', 'paper, FX35: 2D-VPD']
  assert nns.series[0].x.tolist() == [1, 4]
  assert nns.series[0].y.tolist() == [100, 100]
  assert gru.series[1].y.tolist() == [51.2, 70.0, 82.7, 88.8]


def test_networks_are_asked_once_and_only_where_there_are_videos(corpus, pipeline, tmp_path):
  ids = [clip.id for clip in corpus.split('test')]
  labels = np.array([clip.label for clip in corpus.split('test')])
  row = methods.NamedNetwork(key='stgcn', name='ST-GCN')
  ask = Ask(rows=('2d-vpd', 'stgcn'), shots=(), by=('nns',), networks=(row,))
  cells = LAYOUTS['table2'].cells(ask)
  assert [(cell.row, cell.column) for cell in cells if cell.method.network] == [('stgcn', 'full')]

  def answer(network, subsets):
    assert network == row.method().network
    recognition_report.write_report(tmp_path, ids, labels, np.tile(np.roll(labels, 1), (len(subsets), 1)))
    return tmp_path

  asked = dataclasses.replace(corpus, ask_network=answer)
  table = grid('table2', ask, pipeline, [asked]).fill()[ALL]
  assert table['stgcn']['full'].interval.mean == np.mean(np.roll(labels, 1) == labels)
  with pytest.raises(InputError, match='no videos for ST-GCN'):
    grid('table2', ask, pipeline, [corpus]).fill()


def test_actions_without_a_tracked_athlete_count_as_not_found(tmp_path):
  given = routines(tmp_path)
  spans = dict(given.tasks['turn'])
  spans['v4'] = np.concatenate([spans['v4'], [[11_000.0, 12_000.0]]])  # after the last frame
  work = run(detect.detect, tmp_path / 'cell', store=tmp_path / 'videos', tasks={'turn': spans}, trials=given.trials,
             test=given.test, mean_ms=None, settings=DETECT)  # fmt: skip
  assert [skip.item for skip in work.skipped] == ['1 true intervals']
  args = {'threshold': 0.5, 'tiou': 0.5, 'rule': 'voc', 'n': 5, 'seed': 0}
  entry = outcome.average_precision([outcome.found_in(tmp_path / 'cell')], **args)
  assert entry.count == 3
  assert entry.interval.mean == pytest.approx(2 / 3)  # two of three are found
