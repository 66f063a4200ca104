"""Videos whose frames carry their own number, so that a decoder's frames can be told apart by looking."""

from collections.abc import Callable
from fractions import Fraction

import av
import numpy as np
import pytest

BITS = 8


def numbered(number: int, height: int = 48, width: int = 64) -> np.ndarray:
  """A gray image whose left half shows the number in eight black or white bars, the right half a gradient."""
  image = np.full((height, width, 3), 128, np.uint8)
  for bit in range(BITS):
    image[bit * height // BITS : (bit + 1) * height // BITS, : width // 2] = 255 * (number >> bit & 1)
  image[:, width // 2 :, 0] = np.linspace(0, 255, height, dtype=np.uint8)[:, None]
  return image


def read_number(image: np.ndarray) -> int:
  height, width, _ = image.shape
  rows = [(2 * bit + 1) * height // (2 * BITS) for bit in range(BITS)]
  return sum(int(image[row, width // 4].mean() > 127) << bit for bit, row in enumerate(rows))


@pytest.fixture
def make_video(tmp_path) -> Callable:
  """Writes numbered frames at given ticks with any codec and container, by PyAV alone."""

  def make(
    name, pts, *, codec='libx264', pix_fmt='yuv420p', time_base=Fraction(1, 1000), options=None, size=(48, 64),
    rotation=0, hflip=False, container_options=None,
  ):  # fmt: skip
    path = tmp_path / name
    with av.open(str(path), 'w', options=container_options or {}) as container:
      stream = container.add_stream(codec, rate=25, options=options or {})
      stream.height, stream.width = size
      stream.pix_fmt = pix_fmt
      stream.codec_context.time_base = time_base
      if rotation or hflip:
        stream.set_display_rotation(rotation, hflip=hflip)
      for number, tick in enumerate(pts):
        frame = av.VideoFrame.from_ndarray(numbered(number, *size), format='rgb24').reformat(format=pix_fmt)
        frame.pts, frame.time_base = int(tick), time_base
        container.mux(stream.encode(frame))
      container.mux(stream.encode(None))
    return path

  return make


@pytest.fixture
def number_of() -> Callable:
  return read_number


@pytest.fixture
def numbered_frame() -> Callable:
  return numbered
