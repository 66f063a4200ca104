"""The workflow's stages on real recordings: who is read, who is held out, and what is written."""

import dataclasses

import pytest
from ml_collections import config_dict

from configs import vipe as config_file
from sportjax.errors import InputError
from sportjax.pose import canonical
from sportjax.workflows import dispatch
from sportjax.workflows.stages import vipe as stages


def debug(shared_data, **changes):
  config = config_file.get_config('debug')
  config.markers = str(shared_data)
  config.motion.update(config_dict.ConfigDict(changes))
  return dispatch.resolve(config, 'run')[1]


def test_people_are_read_and_held_out_whole(shared_data):
  settings = debug(shared_data)
  recordings = stages.plan(settings.markers, settings.motion)
  people = {stages._person(recording) for recording in recordings}
  assert people == {'cmu/s02', 'deepmimic/humanoid', 'ui_prmd/s01', 'ui_prmd/s02'}
  for spec, message in (
    ({'held_out': ()}, 'must name some of the people'),
    ({'held_out': ('ui_prmd/s10',)}, 'ui_prmd/s01'),
    ({'several': ('cmu_99',)}, "no recording 'cmu_99'"),
    ({'left_out': ('m09_s10_e01',)}, "--config.motion.left_out: no recording 'm09_s10_e01'"),
  ):
    with pytest.raises(InputError, match=message):
      stages.plan(settings.markers, dataclasses.replace(settings.motion, **spec))


def test_recorded_poses_are_of_people(shared_data):
  settings = debug(shared_data)
  for recording in stages.plan(settings.markers, settings.motion):
    xyz = stages._poses(recording, stages._athlete(recording), 500.0)
    poses = canonical.canonicalise(xyz, stages._BODY)
    left, right, nose, knee = (
      poses[:, stages._BODY.index(name)] for name in ('left_shoulder', 'right_shoulder', 'nose', 'left_knee')
    )
    assert (left[:, 0] > right[:, 0]).mean() > 0.9
    assert (nose[:, 2] > knee[:, 2]).all()  # nobody stands on their head in these


def test_recordings_that_cannot_be_used_are_left_out_by_name(shared_data):
  settings = debug(shared_data, exercises=8, people=10, left_out=())
  spec = dataclasses.replace(settings.motion, left_out=config_file.WITHOUT_PELVIS[2:3])
  (name,) = spec.left_out
  whole = {r.name: r for r in stages.plan(settings.markers, settings.motion)}
  assert whole.keys() - {r.name for r in stages.plan(settings.markers, spec)} == {name}
  with pytest.raises(InputError, match=f"{name}_positions.*or name '{name}' in --config.motion.left_out"):
    stages._poses(whole[name], stages._athlete(whole[name]), 100.0)
  with pytest.raises(InputError, match='markers is missing: set --config.markers'):
    dispatch.resolve(config_file.get_config('debug'), 'run')


def test_views_need_their_3d_poses():
  config = config_file.get_config('debug')
  config.sets.nba2k, config.views.amass = '/sets/nba2k', '/vipe/amass/cocopose'
  with pytest.raises(InputError, match='views.amass has no 3D poses beside it: set --config.sets.amass'):
    dispatch.resolve(config, 'run')
