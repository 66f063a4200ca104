"""Patches of images and tubelets of video, as one product each."""

from __future__ import annotations

from typing import Any

from flax import nnx
from jaxtyping import Array, Float

from sportjax.errors import InputError
from sportjax.nn.vit import linear

Grid = tuple[int, int, int]  # tubelets, rows, columns


class Patches(nnx.Module):
  """A convolution whose stride is its size: patches of `size_px`, over `frames` frames of a video.

  Pixels right and below of the last whole patch are not seen, as in the convolution.
  """

  def __init__(
    self, width: int, size_px: int, *, frames: int = 1, channels: int = 3, bias: bool = True, dtype: Any, rngs: nnx.Rngs
  ):
    inputs = frames * size_px**2 * channels
    self.projection = linear(inputs, width, (None, 'embed'), bias=bias, dtype=dtype, rngs=rngs)
    self.size_px = size_px
    self.frames = frames

  def __call__(self, video: Float[Array, 'b t h w c']) -> tuple[Float[Array, 'b l d'], Grid]:
    """Tokens by tubelet, row and column.

    Raises:
      InputError: the frames are not a whole number of tubelets, or smaller than a patch.
    """
    grid = self.grid(video.shape[1:4])
    p = self.size_px
    x = video[:, :, : grid[1] * p, : grid[2] * p]
    x = x.reshape(len(x), grid[0], self.frames, grid[1], p, grid[2], p, -1)
    x = x.transpose(0, 1, 3, 5, 2, 4, 6, 7).reshape(len(x), grid[0] * grid[1] * grid[2], -1)
    return self.projection(x), grid

  def grid(self, shape: tuple[int, ...]) -> Grid:
    """How many tubelets, rows and columns a video of (frames, height, width) has."""
    frames, height, width = shape
    if frames % self.frames or not frames:
      raise InputError(f'{frames} frames are not a whole number of tubelets of {self.frames}: sample another number')
    if min(height, width) < self.size_px:
      raise InputError(f'images of {height}x{width} pixels are smaller than a patch of {self.size_px}: scale them up')
    return frames // self.frames, height // self.size_px, width // self.size_px
