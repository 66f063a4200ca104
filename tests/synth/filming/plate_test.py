import numpy as np

from sportjax.synth.filming.camera import follow, sample_operator
from sportjax.synth.filming.plate import cast, plan_plates, warp
from sportjax.synth.filming.scenery import PLACES, Room, paint_room

SIZE = (256, 256)


def _cameras(motion, seed=0):
  t = np.arange(0, (len(motion.joints_m) - 1) / motion.fps, 0.04)
  operator = sample_operator(np.random.default_rng(seed), (-40, 40), False)
  return follow(operator, motion.joints_m, motion.fps, t, SIZE, 1.75)


def _marked_room(spot_m) -> Room:
  """A grey room of 20 m with one white square of 0.6 m on the floor."""
  scale, atlas = 22, np.full((6 * 440, 440, 3), 90, np.uint8)
  x, y = np.round((np.array(spot_m) + 10) * scale).astype(int)
  atlas[y - 6 : y + 6, x - 6 : x + 6] = 255
  return Room(np.array([-10.0, -12, 0]), np.array([10.0, 8, 9]), atlas, tuple(440 * i for i in range(6)))


def test_cast_and_warp_put_a_floor_mark_where_the_camera_projects_it(motion):
  cameras = _cameras(motion)
  room = _marked_room((0.4, 0.3))
  (plate,) = plan_plates(cameras, SIZE, np.zeros(len(cameras), int))
  backdrop = cast(plate, room)
  want, _ = cameras.project(np.array([0.4, 0.3 - 2.0, 0.0]) + np.zeros((len(cameras), 1, 3)))
  homographies = cameras.homography_to(plate.camera)
  found = 0
  for i in range(0, len(cameras), 7):
    white = np.argwhere(warp(backdrop, homographies[i], SIZE)[..., 0] > 160)
    if len(white):
      np.testing.assert_allclose(white.mean(0)[::-1], want[i, 0], atol=2.5)
      found += 1
  assert found >= 2


def test_plan_plates_serve_every_frame_once_and_begin_anew_at_a_cut(motion):
  cameras = _cameras(motion)
  set_up = (np.arange(len(cameras)) >= 11).astype(int)
  plates = plan_plates(cameras, SIZE, set_up)
  np.testing.assert_array_equal(np.concatenate([plate.frames for plate in plates]), np.arange(len(cameras)))
  assert 11 in [plate.frames[0] for plate in plates]


def test_paint_room_repeats_by_seed_and_is_plain_without_clutter():
  for place in PLACES:
    rooms = [paint_room(place, seed, np.zeros(2), 1.0) for seed in (3, 3, 4)]
    np.testing.assert_array_equal(rooms[0].atlas, rooms[1].atlas)
    assert (rooms[0].atlas != rooms[2].atlas).mean() > 0.3
    plain = paint_room(place, 3, np.zeros(2), 0.0)
    assert plain.atlas.std(0).mean() < rooms[0].atlas.std(0).mean()
