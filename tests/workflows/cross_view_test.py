"""The cross-view experiment on hand-made feature stores, and its tables."""

import json

import numpy as np
import pytest

from configs import cross_view as cross_view_config
from sportjax.config import to_dataclass
from sportjax.data.features import TrackFeatures, write_features
from sportjax.errors import InputError
from sportjax.formats.trc import Markers, write_trc
from sportjax.pipeline import Work
from sportjax.pose.normalise import normalise, teacher_pose
from sportjax.pose.skeletons import get_skeleton
from sportjax.pose.track import Track
from sportjax.pose.track_file import save_track
from sportjax.workflows import cross_view, cross_view_tables
from sportjax.workflows.cross_view_sheets import place_at
from sportjax.workflows.stages import cross_view as stage
from sportjax.workflows.stages.held_out import Fold
from sportjax.workflows.stages.scene import Scene

FRAMES = 60
T_MS = np.arange(FRAMES) * 1000 / 60
VIEWS = ('left', 'right')
COCO = get_skeleton('coco17')
CALIBRATION = """<calibration><cameras>{}</cameras></calibration>"""
CAMERA = """<camera serial="{name}"><fov_video left="0" top="0" right="399" bottom="399"/>
<transform r11="1" r12="0" r13="0" r21="0" r22="0" r23="1" r31="0" r32="-1" r33="0" x="{x}" y="-4000" z="1000"/>
<intrinsic focalLengthU="25600" focalLengthV="25600" centerPointU="12800" centerPointV="12800" skew="0"
 radialDistortion1="0" radialDistortion2="0" tangentalDistortion1="0" tangentalDistortion2="0"/></camera>"""


def body_m():
  """COCO-17 joints in the laboratory, z up, waving."""
  heights = {'nose': 1.7, 'shoulder': 1.5, 'elbow': 1.25, 'wrist': 1.0, 'hip': 1.0, 'knee': 0.5, 'ankle': 0.1}
  joints = np.zeros((FRAMES, 17, 3))
  for j, name in enumerate(COCO.joints):
    joints[:, j, 0] = 0.2 * (name.startswith('right') - name.startswith('left'))
    joints[:, j, 2] = next((z for part, z in heights.items() if part in name), 1.75)
    joints[:, j] += 0.2 * np.sin(np.arange(FRAMES)[:, None] / 11 + j) * np.array([1, 0, 0.5])
  return joints


@pytest.fixture
def scene(tmp_path):
  kept = [name for name in COCO.joints if 'ear' not in name and 'eye' not in name]
  names = tuple(name[0].upper() + name.split('_')[1].capitalize() if '_' in name else 'Nose' for name in kept)
  xyz = body_m()[:, [COCO.index(name) for name in kept]][..., [1, 2, 0]]  # y up
  write_trc(tmp_path / 'joints.trc', Markers(names, T_MS, xyz))
  cameras = ''.join(CAMERA.format(name=name, x=x) for name, x in zip(VIEWS, (-500, 500), strict=True))
  (tmp_path / 'calib.qca.txt').write_text(CALIBRATION.format(cameras))
  return Scene(tmp_path / 'calib.qca.txt', tmp_path / 'joints.trc')


@pytest.fixture
def folds(tmp_path, scene):
  """A perfect teacher, and a student that says nothing about the pose; both students see the same in both views."""
  rng = np.random.default_rng(0)
  walk = np.cumsum(rng.normal(size=(FRAMES, 2, 8)), axis=0)
  tracks, pose = {}, {}
  for view in VIEWS:
    keypoints = scene.projected(view, np.arange(FRAMES))
    low, high = (
      f(np.where(keypoints[..., 2:] > 0, keypoints[..., :2], np.nan), axis=1) for f in (np.nanmin, np.nanmax)
    )
    boxes = np.concatenate([low, high], axis=1).astype(np.float32)
    tracks[view] = tmp_path / f'{view}.npz'
    save_track(
      tracks[view], Track(view, f'{view}.mp4', np.arange(FRAMES), T_MS, boxes, keypoints, 'coco17', (400, 400), 'test')
    )
    pose[view] = teacher_pose(keypoints)[0]

  def store(name, features):
    write_features(
      tmp_path / name, [TrackFeatures(v, np.arange(FRAMES), T_MS, features[v]) for v in features], source=name
    )
    return tmp_path / name

  rows = {row: store(row, pose) for row in ('teacher', 'teacher, smoothed')}
  rows['student'] = store('student', dict.fromkeys(VIEWS, walk))
  nothing = {view: store(f'decoded {view}', {view: np.zeros((FRAMES, 2, 26))}) for view in VIEWS}
  return tracks, [Fold(view, seed, rows, nothing[view]) for seed in (0, 1) for view in VIEWS]


def compared(tmp_path, folds, scene):
  work = Work(tmp_path / 'out')
  work.folder.mkdir()
  stage.compare(work, folds=folds[1], tracks=folds[0], scene=scene, draws=3, seed=0)
  return json.loads((work.folder / stage.RESULTS).read_text())


def test_rows_come_out_as_they_were_made(tmp_path, folds, scene):
  results = compared(tmp_path, folds, scene)
  assert results['coverage'] == dict.fromkeys(VIEWS, {'frames': FRAMES, 'bridged': 0, 'on_athlete': FRAMES})
  for poses in results['pose'].values():
    assert poses['teacher']['all']['mean'] == pytest.approx(0, abs=1e-5)
    assert poses['student']['all']['mean'] > poses['mean pose of the training views']['all']['mean'] > 0.01
    assert len(poses['student']['all']['seeds']) == 2
  error = {row: measures['open ends'] for row, measures in results['alignment'].items()}
  for row in ('student', stage.CEILING):
    assert error[row]['mean'] < 17  # within a frame
  for row in ('student, frames shuffled', 'teacher, frames shuffled', 'noise', 'constant'):
    assert error[row]['mean'] > 40
  assert error[stage.GUESS]['mean'] > 17
  assert len(error['student']['pair_medians']) == len(results['pairs']) == 2
  assert len(error['student']['seed_medians']) == 2
  with np.load(tmp_path / 'out' / stage.ERRORS, allow_pickle=False) as errors:
    assert errors['student'].shape == (2, 2, 3, 3)  # seeds, pairs, draws, measures


def test_tables_name_every_row_and_pair(tmp_path, folds, scene):
  results = compared(tmp_path, folds, scene)
  text = cross_view_tables.markdown(results)
  for row in (*results['alignment'], *results['pose']['left']):
    assert f'| {row} |' in text
  assert 'left in right, 14°' in text
  lines = [line for line in text.splitlines() if line.startswith('|')]
  assert all(line.endswith('|') for line in lines)


def test_without_calibration_alignment_is_measured_all_the_same(tmp_path, folds):
  results = compared(tmp_path, folds, None)
  assert results['pose'] == {}
  assert stage.CEILING not in results['alignment']
  assert '| student |' in cross_view_tables.markdown(results)


def test_joints_that_fit_no_view_are_one_clear_line(scene):
  with pytest.raises(InputError, match="no camera 'above', it has left, right"):
    scene.camera('above')
  with pytest.raises(InputError, match='60 frames, but left has frame 60'):
    scene.projected('left', np.array([60]))


def test_a_pose_is_placed_where_it_was_taken_from(scene):
  joints = scene.projected('left', np.arange(3))
  pose, _ = teacher_pose(joints)
  placed = place_at(pose[1, 0], joints[1])
  drawn = np.isnan(placed[:, 2])
  assert drawn.sum() == 13
  np.testing.assert_allclose(placed[drawn, :2], joints[1, drawn, :2], atol=1e-2)
  assert normalise(joints)[1].all()


@pytest.mark.parametrize(
  ('change', 'says'),
  [
    ({'videos': ''}, 'videos is missing'),
    ({'markers': 'a.trc'}, 'go together'),
    ({'calibration': 'no.txt', 'markers': 'no.trc'}, 'no such file'),
    ({'seeds': ()}, 'seeds needs at least one'),
    ({'draws': 0}, 'draws must be at least 1'),
  ],
)
def test_settings_that_cannot_be_are_refused(tmp_path, change, says):
  config = cross_view_config.get_config('debug')
  with config.unlocked():
    config.update({'videos': 'v/*.mp4', 'keypoints': str(tmp_path), **change})
  values = config.to_dict()
  assert values.pop('workflow') == 'cross_view'
  with pytest.raises(InputError, match=says):
    to_dataclass(cross_view.Settings, values)
