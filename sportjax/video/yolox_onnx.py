"""What YOLOX's own export gives: a row a cell of three grids, before overlapping boxes are taken out."""

from __future__ import annotations

import numpy as np

from sportjax.typing import Float, Int
from sportjax.video.tracking import iou

_STRIDES = (8, 16, 32)  # pixels a cell, of each grid
_BOX = 4  # numbers of a box; then whether something is there, then a score a class
_OVERLAP = 0.45  # of two boxes of one person


def is_raw(rows: int, columns: int, size: tuple[int, int]) -> bool:
  """Whether an output of this shape has a row for every cell of an image of this size (width, height)."""
  return columns > _BOX + 1 and rows == sum((size[0] // stride) * (size[1] // stride) for stride in _STRIDES)


def decode(
  raw: Float[np.ndarray, 'n c'], size: tuple[int, int], kind: int
) -> tuple[Float[np.ndarray, 'n 4'], Float[np.ndarray, 'n']]:
  """Corners in pixels of the network's image, and how sure it is of one class.

  Source: Ge et al. 2021 (YOLOX), its export_onnx.py without decode_in_inference.
  """
  grids = [np.indices((size[1] // stride, size[0] // stride)).reshape(2, -1).T for stride in _STRIDES]
  cell = np.concatenate(grids)[:, ::-1]  # x, y
  stride = np.repeat(_STRIDES, [len(grid) for grid in grids])[:, None]
  centre, half = (raw[:, :2] + cell) * stride, np.exp(raw[:, 2:_BOX]) * stride / 2
  return np.concatenate([centre - half, centre + half], axis=1), raw[:, _BOX] * raw[:, _BOX + 1 + kind]


def suppress(boxes: Float[np.ndarray, 'n 4'], scores: Float[np.ndarray, 'n']) -> Int[np.ndarray, 'k']:
  """Rows that are kept, the surest first: none overlaps a surer one by more than 0.45."""
  left, kept = np.argsort(-scores, kind='stable'), []
  while len(left):
    kept.append(left[0])
    left = left[1:][iou(boxes[left[:1]], boxes[left[1:]])[0] <= _OVERLAP]
  return np.array(kept, np.int64)
