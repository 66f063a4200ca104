"""A track on disk: one `.npz` without pickles."""

from __future__ import annotations

import dataclasses
import pathlib
import zipfile

import numpy as np

from sportjax.errors import InputError
from sportjax.pose.track import Track


def save_track(path: pathlib.Path, track: Track) -> None:
  """Writes a track."""
  with path.open('wb') as file:
    np.savez(file, allow_pickle=False, **dataclasses.asdict(track))


def load_track(path: pathlib.Path) -> Track:
  """Reads a track. Raises InputError where the file is not one."""
  try:
    with np.load(path, allow_pickle=False) as stored:
      values = dict(stored)
    for name in ('id', 'video', 'skeleton', 'source'):
      values[name] = values[name].item()
    values['image_size'] = tuple(values['image_size'].tolist())
    return Track(**values)
  except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
    raise InputError(f'{path}: not a track file ({error}); run the track stage again') from error
