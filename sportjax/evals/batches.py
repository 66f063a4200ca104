"""A predict function that compiles for one batch size, applied to any number of images."""

from __future__ import annotations

from collections.abc import Callable

import jax
import numpy as np

from sportjax.typing import UInt8

Predict = Callable[[UInt8[np.ndarray, 'b h w c']], jax.Array | np.ndarray]


def in_batches(predict: Predict, images: UInt8[np.ndarray, 'n h w c'], batch_size: int) -> np.ndarray:
  """Predictions of all images, `batch_size` a call; the last batch is filled up with zeros that are cut off again."""
  parts = []
  for start in range(0, max(len(images), 1), batch_size):  # one call even for none, which tells the shape
    batch = images[start : start + batch_size]
    filled = np.concatenate([batch, np.zeros((batch_size - len(batch), *batch.shape[1:]), np.uint8)])
    parts.append(np.asarray(predict(filled))[: len(batch)])
  return np.concatenate(parts)
