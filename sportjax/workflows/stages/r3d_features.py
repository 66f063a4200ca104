"""Features of a pretrained video network about every frame: the baseline of VPD's detection."""

from __future__ import annotations

import functools
import itertools
import pathlib
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
import tensorflow_datasets as tfds
from flax import nnx
from jaxtyping import Array, Float, UInt8

from sportjax.data.features import TrackFeatures, write_features
from sportjax.data.tracks import TrackRecords, decode_frames
from sportjax.errors import InputError
from sportjax.evals.batches import in_batches
from sportjax.models import r3d
from sportjax.models.checkpoints.load import load
from sportjax.models.checkpoints.tensors import open_tensors
from sportjax.pipeline import Work, progress
from sportjax.typing import Int

WINDOW = 8  # frames. Source: VPD (arXiv 2109.01305), supplement D
_MEAN, _STD = (0.43216, 0.394666, 0.37645), (0.22803, 0.22145, 0.216989)  # of torchvision's Kinetics-400 weights
_BATCH = 16

Predict = Callable[[UInt8[np.ndarray, 'b t h w 6']], Float[Array, 'b v d']]


def r3d_features(work: Work, *, dataset: pathlib.Path, weights: pathlib.Path | None, preset: str, window: int) -> None:
  """A feature store of every track of all splits: the network's mean over the window about each frame.

  There is no untrained form: features of random weights would look like a baseline and be none.

  Raises:
    InputError: no weights are given, or they are not those of the preset.
  """
  predict = predictor(load_trained(weights, preset))
  splits = tuple(tfds.builder_from_directory(dataset).info.splits)
  runs = itertools.chain.from_iterable(TrackRecords(dataset, split).whole_tracks() for split in splits)
  tracks = (_track(run, predict, window) for run in progress(runs, what='R3D'))
  work.count(frames=write_features(work.folder, tracks, source=f'{preset} {weights}'))


def load_trained(weights: pathlib.Path | None, preset: str) -> r3d.R3D:
  """The network with torchvision's weights. Raises InputError where they are missing, or another network's."""
  if weights is None:
    raise InputError(
      "R3D features need trained weights, torchvision's r3d_18 of Kinetics-400: save its state dict and give the file"
    )
  if preset not in r3d.PRESETS:
    raise InputError(f'preset={preset!r}: known are {", ".join(r3d.PRESETS)}')
  config = r3d.PRESETS[preset]
  return load(lambda: r3d.R3D(config, rngs=nnx.Rngs(0)), open_tensors(weights), r3d.name_map(config))


def predictor(model: r3d.R3D) -> Predict:
  """Windows of stored frames to features, as filmed and mirrored."""
  graphdef, state = nnx.split(model)
  mean, std = (255 * jnp.array(x).reshape(1, 1, 1, 1, 3) for x in (_MEAN, _STD))

  @jax.jit
  def apply(state: nnx.State, windows: Array) -> Float[Array, 'b v d']:
    network = nnx.merge(graphdef, state)
    video = (windows[..., :3].astype(jnp.float32) - mean) / std
    return jnp.stack([network(side).pooled for side in (video, video[:, :, :, ::-1])], axis=1)

  return functools.partial(apply, state)


def windows_of(count: int, window: int) -> Int[np.ndarray, 't w']:
  """The frames about each frame, half before it; those beyond either end repeat the last one there."""
  around = np.arange(count)[:, None] + np.arange(window) - window // 2
  return np.clip(around, 0, count - 1)


def _track(run: list[dict], predict: Predict, window: int) -> TrackFeatures:
  frames = np.concatenate([decode_frames(record, range(len(record['frame']))) for record in run])
  rows = windows_of(len(frames), window)
  found = in_batches(lambda part: predict(frames[part]), rows, _BATCH)
  frame, t_ms = (np.concatenate([record[name] for record in run]) for name in ('frame', 't_ms'))
  return TrackFeatures(run[0]['track'].decode(), frame, t_ms, found)
