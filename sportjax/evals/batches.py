"""A predict function that compiles for one batch size, applied to any number of images or vectors."""

from __future__ import annotations

from collections.abc import Callable

import jax
import numpy as np

Predict = Callable[[np.ndarray], jax.Array | np.ndarray]


def in_batches(predict: Predict, images: np.ndarray, batch_size: int) -> np.ndarray:
  """Predictions of all images, or whatever the first axis counts, `batch_size` a call.

  The last batch is filled up with zeros that are cut off again.
  """
  parts = []
  for start in range(0, max(len(images), 1), batch_size):  # one call even for none, which tells the shape
    batch = images[start : start + batch_size]
    filled = np.concatenate([batch, np.zeros((batch_size - len(batch), *batch.shape[1:]), batch.dtype)])
    parts.append(np.asarray(predict(filled))[: len(batch)])
  return np.concatenate(parts)
