"""BVH: a hierarchy of joints and their channels over time. The unit is the writer's, often centimetres; y is up."""

from __future__ import annotations

import dataclasses
import pathlib

import numpy as np

from sportjax.errors import InputError
from sportjax.formats import files, motion_tree
from sportjax.formats.trc import Markers


@dataclasses.dataclass
class _Joint:
  name: str
  parent: int
  offset: tuple[float, ...] = (0.0, 0.0, 0.0)
  channels: tuple[str, ...] = ()


def read_bvh(path: pathlib.Path, unit_m: float = 0.01) -> Markers:
  """Joints over time in metres; the end of a chain is named after its joint, with `_end`.

  Raises:
    InputError: the hierarchy or the motion cannot be read, or they do not fit each other.
  """
  words = files.read_text(path).split()
  try:
    joints, at = _hierarchy(words)
    frame_s, table = _motion(words[at:])
  except (IndexError, ValueError) as error:
    raise InputError(f'{path}: not a whole BVH file ({error}); export it again') from error
  width = sum(len(joint.channels) for joint in joints)
  if table.shape[1] != width:
    raise InputError(f'{path}: {table.shape[1]} numbers a frame, but {width} channels; export it again')
  return Markers(tuple(j.name for j in joints), 1000 * frame_s * np.arange(len(table)), _place(joints, table) * unit_m)


def _hierarchy(words: list[str]) -> tuple[list[_Joint], int]:
  if words[0] != 'HIERARCHY':
    raise ValueError('it does not start with HIERARCHY')
  joints, open_joints, at = [], [], 1
  while words[at] != 'MOTION':
    word = words[at].upper()
    if word in ('ROOT', 'JOINT', 'END'):
      name = f'{joints[open_joints[-1]].name}_end' if word == 'END' else words[at + 1]
      joints.append(_Joint(name, open_joints[-1] if open_joints else -1))
      at += 2
    elif word == '{':
      open_joints.append(len(joints) - 1)
      at += 1
    elif word == '}':
      open_joints.pop()
      at += 1
    elif word == 'OFFSET':
      joints[open_joints[-1]].offset = tuple(float(value) for value in words[at + 1 : at + 4])
      at += 4
    elif word == 'CHANNELS':
      count = int(words[at + 1])
      joints[open_joints[-1]].channels = tuple(words[at + 2 : at + 2 + count])
      at += 2 + count
    else:
      raise ValueError(f'unknown word {words[at]!r}')
  return joints, at + 1


def _motion(words: list[str]) -> tuple[float, np.ndarray]:
  """Seconds a frame, and the channels' values."""
  if words[0] != 'Frames:' or words[2:4] != ['Frame', 'Time:']:
    raise ValueError('MOTION lacks Frames: or Frame Time:')
  values = np.array([float(word) for word in words[5:]])
  return float(words[4]), values.reshape(int(words[1]), -1)


def _place(joints: list[_Joint], table: np.ndarray) -> np.ndarray:
  """Positions in the file's unit; rotations apply in the order of the channels, the last one first."""
  local = np.empty((len(table), len(joints), 3, 3))
  root, at = np.broadcast_to(np.array(joints[0].offset), (len(table), 3)).copy(), 0
  for j, joint in enumerate(joints):
    named = dict(zip(joint.channels, table[:, at : at + len(joint.channels)].T, strict=True))
    at += len(joint.channels)
    spins = [name for name in joint.channels if name.endswith('rotation')]
    angles = np.radians(np.array([named[name] for name in spins]).reshape(len(spins), len(table)).T)
    local[:, j] = motion_tree.euler(angles, ''.join(name[0].lower() for name in spins))
    if j == 0:
      for i, axis in enumerate('XYZ'):
        root[:, i] += named.get(f'{axis}position', 0.0)
  return motion_tree.placed([joint.parent for joint in joints], np.array([j.offset for j in joints]), local, root)[0]
