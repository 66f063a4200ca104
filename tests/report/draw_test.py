import numpy as np
import pytest

from sportjax.report import draw


def test_pose_is_drawn_where_its_joints_are_and_not_elsewhere(skeleton):
  image = np.zeros((64, 64, 3), np.uint8)
  keypoints = np.array([(32, 10, 1.0), (10, 50, 0.2), (60, 60, 0)])
  drawn = draw.draw_pose(image, keypoints, skeleton, colour=(0, 255, 0))
  assert image.max() == 0, 'the picture given is left as it was'
  touched = drawn.any(axis=2)
  assert touched[10, 32]
  assert touched[50, 10]
  assert touched[30, 21], 'the bone between them'
  assert not touched[52:, 30:].any(), 'a joint with score 0, and its bone, are not drawn'
  np.testing.assert_array_equal(drawn[10, 32], draw.score_colour(1.0))


def test_scaled_pose_stays_on_the_same_place_of_the_picture(skeleton):
  image = np.zeros((20, 20, 3), np.uint8)
  keypoints = np.array([(7, 3, np.nan), (0, 0, 0), (0, 0, 0)])
  drawn = draw.draw_pose(image, keypoints, skeleton, colour=(255, 0, 0), scale=8)
  rows, columns = np.nonzero(drawn[..., 0] > 128)
  # The centre of pixel (7, 3) of 20 lies at 7.5 / 20 of the width.
  assert abs((columns.mean() + 0.5) / 8 - 7.5) < 0.1
  assert abs((rows.mean() + 0.5) / 8 - 3.5) < 0.1


def test_nan_places_are_not_drawn(skeleton):
  keypoints = np.full((3, 3), np.nan)
  assert draw.draw_pose(np.zeros((8, 8, 3), np.uint8), keypoints, skeleton).max() == 0


def test_score_colours_grow_lighter_with_the_score():
  lightness = [np.dot(draw.score_colour(score), (0.299, 0.587, 0.114)) for score in np.linspace(0, 1, 11)]
  assert (np.diff(lightness) > 0).all()
  assert draw.score_colour(-3) == draw.score_colour(0)
  assert draw.score_colour(7) == draw.score_colour(1)


def test_contact_sheet_holds_every_image_in_reading_order():
  images = [np.full((10, 12, 3), 40 * n + 20, np.uint8) for n in range(5)]
  sheet = draw.contact_sheet(images, 3)
  assert sheet.shape == (2 * 16 + 6, 3 * 18 + 6, 3)
  for n, image in enumerate(images):
    y, x = n // 3 * 16 + 6, n % 3 * 18 + 6
    np.testing.assert_array_equal(sheet[y : y + 10, x : x + 12], image)


def test_captions_are_written_below_and_do_not_touch_the_images():
  images = [np.zeros((20, 60, 3), np.uint8), np.zeros((10, 30, 3), np.uint8)]
  sheet = draw.contact_sheet(images, 2, ('short', 'a caption far too long for so small a picture'))
  np.testing.assert_array_equal(sheet[6:26, 6:66], images[0])
  for x in (6, 72):
    assert (sheet[26:44, x : x + 60] < 128).any()


def test_contact_sheet_without_images_or_with_too_few_captions_is_refused():
  with pytest.raises(ValueError, match='needs images'):
    draw.contact_sheet([], 2)
  with pytest.raises(ValueError, match='one caption for each'):
    draw.contact_sheet([np.zeros((2, 2, 3), np.uint8)] * 2, 2, ('a',))
