"""A filmed set as a TFDS dataset: what is read back is what lies in the takes' folders."""

import dataclasses
import json
import shutil

import numpy as np
import pytest

from data_builders.__main__ import main
from sportjax.synth import sets, takes
from sportjax.synth.takes import read_about, read_actions
from sportjax.video.decode import probe

KINDS = {
  'fine': 'golf', 'routine': 'skating_routines', 'coaching': 'coaching', 'mocap': 'ui_prmd', 'reel': 'basketball_reels',
  'instruction': 'instruction',
}  # fmt: skip
LONG = ('reel', 'instruction')


def film(stage, name, recordings=None):
  """A film stage with the first take of each split, as the workflow leaves it."""
  planned = sets.plan(name, 'tiny', recordings)
  for split in ('train', 'test'):
    take = next(take for take in planned if take.split == split)
    folder = stage / 'items' / take.name
    folder.mkdir(parents=True)
    take.film(folder)
  about = {'set': name, 'size': 'tiny', 'kind': sets.SETS[name].kind, 'about': 'a few', 'world_version': 1}
  (stage / takes.SET).write_text(json.dumps(about))
  (stage / 'stage.json').write_text('{}')
  return stage


@pytest.fixture(scope='module')
def golf(tmp_path_factory):
  return film(tmp_path_factory.mktemp('golf') / 'run' / 'stages' / 'film-abc', 'golf')


def build(stage, out, capsys):
  """Builds with the command, reads without its code: records by name."""
  import tensorflow_datasets as tfds

  assert main(['simulated_sets', f'--stage={stage}', f'--out={out}']) == 0
  directory, told = capsys.readouterr().out.rsplit(': ', 1)
  assert 'train 1 records' in told
  assert 'test 1 records' in told
  builder = tfds.builder_from_directory(directory)
  return {
    record['name'].decode(): (split, record)
    for split in builder.info.splits
    for record in builder.as_data_source(split)
  }


def columns(value):
  """A sequence of dictionaries, however TFDS hands it over, as rows of plain values."""
  rows = (
    value
    if isinstance(value, list)
    else [dict(zip(value, row, strict=True)) for row in zip(*value.values(), strict=True)]
  )
  return [{key: v.decode() if isinstance(v, bytes) else v.item() for key, v in row.items()} for row in rows]


def check_record(folder, split, record):
  about, actions = read_about(folder), read_actions(folder)
  for name in ('name', 'kind', 'sport', 'athlete', 'split', 'level', 'recording'):
    assert record[name].decode() == getattr(about, name)
  assert about.split == split
  assert record['video'] == (folder / f'{about.name}.mp4').read_bytes()
  stored = columns(record['actions'])
  assert [(a['label'], a['sport'], a['mistake']) for a in stored] == [(a.label, a.sport, a.mistake) for a in actions]
  for row, action in zip(stored, actions, strict=True):
    times_ms = (action.start_ms, action.end_ms, action.events_ms.get('mistake', -1))
    assert (row['start_ms'], row['end_ms'], row['mistake_ms']) == pytest.approx(times_ms, abs=0.1)
  known = columns(record['proficiency'])
  assert {row['attribute']: row['value'] for row in known} == pytest.approx(about.proficiency)
  assert {row['attribute'] for row in known if row['shown']} == set(about.shown)
  assert {row['skill']: row['rating'] for row in columns(record['skills'])} == about.skills
  said = [(row['kind'], row['outcome'], row['text'], row['about']) for row in columns(record['events'])]
  assert said == [(event.kind, event.outcome, event.text, event.about) for event in about.events]
  transcript = (folder / about.transcript).read_text() if about.transcript else ''
  assert record['transcript'].decode() == transcript
  check_frames(folder, record)


def check_frames(folder, record):
  with np.load(folder / 'truth.npz', allow_pickle=False) as truth:
    np.testing.assert_array_equal(record['t_ms'], truth['t_ms'])
    np.testing.assert_array_equal(record['boxes'], truth['box'])
    np.testing.assert_array_equal(record['set_up'], truth['set_up'])
    seen = truth['coco_17'][..., 2] > 0
    np.testing.assert_array_equal(record['poses'][..., 2] > 0, seen)
    np.testing.assert_array_equal(record['poses'][seen], truth['coco_17'][seen])
  assert np.abs(record['poses'][..., :2]).min(-1).max() > 0  # hidden joints have a place too


@pytest.mark.parametrize(
  'kind', [pytest.param(kind, marks=[pytest.mark.slow] if kind in LONG else []) for kind in KINDS]
)
def test_what_is_read_is_what_was_filmed(kind, request, tmp_path, capsys):
  recordings = request.getfixturevalue('shared_data') if kind == 'mocap' else None
  stage = film(tmp_path / 'film', KINDS[kind], recordings) if kind != 'fine' else request.getfixturevalue('golf')
  records = build(stage, tmp_path / 'out', capsys)
  assert len(records) == 2
  for name, (split, record) in records.items():
    assert record['kind'].decode() == kind
    check_record(stage / 'items' / name, split, record)


def test_transcript_and_ratings_come_along_and_are_empty_elsewhere(golf, tmp_path, capsys):
  stage = tmp_path / 'film'
  shutil.copytree(golf, stage)
  first, second = sorted((stage / 'items').iterdir())
  about = json.loads((first / 'about.json').read_text())
  (first / 'talk.vtt').write_text('WEBVTT\n\n00:00.000 --> 00:01.000\nça va\n', encoding='utf-8')
  ratings = {'skills': {'passing': 3, 'steals': 0}, 'abilities': {'passing': 0.7, 'steals': 0.125}}
  event = takes.Event('two', 0.0, 250.0, 'made', 'nice', 'layup', contested=True, points=2)
  told = about | ratings | {'transcript': 'talk.vtt', 'events': [dataclasses.asdict(event)]}
  (first / 'about.json').write_text(json.dumps(told))
  records = build(stage, tmp_path / 'out', capsys)
  record = records[first.name][1]
  assert 'ça va' in record['transcript'].decode()
  assert columns(record['skills']) == [
    {'skill': 'passing', 'rating': 3, 'ability': pytest.approx(0.7)},
    {'skill': 'steals', 'rating': 0, 'ability': 0.125},
  ]
  assert columns(record['events']) == [dataclasses.asdict(event)]
  other = records[second.name][1]
  assert other['transcript'] == b''
  assert columns(other['skills']) == columns(other['proficiency']) == columns(other['events']) == []


def test_stored_video_decodes_to_as_many_frames_as_its_truth(golf, tmp_path, capsys):
  for _, record in build(golf.parents[1], tmp_path / 'out', capsys).values():  # a workdir, with the stage inside
    (tmp_path / 'video.mp4').write_bytes(record['video'])
    assert probe(tmp_path / 'video.mp4').n_frames == len(record['t_ms']) == len(record['poses'])


def failure(capsys, *argv):
  assert main([str(each) for each in argv]) == 2
  output = capsys.readouterr()
  assert output.err.startswith('error: ')
  assert output.err.count('\n') == 1
  return output.err


def test_folders_that_do_not_fit_are_named(golf, tmp_path, capsys):
  out = f'--out={tmp_path / "out"}'
  assert 'no film stage is finished there' in failure(capsys, 'simulated_sets', f'--stage={tmp_path}', out)
  stage = tmp_path / 'stage'
  shutil.copytree(golf, stage)
  shutil.rmtree(stage / 'items')
  assert 'no filmed takes in it' in failure(capsys, 'simulated_sets', f'--stage={stage}', out)
  (stage / takes.SET).unlink()
  assert 'not the film stage of a named set' in failure(capsys, 'simulated_sets', f'--stage={stage}', out)
  assert main(['simulated_sets', f'--stage={golf}', out]) == 0
  capsys.readouterr()
  assert 'a dataset is there already' in failure(capsys, 'simulated_sets', f'--stage={golf}', out)


def test_take_whose_record_is_damaged_is_named(golf, tmp_path, capsys):
  stage = tmp_path / 'film'
  shutil.copytree(golf, stage)
  first = min((stage / 'items').iterdir())
  (first / 'about.json').write_text('{')
  assert f'{first.name}/about.json: no record of a filmed take' in failure(
    capsys, 'simulated_sets', f'--stage={stage}', f'--out={tmp_path / "out"}'
  )
