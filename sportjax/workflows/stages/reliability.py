"""Where the simulated teacher is wrong: its error against the true pose, clip by clip."""

from __future__ import annotations

import pathlib
from collections.abc import Sequence

import numpy as np

from sportjax.data.features import FeatureStore
from sportjax.data.labels import Clip
from sportjax.pipeline import Work, write_json
from sportjax.synth.yardstick import UNRELIABLE_ERROR
from sportjax.typing import Float32


def judge(work: Work, *, teacher: pathlib.Path, truth: pathlib.Path, clips: Sequence[Clip]) -> None:
  """Writes `errors.json`, each clip's error, and `unreliable.json`, the clips above the world's fixed value."""
  said, known = FeatureStore(teacher), FeatureStore(truth)
  errors = {}
  for clip in clips:
    if clip.video not in said.tracks:
      work.skip(clip.id, 'the teacher has no track of this video')
      continue
    a, b = said.clip(clip), known.clip(clip)
    _, i, j = np.intersect1d(a.frame, b.frame, return_indices=True)
    if len(i):
      errors[clip.id] = float(pose_error(a.features[i, 0], b.features[j, 0]).mean())
    else:
      work.skip(clip.id, 'no frame in common with the truth')
  unreliable = [name for name, error in errors.items() if error > UNRELIABLE_ERROR]
  write_json(work.folder / 'errors.json', errors)
  write_json(work.folder / 'unreliable.json', unreliable)
  work.count(clips_in=len(clips), clips_out=len(errors), unreliable=len(unreliable))


def pose_error(said: Float32[np.ndarray, 't d'], known: Float32[np.ndarray, 't d']) -> Float32[np.ndarray, 't']:
  """Mean distance of the 13 joints between two normalised poses, in units of twice the torso."""
  joints = (said - known).reshape(len(said), -1, 2)
  return np.linalg.norm(joints, axis=-1).mean(axis=1)
