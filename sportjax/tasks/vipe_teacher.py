"""VIPE* as a teacher: features per frame from an estimator's joints, as the student and the evaluators take them."""

from __future__ import annotations

import functools
import pathlib

import numpy as np

from sportjax.errors import InputError
from sportjax.evals.batches import in_batches
from sportjax.models import vipe as vipe_lib
from sportjax.models.vipe import Vipe
from sportjax.pose.vipe_input import vipe_input
from sportjax.typing import Float32, FrameIndex, Keypoints

WEIGHTS = 'vipe.safetensors'  # in the workdir of a run that trains it
_BATCH = 256  # poses a call: tracks differ in length, and each length would compile anew


def weights_of(path: pathlib.Path) -> pathlib.Path:
  """The weights at a path: a file itself, or that of a run's workdir.

  Raises:
    InputError: there are none.
  """
  found = path / WEIGHTS if path.is_dir() else path
  if not found.is_file():
    raise InputError(f'{found}: no weights of VIPE* there; train them with configs/vipe.py, or name their file')
  return found


def load_teacher(path: pathlib.Path) -> Vipe:
  """VIPE* from its own weights, or from a checkpoint of the reference (`best_epoch.encoder.pt`).

  Raises:
    InputError: the file is neither.
  """
  return vipe_lib.load_reference(path) if path.suffix == '.pt' else vipe_lib.load(path)


def vipe_features(
  model: Vipe,
  keypoints: Keypoints,
  *,
  inverted: bool = False,
  track: str = 'keypoints',
  frame: FrameIndex | None = None,
) -> tuple[Float32[np.ndarray, 't 2 d'], Float32[np.ndarray, 't']]:
  """Embeddings per frame, as filmed and mirrored, and the pose's score.

  With `inverted`, those of the pose upside down stand beside them (width 2 d), as VPD has it for diving.

  Raises:
    InputError: keypoints that are not finite; it names the track and the frames.
  Source: VPD (arXiv 2109.01305), section 4.1, and its reference implementation.
  """
  views, scores = vipe_input(keypoints, track=track, frame=frame)
  parts = [_embedded(model, views)]
  if inverted:
    parts.append(_embedded(model, vipe_input(keypoints, inverted=True, track=track, frame=frame)[0]))
  return np.concatenate(parts, axis=-1), scores


def _embedded(model: Vipe, views: Float32[np.ndarray, 't 2 39']) -> Float32[np.ndarray, 't 2 d']:
  flat = views.reshape(-1, vipe_lib.INPUT_DIM)
  found = in_batches(functools.partial(vipe_lib.embed, model), flat, _BATCH)
  return found.reshape(*views.shape[:2], model.config.d)
