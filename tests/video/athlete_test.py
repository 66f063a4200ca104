import json
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

from sportjax.errors import InputError
from sportjax.pose.skeletons import get_skeleton
from sportjax.pose.track import Detections
from sportjax.video.athlete import AthleteParams, follow_athlete, pick_athlete, running_median, upside_down
from sportjax.video.decode import VideoInfo, probe
from sportjax.video.tracking import iou, track_people

COCO = get_skeleton('coco17').joints


def info_of(n, step_ms=40.0):
  t_ms = np.arange(n) * step_ms
  return VideoInfo('clip.mp4', 1000, 800, n, t_ms, np.ones(n, bool), 0, 1000 / step_ms, False, False)


def people_of(*people):
  """Each person is {frame: (x, y, height)} of a box half as wide as high; upright where `height` > 0, else inverted."""
  rows = sorted((frame, who, *place) for who, person in enumerate(people) for frame, place in person.items())
  frame, who, x, y, height = np.array(rows, np.float64).reshape(-1, 5).T
  size = np.abs(height)
  boxes = np.column_stack([x, y, x + size / 2, y + size]).astype(np.float32)
  keypoints = np.ones((len(rows), 17, 3), np.float32)
  for joint, name in enumerate(COCO):
    down = 0.9 if 'ankle' in name else 0.5 if 'hip' in name else 0.1
    keypoints[:, joint, 0] = x + size / 4
    keypoints[:, joint, 1] = y + size * np.where(height > 0, down, 1 - down)
  return Detections(
    frame=frame.astype(int), boxes=boxes, scores=np.ones(len(rows), np.float32), keypoints=keypoints,
    ids=np.full(len(rows), -1), skeleton='coco17', source='clip.json',
  )  # fmt: skip


def tracked(info, *people):
  return track_people(people_of(*people), info.t_ms, info.size)


def standing(frames, x, y, height, speed=0.0):
  return {frame: (x + speed * frame, y, height) for frame in frames}


def on(track, person):
  """Share of the person's frames in which the track's box is on them."""
  hits = [
    iou(track.boxes[track.frame == frame], np.array([[x, y, x + abs(h) / 2, y + abs(h)]])).max(initial=0) > 0.5
    for frame, (x, y, h) in person.items()
  ]
  return np.mean(hits)


def test_rules_pick_different_people():
  info = info_of(60)
  near = standing(range(30), 100, 100, 400)
  always = standing(range(60), 600, 300, 100)
  diver = standing(range(5, 40), 400, 300, 150) | dict.fromkeys(range(15, 30), (400, 300, -150))
  found = tracked(info, near, always, diver)
  assert on(pick_athlete(found, info, 'largest'), near) == 1
  assert on(pick_athlete(found, info, 'longest'), always) == 1
  assert on(pick_athlete(found, info, 'upside-down'), diver) == 1
  assert on(pick_athlete(found, info, 'box', box=(600, 300, 650, 400)), always) == 1
  assert on(pick_athlete(found, info, 'box', box=(420, 310, 480, 460)), diver) == 1


def test_upside_down_falls_back_on_area_and_ignores_joints_not_found():
  info = info_of(20)
  small, large = standing(range(20), 600, 300, 100), standing(range(20), 100, 100, 400)
  found = tracked(info, small, large)
  assert on(pick_athlete(found, info, 'upside-down'), large) == 1
  people = people_of({0: (0, 0, -100)}, {1: (0, 0, 100)})
  assert upside_down(people).tolist() == [True, False]
  people.keypoints[0, [COCO.index(name) for name in COCO if 'hip' in name or 'ankle' in name], 2] = 0
  assert not upside_down(people).any()


def test_fragments_of_one_person_are_stitched_and_short_gaps_bridged():
  info = info_of(100)
  gone = [*range(30, 40), *range(60, 85)]  # 400 ms, bridged; 1 s, stitched but left empty
  athlete = {f: place for f, place in standing(range(100), 100, 200, 200, speed=2).items() if f not in gone}
  other = standing(range(100), 800, 200, 120)
  track, quality = follow_athlete(tracked(info, athlete, other), info, 'largest')
  assert track.frame.tolist() == [*range(60), *range(85, 100)]
  assert on(track, athlete) == 1
  np.testing.assert_allclose(track.boxes[33], [166, 200, 266, 400], atol=1)
  score = track.keypoints[..., 2].max(axis=1)
  assert (score[30:40] == 0).all()
  assert (np.delete(score, np.arange(30, 40)) == 1).all()
  assert (quality.seen, quality.bridged) == (65, 10)
  assert quality.covered == pytest.approx(0.75)
  assert quality.longest_gap_ms == pytest.approx(26 * 40)
  assert 0.5 < quality.margin < 1
  np.testing.assert_allclose(track.t_ms, info.t_ms[track.frame])


def test_someone_elsewhere_or_of_another_size_is_not_stitched():
  info = info_of(60)
  for other in (standing(range(35, 60), 800, 200, 200), standing(range(35, 60), 160, 200, 60)):
    track = pick_athlete(tracked(info, standing(range(30), 100, 200, 200), other), info, 'largest')
    assert track.frame.tolist() == list(range(30))
  same = standing(range(35, 60), 150, 210, 190)
  stitched = pick_athlete(tracked(info, standing(range(30), 100, 200, 200), same), info, 'largest')
  assert stitched.frame.tolist() == list(range(60))


def test_a_box_stretched_by_a_stray_joint_is_pulled_back():
  boxes = np.tile(np.array([[100, 100, 200, 300]], np.float32), (30, 1))
  boxes[10:12, 0] = 0
  smooth = running_median(boxes, np.arange(30) * 40.0, 200.0)
  np.testing.assert_allclose(smooth, np.tile([[100, 100, 200, 300]], (30, 1)))
  moving = (boxes * 0 + np.arange(30)[:, None] * 7).astype(np.float32)
  np.testing.assert_allclose(running_median(moving, np.arange(30) * 40.0, 200.0)[3:-3], moving[3:-3])
  np.testing.assert_array_equal(running_median(boxes, np.arange(30) * 40.0, 0.0), boxes)


def test_nobody_is_an_error_with_a_remedy():
  info = info_of(30)
  for people in ([], [standing(range(4), 100, 100, 100)]):
    with pytest.raises(InputError, match=r'clip\.json: nobody is seen in 5 frames or more of clip\.mp4'):
      pick_athlete(tracked(info, *people), info)
  found = tracked(info, standing(range(30), 100, 100, 100))
  with pytest.raises(InputError, match='nobody is near the box'):
    pick_athlete(found, info, 'box', box=(700, 700, 750, 790))
  with pytest.raises(InputError, match='needs a box'):
    pick_athlete(found, info, 'box')
  with pytest.raises(InputError, match='unknown; use largest'):
    pick_athlete(found, info, 'tallest')


def test_boxes_without_keypoints_are_enough():
  info = info_of(10)
  found = tracked(info, standing(range(10), 100, 100, 100))
  bare = Detections(**{**vars(found), 'keypoints': np.zeros((10, 0, 3), np.float32), 'skeleton': ''})
  assert pick_athlete(bare, info, 'upside-down').keypoints.shape == (10, 0, 3)


def openpose_people(folder):
  """Detections by a few lines of our own, so that this test stands without the readers."""
  rows = []
  for frame, path in enumerate(sorted(folder.glob('*.json'))):
    for person in json.loads(path.read_text())['people']:
      joints = np.array(person['pose_keypoints_2d'], np.float32).reshape(25, 3)
      xy = joints[joints[:, 2] > 0, :2]
      rows.append((frame, np.concatenate([xy.min(0), xy.max(0)]), joints))
  order = np.random.default_rng(0).permutation(len(rows))  # people come in no order
  rows = sorted((rows[i] for i in order), key=lambda row: row[0])
  n = len(rows)
  return Detections(
    frame=np.array([frame for frame, *_ in rows]), boxes=np.array([box for _, box, _ in rows]),
    scores=np.ones(n, np.float32), keypoints=np.array([joints for *_, joints in rows]), ids=np.full(n, -1),
    skeleton='body25b', source=str(folder),
  )  # fmt: skip


def true_hips(root, view):
  """Where the triangulated hips of the man on the beam are in a view, by its calibration without lens distortion."""
  lines = (root / 'triangulated_3d.trc').read_text().splitlines()
  names = [name for name in lines[3].split('\t')[2:] if name]
  joints = np.array([line.split('\t')[2:65] for line in lines[5:] if line.strip()], float).reshape(-1, 21, 3)
  world_mm = joints[:, [names.index('RHip'), names.index('LHip')]].mean(axis=1)[:, [2, 0, 1]] * 1000
  cameras = ElementTree.parse(root / 'Calib.qca.txt').getroot().iter('camera')
  camera = next(camera for camera in cameras if camera.get('serial') == view)
  transform, lens = camera.find('transform'), camera.find('intrinsic')
  rotation = np.array([[float(transform.get(f'r{i}{j}')) for j in (1, 2, 3)] for i in (1, 2, 3)])
  x, y, z = ((world_mm - [float(transform.get(axis)) for axis in 'xyz']) @ rotation.T * [1, -1, -1]).T
  focal, centre = ([float(lens.get(f'{name}{axis}')) / 64 for axis in 'UV'] for name in ('focalLength', 'centerPoint'))
  return np.column_stack([x / z * focal[0] + centre[0], y / z * focal[1] + centre[1]])


# Not 'longest' where the bystander stays as long as the athlete.
@pytest.mark.parametrize(
  ('view', 'rule'),
  [(view, rule) for view in ('cam01', 'cam02', 'cam03', 'cam04') for rule in ('largest', 'upside-down', 'box')]
  + [('cam03', 'longest'), ('cam04', 'longest')],
)
def test_real_athlete_is_kept_in_every_frame(shared_data, view, rule):
  root = shared_data / 'video_clips' / 'beam_four_views'
  info = probe(root / f'{view}.mp4')
  hips = true_hips(root, view)
  box = (*hips[0] - [150, 400], *hips[0] + [150, 400])
  people = track_people(openpose_people(root / 'openpose_body25b' / view), info.t_ms, info.size)
  track, quality = follow_athlete(people, info, rule, box=box)
  assert track.frame.tolist() == list(range(100))
  assert quality.covered == 1
  found = track.keypoints[:, 11:13, :2].mean(axis=1)
  assert np.linalg.norm(found - hips, axis=1).max() < 120  # the bystander is 400 px away; lens distortion costs 40
  assert ((track.boxes[:, :2] < hips) & (hips < track.boxes[:, 2:])).all()


def test_real_athlete_survives_lost_frames_and_shuffled_people(shared_data):
  root = shared_data / 'video_clips' / 'beam_four_views'
  info = probe(root / 'cam02.mp4')
  people = openpose_people(root / 'openpose_body25b' / 'cam02')
  hips = true_hips(root, 'cam02')
  for seed in range(20):
    rng = np.random.default_rng(seed)
    missing = (rng.uniform(size=len(people)) < 0.2) | np.isin(people.frame, np.arange(15) + rng.integers(10, 75))
    track = pick_athlete(track_people(people.take(~missing), info.t_ms, info.size), info, params=AthleteParams())
    centre = (track.boxes[:, :2] + track.boxes[:, 2:]) / 2
    assert len(track.frame) > 90
    assert np.abs(centre - hips[track.frame])[:, 0].max() < 200
