import cv2
import numpy as np
import pytest

from sportjax.errors import InputError
from sportjax.video.image_folder import image_pairs, images

SIZE = (12, 8)


@pytest.fixture
def folder(tmp_path):
  """Images 000001.png to 000005.png of one colour each, but for the fourth, and a file that is none."""
  for number in (1, 2, 3, 5):
    cv2.imwrite(str(tmp_path / f'{number:06d}.png'), np.full((8, 12, 3), (0, 0, 10 * number), np.uint8))
  (tmp_path / 'notes.txt').write_text('1.jpg')
  return tmp_path


def test_frames_are_counted_from_the_first_number(folder):
  np.testing.assert_array_equal(images(folder, first=1), [0, 1, 2, 4])
  np.testing.assert_array_equal(images(folder), [1, 2, 3, 5])
  assert not len(images(folder / 'absent'))


def test_each_image_comes_with_the_one_before(folder):
  found = list(image_pairs(folder, np.array([0, 1, 4]), SIZE, first=1, fps=50.0))
  assert [(frame, t_ms) for frame, t_ms, *_ in found] == [(0, 0.0), (1, 20.0), (4, 80.0)]
  red = [(before[0, 0].tolist(), image[0, 0].tolist()) for *_, before, image in found]
  # The first has none before it; before frame 4 one is absent.
  assert red == [([10, 0, 0], [10, 0, 0]), ([10, 0, 0], [20, 0, 0]), ([50, 0, 0], [50, 0, 0])]


def test_images_that_cannot_be_are_named(folder):
  with pytest.raises(InputError, match='no image of frame 3'):
    list(image_pairs(folder, np.array([3]), SIZE, first=1, fps=25.0))
  with pytest.raises(InputError, match=r'000001\.png: 12x8 pixels, not 8x12'):
    list(image_pairs(folder, np.array([0]), (8, 12), first=1, fps=25.0))
  (folder / '000002.png').write_bytes(b'')
  with pytest.raises(InputError, match=r'000002\.png: not a whole image'):
    list(image_pairs(folder, np.array([2]), SIZE, first=1, fps=25.0))
