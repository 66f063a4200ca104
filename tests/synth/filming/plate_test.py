import numpy as np

from sportjax.synth.filming.camera import Handling, follow, sample_operator
from sportjax.synth.filming.plate import cast, plan_plates, warp
from sportjax.synth.filming.scenery import PLACES, Room, paint_side

SIZE = (256, 256)


def _cameras(motion, seed=0):
  t = np.arange(0, (len(motion.joints_m) - 1) / motion.fps, 0.04)
  operator = sample_operator(np.random.default_rng(seed), (-40, 40), Handling())
  return follow(operator, motion.joints_m, motion.fps, t, SIZE, 1.75)


class _MarkedRoom(Room):
  """Grey, with one white square of half a metre on the floor at (0.4, 1.7)."""

  def side(self, number):
    scale = 22
    image = np.full((440, 440, 3), 90, np.uint8)
    x, y = (round((place + 10) * scale) for place in (0.4, 1.7))
    if number == 0:
      image[y - 6 : y + 6, x - 6 : x + 6] = 255
    return image


def test_cast_and_warp_put_a_floor_mark_where_the_camera_projects_it(motion):
  cameras = _cameras(motion)
  room = _MarkedRoom('hall', 0, 1.0, np.array([-10.0, -10, 0]), np.array([10.0, 10, 9]))
  (plate,) = plan_plates(cameras, SIZE, np.zeros(len(cameras), int))
  backdrop = cast(plate, room)
  want, _ = cameras.project(np.array([0.4, 1.7, 0.0]) + np.zeros((len(cameras), 1, 3)))
  homographies = cameras.homography_to(plate.camera)
  found = 0
  for i in range(0, len(cameras), 7):
    white = np.argwhere(warp(backdrop, homographies[i], SIZE)[..., 0] > 160)
    if (np.abs(want[i, 0] - 128) < 110).all():
      np.testing.assert_allclose(white.mean(0)[::-1], want[i, 0], atol=2.5)
      found += 1
  assert found >= 3


def test_plan_plates_serve_every_frame_once_and_begin_anew_at_a_cut(motion):
  cameras = _cameras(motion)
  set_up = (np.arange(len(cameras)) >= 11).astype(int)
  plates = plan_plates(cameras, SIZE, set_up)
  np.testing.assert_array_equal(np.concatenate([plate.frames for plate in plates]), np.arange(len(cameras)))
  assert 11 in [plate.frames[0] for plate in plates]


def test_paint_side_repeats_by_seed_and_is_plain_without_clutter():
  for place in PLACES:
    for number in (0, 4):
      busy, again, other = (paint_side.__wrapped__(place, seed, 1.0, number) for seed in (3, 3, 4))
      np.testing.assert_array_equal(busy, again)
      assert (busy != other).mean() > 0.3
      plain = paint_side(place, 3, 0.0, number)
      texture = [np.abs(np.diff(image.astype(int), axis=1)).mean() for image in (plain, busy)]
      assert texture[0] < 0.6 * texture[1] or texture[1] < 1, (place, number)
