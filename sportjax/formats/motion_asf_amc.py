"""Acclaim skeletons (.asf) and motions (.amc), as the CMU motion capture database has them: y is up."""

from __future__ import annotations

import dataclasses
import pathlib

import numpy as np

from sportjax.errors import InputError
from sportjax.formats import files, motion_tree
from sportjax.formats.trc import Markers

_INCH_M = 0.0254  # what the database's lengths are in, once divided by the skeleton's unit
ROOT = 'root'


@dataclasses.dataclass(frozen=True)
class Bone:
  """One bone: where it points and how it is turned at rest, in the skeleton's own axes, and what may move."""

  name: str
  parent: str
  offset_m: tuple[float, float, float]  # from the parent's end to this bone's end
  axis_deg: tuple[float, ...]
  axis_order: str
  dof: tuple[str, ...]  # 'rx', 'ry', 'rz' in the order of the motion's numbers


@dataclasses.dataclass(frozen=True)
class Acclaim:
  """A skeleton: bones, parents before children."""

  bones: tuple[Bone, ...]
  unit_m: float
  root_order: tuple[str, ...]
  degrees: bool


def read_asf(path: pathlib.Path) -> Acclaim:
  """The skeleton of a file. Raises InputError for one that lacks a section or a bone's fields."""
  sections = _sections(files.read_text(path))
  missing = {'units', 'root', 'bonedata', 'hierarchy'} - sections.keys()
  if missing:
    raise InputError(f'{path}: no section :{sorted(missing)[0]}; this is not a whole .asf file')
  try:
    units = {fields[0]: fields[1] for fields in sections['units']}
    unit_m = _INCH_M / float(units['length'])
    found = {bone['name'][0]: bone for bone in _bones(sections['bonedata'])}
    parents = _parents(sections['hierarchy'])
    order = next(fields[1:] for fields in sections['root'] if fields[0] == 'order')
    bones = tuple(_bone(found[name], parents[name], unit_m) for name in parents)
  except (KeyError, IndexError, ValueError, StopIteration) as error:
    raise InputError(f'{path}: a bone, a unit or the hierarchy cannot be read ({error}); export it again') from error
  return Acclaim(bones, unit_m, tuple(name.lower() for name in order), units.get('angle', 'deg') == 'deg')


def read_amc(path: pathlib.Path, skeleton: Acclaim, fps: float = 120.0) -> Markers:
  """Ends of the bones over time, in metres, and `root`. Raises InputError where a frame does not fit."""
  frames = _frames(path, skeleton)
  count = len(frames[ROOT])
  names = [ROOT] + [bone.name for bone in skeleton.bones]
  angle = np.pi / 180 if skeleton.degrees else 1.0
  local = np.empty((count, len(names), 3, 3))
  order = skeleton.root_order
  root = dict(zip(order, frames[ROOT].T, strict=True))
  spun = [name for name in order if name.startswith('r')]
  local[:, 0] = _euler(np.stack([root[name] for name in spun], 1) * angle, [name[1] for name in spun])
  for j, bone in enumerate(skeleton.bones, start=1):
    rest = _euler(np.radians([bone.axis_deg]), bone.axis_order)
    moved = _euler(frames.get(bone.name, np.zeros((count, 0))) * angle, [name[1] for name in bone.dof])
    local[:, j] = rest @ moved @ rest.transpose(0, 2, 1)
  return Markers(tuple(names), 1000.0 * np.arange(count) / fps, _ends(skeleton, local, root))


def _ends(skeleton: Acclaim, local: np.ndarray, root: dict[str, np.ndarray]) -> np.ndarray:
  """A bone's own rotation moves its end, so its offset is in its own frame."""
  at, frames = {}, {}
  at[ROOT] = np.stack([root[name] for name in ('tx', 'ty', 'tz')], axis=1) * skeleton.unit_m
  frames[ROOT] = local[:, 0]
  for j, bone in enumerate(skeleton.bones, start=1):
    frames[bone.name] = frames[bone.parent] @ local[:, j]
    at[bone.name] = at[bone.parent] + frames[bone.name] @ np.array(bone.offset_m)
  return np.stack(list(at.values()), axis=1)


def _euler(angles_rad: np.ndarray, axes: list[str] | str) -> motion_tree.Rotations:
  """Acclaim's order: the first axis is applied first, so it stands last in the product."""
  return motion_tree.euler(np.asarray(angles_rad)[:, ::-1], ''.join(axes).lower()[::-1])


def _sections(text: str) -> dict[str, list[list[str]]]:
  out: dict[str, list[list[str]]] = {}
  section: list[list[str]] = []
  for line in (raw.split('#')[0].strip() for raw in text.splitlines()):
    if line.startswith(':'):
      section = out.setdefault(line[1:].split()[0].lower(), [])
    elif line:
      section.append(line.split())
  return out


def _bones(lines: list[list[str]]) -> list[dict[str, list[str]]]:
  out: list[dict[str, list[str]]] = []
  for fields in lines:
    if fields[0] == 'begin':
      out.append({})
    elif fields[0] != 'end':
      out[-1].setdefault(fields[0], fields[1:])
  return out


def _parents(lines: list[list[str]]) -> dict[str, str]:
  """Parent of every bone, in the file's order, which names parents first."""
  return {child: fields[0] for fields in lines if fields[0] not in ('begin', 'end') for child in fields[1:]}


def _bone(fields: dict[str, list[str]], parent: str, unit_m: float) -> Bone:
  length = float(fields['length'][0]) * unit_m
  x, y, z = (length * float(value) for value in fields['direction'][:3])
  axis = tuple(float(value) for value in fields['axis'][:3])
  dof = tuple(name.lower() for name in fields.get('dof', []))
  return Bone(fields['name'][0], parent, (x, y, z), axis, fields['axis'][3], dof)


def _frames(path: pathlib.Path, skeleton: Acclaim) -> dict[str, np.ndarray]:
  """The numbers of every bone over time."""
  width = {bone.name: len(bone.dof) for bone in skeleton.bones if bone.dof} | {ROOT: len(skeleton.root_order)}
  rows: dict[str, list[list[float]]] = {name: [] for name in width}
  count = 0
  for at, line in enumerate(files.read_text(path).splitlines(), start=1):
    fields = line.split()
    if not fields or fields[0].startswith(('#', ':')):
      continue
    if len(fields) == 1:
      count += 1
    elif len(fields) - 1 != width.get(fields[0]) or not count:
      raise InputError(f'{path}: line {at}: {fields[0]!r} does not fit the skeleton; take the .asf of this subject')
    else:
      rows[fields[0]].append([float(value) for value in fields[1:]])
  short = [name for name, values in rows.items() if len(values) != count]
  if short or not count:
    raise InputError(
      f'{path}: {count} frames, but {len(rows[ROOT])} of the root and not as many of {short[:1]}; cut off?'
    )
  return {name: np.array(values) for name, values in rows.items()}
