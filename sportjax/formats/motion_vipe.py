"""3D poses that VIPE* is trained on: the reference's preprocessed pickles, and the files they are made from.

What cannot be read: Human3.6M's CDF files (no reader for CDF is among the dependencies; `data_3d_h36m.npz` holds the
same points) and AMASS as published (parameters of a body model, which is licensed apart; the reference renders joints).
"""

from __future__ import annotations

import dataclasses
import pathlib
import re
import zipfile
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from sportjax.errors import InputError
from sportjax.formats import files, restricted_pickle
from sportjax.pose.bodies import BODIES, Body
from sportjax.typing import Float, FrameIndex

PREPROCESSED = 'ground_truth_3d_pose.pkl'
# Metres of the preprocessed files' unit, where it is known. Source: VPD reference, vipe_dataset/human36m.py.
UNIT_M = {'human36m': 0.1, 'amass': 1.0}
_EVERY = {'amass': 25}  # its poses are those of every 25th frame that was rendered
_Points = Mapping[str, int | tuple[int, ...]]


def _both(pairs: Mapping[str, tuple[int, int]]) -> dict[str, int]:
  return {f'{side}_{name}': pair[i] for name, pair in pairs.items() for i, side in enumerate(('left', 'right'))}


# Which of the original points a body's joint is; several are averaged. Source: VPD reference, vipe_dataset/*.py.
POINTS: dict[str, _Points] = {
  'human36m': {'hips': 0, 'spine': 12, 'neck': 13, 'nose': 14, 'head_top': 15}
  | _both({
    'up_leg': (6, 1), 'leg': (7, 2), 'foot': (8, 3), 'toe_base': (9, 4),
    'arm': (17, 25), 'forearm': (18, 26), 'hand': (19, 27), 'wrist_end': (22, 30),
  }),
  # Left and right are swapped against the names of the body model: what is rendered is its mirror image.
  'amass': {'spine1': 0, 'spine2': 3, 'spine3': 6, 'neck': (13, 14), 'head': 12, 'head_top': 15}
  | _both({
    'hip': (2, 1), 'knee': (5, 4), 'ankle': (8, 7), 'foot': (11, 10),
    'collar': (14, 13), 'shoulder': (17, 16), 'elbow': (19, 18), 'wrist': (21, 20),
  }),
  '3dpeople': {
    'hips': 0, 'spine': 1, 'spine1': 2, 'spine2': 3, 'neck': 4, 'head': 5, 'right_eye': 6, 'left_eye': 7, 'head_top': 8,
  }
  | _both({
    'shoulder': (9, 33), 'arm': (10, 34), 'forearm': (11, 35), 'hand': (12, 36),
    'up_leg': (57, 62), 'leg': (58, 63), 'foot': (59, 64), 'toe_base': (60, 65),
  }),
  'nba2k': {'hips': 0, 'spine': 7, 'neck': 8, 'head': 9, 'nose': 34}
  | _both({
    'hip': (4, 1), 'knee': (5, 2), 'ankle': (6, 3), 'shoulder': (10, 13), 'elbow': (11, 14), 'wrist': (12, 15),
    'toe': (30, 21), 'heel': (31, 22), 'eye': (32, 23), 'ear': (33, 24),
  }),
}  # fmt: skip


@dataclasses.dataclass(frozen=True)
class BodyMotion:
  """A body over time, z up, in the unit of its source."""

  body: str
  person: str
  action: str
  frame: FrameIndex  # of the recording's videos; frames without a pose are left out
  xyz: Float[np.ndarray, 't j 3']  # the body's joints in their order


def read_preprocessed(path: pathlib.Path, body_name: str) -> list[BodyMotion]:
  """Recordings of `ground_truth_3d_pose.pkl`: a frame is (root, degrees turned, offsets from parents).

  Raises:
    InputError: the pickle is unsafe or damaged, or of another body.
  """
  content = restricted_pickle.read_pickle(path)
  if not isinstance(content, dict) or not content:
    raise InputError(f'{path}: no recordings by person and action; preprocess the dataset again')
  return [_preprocessed(key, frames, BODIES[body_name], path) for key, frames in content.items()]


def _preprocessed(key: Any, frames: Any, body: Body, path: pathlib.Path) -> BodyMotion:
  where = '.'.join(map(str, key)) if isinstance(key, tuple) else str(key)
  try:
    known = [(at, frame) for at, frame in enumerate(frames) if frame is not None]
    root = np.array([frame[0] for _, frame in known], np.float64).reshape(len(known), 3)
    turned = np.radians(np.array([frame[1] for _, frame in known], np.float64))
    offsets = np.array([frame[2] for _, frame in known], np.float64).reshape(len(known), len(body.rows), 3)
  except (TypeError, ValueError, IndexError) as error:
    raise InputError(f'{path}: {where} is not poses of {body.name} ({error}); take the file of that dataset') from error
  person, _, action = where.partition('.')
  placed = place(offsets, body, root, turned)
  frame = np.array([at for at, _ in known], np.int64) * _EVERY.get(body.name, 1)
  return BodyMotion(body.name, person, action, frame, placed)


def place(
  offsets: Float[np.ndarray, 't r 3'], body: Body, root: Float[np.ndarray, 't 3'], turned_rad: Float[np.ndarray, 't']
) -> Float[np.ndarray, 't j 3']:
  """Joints in the world of canonical offsets from parents: the reverse of the reference's preprocessing."""
  xyz = np.zeros((len(offsets), len(body.joints), 3))
  for row, parent in enumerate(body.parents):
    xyz[:, row + 1] = xyz[:, parent] + offsets[:, row]
  left = np.stack([np.cos(turned_rad), np.sin(turned_rad)], axis=-1)
  ahead = np.stack([left[:, 1], -left[:, 0]], axis=-1)
  flat = xyz[..., :1] * left[:, None] + xyz[..., 1:2] * ahead[:, None]
  return np.concatenate([flat, xyz[..., 2:]], axis=-1) + root[:, None]


def joints_of(points: Float[np.ndarray, 't p 3'], body_name: str) -> Float[np.ndarray, 't j 3']:
  """The body's joints of the original points. Raises ValueError where there are too few points."""
  places = POINTS[body_name]
  rows = [np.atleast_1d(places[joint]) for joint in BODIES[body_name].joints]
  if points.ndim != 3 or points.shape[2] != 3 or points.shape[1] <= max(row.max() for row in rows):
    raise ValueError(f'points of shape {points.shape} are not those of {body_name}')
  return np.stack([points[:, row].mean(1) for row in rows], axis=1)


def read_human36m(path: pathlib.Path) -> Iterator[BodyMotion]:
  """Recordings of `data_3d_h36m.npz` (VideoPose3D's conversion), in metres. Raises InputError for another file."""
  for person, actions in _object_of_npz(path, 'positions_3d').items():
    for action, points in actions.items():
      yield _motion('human36m', str(person), str(action), points, path)


def read_amass(folder: pathlib.Path) -> BodyMotion:
  """A folder `<set>_<action>` with `pose.npy`. Raises InputError for another file."""
  try:
    points = np.load(folder / 'pose.npy', allow_pickle=False)
  except (OSError, ValueError, EOFError) as error:
    raise InputError(f'{folder / "pose.npy"}: not an array ({error}); render the recording again') from error
  person, _, action = folder.name.partition('_')
  return _motion('amass', person, action, points, folder)


def read_people3d(folder: pathlib.Path) -> BodyMotion:
  """A folder `<person>/<action>` with `camera01/<frame>.txt`, frames from 1. Raises InputError for another file."""
  paths = sorted((folder / 'camera01').glob('*.txt'))
  if not paths or not all(re.fullmatch(r'\d+', path.stem) for path in paths):
    raise InputError(f'{folder}: no camera01/<frame>.txt in it; give the skeletons of 3DPeople')
  rows = [_numbers(path, 67, 6)[:, 3:] for path in paths]
  motion = _motion('3dpeople', folder.parent.name, folder.name, np.stack(rows), folder)
  return dataclasses.replace(motion, frame=np.array([int(path.stem) - 1 for path in paths], np.int64))


def read_nba2k(path: pathlib.Path) -> BodyMotion:
  """`<person>/release_<person>_2ku.pkl`. Raises InputError for another file."""
  content = restricted_pickle.read_pickle(path)
  try:
    points = np.asarray(content['j3d'], np.float64)[..., [2, 0, 1]]
  except (KeyError, TypeError, ValueError, IndexError) as error:
    raise InputError(f'{path}: no joints j3d ({error}); take the release of NBA2K') from error
  return _motion('nba2k', path.parent.name, '', points, path)


def _motion(body: str, person: str, action: str, points: Any, source: pathlib.Path) -> BodyMotion:
  try:
    xyz = joints_of(np.asarray(points, np.float64), body)
  except (TypeError, ValueError) as error:
    raise InputError(f'{source}: {person} {action}: {error}; take the files of that dataset') from error
  return BodyMotion(body, person, action, np.arange(len(xyz)) * _EVERY.get(body, 1), xyz)


def _numbers(path: pathlib.Path, n_rows: int, n_columns: int) -> Float[np.ndarray, 'n k']:
  try:
    table = np.array([line.split() for line in files.read_text(path).splitlines() if line.strip()], np.float64)
  except ValueError as error:
    raise InputError(f'{path}: not a table of numbers ({error}); copy it again') from error
  if table.shape != (n_rows, n_columns):
    raise InputError(f'{path}: a table of {table.shape}, not of {n_rows} joints and {n_columns} numbers')
  return table


def _object_of_npz(path: pathlib.Path, name: str) -> Mapping[str, Mapping[str, Any]]:
  """A dictionary that NumPy stored as a pickle, through the one unpickler."""
  try:
    with zipfile.ZipFile(path) as archive, archive.open(f'{name}.npy') as file:
      header = {(1, 0): np.lib.format.read_array_header_1_0}.get(np.lib.format.read_magic(file))
      (header or np.lib.format.read_array_header_2_0)(file)
      value = restricted_pickle.loads(file.read(), path)
  except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
    if isinstance(error, InputError):
      raise
    raise InputError(f'{path}: no {name} in it ({error}); give data_3d_h36m.npz') from error
  found = value.item() if isinstance(value, np.ndarray) and value.shape == () else value
  if not isinstance(found, dict) or not all(isinstance(each, dict) for each in found.values()):
    raise InputError(f'{path}: {name} is not a table of people and actions; give data_3d_h36m.npz')
  return found
