import cv2
import numpy as np
import pytest

from sportjax.video.crop import crop, square_boxes


def slow_crop(image, box, size):
  """Weights of every source pixel for every output pixel by the definition, in float64."""
  x0, y0, x1, y1 = box
  samples = max(1, int(np.ceil(max(x1 - x0, y1 - y0) / size)))

  def weights(low, high, n):
    w = np.zeros((size, n))
    for out in range(size * samples):
      centre = low + (out + 0.5) * (high - low) / (size * samples) - 0.5
      for pixel in range(n):
        w[out // samples, pixel] += max(0.0, 1 - abs(centre - pixel)) / samples
    return w

  return np.einsum(
    'yh,hwc,xw->yxc', weights(y0, y1, image.shape[0]), image.astype(float), weights(x0, x1, image.shape[1])
  )


BOXES = {
  'whole pixels': (5, 6, 37, 38),
  'fraction': (10.3, 20.7, 50.9, 61.3),
  'enlarged': (3.3, 4.4, 14.4, 15.5),
  'over the edge': (-30.5, -20.2, 70, 80.3),
  'shrunk and over the edge': (20, -40, 180.5, 120.5),
  'outside': (200, 200, 300, 300),
  'not square': (10.0, 5.0, 50.0, 70.0),
}


@pytest.mark.parametrize('box', BOXES.values(), ids=BOXES)
def test_crop_equals_the_slow_definition(box):
  # Shrunk, ours averages blocks before it samples, so pixels on an edge differ by some gray levels.
  noise = np.random.default_rng(0).integers(0, 255, (90, 110, 3), dtype=np.uint8)
  image = cv2.GaussianBlur(noise, (0, 0), 1)
  difference = np.abs(crop(image, np.array(box), 32) - slow_crop(image, box, 32))
  assert difference.max() < (1.3 if box[2] - box[0] < 64 else 25)
  assert difference.mean() < (0.5 if box[2] - box[0] < 64 else 1.5)


def test_crop_of_whole_pixels_at_the_same_size_is_a_slice():
  image = np.random.default_rng(0).integers(0, 255, (50, 60, 3), dtype=np.uint8)
  np.testing.assert_array_equal(crop(image, np.array([7, 9, 39, 41]), 32), image[9:41, 7:39])


def test_crop_does_not_alias():
  stripes = np.zeros((256, 256, 3), np.uint8)
  stripes[:, ::2] = 255
  shrunk = crop(stripes, np.array([0, 0, 256, 256]), 32)
  np.testing.assert_allclose(shrunk.astype(int), 127, atol=2)


def test_crop_moves_with_the_box_by_fractions_of_a_pixel():
  ramp = np.repeat(np.arange(100, dtype=np.uint8)[None, :, None] * 2, 100, axis=0).repeat(3, axis=2)
  at = [crop(ramp, np.array([20 + d, 20, 52 + d, 52]), 32)[16, 16, 0] for d in (0, 0.5, 1)]
  assert [int(value) - int(at[0]) for value in at] == [0, 1, 2]


def test_gray_masks_are_cropped_too():
  mask = np.full((20, 20), 255, np.uint8)
  cut = crop(mask, np.array([10, 10, 30, 30]), 10)
  assert cut.shape == (10, 10)
  assert (cut[:5, :5] == 255).all()
  assert (cut[5:, 5:] == 0).all()


def test_padding_is_the_greater_of_a_tenth_and_25_px():
  # VPD: the released code makes a 40x100 box 120 px wide, the paper's rule 150.
  box = np.array([[100, 100, 140, 200]], np.float32)
  np.testing.assert_allclose(square_boxes(box, join_previous=False), [[45, 75, 195, 225]])
  np.testing.assert_allclose(square_boxes(box, join_previous=False, pad_px=0), [[60, 90, 180, 210]])
  large = box * 4
  np.testing.assert_allclose(square_boxes(large, join_previous=False), [[240, 360, 720, 840]])


def test_joining_takes_the_union_with_the_frame_before_but_not_over_a_gap():
  boxes = np.array([[0, 0, 100, 100], [50, 10, 150, 110], [300, 300, 400, 400]], np.float32)
  got = square_boxes(boxes, pad_px=0, pad_fraction=0)
  np.testing.assert_allclose(got, [[0, 0, 100, 100], [0, -20, 150, 130], [30, 10, 420, 400]])
  apart = square_boxes(boxes, pad_px=0, pad_fraction=0, frame=np.array([4, 5, 9]))
  np.testing.assert_allclose(apart[1], got[1])
  np.testing.assert_allclose(apart[2], boxes[2])


def test_no_boxes_and_points_are_handled():
  assert square_boxes(np.zeros((0, 4), np.float32)).shape == (0, 4)
  np.testing.assert_allclose(square_boxes(np.array([[5, 5, 5, 5]], np.float32)), [[-20, -20, 30, 30]])


def plain_cut(image, box, size):
  """Whole pixels in a picture with black all round, resized."""
  margin = 300
  wide = np.pad(image, ((margin, margin), (margin, margin), (0, 0)))
  x0, y0, x1, y1 = (int(edge) + margin for edge in box)
  return cv2.resize(wide[y0:y1, x0:x1], (size, size), interpolation=cv2.INTER_LINEAR)


@pytest.mark.parametrize('box', [(5, 6, 37, 38), (-30, -20, 70, 80), (20, -40, 180, 120), (200, 200, 300, 300)])
def test_the_references_cut_takes_pixels_as_they_are(box):
  image = np.random.default_rng(0).integers(0, 255, (90, 110, 3), dtype=np.uint8)
  np.testing.assert_array_equal(crop(image, np.float32(box), 32, 'reference'), plain_cut(image, box, 32))
  assert (crop(image, np.float32([5, 5, 5, 5]), 8, 'reference') == 0).all()


def test_the_references_squares_are_of_whole_pixels():
  # By hand: 40.9 x 101.2 px is 40 x 101; the middle of 100 and 140 is 120, of which 51 px are left and 50 right.
  box = np.array([[100.2, 100.9, 140.7, 201.3]], np.float32)
  squares = {'join_previous': False, 'pad_px': 0.0, 'cut': 'reference'}
  np.testing.assert_array_equal(square_boxes(box, **squares), [[69 - 10, 100 - 10, 170 + 10, 201 + 10]])
  np.testing.assert_array_equal(square_boxes(box[:, [1, 0, 3, 2]], **squares), [[90, 59, 211, 180]])
  # A tenth of 29 px is 2.9, of which 2 are padded; the middle of -10 and 9 is -1, which lies below a half.
  np.testing.assert_array_equal(square_boxes(np.float32([[-10, 0, 9, 29]]), **squares), [[-18, -2, 15, 31]])
  # The box of the facts: 120 px wide, and 150 where the 25 px are not overwritten.
  facts = np.array([[100, 100, 140, 200]], np.float32)
  np.testing.assert_array_equal(square_boxes(facts, **squares), [[60, 90, 180, 210]])
  np.testing.assert_array_equal(square_boxes(facts, **squares | {'pad_px': 25.0}), [[45, 75, 195, 225]])
