"""Datasets of motion: real recordings where they are beside the checkout, made ones in the layout of gated sets."""

import json
import pathlib
import pickle

import numpy as np
import pytest
import tensorflow_datasets as tfds

from data_builders.__main__ import main
from sportjax.formats import motion_vipe
from sportjax.formats.motion_deepmimic import read_deepmimic
from sportjax.pose.bodies import BODIES


def build(capsys, name, source, out, *more):
  assert main([name, f'--source={source}', f'--out={out}', *more]) == 0
  directory = pathlib.Path(capsys.readouterr().out.rsplit(': ', 1)[0])
  builder = tfds.builder_from_directory(directory)
  records = {split: list(builder.as_data_source(split)) for split in builder.info.splits}
  return records, json.loads((directory / 'metadata.json').read_text())


def test_deepmimic_holds_every_motion(shared_data, tmp_path, capsys):
  source = shared_data / 'deepmimic_motions' / 'data' / 'motions'
  records, about = build(capsys, 'deepmimic', source, tmp_path)
  found = [record for split in records.values() for record in split]
  assert len(found) == 20
  assert (about['up'], about['unit_m']) == ('y', 1.0)
  backflip = next(record for record in found if record['action'] == b'backflip')
  told = read_deepmimic(source / 'humanoid3d_backflip.txt')
  np.testing.assert_allclose(backflip['xyz'], told.xyz_m, atol=1e-6)
  np.testing.assert_array_equal(backflip['t_ms'], told.t_ms)
  assert about['points'] == list(told.name)


def test_cmu_mocap_takes_the_skeleton_beside_the_motion(shared_data, tmp_path, capsys):
  folder = shared_data / 'cmu_subject02' / 'data' / 'cmu' / '02'
  for name in ('02.asf', '02_03.amc'):
    (tmp_path / name).symlink_to(folder / name)
  records, about = build(capsys, 'cmu_mocap', tmp_path, tmp_path / 'out')
  ((only,),) = records.values()
  assert (only['name'], only['person']) == (b'02_03', b's02')
  assert about['points'][0] == 'root'
  assert 1.4 < np.ptp(only['xyz'][0, :, 1]) < 2.1  # metres, y up: someone who runs


def test_cmu_mocap_without_a_skeleton(shared_data, tmp_path, capsys):
  amc = shared_data / 'cmu_mocap6' / 'amc' / '13_30.amc'
  (tmp_path / '13_30.amc').symlink_to(amc)
  assert main(['cmu_mocap', f'--source={tmp_path}', f'--out={tmp_path / "out"}']) == 2
  assert 'no 13.asf beside it; put it there, or give another with --skeleton' in capsys.readouterr().err


def test_ui_prmd_by_exercise_and_person(shared_data, tmp_path, capsys):
  root = shared_data / 'ui_prmd_vicon'
  for kind, ending in (('Segmented Movements', ''), ('Incorrect Segmented Movements', '_inc')):
    for person in ('s01', 's02', 's03'):
      name = f'm02_{person}_e01_positions{ending}.txt.gz'
      (tmp_path / name).symlink_to(root / kind / 'Vicon' / 'Positions' / name)
  records, about = build(capsys, 'ui_prmd', tmp_path, tmp_path / 'out')
  found = [record for split in records.values() for record in split]
  assert sorted(record['action'] for record in found) == [b'hurdle_step_correct'] * 3 + [b'hurdle_step_incorrect'] * 3
  people = {split: {record['person'] for record in of} for split, of in records.items()}
  assert not people.get('train', set()) & people.get('test', set())
  assert (len(about['points']), about['up']) == (39, 'z')


@pytest.mark.parametrize('name', ['cmu_mocap', 'ui_prmd', 'deepmimic', 'human36m', 'amass', 'people3d', 'nba2k'])
def test_folders_without_recordings(tmp_path, capsys, name):
  (tmp_path / 'in').mkdir()
  assert main([name, f'--source={tmp_path / "in"}', f'--out={tmp_path / "out"}']) == 2
  told = capsys.readouterr().err
  assert told.startswith('error: ')
  assert told.count('\n') == 1


_PEOPLE = {
  'human36m': ('human36m', ('S1', 'Walking'), ('S9', 'Walking')),
  'amass': ('amass', ('CMU', '01_01'), ('EyesJapanDataset', 'walk')),
  'people3d': ('3dpeople', ('man05', '01_01'), ('woman04', '01_01')),
  'nba2k': ('nba2k', ('curry',), ('alfred',)),
}


@pytest.mark.parametrize('name', _PEOPLE)
def test_preprocessed_sets_keep_the_people_of_the_reference_apart(tmp_path, capsys, name):
  body_name, train, val = _PEOPLE[name]
  body = BODIES[body_name]
  frames = [(np.zeros(3), 0.0, np.random.default_rng(0).normal(size=(len(body.rows), 3)))] * 3
  (tmp_path / 'in').mkdir()
  (tmp_path / 'in' / motion_vipe.PREPROCESSED).write_bytes(pickle.dumps({train: frames, val: frames}))
  records, about = build(capsys, name, tmp_path / 'in', tmp_path / 'out')
  assert {split: [r['name'].decode() for r in found] for split, found in records.items()} == {
    'train': ['.'.join(train)], 'val': ['.'.join(val)]
  }  # fmt: skip
  assert about['points'] == list(body.joints)
  assert np.isnan(records['train'][0]['t_ms']).all()


def test_originals_are_taken_where_nothing_is_preprocessed(tmp_path, capsys):
  points = np.random.default_rng(0).normal(size=(3, 32, 3))
  (tmp_path / 'in').mkdir()
  np.savez(tmp_path / 'in' / 'data_3d_h36m.npz', positions_3d={'S9': {'Walking': points}, 'S1': {'Walking': points}})
  records, about = build(capsys, 'human36m', tmp_path / 'in', tmp_path / 'out')
  assert {split: len(found) for split, found in records.items()} == {'train': 1, 'val': 1}
  assert about['unit_m'] == 1.0
