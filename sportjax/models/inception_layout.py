"""The layers of InceptionV3 as data, and where GSM gates them.

Source: Szegedy et al. 2016 (arXiv 1512.00567), in torchvision's form; of the gates, the layout file of GSM's released
code (Sudhakaran et al. 2020, arXiv 1912.00381): one a block, behind the first convolution of a short branch, and none
in one block.
"""

from __future__ import annotations

import dataclasses
from typing import Literal


@dataclasses.dataclass(frozen=True)
class Layer:
  """A convolution by torchvision's name; `pooled` has a maximum behind it."""

  name: str
  outputs: int
  size: tuple[int, int] = (1, 1)
  stride: int = 1
  padded: bool = True
  pooled: bool = False


@dataclasses.dataclass(frozen=True)
class Branch:
  """Layers one after the other, then `ends` side by side."""

  layers: tuple[Layer, ...]
  ends: tuple[Layer, ...] = ()
  pool: Literal['', 'average', 'max'] = ''  # before the layers

  @property
  def outputs(self) -> tuple[int, ...]:
    """Channels that it adds to the block's; none where it is a pool alone, which keeps the block's inputs."""
    return tuple(layer.outputs for layer in self.ends or self.layers[-1:])


@dataclasses.dataclass(frozen=True)
class Mixed:
  """A block by torchvision's name; `gated` is the branch that a gate lies in."""

  name: str
  branches: tuple[Branch, ...]
  gated: int | None = 0


def _chain(name: str, *shapes: tuple[int, tuple[int, int]], stride: int = 1) -> Branch:
  """Layers numbered from 1, where there are several; the stride is the last one's."""
  several = len(shapes) > 1
  layers = [Layer(f'{name}_{i}' if several else name, *shape) for i, shape in enumerate(shapes, 1)]
  return Branch((*layers[:-1], dataclasses.replace(layers[-1], stride=stride, padded=stride == 1)))


def _pooled(outputs: int) -> Branch:
  return Branch((Layer('branch_pool', outputs),), pool='average')


_ONE, _THREE, _FIVE, _ROW, _COLUMN = (1, 1), (3, 3), (5, 5), (1, 7), (7, 1)


def _block_a(name: str, pool: int) -> Mixed:
  fives = _chain('branch5x5', (48, _ONE), (64, _FIVE))
  threes = _chain('branch3x3dbl', (64, _ONE), (96, _THREE), (96, _THREE))
  return Mixed(name, (_chain('branch1x1', (64, _ONE)), fives, threes, _pooled(pool)))


def _block_b(name: str) -> Mixed:
  threes = _chain('branch3x3dbl', (64, _ONE), (96, _THREE), (96, _THREE), stride=2)
  return Mixed(name, (_chain('branch3x3', (384, _THREE), stride=2), threes, Branch((), pool='max')), gated=1)


def _block_c(name: str, width: int, gated: int | None = 0) -> Mixed:
  sevens = _chain('branch7x7', (width, _ONE), (width, _ROW), (192, _COLUMN))
  rows, columns = (width, _ROW), (width, _COLUMN)
  twice = _chain('branch7x7dbl', (width, _ONE), columns, rows, columns, (192, _ROW))
  return Mixed(name, (_chain('branch1x1', (192, _ONE)), sevens, twice, _pooled(192)), gated)


def _block_d(name: str) -> Mixed:
  sevens = _chain('branch7x7x3', (192, _ONE), (192, _ROW), (192, _COLUMN), (192, _THREE), stride=2)
  threes = _chain('branch3x3', (192, _ONE), (320, _THREE), stride=2)
  return Mixed(name, (threes, sevens, Branch((), pool='max')))


def _block_e(name: str) -> Mixed:
  def forked(branch: str, number: int, *layers: Layer) -> Branch:
    ends = (Layer(f'{branch}_{number}a', 384, (1, 3)), Layer(f'{branch}_{number}b', 384, (3, 1)))
    return Branch(layers, ends)

  once = forked('branch3x3', 2, Layer('branch3x3_1', 384))
  twice = forked('branch3x3dbl', 3, Layer('branch3x3dbl_1', 448), Layer('branch3x3dbl_2', 384, _THREE))
  return Mixed(name, (_chain('branch1x1', (320, _ONE)), once, twice, _pooled(192)))


STEM = (
  Layer('Conv2d_1a_3x3', 32, _THREE, 2, padded=False),
  Layer('Conv2d_2a_3x3', 32, _THREE, padded=False),
  Layer('Conv2d_2b_3x3', 64, _THREE, pooled=True),
  Layer('Conv2d_3b_1x1', 80),
  Layer('Conv2d_4a_3x3', 192, _THREE, padded=False, pooled=True),
)
BLOCKS = (
  _block_a('Mixed_5b', 32),
  _block_a('Mixed_5c', 64),
  _block_a('Mixed_5d', 64),
  _block_b('Mixed_6a'),
  _block_c('Mixed_6b', 128),
  _block_c('Mixed_6c', 160),
  _block_c('Mixed_6d', 160, gated=None),
  _block_c('Mixed_6e', 192),
  _block_d('Mixed_7a'),
  _block_e('Mixed_7b'),
  _block_e('Mixed_7c'),
)
