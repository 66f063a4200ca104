"""DeepMimic's motion files: root position and joint rotations of its humanoid, one row a frame; y is up, x ahead."""

from __future__ import annotations

import pathlib

import numpy as np

from sportjax.errors import InputError
from sportjax.formats import files, motion_tree
from sportjax.formats.trc import Markers

# Joint, parent, where it is attached (metres), numbers in a row: 4 a quaternion, 1 a hinge about z, 0 fixed.
# Source: the humanoid3d character of DeepMimic (Peng et al. 2018); the ends of head, hands and feet are those of its
# bodies' boxes and spheres.
_JOINTS = (
  ('root', None, (0.0, 0.0, 0.0), 4),
  ('chest', 'root', (0.0, 0.236151, 0.0), 4),
  ('neck', 'chest', (0.0, 0.223894, 0.0), 4),
  *(
    joint
    for side, z in (('right', 1.0), ('left', -1.0))
    for joint in (
      (f'{side}_hip', 'root', (0.0, 0.0, 0.084887 * z), 4),
      (f'{side}_knee', f'{side}_hip', (0.0, -0.421546, 0.0), 1),
      (f'{side}_ankle', f'{side}_knee', (0.0, -0.40987, 0.0), 4),
      (f'{side}_shoulder', 'chest', (-0.02405, 0.2435, 0.18311 * z), 4),
      (f'{side}_elbow', f'{side}_shoulder', (0.0, -0.274788, 0.0), 1),
      (f'{side}_wrist', f'{side}_elbow', (0.0, -0.258947, 0.0), 0),
      (f'{side}_hand', f'{side}_wrist', (0.0, -0.08, 0.0), 0),
      (f'{side}_toe', f'{side}_ankle', (0.1335, -0.05, 0.0), 0),
      (f'{side}_heel', f'{side}_ankle', (-0.0435, -0.05, 0.0), 0),
    )
  ),
  ('head', 'neck', (0.0, 0.2775, 0.0), 0),
)
_WIDTH = 4 + sum(width for *_, width in _JOINTS)


def read_deepmimic(path: pathlib.Path) -> Markers:
  """Joints of the humanoid over time in metres. Raises InputError for a row of another width or without duration."""
  record = files.read_json(path)
  try:
    table = np.array(record['Frames'], float)
  except (KeyError, TypeError, ValueError) as error:
    raise InputError(f'{path}: no table of Frames; this is not a DeepMimic motion') from error
  if table.ndim != 2 or table.shape[1] != _WIDTH:
    raise InputError(f'{path}: Frames are {table.shape}, not rows of {_WIDTH} numbers as of humanoid3d')
  if (table[:-1, 0] <= 0).any():
    raise InputError(f'{path}: a frame has no duration; export it again')
  t_ms = 1000.0 * np.concatenate([[0.0], np.cumsum(table[:-1, 0])])  # a row's duration is up to the next row
  return Markers(tuple(name for name, *_ in _JOINTS), t_ms, _place(table[:, 1:4], table[:, 4:]))


def _place(root_m: np.ndarray, values: np.ndarray) -> np.ndarray:
  names = [name for name, *_ in _JOINTS]
  local, at = np.empty((len(values), len(names), 3, 3)), 0
  for j, (*_, width) in enumerate(_JOINTS):
    own = values[:, at : at + width]
    at += width
    local[:, j] = motion_tree.quaternion(own) if width == 4 else motion_tree.euler(own, 'z'[:width])
  parents = [-1 if parent is None else names.index(parent) for _, parent, *_ in _JOINTS]
  offsets = np.array([offset for _, _, offset, _ in _JOINTS])
  return motion_tree.placed(parents, offsets, local, root_m)[0]
