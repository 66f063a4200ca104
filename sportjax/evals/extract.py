"""Features of whole tracks from a predict function: decode ahead on the host, batches of one shape on the device."""

from __future__ import annotations

import concurrent.futures
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from jaxtyping import Array

from sportjax.data.features import TrackFeatures
from sportjax.data.tracks import TrackRecords, decode_frames
from sportjax.evals.batches import in_batches
from sportjax.typing import Float, UInt8

Predict = Callable[[UInt8[np.ndarray, 'b h w 6']], Float[Array | np.ndarray, 'b v d']]


def extract(records: TrackRecords, predict: Predict, *, batch_size: int = 128) -> Iterator[TrackFeatures]:
  """Features of every track of a split, one track at a time.

  Args:
    records: the dataset.
    predict: frames of one batch to features of all views; it always gets `batch_size` frames, so that it compiles once.
    batch_size: frames a call.
  """
  with concurrent.futures.ThreadPoolExecutor(1) as pool:
    ahead: list[concurrent.futures.Future] = []
    for run in records.whole_tracks():
      ahead.append(pool.submit(_decode, run))
      if len(ahead) > 1:
        yield _features(ahead.pop(0).result(), predict, batch_size)
    for future in ahead:
      yield _features(future.result(), predict, batch_size)


def _decode(run: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], UInt8[np.ndarray, 't h w 6']]:
  return run, np.concatenate([decode_frames(record, range(len(record['frame']))) for record in run])


def _features(decoded: tuple[list[dict[str, Any]], np.ndarray], predict: Predict, batch_size: int) -> TrackFeatures:
  run, frames = decoded
  frame, t_ms = (np.concatenate([record[name] for record in run]) for name in ('frame', 't_ms'))
  return TrackFeatures(run[0]['track'].decode(), frame, t_ms, in_batches(predict, frames, batch_size))
