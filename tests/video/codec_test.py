import cv2
import numpy as np
import pytest

from sportjax.errors import InputError
from sportjax.video.codec import decode_planes, encode_planes
from sportjax.video.flow import bytes_to_flow, flow_to_bytes


def planes_of(seed=0, size=128):
  rng = np.random.default_rng(seed)
  planes = np.zeros((size, size, 6), np.uint8)
  planes[..., :3] = cv2.GaussianBlur(rng.integers(0, 255, (size, size, 3), dtype=np.uint8), (0, 0), 2)
  y, x = np.mgrid[:size, :size] / size
  planes[..., 3:5] = flow_to_bytes(np.stack([8 * np.sin(5 * x), 6 * np.cos(4 * y)], -1) * (x > 0.3)[..., None])
  cv2.circle(mask := np.zeros((size, size), np.uint8), (size // 2, size // 2), size // 3, 255, -1)
  planes[..., 5] = mask
  return planes


@pytest.mark.parametrize('size', [64, 128])
def test_round_trip_keeps_colour_flow_and_mask(size):
  planes = planes_of(size=size)
  back = decode_planes(*encode_planes(planes))
  assert back.shape == planes.shape
  assert back.dtype == np.uint8
  assert np.abs(back[..., :3].astype(int) - planes[..., :3]).mean() < 3
  error_px = np.abs(bytes_to_flow(back[..., 3:5]) - bytes_to_flow(planes[..., 3:5]))
  assert error_px.mean() < 0.05
  np.testing.assert_array_equal(back[..., 5], planes[..., 5])


def test_channels_keep_their_order():
  planes = np.empty((16, 16, 6), np.uint8)
  planes[:] = (200, 100, 50, 160, 96, 255)
  np.testing.assert_allclose(decode_planes(*encode_planes(planes)).reshape(-1, 6).mean(0), planes[0, 0], atol=1)


def test_zero_flow_and_no_mask_survive_exactly():
  planes = planes_of()
  planes[..., 3:5], planes[..., 5] = 128, 0
  back = decode_planes(*encode_planes(planes))
  assert (back[..., 3:5] == 128).all()
  assert (back[..., 5] == 0).all()


@pytest.mark.parametrize('shape', [(1, 1), (5, 3), (17, 33)])
def test_odd_sizes(shape):
  planes = np.full((*shape, 6), 128, np.uint8)
  assert decode_planes(*encode_planes(planes)).shape == planes.shape


def test_encoding_is_deterministic():
  assert encode_planes(planes_of()) == encode_planes(planes_of())


def test_what_is_no_jpeg_or_no_pair_is_refused():
  rgb, motion = encode_planes(planes_of())
  other_rgb, _ = encode_planes(planes_of(size=64))
  for pair in [(b'', motion), (b'noise', motion), (rgb, b'\xff\xd8'), (other_rgb, motion), (rgb, rgb)]:
    with pytest.raises(InputError, match='build the dataset again'):
      decode_planes(*pair)
